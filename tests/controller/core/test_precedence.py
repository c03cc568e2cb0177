"""Who goes first: the others wait, for a bounded time."""

import threading

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
    precedence, went_on = Precedence(), threading.Event()
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


def test_nobody_waits_for_long() -> None:
    """What is urgent still: the others have a turn all the same, and it is counted."""
    precedence = Precedence()
    precedence.take("a")
    precedence.give_way(BRIEF_S)
    assert (1, 1) == (precedence.counts.gave_way, precedence.counts.not_waited_for)


def test_what_hangs_is_urgent_no_more() -> None:
    """It lapses by itself: no switch holds up the decoder for longer than that."""
    precedence = Precedence(longest_s=BRIEF_S)
    precedence.take("a")
    precedence.give_way(LONG_S)
    precedence.give_way(LONG_S)
    assert (1, 0) == (precedence.counts.gave_way, precedence.counts.not_waited_for)
