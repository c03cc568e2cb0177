"""Replay = live on recordings: twice, in other batches, and a little out of order, the same alerts."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.runtime.catalog import load_catalog
from controller.runtime.observing import of_recording
from controller.runtime.replay import batches_of
from controller.runtime.roles import InferredRoles
from controller.runtime.tables import read_table
from detectors.address import INTERNAL, Networks
from detectors.engine import Engine
from detectors.flow import FlowBatch, concatenate

ALL = Networks(("0.0.0.0/0", "::/0"))
TABLES = ("apt29_day1", "dapt2020_private", "lm_snippets", "rita_proxy_7h_benign", "scan_snippets", "westermo_right")
CAPTURES = ("attack_nmap_connect445", "attack_nmap_syn_sweep", "attack_worm", "benign_nms_poller", "benign_office")
LATE, LATE_MS = 0.01, 500
SHARED = HealthCheck.function_scoped_fixture, HealthCheck.too_slow  # examples may share a fixture, and take their time


def alerts(rows: FlowBatch, size: int, engine: Engine) -> dict[str, str]:
    """What these rows lead to in batches of one size: alert ids, and the response that each ended with."""
    found = []
    for start in range(0, len(rows), size):
        found += engine.feed(rows.take(np.arange(start, min(start + size, len(rows)))))
    found += engine.flush(int(rows["received_ms"].max()) + 10_000)
    return {alert.alert_id: str(alert.response) for alert in found}


def disturbed(rows: FlowBatch, seed: int) -> FlowBatch:
    """One row in a hundred comes up to half a second late."""
    rng = np.random.default_rng(seed)
    late = np.where(rng.random(len(rows)) < LATE, rng.integers(0, LATE_MS, len(rows)), 0)
    return rows.take(np.argsort(rows["received_ms"] + late, kind="stable"))


@cache
def capture(path: Path) -> tuple[FlowBatch, InferredRoles, dict[str, str]]:
    """Rows of a recording, who is who, and its alerts."""
    rows, roles = concatenate(batches_of(path)), InferredRoles(batches_of(path))
    return rows, roles, alerts(rows, 256, lab_engine(roles))


def lab_engine(roles: InferredRoles) -> Engine:
    """As `detector replay` has it, what is new left out."""
    return Engine(load_catalog(), internal=Networks(INTERNAL), roles=roles, routers=roles.routers)


@cache
def observed(path: Path) -> tuple[FlowBatch, dict[str, str]]:
    """Rows of a recording, and its alerts with notices among them."""
    rows, roles, _ = capture(path)
    return rows, alerts(rows, 256, observing_engine(roles))


def observing_engine(roles: InferredRoles) -> Engine:
    """With everything that is new."""
    catalog, networks = load_catalog(), Networks(INTERNAL)
    seeing = of_recording(catalog, networks)
    return Engine(catalog, internal=networks, roles=roles, routers=roles.routers, observers=seeing)


@cache
def table(path: Path) -> tuple[FlowBatch, dict[str, str]]:
    """Rows of a table, and its alerts."""
    rows = concatenate(read_table(path))
    return rows, alerts(rows, 4096, Engine(load_catalog(), internal=ALL))


@pytest.mark.parametrize("name", CAPTURES)
@settings(max_examples=6, deadline=None, suppress_health_check=SHARED)
@given(size=st.integers(1, 3000), seed=st.none() | st.integers(0, 2**32))
def test_captures(sample_flows: Path, name: str, size: int, seed: int | None) -> None:
    """Any batch size, in order (responses too) or with one row in a hundred late."""
    rows, roles, expected = capture(sample_flows / f"{name}.pcap")
    if seed is None:
        assert expected == alerts(rows, size, lab_engine(roles))
    else:
        assert set(expected) == set(alerts(disturbed(rows, seed), size, lab_engine(roles)))


@pytest.mark.parametrize("name", CAPTURES)
@settings(max_examples=3, deadline=None, suppress_health_check=SHARED)
@given(size=st.integers(1, 3000))
def test_notices_among_findings(sample_flows: Path, name: str, size: int) -> None:
    """Alerts of both, in any batch size: the same ids and responses."""
    rows, expected = observed(sample_flows / f"{name}.pcap")
    assert expected == alerts(rows, size, observing_engine(capture(sample_flows / f"{name}.pcap")[1]))


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=4, deadline=None, suppress_health_check=SHARED)
@given(size=st.integers(50, 20_000), seed=st.none() | st.integers(0, 2**32))
def test_tables(data_dir: Path, name: str, size: int, seed: int | None) -> None:
    """The same for recordings of others."""
    rows, expected = table(data_dir / "detect" / f"{name}.csv.gz")
    given_rows = rows if seed is None else disturbed(rows, seed)
    found = alerts(given_rows, size, Engine(load_catalog(), internal=ALL))
    assert (expected if seed is None else set(expected)) == (found if seed is None else set(found))
