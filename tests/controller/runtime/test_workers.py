"""kill -9 of the detector or the responder: every alert and every request is there exactly once (markers crash, kafka)."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.bus.codec import encode
from controller.bus.config import BusConfig
from controller.bus.connect import open_bus
from controller.collector import Capture, ReferenceDecoder
from controller.core.clock import SystemClock
from controller.lab.kafka.broker import KafkaBroker
from controller.runtime.publish import FlowPublisher
from controller.store import alerts, open_store, requests
from tests.conftest import collect_abandoned_sockets

pytestmark = pytest.mark.crash
ROOT = Path(__file__).parents[3]
HANGS_S = (
    600  # nothing is measured by it: a machine with other work takes long to start Python and to share out a group
)
POINTS = ("detected", "recorded", "submitted", "flushed")


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A bus of the test's own."""
    if request.param == "embedded":
        yield "embedded"
        return
    request.getfixturevalue("broker")  # says loudly if Kafka is missing
    own = KafkaBroker(tmp_path / "broker")
    own.start()
    yield own.address
    own.stop()
    collect_abandoned_sockets()


def publish(address: str, folder: Path, recording: Path) -> None:
    """A recording's flows onto the bus, as the collector does."""
    bus = open_bus(address, folder, SystemClock(), BusConfig(partitions=2))
    publisher = FlowPublisher(bus, encode, writer="test")
    datagrams = list(Capture(recording))
    for start in range(0, len(datagrams), 100):
        publisher(ReferenceDecoder().decode(datagrams[start : start + 100]).batch)
    publisher.close()
    assert publisher.counts.lost_rows == 0


def work(address: str, folder: Path, point: str) -> int:
    """Run the workers in a process; its exit status."""
    command = [sys.executable, "-m", "tests.controller.runtime.worker_runner", address, str(folder), point]
    done = subprocess.run(command, cwd=ROOT, check=False, timeout=HANGS_S, capture_output=True, text=True)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def test_killed_at_every_point(address: str, tmp_path: Path, sample_flows: Path) -> None:
    """Die after detecting, recording, submitting, and before the commit, in turn; in the end one alert and one request."""
    publish(address, tmp_path, sample_flows / "attack_nmap_connect445.pcap")
    for point in POINTS:
        assert -signal.SIGKILL == work(address, tmp_path, point), point
    assert 0 == work(address, tmp_path, "never")
    store = open_store(f"sqlite:///{tmp_path / 'cordon.db'}")
    with store.reading() as connection:
        (alert,) = alerts.newest(connection)
        found = requests.newest(connection)
    store.close()
    assert ("10.77.0.2", 4, "auto") == (alert["src_ip"], alert["in_if"], alert["response"])
    assert 1 == len([r for r in found if r.response == "auto"])
    assert {alert["alert_id"]} == {r.alert_id for r in found}
