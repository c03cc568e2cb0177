"""Polling is polite: spread, uneven, and ever rarer where nobody answers."""

import random

from controller.inventory.turns import LONGEST_S, Turns

NAMES = [f"sw{number}" for number in range(100)]
SECOND = 1000


def test_the_first_round_is_spread() -> None:
    """All at once, then one after the other over the interval."""
    turns = Turns(NAMES, 30, random.Random(1))
    assert NAMES == turns.take(1, at_once=8)
    taken = [len(turns.take(1 + second * SECOND, at_once=8)) for second in range(1, 29)]
    assert 90 < sum(taken) <= 100
    assert max(taken) <= 4


def test_later_rounds_are_a_little_uneven() -> None:
    """Within a twentieth of the interval, and not all at the same time."""
    turns = Turns(NAMES[:4], 30, random.Random(1))
    turns.take(1, at_once=8)
    assert [] == turns.take(1 + 28 * SECOND, at_once=8)
    assert 0 < len(turns.take(1 + 30 * SECOND, at_once=8)) < 4
    turns.take(1 + 32 * SECOND, at_once=8)
    assert [] == turns.take(1 + 56 * SECOND, at_once=8)


def test_a_dead_switch_is_asked_ever_more_rarely() -> None:
    """Twice as long each time, ten minutes at most; one answer, and it has its turns again. The others lose none."""
    turns = Turns(["dead", "alive"], 30, random.Random(1))
    now_ms, asked = 1, {"dead": 0, "alive": 0}
    while now_ms < 3600 * SECOND:
        due = turns.take(now_ms, at_once=8)
        turns.settle(due, {"dead"} & set(due), now_ms)
        for name in due:
            asked[name] += 1
        now_ms += SECOND
    assert 100 < asked["alive"]
    assert asked["dead"] < 14
    now_ms += int(LONGEST_S * 1.1) * SECOND
    assert "dead" in turns.take(now_ms, at_once=8)
    turns.settle(["dead"], set(), now_ms)
    assert "dead" in turns.take(now_ms + 32 * SECOND, at_once=8)


def test_a_trap_brings_a_turn_forward() -> None:
    """Not later than asked, also for one that is left alone."""
    turns = Turns(["sw"], 30, random.Random(1))
    for second in range(0, 600, 1):
        due = turns.take(1 + second * SECOND, at_once=8)
        turns.settle(due, due, 1 + second * SECOND)
    turns.soon("sw", 601 * SECOND)
    assert ["sw"] == turns.take(601 * SECOND, at_once=8)
