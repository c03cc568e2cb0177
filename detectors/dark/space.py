"""Ranges of IPv4 addresses and when each address was seen last: two numbers an address, whatever is asked or marked.

An address is dark if its range is ready (somebody vouches that all who live there would have been seen), and it was not seen for
`forget_days`. Not dark, whatever anybody says: the ends of a range (networks, broadcasts, and the routers and virtual addresses
that live there), addresses declared as used, and everything outside the ranges, IPv6 included (its hosts make up addresses of
their own, RFC 8981). Who sends one packet is known from then on, however it got the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.address import V4_PREFIX
from detectors.flow import FlowBatch

from .range import Range, check

DAY_MS = 86_400_000
NOBODY, NEVER = 0, 0
BLOCK = 256


class DarkSpace:
    """What `Engine` asks as `dark`, and an observer that says nothing: it sees who sends. One thread changes it."""

    NAME = "dark"

    def __init__(self, ranges: Sequence[Range], forget_days: int) -> None:
        """ValueError if the ranges overlap, or hold more addresses than MOST_ADDRESSES."""
        from .marking import mark  # noqa: PLC0415 numba takes half a second: only where something is detected

        check(ranges)
        self._mark: Any = mark  # numba has no types
        self._forget, self._day = forget_days, 0
        self._at: dict[int, int] = {}
        for one in ranges:
            first = int(one.prefix.network_address) >> 8
            for block in range(first, (int(one.prefix.broadcast_address) >> 8) + 1):
                self._at.setdefault(block, len(self._at))
        self._seen = np.full(max(len(self._at), 1) * BLOCK, NEVER, dtype=np.uint16)
        self._owner = np.full(len(self._seen), NOBODY, dtype=np.uint16)  # number of the range, from 1 on
        self._ready = np.zeros(len(ranges) + 1, dtype=np.bool_)
        self._pages, self._blocks = _index(self._at)
        for number, one in enumerate(ranges, 1):
            self._own(number, one)

    def __call__(self, address: bytes) -> bool | None:
        """Nobody has it, somebody has it, or it is not known."""
        place = self._place(int.from_bytes(address[12:])) if address[:12] == V4_PREFIX else None
        if place is None:
            return None
        seen, owner = int(self._seen[place]), int(self._owner[place])
        if seen and self._day - seen <= self._forget:
            return False
        return True if owner and self._ready[owner] else None

    def take(self, batch: FlowBatch) -> tuple[()]:
        """Who sends, and who answered within a record of both directions, is there."""
        if len(batch):
            self._on(int(batch["received_ms"].max()))
            columns = (
                np.ascontiguousarray(batch[name]).reshape(-1).view(np.uint64)
                for name in ("src_addr", "dst_addr", "reverse_packets")
            )
            self._mark(*columns, self._pages, self._blocks, self._seen, np.uint16(self._day))
        return ()

    def inhabited(self, addresses: Iterable[int], at_ms: int) -> None:
        """Somebody has these IPv4 addresses."""
        self._on(at_ms)
        places = [place for address in addresses if (place := self._place(address)) is not None]
        self._seen[places] = np.maximum(self._seen[places], self._day)

    def ready(self, vouched: Sequence[bool]) -> None:
        """Of which ranges, in their order, it is vouched now that all who live there would have been seen."""
        self._ready[1:] = vouched

    @property
    def vouched(self) -> list[bool]:
        """The same, as it was said last."""
        found: list[bool] = self._ready[1:].tolist()
        return found

    @property
    def dark(self) -> int:
        """How many addresses are dark now."""
        seen = (self._seen != NEVER) & (np.int64(self._day) - self._seen <= self._forget)
        return int(np.count_nonzero((self._owner != NOBODY) & self._ready[self._owner] & ~seen))

    def state(self) -> dict[str, Any]:
        """Which addresses were seen, and on which day."""
        places = np.flatnonzero(self._seen)
        first = np.array([block << 8 for block in self._at] or [0], dtype=np.uint32)
        return {"src": first[places // BLOCK] | (places % BLOCK).astype(np.uint32), "day": self._seen[places]}

    def learn(self, state: Mapping[str, Any]) -> None:
        """Take that, as far as it lies in the ranges of today; KeyError or ValueError if it is none."""
        for address, day in zip(state["src"].tolist(), state["day"].tolist(), strict=True):
            place = self._place(address)
            if place is not None:
                self._seen[place] = max(int(self._seen[place]), day)
                self._day = max(self._day, day)

    def _on(self, at_ms: int) -> None:
        self._day = max(self._day, at_ms // DAY_MS)

    def _place(self, address: int) -> int | None:
        block = self._at.get(address >> 8)
        return None if block is None else block * BLOCK + (address & 0xFF)

    def _own(self, number: int, one: Range) -> None:
        first, last = int(one.prefix.network_address) + 1 + one.ends, int(one.prefix.broadcast_address) - 1 - one.ends
        for address in range(first, last + 1):
            if address & 0xFF not in (0, 0xFF):  # networks and broadcasts of /24s, should it be several
                self._owner[self._place(address)] = number
        for used in one.used:
            for address in range(int(used.network_address), int(used.broadcast_address) + 1):
                place = self._place(address)
                if place is not None:
                    self._owner[place] = NOBODY


def _index(at: Mapping[int, int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Two steps from an address to its block: the first 16 bits, and the third octet."""
    tops = {top: page for page, top in enumerate(dict.fromkeys(block >> 8 for block in at))}
    pages = np.full(65536, -1, dtype=np.int32)
    blocks = np.full(max(len(tops), 1) * 256, -1, dtype=np.int32)
    for top, page in tops.items():
        pages[top >> 8 | (top & 0xFF) << 8] = page  # as the octets lie in memory
    for block, number in at.items():
        blocks[tops[block >> 8] * 256 + (block & 0xFF)] = number
    return pages, blocks
