"""Numbers of requests and messages. Nobody can tell the next one from those before: a forged answer has to guess it."""

from __future__ import annotations

import secrets
from struct import Struct

AT_ONCE = Struct(">32I")  # one call of the kernel for so many
LARGEST = 2**31 - 1  # RFC 3412 section 6, RFC 3416 section 3


class Numbers:
    """One thread at a time."""

    def __init__(self) -> None:
        self._drawn: list[int] = []

    def next(self) -> int:
        """From 0 to LARGEST, each as likely."""
        if not self._drawn:
            self._drawn = list(AT_ONCE.unpack(secrets.token_bytes(AT_ONCE.size)))
        return self._drawn.pop() & LARGEST
