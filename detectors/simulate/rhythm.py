"""When: how busy each hour is, and when each machine is on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kinds import Kind
from .site import Site

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
START_MS = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC: day 0

# Activity by hour of day, 1 = the busiest. People at desks; wards, which never sleep; machines, which do not care; night jobs.
# fmt: off
_OFFICE = (.02, .01, .01, .01, .02, .05, .25, .7, 1, 1, .95, .85, .6, .85, .95, .9, .75, .45, .2, .1, .06, .05, .04, .03)
_WARD = (
    0.3,
    0.25,
    0.25,
    0.25,
    0.3,
    0.4,
    0.7,
    1,
    1,
    0.95,
    0.95,
    0.85,
    0.8,
    0.85,
    0.95,
    0.9,
    0.8,
    0.7,
    0.65,
    0.6,
    0.55,
    0.5,
    0.45,
    0.35,
)
_NIGHT = (1, 1, 1, 1, 1, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 1)
# fmt: on
RHYTHMS: dict[str, tuple[float, ...]] = {"office": _OFFICE, "ward": _WARD, "flat": (1.0,) * 24, "night": _NIGHT}
WEEKEND = {"office": 0.08, "ward": 0.6, "flat": 1.0, "night": 1.0}
SHIFTS_H = (7.0, 14.5, 22.0)  # shift changes: wards log on afresh


def activity(rhythm: str, day: int, hour: int) -> float:
    """How busy this hour is, 0 to 1."""
    return RHYTHMS[rhythm][hour] * (WEEKEND[rhythm] if day % 7 >= 5 else 1.0)


@dataclass(frozen=True, slots=True)
class Presence:
    """When each machine is on during one day, in ms since its midnight; when it starts, -1 for a day without a start; when a
    server is away, and whether its machine is then off (silent) or only its service (refused)."""

    on_ms: NDArray[np.int64]
    off_ms: NDArray[np.int64]
    boots_ms: NDArray[np.int64]
    away_ms: NDArray[np.int64]
    back_ms: NDArray[np.int64]

    def is_on(self, hosts: NDArray[np.int64], at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Is each host on at each time (ms of the day)?"""
        away = (at_ms >= self.away_ms[hosts]) & (at_ms < self.back_ms[hosts])
        return np.asarray((at_ms >= self.on_ms[hosts]) & (at_ms < self.off_ms[hosts]) & ~away)


def presence(site: Site, day: int) -> Presence:
    """Who is on, when, on this day."""
    rng, n = np.random.default_rng([site.seed, 1, day]), len(site.kind)
    alive = site.kind > Kind.GROUP
    on_ms, off_ms = np.zeros(n, dtype=np.int64), np.where(alive, DAY_MS + 1, 0).astype(np.int64)
    boots_ms = np.full(n, -1, dtype=np.int64)
    _desks(site, rng, day, on_ms, off_ms, boots_ms)
    _guests(site, rng, on_ms, off_ms, boots_ms)
    # What runs day and night starts again about once a week (updates, at night), phones and devices once a month.
    restarts = np.isin(site.kind, (Kind.CLINICAL,)) & (rng.random(n) < 1 / 7)
    restarts |= np.isin(site.kind, (Kind.PHONE, Kind.PUMP, Kind.CAMERA, Kind.PRINTER)) & (rng.random(n) < 1 / 30)
    boots_ms[restarts] = rng.integers(1 * HOUR_MS, 5 * HOUR_MS, int(restarts.sum()))
    # Printers: one in thirty-three is off for the day (jam, no paper, switched off), and people go on printing to it.
    printers = site.of(Kind.PRINTER)
    off_ms[printers[rng.random(len(printers)) < 0.03]] = 0
    _power(site, rng, boots_ms)
    away_ms, back_ms = _outages(site, rng)
    return Presence(on_ms, off_ms, boots_ms, away_ms, back_ms)


def _desks(
    site: Site,
    rng: np.random.Generator,
    day: int,
    on_ms: NDArray[np.int64],
    off_ms: NDArray[np.int64],
    boots_ms: NDArray[np.int64],
) -> None:
    """Office machines: on with their people, one in five left on over night; at the weekend one in twelve comes."""
    desks = site.of(Kind.OFFICE, Kind.ADMIN)
    left_on = rng.random(len(desks)) < 0.2
    comes = rng.random(len(desks)) < (1 / 12 if day % 7 >= 5 else 0.92)
    start = (rng.normal(7.8, 0.6, len(desks)) * HOUR_MS).astype(np.int64)
    end = (rng.normal(17.0, 0.9, len(desks)) * HOUR_MS).astype(np.int64)
    on_ms[desks] = np.where(left_on, 0, start)
    off_ms[desks] = np.where(left_on, DAY_MS + 1, np.where(comes, end, start))
    boots_ms[desks] = np.where(comes & ~left_on, start, -1)


def _guests(
    site: Site, rng: np.random.Generator, on_ms: NDArray[np.int64], off_ms: NDArray[np.int64], boots: NDArray[np.int64]
) -> None:
    """Wi-Fi guests come at visiting hours and stay for two."""
    guests = site.of(Kind.GUEST)
    start = (rng.normal(15.0, 2.0, len(guests)) * HOUR_MS).astype(np.int64).clip(0, 21 * HOUR_MS)
    on_ms[guests], boots[guests] = start, start
    off_ms[guests] = start + rng.exponential(2 * HOUR_MS, len(guests)).astype(np.int64)


def _power(site: Site, rng: np.random.Generator, boots_ms: NDArray[np.int64]) -> None:
    """Once a month a switch starts again, and everything behind it within a minute."""
    for switch in np.flatnonzero(rng.random(len(site.agents)) < 1 / 30):
        behind = np.flatnonzero((site.switch == switch) & (site.kind != Kind.NMS))
        at_ms = int(rng.integers(0, DAY_MS - HOUR_MS))
        boots_ms[behind] = at_ms + rng.integers(0, 60_000, len(behind))


def _outages(site: Site, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A server is away on one day in thirty for a few minutes: all its clients fail at once, each at one target. On one day in
    forty-five it is a switch of the server room, and every client fails at every server behind it."""
    n = len(site.kind)
    away, back = np.full(n, DAY_MS * 2, dtype=np.int64), np.full(n, DAY_MS * 2, dtype=np.int64)
    down = np.flatnonzero((site.kind >= Kind.DC) & (rng.random(n) < 1 / 30))
    away[down] = rng.integers(0, DAY_MS, len(down))
    back[down] = away[down] + rng.integers(3 * 60_000, 15 * 60_000, len(down))
    if rng.random() < 1 / 45:
        behind = np.flatnonzero((site.kind >= Kind.DC) & (site.switch == 0) & (site.kind != Kind.NMS))
        away[behind] = rng.integers(0, DAY_MS)
        back[behind] = away[behind] + rng.integers(2 * 60_000, 6 * 60_000)
    return away, back
