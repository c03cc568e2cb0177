"""Streams of numbers: the cheap way of following them is the long way."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.collector import streams as s
from controller.collector.heads import SFLOW


@settings(deadline=None)  # compiled at its first example
@given(
    steps=st.lists(st.tuples(st.sampled_from([-2, -1, 0, 1, 1, 1, 1, 2, 70_000]), st.integers(0, 2)), max_size=40),
    silent=st.integers(0, 2),
    first=st.sampled_from([0, 5, 2**32 - 3]),
)
def test_the_short_way_is_the_long_way(steps: list[tuple[int, int]], silent: int, first: int) -> None:
    """What `in_step` says it has done is what `follow` would have done; where it says no it has done nothing. Several senders of
    one stream, numbers that jump, come late and wrap, clocks that start anew."""
    table = np.zeros((1, s.WIDTH), dtype=np.int64)
    sequence, clock, now_ms = first, 100_000, 1_700_000_000_000
    for step, port in steps:
        sequence, now_ms = (sequence + step) % 2**32, now_ms + 100
        clock = 0 if step == 70_000 else clock + 100
        seen = sequence, 1, silent, clock, 40_000 + port, now_ms
        short, before = table.copy(), table.copy()
        done = s.in_step(short, 0, seen)
        s.follow(table, 0, SFLOW, seen)
        np.testing.assert_array_equal(table if done else before, short)
