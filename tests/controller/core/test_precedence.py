"""Who goes first: the others wait, for a bounded time."""

import threading

import pytest

from controller.core.precedence import Precedence

LONG_S, BRIEF_S = 20.0, 0.01


def test_nothing_is_urgent() -> None:
    """Nobody waits, and nothing is counted."""
    precedence = Precedence()
    precedence.give_way(LONG_S)
    precedence.drop("never taken")
    assert (0, 0, 0) == (precedence.counts.taken, precedence.counts.gave_way, precedence.counts.not_waited_for)


def test_the_others_wait_for_all_that_is_urgent() -> None:
    """Two things are; who gives way goes on when both are done."""
    precedence, went_on = Precedence(longest_s=LONG_S), threading.Event()
    precedence.take("a")
    precedence.take("b")

    def other() -> None:
        precedence.give_way(LONG_S)
        went_on.set()

    thread = threading.Thread(target=other)
    precedence.drop("a")
    thread.start()
    assert not went_on.wait(BRIEF_S)
    precedence.drop("b")
    assert went_on.wait(LONG_S)
    thread.join(LONG_S)
    assert (1, 0) == (precedence.counts.gave_way, precedence.counts.not_waited_for)


class Time:
    """Moved by who waits, and by nobody else."""

    def __init__(self, precedence: Precedence, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 100.0
        monkeypatch.setattr("controller.core.precedence.time", self)
        monkeypatch.setattr(precedence._changed, "wait", self.wait)

    def monotonic(self) -> float:
        """In seconds."""
        return self.now_s

    def wait(self, seconds: float) -> None:
        """Nobody says that anything has changed."""
        self.now_s += seconds


def test_nobody_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is urgent still: the others have a turn all the same, and it is counted."""
    precedence = Precedence()
    time = Time(precedence, monkeypatch)
    precedence.take("a")
    precedence.give_way(BRIEF_S)
    assert (1, 1) == (precedence.counts.gave_way, precedence.counts.not_waited_for)
    assert 100 + BRIEF_S == pytest.approx(time.now_s)


def test_what_hangs_is_urgent_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """It lapses by itself: no switch holds up the decoder for longer than that."""
    precedence = Precedence(longest_s=BRIEF_S)
    time = Time(precedence, monkeypatch)
    precedence.take("a")
    precedence.give_way(LONG_S)
    precedence.give_way(LONG_S)
    assert (1, 0) == (precedence.counts.gave_way, precedence.counts.not_waited_for)
    assert 100 + BRIEF_S == pytest.approx(time.now_s)
