"""Numbers of requests: in their range, not to be told from those before, drawn many at once."""

import secrets

import pytest

from controller.switches.wire.numbers import AT_ONCE, LARGEST, Numbers


def test_numbers_are_in_range_and_differ() -> None:
    """As RFC 3412 and RFC 3416 have them; of 31 random bits two of a thousand are hardly ever the same."""
    numbers = Numbers()
    found = [numbers.next() for _ in range(1000)]
    assert 990 < len(set(found))
    assert (True, True) == (min(found) >= 0, LARGEST // 2 < max(found) <= LARGEST)


def test_every_draw_of_the_kernel_is_used_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The octets are the kernel's, and none is used for two numbers."""
    drawn = [bytes(range(AT_ONCE.size)), bytes(range(AT_ONCE.size))[::-1]]
    expected = {n & LARGEST for octets in drawn for n in AT_ONCE.unpack(octets)}
    monkeypatch.setattr(secrets, "token_bytes", lambda size: drawn.pop(0) if size == AT_ONCE.size else b"")
    numbers = Numbers()
    count = 2 * len(AT_ONCE.unpack(drawn[0]))
    assert expected == {numbers.next() for _ in range(count)}
    assert [] == drawn
