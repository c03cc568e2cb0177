"""Exporters by number: the streams of one device belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .ledger import Ledger


class Devices:
    """Numbers the addresses behind a ledger's streams. `generation` changes when the numbers begin anew."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known = 0
        self._of = np.zeros(64, dtype=np.int32)
        self._begin()

    def __len__(self) -> int:
        return len(self.addresses)

    def of_streams(self) -> NDArray[np.int32]:
        """The device of each stream."""
        if self.generation != self._ledger.generation:
            self._begin()
        for stream in range(self._known, len(self._ledger)):
            address = self._ledger.address(stream)
            number = self._numbers.setdefault(address, len(self._numbers))
            if number == len(self.addresses):
                self.addresses.append(address)
            if stream >= len(self._of):
                self._of = np.concatenate([self._of, np.zeros(max(len(self._of), 64), dtype=np.int32)])
            self._of[stream] = number
        self._known = len(self._ledger)
        return self._of[: self._known]

    def _begin(self) -> None:
        self.generation = self._ledger.generation
        self.addresses: list[bytes] = []
        self._numbers: dict[bytes, int] = {}
        self._of = np.zeros(64, dtype=np.int32)
        self._known = 0
