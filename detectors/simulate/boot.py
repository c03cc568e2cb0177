"""Starts, log-ons and shift changes: the bursts of an ordinary day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .connection import ARP, TCP, UDP, Connections, Outcome, make
from .habits import Habit
from .hour import connections
from .kinds import COMPUTERS, Kind
from .rhythm import DAY_MS, HOUR_MS, SHIFTS_H, START_MS, Presence
from .site import BROADCAST, Site

Ints = NDArray[np.int64]
PROBE_PORT = 1  # an ARP probe (RFC 5227: sender 0.0.0.0) is told from a request by its source port here

# A log-on: tickets, directory, policy, mapped drives, and printers connected again.
LOG_ON: tuple[tuple[Habit, tuple[Kind, ...], int], ...] = (
    (Habit("tickets", (), (), TCP, 88, 0, "flat", packets=(5, 4), size=(400, 400)), (Kind.DC,), 4),
    (Habit("directory", (), (), TCP, 389, 0, "flat"), (Kind.DC,), 3),
    (Habit("policy", (), (), TCP, 445, 0, "flat", packets=(60, 60), lasts_s=20), (Kind.DC,), 1),
    (Habit("names", (), (), UDP, 53, 0, "flat", packets=(1, 1), size=(80, 160)), (Kind.DC,), 15),
    (Habit("drives", (), (), TCP, 445, 0, "flat", packets=(80, 80), lasts_s=600), (Kind.FILE,), 2),
    (Habit("queues", (), (), TCP, 445, 0, "flat", packets=(30, 30), lasts_s=10), (Kind.PRINT,), 1),
)


def boots(site: Site, present: Presence, day: int, hour: int) -> list[Connections]:
    """Machines that start in this hour: address, duplicate address check, router, and for computers a log-on."""
    rng = np.random.default_rng([site.seed, 3, day, hour])
    booting = np.flatnonzero((present.boots_ms // HOUR_MS == hour) & (present.boots_ms >= 0))
    at_ms = present.boots_ms[booting]
    since = day * DAY_MS + at_ms
    router = site.routers[np.maximum(site.network[booting], 0)]
    broadcast = np.full(len(booting), site.of(Kind.GROUP)[BROADCAST])
    found = [
        make(START_MS + since, src=booting, dst=broadcast, proto=UDP, sport=68, dport=67, outcome=Outcome.ONE_WAY),
        make(START_MS + since + 2500, src=booting, dst=router, proto=ARP, outcome=Outcome.ANSWERED),
    ]
    for wait_ms in (300, 1300, 2300):  # RFC 5227: three probes a second apart, then two announcements
        found.append(_alone(booting, START_MS + since + wait_ms, PROBE_PORT))
    for wait_ms in (2400, 4400):
        found.append(_alone(booting, START_MS + since + wait_ms, 0))
    people = booting[np.isin(site.kind[booting], COMPUTERS)]
    desk = present.boots_ms[people] + rng.integers(20_000, 120_000, len(people))
    return [*found, *_log_on(rng, site, present, day, people, desk), *_shift(site, present, day, hour)]


def _alone(hosts: Ints, at_ms: Ints, sport: int) -> Connections:
    """ARP for one's own address."""
    return make(at_ms, src=hosts, dst=hosts, proto=ARP, sport=sport, outcome=Outcome.ONE_WAY)


def _shift(site: Site, present: Presence, day: int, hour: int) -> list[Connections]:
    """At a shift change half of the wards' machines are logged on to afresh, most within twenty minutes."""
    rng = np.random.default_rng([site.seed, 4, day, hour])
    changes = [shift for shift in SHIFTS_H if int(shift) == hour]
    if not changes:
        return []
    wards = site.of(Kind.CLINICAL)
    chosen = wards[rng.random(len(wards)) < 0.5]
    at_ms = (changes[0] * HOUR_MS + rng.exponential(10 * 60_000, len(chosen))).astype(np.int64)
    return _log_on(rng, site, present, day, chosen, at_ms)


def _log_on(
    rng: np.random.Generator, site: Site, present: Presence, day: int, people: Ints, at_ms: Ints
) -> list[Connections]:
    found = []
    for habit, kinds, times in LOG_ON:
        servers = site.of(*kinds)
        source = np.repeat(people, times)
        since = day * DAY_MS + np.repeat(at_ms, times) + rng.integers(0, 20_000, len(source))
        # Each drive and queue is on its own server; tickets and names come from either controller.
        target = servers[(source + np.tile(np.arange(times), len(people))) % len(servers)]
        found.append(connections(rng, present, replace(habit), source, target, since))
    return found
