"""First connections of each day of event time (UTC): what goes on for a week is news every day, and a replay of one day says what
the service said on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from detectors.flow import FlowBatch
from detectors.newpeer.edges import EdgeCounts, Edges, NewEdge
from detectors.newpeer.settings import DAY_MS, DYNAMIC, EdgeSettings

# Every service below the dynamic ports; above them what the RPC mapper led to. A day's table has 2^18 rows (17 MB): a connection
# that is forgotten for want of room is looked at once more, which costs time and says nothing twice.
SERVICES = EdgeSettings(frozenset(range(1, DYNAMIC)), dynamic_ms=900_000, forget_ms=2 * DAY_MS, most_edges=1 << 18)
DAYS = 2  # today's table and yesterday's, for rows that come late


@dataclass(slots=True)
class DayCounts:
    """What the tables of all days did."""

    seen: int = 0  # answers
    new: int = 0  # first connections of a day
    evicted: int = 0  # forgotten for want of room
    late: int = 0  # rows of days whose table is gone; not looked at


class DailyEdges:
    """`make` gives an empty table."""

    def __init__(self, make: Callable[[], Edges]) -> None:
        self._make = make
        self._days: dict[int, Edges] = {}
        self._done = DayCounts()

    @property
    def counts(self) -> DayCounts:
        """Counters up to now."""
        found = replace(self._done)
        for edges in self._days.values():
            _add(found, edges.counts)
        return found

    def take(self, batch: FlowBatch) -> Iterator[NewEdge]:
        """First connections of a batch, in the order of its rows."""
        days = batch["received_ms"] // DAY_MS
        ends = [*(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)] if len(days) else []
        start = 0
        for end in ends:
            part = batch if end - start == len(days) else batch.take(np.arange(start, end))
            edges = self._of(int(days[start]))
            if edges is None:
                self._done.late += end - start
            else:
                yield from edges.take(part)
            start = end

    def _of(self, day: int) -> Edges | None:
        newest = max(self._days, default=day)
        if day <= newest - DAYS:
            return None
        if day not in self._days:
            self._days[day] = self._make()
            for gone in [old for old in self._days if old <= day - DAYS]:
                _add(self._done, self._days.pop(gone).counts)
        return self._days[day]


def _add(to: DayCounts, more: EdgeCounts) -> None:
    to.seen += more.seen
    to.new += more.new
    to.evicted += more.evicted
