"""Replay = live on recordings of others: in other batches, and a little out of order, the same alerts."""

from pathlib import Path

import numpy as np
import pytest

from controller.runtime.catalog import load_catalog
from controller.runtime.tables import read_table
from detectors.address import Networks
from detectors.engine import Engine
from detectors.flow import FlowBatch, concatenate

ALL = Networks(("0.0.0.0/0", "::/0"))
TABLES = ("dapt2020_private", "westermo_right", "scan_snippets", "rita_proxy_7h_benign")


def ids(rows: FlowBatch, size: int) -> set[str]:
    """Ids of the alerts of these rows in batches of one size."""
    running = Engine(load_catalog(), internal=ALL)
    found = []
    for start in range(0, len(rows), size):
        found += running.feed(rows.take(np.arange(start, min(start + size, len(rows)))))
    found += running.flush(int(rows["received_ms"].max()) + 10_000)
    return {alert.alert_id for alert in found}


@pytest.mark.parametrize("name", TABLES)
def test_recorded_flows(data_dir: Path, name: str) -> None:
    """Twice, in batches of 61 and of all, and with one row in a hundred up to half a second late."""
    rows = concatenate(read_table(data_dir / "detect" / f"{name}.csv.gz"))
    expected = ids(rows, 4096)
    assert expected == ids(rows, 4096)
    assert expected == ids(rows, 61)
    assert expected == ids(rows, len(rows))
    rng = np.random.default_rng(1)
    late = rng.random(len(rows)) < 0.01
    order = np.argsort(rows["received_ms"] + np.where(late, rng.integers(0, 500, len(rows)), 0), kind="stable")
    assert expected == ids(rows.take(order), 4096)
