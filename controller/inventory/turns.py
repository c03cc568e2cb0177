"""When each switch is read next: the first round spread over the interval, every later one a little uneven, and a switch that
does not answer ever more rarely, so that a dead building costs the living ones nothing."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable

JITTER = 0.05  # of the interval, either way
LONGEST_S = 600.0  # between two attempts at a switch that does not answer
MOST_DOUBLINGS = 10


class Turns:
    """Times in epoch milliseconds; 0 = never read."""

    def __init__(self, names: Iterable[str], interval_s: float, dice: random.Random | None = None) -> None:
        self._interval_ms = interval_s * 1000
        self._longest_ms = max(LONGEST_S * 1000, self._interval_ms)
        self._next_ms = dict.fromkeys(names, 0)
        self._failures: dict[str, int] = {}
        self._dice = dice or random.Random()  # noqa: S311 no secret

    def take(self, now_ms: int, at_once: int) -> list[str]:
        """Switches whose turn it is. More than `at_once` that were never read have their second turns spread."""
        due = [name for name, at in self._next_ms.items() if at <= now_ms]
        for place, name in enumerate(due):
            first = self._next_ms[name] == 0 and len(due) > at_once
            share = (place + 1) / len(due) if first else self._uneven()
            self._next_ms[name] = now_ms + int(self._interval_ms * share)
        return due

    def settle(self, names: Iterable[str], failed: Collection[str], now_ms: int) -> None:
        """Which of them did not answer: each time in a row they are left alone for twice as long."""
        for name in names:
            if name not in failed:
                self._failures.pop(name, None)
                continue
            times = self._failures[name] = self._failures.get(name, 0) + 1
            if times > 1:
                longer_ms = min(self._interval_ms * 2 ** min(times - 1, MOST_DOUBLINGS), self._longest_ms)
                self._next_ms[name] = now_ms + int(longer_ms * self._uneven())

    def soon(self, name: str, at_ms: int) -> None:
        """Not later than this."""
        self._next_ms[name] = min(self._next_ms[name], max(at_ms, 1))

    def _uneven(self) -> float:
        return self._dice.uniform(1 - JITTER, 1 + JITTER)
