"""Real captures of many vendors: every record as others decoded it (needs the shared data)."""

import json
from pathlib import Path
from typing import Any

import pytest

from controller.collector import Capture, ReferenceDecoder
from controller.collector.packet import ethernet
from controller.collector.records import records
from detectors.address import V4_PREFIX, mac_number, packed

from . import oracle

FIXED = {"sflow5", "nf5", "nf1"}


def test_every_sflow_and_v5_record(data_dir: Path) -> None:
    """sFlow, NetFlow v5 and v1: the same records in the same order, equal in every field that is compared."""
    names = list(oracle.captures(data_dir / "flows", FIXED))
    assert len(names) > 30
    total = 0
    for name in names:
        want = oracle.expected(data_dir / "flows", name)
        decoded = ReferenceDecoder().decode(oracle.datagrams(data_dir / "flows", name))
        got = list(records(decoded))
        assert oracle.compared(want) == oracle.compared(got), name
        for kind in ("counter_sample", "discard_event"):
            assert oracle.count(want, kind) == oracle.count(got, kind), (name, kind)
        total += len(oracle.compared(want))
    assert total > 300


def test_the_pcap_files_hold_the_same_datagrams(data_dir: Path) -> None:
    """Reading captures/NAME.pcap gives the payloads, exporters and ports of datagrams/NAME.jsonl."""
    for name in oracle.captures(data_dir / "flows", FIXED):
        capture = Capture(data_dir / "flows" / "captures" / f"{name}.pcap")
        want = [(d.payload, d.exporter, d.port) for d in oracle.datagrams(data_dir / "flows", name)]
        assert want == [(d.payload, d.exporter, d.port) for d in capture], name


def test_datagrams_cut_short(data_dir: Path) -> None:
    """Cut anywhere: no record that was not there, and the whole ones before the cut are kept where they can be."""
    path = data_dir / "flows" / "derived" / "truncated.jsonl"
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    fixed = [e for e in entries if set(e["protocol"]) <= FIXED]
    assert len(fixed) > 20
    for entry in fixed:
        whole = [r for r in oracle.expected(data_dir / "flows", entry["capture"]) if r["dgram"] == entry["datagram"]]
        cut = {**entry, "ts": 0, "sport": 40000}
        decoded = ReferenceDecoder().decode([oracle.datagram_of(cut)])
        assert len(decoded.batch) <= len(oracle.compared(whole)), entry["capture"]
        all_there = len(decoded.batch) == len(oracle.compared(whole))  # cut behind the last sample
        assert sum(decoded.trouble.values()) >= 1 or all_there, entry["capture"]


def test_sampled_headers_outer_addresses(data_dir: Path) -> None:
    """Tunnelled packets (GRE, MPLS, IPIP): the outer addresses are the flow's; under MPLS the first IP header is."""
    lines = (data_dir / "flows" / "expected" / "raw_headers.jsonl").read_text(encoding="utf-8").splitlines()
    position: dict[str, int] = {}
    compared = 0
    for want in map(json.loads, lines):
        place = position[want["file"]] = position.get(want["file"], -1) + 1
        frame = list(frames(data_dir / "flows" / "raw_headers" / want["file"]))[place]
        row: dict[str, Any] = {"has": 0}
        ethernet(frame, row)
        assert mac_number(first(want["eth.src"])) == row["src_mac"], (want["file"], place)
        if "src_addr" in row:
            family = "ip" if row["src_addr"].startswith(V4_PREFIX) else "ipv6"
            assert packed(first(want[f"{family}.src"])) == row["src_addr"], (want["file"], place)
            assert packed(first(want[f"{family}.dst"])) == row["dst_addr"], (want["file"], place)
            compared += 1
    assert compared >= 12


def first(value: object) -> str:
    """tshark lists a field that stands several times; the outermost is the first."""
    return str(value[0] if isinstance(value, list) else value)


def frames(path: Path) -> list[bytes]:
    """Ethernet frames of a little-endian pcap file."""
    data, at, found = path.read_bytes(), 24, []
    order = "little" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else "big"
    while at + 16 <= len(data):
        size = int.from_bytes(data[at + 8 : at + 12], order)
        found.append(data[at + 16 : at + 16 + size])
        at += 16 + size
    return found


@pytest.mark.parametrize("cut", [0, 1, 4, 8])
def test_almost_nothing(cut: int) -> None:
    """A datagram of next to no octets is trouble, counted under its exporter."""
    datagram = oracle.datagram_of({"payload_hex": "00" * cut, "exporter": "192.0.2.1", "sport": 1, "ts": 0})
    decoded = ReferenceDecoder().decode([datagram])
    assert 0 == len(decoded.batch)
    assert 1 == sum(decoded.trouble.values())
