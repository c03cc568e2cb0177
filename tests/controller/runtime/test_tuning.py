"""`detector tune`: other thresholds on recorded flows, and nothing written."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.bus.codec import decode, encode
from controller.bus.config import BusConfig
from controller.bus.embedded import EmbeddedBus
from controller.bus.port import FLOWS
from controller.cli.detector import app
from controller.core.clock import SystemClock
from controller.core.errors import ConfigError, UsageError
from controller.runtime.captures import capture_batches
from controller.runtime.tuning import of_bus, of_files, trials, tune

SWEEP = "attack_nmap_connect445"


def test_each_value_is_tried_by_itself(sample_flows: Path, tmp_path: Path) -> None:
    """The catalog first, then each value: with absurd thresholds the same scan is shown and no longer acted on."""
    shutil.copy(sample_flows / f"{SWEEP}.pcap", tmp_path)
    keys = ("sweep.act.failed_targets", "sweep.act.others")
    rows = list(tune(trials([f"{keys[0]}=2,5", f"{keys[1]}=3"]), of_files([tmp_path])))
    assert [None, 2, 5, 3] == [row["value"] for row in rows]
    assert ["10.77.0.2"] == rows[0]["acts_on"]
    assert rows[0]["alerts"] == rows[2]["alerts"]


def test_what_appears_and_what_goes(sample_flows: Path) -> None:
    """Fan-out of two targets accuses more machines than the catalog does; they are named."""
    path = sample_flows / "benign_office.pcap"
    rows = list(tune(trials(["sweep.fanout.icmp.targets=1"]), of_files([path])))
    assert ([], []) == (rows[0]["shows"], rows[0]["acts_on"])
    assert rows[1]["new"]
    assert [] == rows[1]["gone"]


@pytest.mark.parametrize("setting", ["sweep.act.nothing=4", "sweep.act=4", "sequential.theta_benign=7"])
def test_keys_and_values_that_the_catalog_does_not_take(setting: str) -> None:
    """Refused before anything is read."""
    with pytest.raises(ConfigError, match="--set"):
        trials([setting])


def test_a_setting_without_values() -> None:
    """Says how to write it."""
    with pytest.raises(UsageError, match="failed_targets=4,5,6"):
        trials(["sweep.act.failed_targets"])


def test_no_flows(tmp_path: Path) -> None:
    """An empty folder is an error, not a row of zeros."""
    with pytest.raises(UsageError, match="no recorded flows"):
        of_files([tmp_path])


def test_flows_that_the_bus_keeps(sample_flows: Path, tmp_path: Path) -> None:
    """The last days of the bus, read by a group of its own, twice if there are two trials; older ones are left out."""
    clock = SystemClock()
    bus = EmbeddedBus(tmp_path / "bus", BusConfig(), clock)
    producer = bus.producer("test")
    for batch in capture_batches(sample_flows / f"{SWEEP}.pcap"):
        payload, headers = encode(batch, "test")
        producer.send(FLOWS, 0, payload, headers)
    producer.flush()
    now_ms = clock.now_ms() + 1
    rows = list(tune(trials(["sweep.act.failed_targets=5"]), [of_bus(bus, decode, 1.0, now_ms)]))
    assert [1, 1] == [len(row["acts_on"]) for row in rows]
    later = of_bus(bus, decode, 1.0, now_ms + 3 * 86_400_000)
    assert [0, 0] == [row["alerts"] for row in tune(trials(["sweep.act.failed_targets=5"]), [later])]
    producer.close()
    bus.close()


def test_the_command_reads_the_configured_bus(sample_flows: Path, tmp_path: Path) -> None:
    """Without files: the bus, the inside and the declared hosts of the configuration; a declared scanner is left alone."""
    config = tmp_path / "cordon.yaml"
    for hosts, expected in (("{}", ["10.77.0.2"]), ("{scanner: [10.77.0.2]}", [])):
        config.write_text(f"data_dir: data\ndetection: {{hosts: {hosts}}}\n", encoding="utf-8")
        if not (tmp_path / "data").exists():
            bus = EmbeddedBus(tmp_path / "data" / "bus", BusConfig(), SystemClock())
            producer = bus.producer("test")
            for batch in capture_batches(sample_flows / f"{SWEEP}.pcap"):
                producer.send(FLOWS, 0, *encode(batch, "test"))
            producer.flush()
            producer.close()
            bus.close()
        arguments = ["tune", "--config", str(config), "--set", "sweep.act.failed_targets=5", "--json"]
        done = CliRunner().invoke(app, arguments)
        assert 0 == done.exit_code, done.output
        assert [expected, expected] == [json.loads(line)["acts_on"] for line in done.stdout.splitlines()]


def test_the_command_writes_nothing(sample_flows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows on stdout; the folder it runs in stays empty."""
    monkeypatch.chdir(tmp_path)
    arguments = ["tune", str(sample_flows / f"{SWEEP}.pcap"), "--set", "sweep.act.failed_targets=5", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert 0 == done.exit_code, done.output
    assert 2 == len([json.loads(line) for line in done.stdout.splitlines()])
    assert [] == list(tmp_path.iterdir())
