"""A call beside others."""

import threading

import pytest

from controller.core.aside import aside
from controller.core.errors import Unreachable


def test_its_result_is_waited_for() -> None:
    """It runs on another thread, which has the name that it was given."""
    assert "cordon-asking" == aside(lambda: threading.current_thread().name, "asking").result(20)


def test_what_it_raises_is_raised_again() -> None:
    """By who wants the result, not on the other thread."""

    def fails() -> None:
        raise Unreachable("no answer")

    with pytest.raises(Unreachable):
        aside(fails, "asking").result(20)
