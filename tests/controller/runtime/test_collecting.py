"""The collector of a process with all that belongs to it: received, proven, published, told of."""

import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.bus.codec import decode
from controller.bus.connect import open_bus
from controller.bus.port import EVENTS, FLOWS
from controller.core.clock import ManualClock, SystemClock
from controller.core.tables import FdbRow, PortRow
from controller.inventory.snapshot import Snapshot
from controller.lab.ports import free_ports
from controller.runtime.collecting import Collecting
from controller.runtime.metrics import render, serve
from controller.runtime.portbooks import switch_ports
from controller.runtime.services import Services
from controller.runtime.settings import Settings, load_settings
from detectors.address import packed
from playbooks.facts import Verdict
from playbooks.plan import Admin, Oper
from tests.controller.collector import datagrams as d

SWITCHES = f"""
sites: [{{name: north}}]
switches: [{{name: sw1, site: north, address: {d.AGENT}}}]
"""
PATIENCE_S = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A configuration on free ports."""
    (tmp_path / "switches.yaml").write_text(SWITCHES, encoding="utf-8")
    config = tmp_path / "cordon.yaml"
    config.write_text(
        "data_dir: data\ncollector: {listen: ['127.0.0.1:0'], flush_ms: 0, silence_s: 60}\n", encoding="utf-8"
    )
    return load_settings(config, {})


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock()


@pytest.fixture
def part(settings: Settings, clock: ManualClock) -> Iterator[Collecting]:
    """A running one."""
    services = Services(settings, clock=clock)
    found = Collecting(settings, services.bus, services.file, services.inventory, clock)
    found.start()
    yield found
    found.stop()
    services.stop()


def send(part: Collecting, count: int) -> None:
    """Datagrams, and wait until they are on the bus."""
    payload, real = d.sflow(d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))))), SystemClock()
    before, deadline = part.publisher.counts.rows, real.monotonic_s() + PATIENCE_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(count):
            sock.sendto(payload, part.collector.addresses[0])
    while part.publisher.counts.rows < before + count and real.monotonic_s() < deadline:
        real.sleep(0.005)
    assert before + count == part.publisher.counts.rows


def test_rows_reach_the_bus_and_the_metrics(part: Collecting, settings: Settings, clock: ManualClock) -> None:
    """By exporter, with their latency and the kernel's buffer."""
    send(part, 20)
    consumer = open_bus(settings.bus, settings.data_dir, clock, settings.bus_options).consumer([FLOWS], "test")
    assert 20 == sum(len(decode(m.payload, m.headers)) for m in consumer.poll(2000))
    consumer.close()
    text = render(part.counters())
    assert f'cordon_exporter_datagrams_total{{exporter="{d.AGENT}",version="sflow5"}} 20.0' in text
    assert 'cordon_publish_latency_seconds_bucket{le="0.005"} 20.0' in text
    assert "cordon_collector_kernel_drops_total 0.0" in text
    granted = next(line for line in text.splitlines() if line.startswith("cordon_collector_granted_buffer_bytes "))
    assert float(granted.split()[1]) > 0


def test_silence_is_told_everywhere(part: Collecting, settings: Settings, clock: ManualClock) -> None:
    """As a metric, in the health text, and as an event on the bus; and that it ended."""
    send(part, 20)
    part.look()
    assert [] == part.warnings()
    clock.advance(61)
    part.look()
    assert [f"1 exporter is silent: {d.AGENT}"] == part.warnings()
    assert f'cordon_exporter_silent{{exporter="{d.AGENT}"}} 1.0' in render(part.counters())
    send(part, 1)
    part.look()
    assert [] == part.warnings()
    consumer = open_bus(settings.bus, settings.data_dir, clock, settings.bus_options).consumer([EVENTS], "test")
    told = [json.loads(message.payload) for message in consumer.poll(2000)]
    consumer.close()
    assert [("exporter-silent", d.AGENT), ("exporter-heard", d.AGENT)] == [(t["kind"], t["exporter"]) for t in told]


def test_metrics_without_a_web_role(part: Collecting) -> None:
    """Shown over HTTP at the address that was set."""
    (port,) = free_ports(1)
    stop = serve(f"127.0.0.1:{port}", part.counters())
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b"cordon_collector_datagrams_total" in answer.read()
    stop()


def test_a_template_file_for_each_process(settings: Settings, clock: ManualClock) -> None:
    """Processes that share a port read each other's templates at the start, and each writes its own."""
    services = Services(settings, clock=clock)
    shared = settings.collector.model_copy(update={"share_port": True})
    files = []
    for name in ("collector", "second"):
        changed = settings.model_copy(update={"collector": shared.model_copy(update={"name": name})})
        part = Collecting(changed, services.bus, services.file, services.inventory, clock)
        part.decoder.save()
        files.append(sorted(path.name for path in settings.data_dir.glob("templates*.json")))
        part.publisher.close()
    services.stop()
    assert [["templates.json"], ["templates-second.json", "templates.json"]] == files


def test_ports_as_the_inventory_read_them() -> None:
    """Bridge ports, and MACs of access ports alone: neither aggregates nor MACs that are learned twice."""
    ports = tuple(PortRow(i, f"ge{i}", "", 6, Admin.UP, Oper.UP, lag=i == 9, bridge_port=i + 100) for i in (4, 5, 9))
    rows = [("02:00:00:00:00:01", 4), ("02:00:00:00:00:02", 9), ("02:00:00:00:00:03", 4), ("02:00:00:00:00:03", 5)]
    fdb = tuple(FdbRow(mac, 1, ifindex, f"ge{ifindex}", Verdict.PORT) for mac, ifindex in rows)
    found = switch_ports(Snapshot("sw1", ports=ports, fdb=fdb), {"02:00:00:00:00:01": "10.0.0.1"})
    assert {104: 4, 105: 5, 109: 9} == found.bridge
    assert {0x02_00_00_00_00_01: 4} == found.macs
    assert {packed("10.0.0.1"): 4} == found.addresses
