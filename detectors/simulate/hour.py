"""One hour of habits: which connections there are. Vectors throughout; the dice of an hour depend on seed, day and hour alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .connection import ICMP, TCP, Connections, Outcome, make
from .habits import HABITS, Habit
from .rhythm import DAY_MS, HOUR_MS, START_MS, Presence, activity
from .site import Site

Ints = NDArray[np.int64]
PATCH_DAYS = (1, 2)  # of four weeks: updates come out, and every computer looks for a neighbour that has them


def habitual(site: Site, present: Presence, day: int, hour: int) -> list[Connections]:
    """What the hospital does out of habit in this hour."""
    return [_habit(site, present, day, hour, number, habit) for number, habit in enumerate(HABITS)]


def _habit(site: Site, present: Presence, day: int, hour: int, number: int, habit: Habit) -> Connections:
    rng = np.random.default_rng([site.seed, 2, day, hour, number])
    clients, servers = site.of(*habit.clients), site.of(*habit.servers)
    rate = habit.per_hour * activity(habit.rhythm, day, hour)
    if habit.name == "peer updates" and day % 28 in PATCH_DAYS:
        rate *= 8
    count = rng.poisson(rate * site.busy[clients]) if len(servers) else np.zeros(len(clients), dtype=np.int64)
    which = np.repeat(np.arange(len(clients)), count)
    at_ms = hour * HOUR_MS + rng.integers(0, HOUR_MS, len(which))
    more = rng.geometric(1 / (1 + habit.burst), len(which)) - 1 if habit.burst else np.zeros(len(which), dtype=np.int64)
    follows = np.repeat(np.arange(len(which)), more)
    which = np.concatenate([which, which[follows]])
    at_ms = np.concatenate([at_ms, at_ms[follows] + rng.integers(20, 15_000, len(follows))])
    source = clients[which]
    target = _servers(rng, site, present, habit, source, servers, at_ms)
    keep = (source != target) & present.is_on(source, at_ms % DAY_MS)
    return connections(rng, present, habit, source[keep], target[keep], day * DAY_MS + at_ms[keep])


def _servers(
    rng: np.random.Generator,
    site: Site,
    present: Presence,
    habit: Habit,
    source: Ints,
    servers: Ints,
    at_ms: Ints,
) -> Ints:
    """Whom each connection goes to. A machine's usual servers follow from its index; the first is used most."""
    if not len(servers):
        return source
    if habit.usual == 0:
        chosen = servers[rng.integers(0, len(servers), len(source))]
        if habit.name == "peer updates":  # the service names machines that were seen lately: five in six are still on
            off = ~present.is_on(chosen, at_ms % DAY_MS) & (rng.random(len(source)) < 5 / 6)
            for _ in range(3):
                chosen[off] = servers[rng.integers(0, len(servers), int(off.sum()))]
                off &= ~present.is_on(chosen, at_ms % DAY_MS)
        return chosen
    preferred = np.minimum(rng.geometric(0.7, len(source)) - 1, habit.usual - 1)
    first = (source * 2654435761 + site.seed * 97 + habit.port) % 4294967296 // 7
    return np.asarray(servers[(first + preferred) % len(servers)])


def connections(
    rng: np.random.Generator, present: Presence, habit: Habit, source: Ints, target: Ints, since_ms: Ints
) -> Connections:
    """Connections of a habit; `since_ms` counts from the start of day 0. Sizes are log-normal: most small, few very large."""
    n = len(source)
    found = make(START_MS + since_ms, src=source, dst=target, proto=habit.proto, dport=habit.port)
    found["sport"] = rng.integers(49_152, 65_536, n) if habit.proto != ICMP else 0
    found["outcome"] = outcomes(rng, present, target, since_ms % DAY_MS, habit.refused if habit.proto == TCP else 0.0)
    spread = rng.lognormal(0.0, 0.6, n)
    for column, packets, size in (("out", habit.packets[0], habit.size[0]), ("in", habit.packets[1], habit.size[1])):
        count: NDArray[Any] = (
            np.maximum((packets * spread).astype(np.int64), 1) if packets > 1 else np.ones(n, np.int64)
        )
        found[f"{column}_packets"], found[f"{column}_bytes"] = count, count * size
    found["lasts_ms"] = (habit.lasts_s * 1000 * rng.exponential(1.0, n)).astype(np.int64) + 2
    return found


def outcomes(
    rng: np.random.Generator, present: Presence, target: Ints, at_ms: Ints, refused: float
) -> NDArray[np.uint8]:
    """What becomes of each: silence where nobody is, a refusal now and then, an answer otherwise. In two of three outages only
    the service is down, and its machine refuses."""
    found = np.where(rng.random(len(target)) < refused, Outcome.REFUSED, Outcome.ANSWERED)
    here = present.is_on(target, at_ms)
    away = (at_ms >= present.away_ms[target]) & (at_ms < present.back_ms[target])
    found = np.where(here, found, np.where(away & (target % 3 > 0), Outcome.REFUSED, Outcome.SILENT))
    return found.astype(np.uint8)
