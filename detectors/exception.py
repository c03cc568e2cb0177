"""Exceptions: what a person allowed one host to do, for how long, and who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostException:
    """`address` is not accused by `detector` (`*`: by any) before `until_ms`; `owner` is the person to ask."""

    address: bytes
    detector: str
    until_ms: int
    owner: str
    reason: str = ""


class Exceptions:
    """Looked up by address; each ends by itself."""

    def __init__(self, exceptions: Sequence[HostException]) -> None:
        self._of: dict[bytes, list[HostException]] = {}
        for exception in exceptions:
            self._of.setdefault(exception.address, []).append(exception)

    def hold(self, address: bytes, detector: str, at_ms: int) -> bool:
        """Some exception covers this finding."""
        return any(e.detector in ("*", detector) and at_ms < e.until_ms for e in self._of.get(address, ()))
