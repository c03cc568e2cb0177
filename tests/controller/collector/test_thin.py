"""A limit for an exporter: what is kept stands for the whole, and an unknown rate stays unknown."""

import numpy as np
import pytest

from controller.collector.thin import Thinner
from detectors.flow import FlowBatch, Has, from_rows

A, B = bytes(15) + b"\1", bytes(15) + b"\2"


def rows(count: int, *, rate: int = 10, at_ms: int = 1_000_000, known: bool = True) -> FlowBatch:
    """Rows of one rate."""
    has = int(Has.SAMPLING) if known else 0
    return from_rows({"has": has, "sampling_rate": rate, "received_ms": at_ms} for _ in range(count))


def thinned(thinner: Thinner, batch: FlowBatch, device: list[int], addresses: list[bytes]) -> FlowBatch:
    """What is left."""
    keep = thinner(batch, np.array(device, dtype=np.int32), addresses)
    return batch if keep is None else batch.take(keep)


def test_under_the_limit_nothing_changes() -> None:
    """A hundred rows of a hundred."""
    thinner = Thinner(100, {})
    left = thinned(thinner, rows(100), [0] * 100, [A])
    assert (100, {10}, 0) == (len(left), set(left["sampling_rate"].tolist()), thinner.dropped)


@pytest.mark.parametrize("sent", [150, 1000, 4321])
def test_what_is_kept_stands_for_the_whole(sent: int) -> None:
    """Rows times their rate are what they would have been without a limit, to one step."""
    thinner = Thinner(100, {})
    left = thinned(thinner, rows(sent), [0] * sent, [A])
    step = -(-sent // 100)
    assert len(left) <= 100 + step
    assert abs(int(left["sampling_rate"].sum()) - sent * 10) <= step * 10
    assert sent - len(left) == thinner.dropped


def test_the_limit_is_by_second() -> None:
    """A second later there is room again, and no more than a second's worth is saved up."""
    thinner = Thinner(100, {})
    thinned(thinner, rows(100, at_ms=1_000_000), [0] * 100, [A])
    assert 50 >= len(thinned(thinner, rows(50, at_ms=1_000_100), [0] * 50, [A]))
    assert 100 == len(thinned(thinner, rows(100, at_ms=1_060_000), [0] * 100, [A]))
    assert len(thinned(thinner, rows(100, at_ms=1_060_000), [0] * 100, [A])) < 100


def test_an_unknown_rate_stays_unknown() -> None:
    """Rows without a rate, or of rate 0, are thinned too and say no rate."""
    for batch in (rows(1000, known=False, rate=0), rows(1000, rate=0)):
        assert {0} == set(thinned(Thinner(100, {}), batch, [0] * 1000, [A])["sampling_rate"].tolist())


def test_others_are_left_alone() -> None:
    """One exporter's flood costs only its own rows; a limit of its own wins; rows of nobody known are kept."""
    device = [0, 1] * 500 + [-1] * 10
    left = thinned(Thinner(100, {B: 0}), rows(1010), device, [A, B])
    rates = left["sampling_rate"].tolist()
    assert 510 + 100 == len(left)
    assert {10: 510, 50: 100} == {rate: rates.count(rate) for rate in set(rates)}


def test_rates_do_not_overflow() -> None:
    """The greatest rate that a row can hold is never exceeded."""
    left = thinned(Thinner(1, {}), rows(1000, rate=4_000_000_000), [0] * 1000, [A])
    assert {0xFFFF_FFFF} == set(left["sampling_rate"].tolist())
