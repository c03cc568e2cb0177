"""Scoring: what counts as found, as false, and what a rate of zero proves."""

import numpy as np
import pandas as pd
import pytest

from detectors.evaluate import Raised, Unit, false_rates, judge, recall, upper_bound
from detectors.truth import family_of, units

T = 1_700_000_000_000


def unit(count: int = 10, *, src: str = "10.0.0.1", family: str = "sweep") -> Unit:
    """One flow a second."""
    return Unit("s", family, family, src, T + np.arange(count) * 1000, frozenset({"10.0.0.9"}))


def raised(at_ms: int, *, src: str = "10.0.0.1", response: str = "auto", targets: set[str] | None = None) -> Raised:
    """An alert."""
    return Raised("id", src, response, at_ms - 100, at_ms, {"sweep"}, targets or set())


@pytest.mark.parametrize(("count", "bound"), [(0, 2.996), (1, 4.744), (3, 7.754), (10, 16.962)])
def test_upper_bounds_are_the_tables(count: int, bound: float) -> None:
    """Exact one-sided 95 % Poisson bounds; none seen is the rule of three."""
    assert bound == pytest.approx(upper_bound(count), abs=0.002)


def test_nothing_in_three_thousand_host_days_bounds_at_one() -> None:
    """And in 4.6 host-days at about 650: a silent detector on little traffic has proved little."""
    assert 0.999 == false_rates([], 3000)["could_act_bound_95"]
    assert 600 < false_rates([], 4.6)["could_act_bound_95"] < 700


def test_false_alerts_are_split_by_what_they_could_do() -> None:
    """One that could act, two for people's eyes, over 1000 host-days."""
    found = false_rates([raised(T), raised(T, response="recommend"), raised(T, response="none")], 1000)
    assert (1, 2) == (found["could_act"], found["alert_only"])
    assert (1.0, 2.0) == (found["could_act_per_1000_per_day"], found["alert_only_per_1000_per_day"])


def test_delay_is_counted_in_flows_and_seconds() -> None:
    """An alert after the fourth flow, three seconds in."""
    verdict = judge(unit(), [raised(T + 3000), raised(T + 8000, response="recommend")])
    assert (True, True, 4, 3.0) == (verdict.found, verdict.could_act, verdict.flows, verdict.seconds)


@pytest.mark.parametrize("alert", [raised(T - 1), raised(T + 100_000), raised(T + 1, src="10.0.0.2")])
def test_too_early_too_late_or_the_wrong_one_is_no_hit(alert: Raised) -> None:
    """Before the first flow, long after the last, or another source."""
    assert not judge(unit(), [alert]).found


def test_lateral_movement_has_to_name_the_pair() -> None:
    """An alert on the right source that names another victim does not count."""
    assert not judge(unit(), [raised(T + 1, targets={"10.0.0.8"})], pair=True).found
    assert judge(unit(), [raised(T + 1, targets={"10.0.0.9"})], pair=True).found


def test_recall_by_family() -> None:
    """Two sweeps, one found; the median and the worst are of those that were found."""
    verdicts = [judge(unit(), [raised(T + 3000)]), judge(unit(src="10.0.0.3"), [])]
    (row,) = recall(verdicts)
    wanted = {"family": "sweep", "units": 2, "found": 1, "recall": 0.5, "flows_median": 4, "flows_worst": 4}
    assert wanted == {name: row[name] for name in wanted}


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("nmap_portscan", "sweep"),
        ("ssh_bruteforce", "bruteforce"),
        ("lm_remote_recon_toolie", "lateral"),
        ("Lateral Movement/Account Discovery", "mixed"),
        ("c2", None),
        ("Data Exfiltration/Data Exfiltration", None),
        ("Establish Foothold/Directory Bruteforce", None),
    ],
)
def test_families_by_name(name: str, family: str | None) -> None:
    """The words that data sets use; command and control and the like are no units (DECISIONS 24)."""
    assert family == family_of(name)


def test_the_shape_says_what_discovery_was() -> None:
    """A hundred ports once each are a port scan, one port thirty times is guessing, and neither hides the other."""
    rows = [("10.0.0.1", "10.0.0.2", port) for port in range(100)] + [("10.0.0.1", "10.0.0.2", 3306)] * 30
    frame = pd.DataFrame(rows, columns=["src_ip", "dst_ip", "dst_port"]).assign(
        ts_start=1.0, attack_type="Account Discovery"
    )
    assert {("portscan", 100), ("bruteforce", 30)} == {(u.family, len(u.rows)) for u in units("s", frame)}


def test_a_scan_of_many_machines_is_a_sweep() -> None:
    """Of one source, whatever ports it mixes; two log-ins labelled as an attack on a password are none."""
    rows = [("10.0.0.1", f"10.0.1.{n}", 23 if n % 3 else 2323, "scan") for n in range(30)]
    rows += [("10.0.0.1", "10.0.0.2", 22, "ssh_bruteforce")] * 2
    frame = pd.DataFrame(rows, columns=["src_ip", "dst_ip", "dst_port", "attack_type"]).assign(ts_start=1.0)
    assert [("sweep", 30)] == [(u.family, len(u.rows)) for u in units("s", frame)]
