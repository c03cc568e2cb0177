"""Replay = live: a simulated morning with attacks, cut into other batches or a little out of order, gives the same alerts."""

import functools

import numpy as np
import pytest

from detectors.engine import Engine
from detectors.flow import FlowBatch, concatenate
from detectors.simulate.campaign import campaign
from detectors.simulate.hospital import Hospital
from detectors.simulate.kinds import DEVELOPMENT_SEEDS
from tests.detectors import flows as f

HOURS = [(1, 9), (1, 10)]


@functools.cache
def hospital() -> Hospital:
    """120 machines."""
    return Hospital.of(120, DEVELOPMENT_SEEDS[5])


@functools.cache
def morning(rate: int) -> FlowBatch:
    """Two hours under attack at 1:rate."""
    attacks = campaign(hospital(), 1)
    return concatenate(hospital().batches(iter(HOURS), rate=rate, also=attacks.connections))


def ids(batch: FlowBatch, size: int) -> set[str]:
    """Ids of the alerts of these rows in batches of one size."""
    site = hospital().site
    running = f.engine(roles=site.roles, host_roles=site.declared())
    assert isinstance(running, Engine)
    found = []
    for start in range(0, len(batch), size):
        part = FlowBatch({name: column[start : start + size] for name, column in batch.columns.items()})
        found += running.feed(part)
    found += running.flush(int(batch["received_ms"].max()) + 10_000)
    return {alert.alert_id for alert in found}


@pytest.mark.parametrize("rate", [1, 16])
@pytest.mark.parametrize("size", [97, 4096, 20_000])
def test_batches_of_any_size(rate: int, size: int) -> None:
    """Twice in one size, and in others: the same ids, and there are some."""
    expected = ids(morning(rate), 4096)
    assert expected
    assert expected == ids(morning(rate), size)


@pytest.mark.parametrize("rate", [1, 16])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_hundredth_out_of_order(rate: int, seed: int) -> None:
    """One row in a hundred comes up to a second late."""
    rows, rng = morning(rate), np.random.default_rng(seed)
    late = rng.random(len(rows)) < 0.01
    delay_ms = np.where(late, rng.integers(0, 1000, len(rows)), 0)
    order = np.argsort(rows["received_ms"] + delay_ms, kind="stable")
    assert ids(rows, 4096) == ids(rows.take(order), 4096)
