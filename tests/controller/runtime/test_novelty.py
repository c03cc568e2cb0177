"""newpeer on recordings of others: lateral movement is seen, benign files never act; and the baseline is kept on disk."""

from pathlib import Path

import numpy as np
import pytest

from controller.core.clock import ManualClock
from controller.runtime.baseline import SAVE_MS, BaselineFile
from controller.runtime.catalog import load_catalog
from controller.runtime.evaluating import Outcome, outcome, summary
from controller.runtime.labelled import scenarios
from controller.runtime.replay import replay
from detectors.address import INTERNAL, Networks
from detectors.newpeer.observer import NewPeer
from detectors.observers import newpeer
from tests.detectors import flows as f

FILE = "newpeer.npz"
ACTS = ("approve", "auto")
FAMILY = {"newpeer", "transfer", "bruteforce"}


@pytest.fixture(scope="module")
def outcomes(data_dir: Path) -> list[Outcome]:
    """Every labelled scenario that holds lateral movement or nothing at all."""
    kept = (s for s in scenarios(data_dir / "detect") if not s.units or s.units[0].family == "lateral")
    return [outcome(scenario, load_catalog()) for scenario in kept]


def test_lateral_movement_snippets(outcomes: list[Outcome]) -> None:
    """At least 60 % of the captures raise an alert that names source and target; none of them asks for action."""
    snippets = [o for o in outcomes if o.name.startswith("lm_snippets/")]
    found = [o for o in snippets if any(v.found and set(v.detectors) & FAMILY for v in o.verdicts)]
    assert len(snippets) >= 33
    assert len(found) >= 0.6 * len(snippets)
    assert not [o.name for o in snippets for v in o.verdicts if v.could_act]


def test_the_first_move_of_apt29(data_dir: Path) -> None:
    """10.0.1.4 to 10.0.1.6 by WinRM at its first flow; SMB two minutes later makes it several services."""
    moves = [a for a in replay(data_dir / "detect" / "apt29_day1.csv.gz") if a["targets"] == ["10.0.1.6"]]
    assert [("10.0.1.4", [5985], "T1021.006", 1)] == [
        (a["src_ip"], a["ports"], a["technique"], a["attack_flows"]) for a in moves if a["detector"] == "newpeer"
    ]
    assert {"none"} == {a["response"] for a in moves if a["detector"] == "newpeer"}


def test_new_edges_of_benign_flows(outcomes: list[Outcome]) -> None:
    """Nothing that could act, and after learning on half about one new edge a host-day at most, over several host-days."""
    assert not [a.src_ip for o in outcomes for a in o.false if a.could_act]
    edges = summary(outcomes)["new_edges"]
    assert edges["host_days"] > 3
    assert edges["per_host_day"] <= 1.0


def test_the_gateway_and_the_victims_are_not_accused(sample_flows: Path) -> None:
    """Whoever answers a sweep is new to nobody."""
    for name in ("attack_l3_sweep_via_gateway", "attack_nmap_connect445", "attack_nmap_syn_sweep"):
        accused = {a["src_ip"] for a in replay(sample_flows / f"{name}.pcap") if a["detector"] == "newpeer"}
        assert accused <= {"10.77.0.2"}, name


def test_the_place_of_the_source(sample_flows: Path) -> None:
    """MAC, exporter and ifIndex of where it enters, though the proof is an answer that entered elsewhere."""
    (found,) = replay(sample_flows / "benign_office.pcap", every_new=True)
    assert ("newpeer", "10.77.0.3", ["10.77.0.26"]) == (found["detector"], found["src_ip"], found["targets"])
    assert (found["src_mac"], found["exporter"], found["in_if"]) == ("02:77:00:00:00:02", "172.30.0.11", 5)


def fresh() -> NewPeer:
    """As the live service has it."""
    return newpeer(load_catalog(), Networks(INTERNAL))


def test_the_baseline_is_saved_and_loaded(tmp_path: Path) -> None:
    """When it is time and at the end; the next start knows the edges."""
    clock, learned = ManualClock(), fresh()
    kept = BaselineFile(learned, tmp_path / FILE, clock)
    kept.load()
    list(learned.take(f.batch_of(f.answered(0, 1, 2))))
    kept.turn()
    assert not (tmp_path / FILE).exists()
    clock.sleep(SAVE_MS / 1000)
    kept.turn()
    again = fresh()
    loading = BaselineFile(again, tmp_path / FILE, clock)
    loading.load()
    assert (1, 1) == (loading.counts.loaded, len(again.edges.state()))
    assert np.array_equal(learned.edges.state(), again.edges.state())


def test_a_baseline_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    """Learning begins anew, it is counted, and the file is kept for whoever wants to know."""
    (tmp_path / FILE).write_bytes(b"PK\x03\x04 no longer")
    kept = BaselineFile(fresh(), tmp_path / FILE, ManualClock())
    kept.load()
    assert (0, 1) == (kept.counts.loaded, kept.counts.failures)
    assert [tmp_path / "newpeer.unreadable"] == list(tmp_path.iterdir())


def test_a_baseline_of_another_shape_is_set_aside(tmp_path: Path) -> None:
    """Columns are missing."""
    np.savez(tmp_path / FILE, port=np.zeros(3, dtype=np.uint16))
    kept = BaselineFile(fresh(), tmp_path / FILE, ManualClock())
    kept.load()
    assert 1 == kept.counts.failures
