"""What was told of a pair before, and is not told again for long."""

from __future__ import annotations

from .state import BoundedTable

MOST = 16_384
Pair = tuple[bytes, str, int, bytes]  # source, service, target


class Habits:
    """Bounded: the pair longest untold makes room, counted."""

    def __init__(self) -> None:
        self._told: BoundedTable[Pair, int] = BoundedTable(MOST)

    @property
    def evictions(self) -> int:
        """Pairs forgotten for want of room."""
        return self._told.evictions

    def is_known(self, pair: Pair, at_ms: int, forget_ms: int) -> bool:
        """It was told within `forget_ms`; else it is told now. What goes on stays known."""
        told_ms = self._told.peek(pair)
        self._told.put(pair, max(at_ms, told_ms or at_ms))
        return told_ms is not None and at_ms - told_ms <= forget_ms
