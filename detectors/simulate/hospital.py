"""The hospital day by day: batches of flow rows, hour after hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from detectors.flow import FlowBatch

from .boot import boots
from .connection import Connections, join
from .export import netflow, sample, sflow
from .hour import habitual
from .rhythm import HOUR_MS, START_MS, Presence, presence
from .site import Site, build
from .trouble import troubles
from .wire import PACKET, packets

ROWS_A_BATCH = 20_000


@dataclass(slots=True)
class Hospital:
    """Site and what goes on in it. The same seed and size give the same rows, whatever is asked in whatever order."""

    site: Site
    _days: dict[int, Presence] = field(default_factory=dict)

    @classmethod
    def of(cls, hosts: int, seed: int) -> Hospital:
        """A hospital of about so many hosts."""
        return cls(build(hosts, seed))

    def present(self, day: int) -> Presence:
        """Who is on, when, on a day."""
        if day not in self._days:
            if len(self._days) > 2:
                self._days.pop(min(self._days))
            self._days[day] = presence(self.site, day)
        return self._days[day]

    def connections(self, day: int, hour: int) -> Connections:
        """Everything that begins in one hour, in order of time."""
        present = self.present(day)
        return join(
            *habitual(self.site, present, day, hour),
            *boots(self.site, present, day, hour),
            *troubles(self.site, present, day, hour),
        )

    def host_days(self, day: int) -> int:
        """Machines that are on for part of this day."""
        present, machines = self.present(day), self.site.machines()
        return int((present.off_ms[machines] > present.on_ms[machines]).sum())

    def batches(
        self,
        hours: Iterator[tuple[int, int]],
        *,
        rate: int = 1,
        also: Connections | None = None,
        rows: int = ROWS_A_BATCH,
    ) -> Iterator[FlowBatch]:
        """sFlow rows of these (day, hour) pairs, which follow each other, at 1:rate; `also` are attacks to put among them."""
        waiting = np.zeros(0, dtype=PACKET)
        for day, hour in hours:
            begins = START_MS + (day * 24 + hour) * HOUR_MS
            found = self.connections(day, hour)
            if also is not None:
                inside = (also["at_ms"] >= begins) & (also["at_ms"] < begins + HOUR_MS)
                found = join(found, also[inside])
            rng = np.random.default_rng([self.site.seed, 6, day, hour, rate])
            made = np.concatenate([waiting, sample(rng, packets(self.site, found), rate)])
            due = made["at_ms"] < begins + HOUR_MS
            waiting = made[~due]
            yield from _cut(sflow(self.site, made[due], rate), rows)
        yield from _cut(sflow(self.site, waiting, rate), rows)

    def records(self, hours: Iterator[tuple[int, int]], *, also: Connections | None = None) -> Iterator[FlowBatch]:
        """NetFlow-like records of these hours, each hour in order of arrival."""
        for day, hour in hours:
            begins = START_MS + (day * 24 + hour) * HOUR_MS
            found = self.connections(day, hour)
            if also is not None:
                found = join(found, also[(also["at_ms"] >= begins) & (also["at_ms"] < begins + HOUR_MS)])
            yield from _cut(netflow(self.site, found), ROWS_A_BATCH)


def span(first_day: int, days: int) -> Iterator[tuple[int, int]]:
    """(day, hour) of whole days."""
    return ((day, hour) for day in range(first_day, first_day + days) for hour in range(24))


def _cut(batch: FlowBatch, rows: int) -> Iterator[FlowBatch]:
    for start in range(0, len(batch), rows):
        yield FlowBatch({name: column[start : start + rows] for name, column in batch.columns.items()})
