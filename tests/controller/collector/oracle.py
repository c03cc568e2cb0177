"""Recordings of others with independently decoded records: how they are read and compared (data/flows/README.md)."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from controller.collector.datagram import Datagram
from detectors.address import packed

# Fields of DESIGN section 7 and DECISIONS 1; what is absent on one side must be absent on the other.
FIELDS = (
    *(
        "kind",
        "version",
        "exporter",
        "agent",
        "sub_agent",
        "engine",
        "src_ip",
        "dst_ip",
        "src_port",
        "dst_port",
        "proto",
    ),
    *("tcp_flags", "bytes", "packets", "sampling_rate", "in_if", "out_if", "in_if_format", "out_if_format"),
    *("src_mac", "dst_mac", "vlan", "first_ms", "last_ms", "icmp_type", "icmp_code"),
)
FLOWS = ("flow", "flow_sample")


def captures(flows: Path, protocols: set[str]) -> Iterator[str]:
    """Names of the captures that hold nothing but these protocols."""
    index = json.loads((flows / "expected" / "INDEX.json").read_text(encoding="utf-8"))
    for name, entry in sorted(index.items()):
        if set(entry["protocols"]) <= protocols:
            yield name


def datagrams(flows: Path, name: str) -> list[Datagram]:
    """The datagrams of a capture, in order."""
    lines = (flows / "datagrams" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [datagram_of(json.loads(line)) for line in lines]


def datagram_of(entry: dict[str, Any]) -> Datagram:
    """One line of a datagrams file."""
    payload = bytes.fromhex(entry["payload_hex"])
    return Datagram(payload, packed(entry["exporter"]), entry["sport"], int(entry["ts"] * 1000))


def expected(flows: Path, name: str) -> list[dict[str, Any]]:
    """The records that others decoded from them."""
    path = flows / "expected" / f"{name}.jsonl"
    if path.exists():
        text = path.read_text(encoding="utf-8")
    else:
        text = gzip.decompress(path.with_suffix(".jsonl.gz").read_bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]


def compared(records: list[dict[str, Any]], fields: tuple[str, ...] = FIELDS) -> list[dict[str, Any]]:
    """Flow records cut down to the fields that are compared."""
    return [{f: r[f] for f in fields if f in r} for r in records if r["kind"] in FLOWS]


def count(records: list[dict[str, Any]], kind: str) -> int:
    """How many records of another kind there are."""
    return sum(record["kind"] == kind for record in records)
