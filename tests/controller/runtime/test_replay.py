"""What Cordon says about whole recordings: the project's own, and those of others where they are present."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.core.errors import UsageError
from controller.runtime.labelled import attackers
from controller.runtime.replay import read_roles, replay

ACTS = ("approve", "auto")
MANIFEST = Path(__file__).parents[3] / "sample_flows" / "manifest.yaml"
RECORDINGS = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["recordings"]
ATTACKS = ("attack_nmap_connect445", "attack_nmap_syn_sweep")


def manifest(sample_flows: Path) -> dict[str, dict[str, Any]]:
    """Truth of the project's own recordings, by name."""
    found = yaml.safe_load((sample_flows / "manifest.yaml").read_text(encoding="utf-8"))
    return {Path(entry["file"]).stem: entry["truth"] for entry in found["recordings"]}


def test_every_sample_is_in_the_manifest(sample_flows: Path) -> None:
    """No recording without its truth, no truth without its recording."""
    assert {path.stem for path in sample_flows.glob("*.pcap")} == set(manifest(sample_flows))


@pytest.mark.parametrize("entry", RECORDINGS, ids=[entry["file"] for entry in RECORDINGS])
def test_each_recording_gives_the_alerts_of_the_manifest(sample_flows: Path, entry: dict[str, Any]) -> None:
    """No alert more and none less: each attacker at its switch's agent, its ifIndex and its MAC, early, and able to act. Beside
    them only new peers are told of, for nobody had been seen before."""
    truth, alerts = entry["truth"], old(replay(sample_flows / entry["file"]))
    expected = attackers(truth)
    if "role" in truth:  # its alerts are told by a test of their own
        alerts = [alert for alert in alerts if alert["response"] in ACTS]
    place = ("src_ip", "src_mac", "exporter", "in_if")
    assert sorted([one[key] for key in place] for one in expected) == sorted([a[key] for key in place] for a in alerts)
    assert all(alert["response"] in ACTS for alert in alerts)
    assert max((alert["attack_flows"] for alert in alerts), default=0) <= truth.get("most_attack_flows", 12)
    if "detector" in truth:
        assert [truth["detector"]] == [alert["detector"] for alert in alerts]


def old(alerts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Alerts on more than that something is new."""
    return [alert for alert in alerts if alert["detector"] != "newpeer"]


def test_patient_zero_is_named(sample_flows: Path) -> None:
    """The worm's chain, as the worm itself tells it: who infected whom, patient zero first."""
    truth = manifest(sample_flows)["attack_worm"]
    chains = {one["src_ip"]: one["chain"] for one in truth["attackers"] if len(one["chain"]) > 1}
    alerts = list(replay(sample_flows / "attack_worm.pcap"))
    assert chains == {alert["src_ip"]: list(alert["chain"]) for alert in alerts if alert["chain"]}
    assert {truth["patient_zero"]} == {alert["chain"][0] for alert in alerts if alert["chain"]}


def test_a_borrowed_name_is_found_where_its_packets_come_in(sample_flows: Path) -> None:
    """The port that is named is the liar's; the port of the machine whose name it is is named by nobody."""
    truth = manifest(sample_flows)["attack_spoofed_source"]
    (alert,) = old(replay(sample_flows / "attack_spoofed_source.pcap"))
    assert ("ge3", 6) == (truth["port"], alert["in_if"])
    assert "ge1" == truth["innocent"]["port"]


def test_the_monitoring_server(sample_flows: Path, tmp_path: Path) -> None:
    """Declared as nms it is left alone; undeclared it may be shown, and never acted on."""
    roles = tmp_path / "roles.yaml"
    roles.write_text("nms: [10.77.0.4]\n", encoding="utf-8")
    path = sample_flows / "benign_nms_poller.pcap"
    assert [] == list(replay(path, host_roles=read_roles(roles)))
    assert [] == [a for a in replay(path) if a["response"] in ACTS]


@pytest.mark.parametrize("name", ATTACKS)
def test_the_labs_recordings(data_dir: Path, name: str) -> None:
    """The full recordings, IPFIX datagrams and all: exactly one alert beside new peers, 10.77.0.2 at 172.30.0.11 ifIndex 4."""
    (alert,) = old(replay(data_dir / "lab" / f"{name}.pcap"))
    assert ("10.77.0.2", "172.30.0.11", 4) == (alert["src_ip"], alert["exporter"], alert["in_if"])
    assert alert["attack_flows"] <= 10


@pytest.mark.parametrize("name", ["benign_office", "benign_backup_burst"])
def test_benign_recordings_of_the_lab(data_dir: Path, name: str) -> None:
    """No alert; asked for every new peer, nothing but those, for information."""
    path = data_dir / "lab" / f"{name}.pcap"
    assert [] == list(replay(path))
    assert {"info"} >= {a["severity"] for a in replay(path, every_new=True)}


def test_labelled_benign_flows_never_act(data_dir: Path) -> None:
    """Of every benign table: no alert that could act."""
    tables = [p for p in sorted((data_dir / "detect").rglob("*benign*.csv*")) if "meta" not in p.name]
    assert tables
    for path in tables:
        assert [] == [a["src_ip"] for a in replay(path) if a["response"] in ACTS], path.name


def test_the_object_is_json(sample_flows: Path) -> None:
    """Every alert can be written as one line of JSON and read again."""
    for alert in replay(sample_flows / "attack_nmap_connect445.pcap"):
        assert alert == json.loads(json.dumps(alert))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """A clear error for what is no recording."""
    path = tmp_path / "x.pcap"
    path.write_bytes(b"hello")
    with pytest.raises(UsageError, match="no pcap"):
        list(replay(path))


def test_roles_that_are_none(tmp_path: Path) -> None:
    """A roles file with a name instead of an address is refused with the file's name."""
    path = tmp_path / "roles.yaml"
    path.write_text("nms: [printer]\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"roles.yaml"):
        read_roles(path)
