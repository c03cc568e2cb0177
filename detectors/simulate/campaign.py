"""Many attacks on one hospital, spread over a morning, each by machines that take part in no other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .attack import PLANS, Plan, Scene
from .connection import CONNECTION, Connections, join
from .hospital import Hospital
from .kinds import COMPUTERS
from .rhythm import DAY_MS, HOUR_MS

FIRST_HOUR, HOURS = 9, 5  # a campaign runs from 09:00 to 14:00: the longest attack takes two hours
SPREAD_MS = 150 * 60_000


@dataclass(frozen=True, slots=True)
class Attack:
    """The truth of one attack; `number` marks its connections. `attackers`: whoever initiated, patient zero first."""

    number: int
    plan: Plan
    attackers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """Attacks and all their connections."""

    day: int
    attacks: tuple[Attack, ...]
    connections: Connections

    def hours(self) -> list[tuple[int, int]]:
        """(day, hour) that it lasts."""
        return [(self.day, FIRST_HOUR + hour) for hour in range(HOURS)]


def campaign(hospital: Hospital, day: int, *, times: int = 1, plans: tuple[Plan, ...] = PLANS) -> Campaign:
    """Each plan `times` times, as far as there are machines for it. Who and when follow from seed and day."""
    site = hospital.site
    scene = Scene(site, hospital.present(day), np.random.default_rng([site.seed, 7, day]))
    start_ms = day * DAY_MS + FIRST_HOUR * HOUR_MS
    free = scene.rng.permutation(scene.on(site.of(*COMPUTERS), start_ms)).tolist()
    attacks: list[Attack] = []
    parts: list[Connections] = []
    for plan in (plan for _ in range(times) for plan in plans):
        if len(free) < plan.attackers:
            break
        chosen, free = free[: plan.attackers], free[plan.attackers :]
        scene.taken.update(chosen)
        at_ms = start_ms + 10 * 60_000 + int(scene.rng.integers(0, SPREAD_MS))
        found = plan.make(scene, chosen, at_ms)
        found["mark"] = number = len(attacks) + 1
        infected = [host for host in dict.fromkeys(found["src"].tolist()) if host not in chosen]
        free = [host for host in free if host not in infected]
        scene.taken.update(infected)
        attacks.append(Attack(number, plan, (*chosen, *infected)))
        parts.append(found)
    return Campaign(day, tuple(attacks), join(*parts) if parts else np.zeros(0, dtype=CONNECTION))
