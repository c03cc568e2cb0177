"""What each exporter of a capture, or of a running collector, sends."""

import struct
from collections import Counter
from pathlib import Path

import pytest

from controller.collector.datagram import arrivals_of
from controller.collector.ledger import Ledger
from controller.collector.silence import SilenceWatch
from controller.core.errors import Unreachable, UsageError
from controller.runtime.collectmetrics import exporter_metrics
from controller.runtime.exporterstats import Seen, of_capture, of_service, proposal
from controller.runtime.metrics import serve
from tests.controller.collector import datagrams as d
from tests.controller.collector import flowsets as f


def capture(path: Path, *payloads: bytes) -> Path:
    """A pcap of raw IP packets with these datagrams."""
    out = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
    for second, payload in enumerate(payloads):
        packet = d.ipv4(struct.pack("!HHHH", 40000, 2055, 8 + len(payload), 0) + payload, proto=17, src=d.AGENT)
        out += struct.pack("<IIII", 1_700_000_000 + second, 0, len(packet), len(packet)) + packet
    path.write_bytes(out)
    return path


def test_of_a_capture(tmp_path: Path) -> None:
    """sFlow with an empty input and a data source, v9 with options and a set whose template never came."""
    sample = d.sflow(d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))), in_if=0, out_if=0, rate=512))
    v9 = f.v9(f.v9_template(256, f.BASIC), f.data(256, f.basic(), f.basic()), f.data(999, bytes(40)))
    first, second = of_capture(capture(tmp_path / "some.pcap", sample, sample, v9))
    assert ("sflow5", 2, 2, "1:512", "data-source: no row names its input") == tuple(
        first[k] for k in ("version", "datagrams", "rows", "sampling", "interfaces")
    )
    assert ("9", 7, 2, 1, "unknown") == tuple(
        second[k] for k in ("version", "number", "rows", "undecodable", "sampling")
    )


def test_the_projects_recording(sample_flows: Path) -> None:
    """Open vSwitch sFlow of the lab: nothing lost, one to one, ifIndexes."""
    found = [r for r in of_capture(sample_flows / "attack_nmap_connect445.pcap") if r["version"] == "sflow5"]
    assert found
    assert {"ifindex"} == {r["interfaces"] for r in found}
    assert {0} == {r["lost"] for r in found}


@pytest.mark.parametrize(
    ("ways", "word"), [({(0, 0): 30}, "none"), ({(4, 4): 30}, "none"), ({(4, 5): 15, (5, 4): 15}, "auto")]
)
def test_proposals_for_v5(ways: dict[tuple[int, int], int], word: str) -> None:
    """Never believed by itself; empty or doubled numbers are none."""
    assert word == proposal("5", Seen(rows=30, ways=Counter(ways))).split(":")[0]


def test_of_a_running_collector() -> None:
    """By its metrics, wherever they are shown."""
    ledger = Ledger(64)
    ledger.note(arrivals_of([d.datagram(d.sflow())] * 3), None)
    stop = serve("127.0.0.1:19464", {"exporters": lambda: exporter_metrics(ledger, SilenceWatch(0))})
    (row,) = of_service("http://127.0.0.1:19464/")
    stop()
    assert (d.AGENT, "sflow5", 3, False) == tuple(row[k] for k in ("exporter", "version", "datagrams", "silent"))
    with pytest.raises(Unreachable):
        list(of_service("http://127.0.0.1:19464"))
    with pytest.raises(UsageError):
        list(of_service("file:///etc/hosts"))
