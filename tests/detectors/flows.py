"""Small traffic by hand: rows as an unsampled access switch would export them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import yaml

from controller.runtime.catalog import SHIPPED, load_catalog
from detectors.address import INTERNAL, Networks, packed
from detectors.alert import Alert
from detectors.catalog import load
from detectors.engine import Engine
from detectors.flow import FlowBatch, Has, Version, from_rows

AGENT = packed("172.30.0.11")
START_MS = 1_700_000_000_000
SYN, SYN_ACK, RST = 0x02, 0x12, 0x14
BASE = Has.IN_IF | Has.ADDRESSES | Has.PROTO | Has.SAMPLING | Has.SRC_MAC

__all__ = ["load", "np", "packed"]  # what the tests use from here

Row = dict[str, Any]


def shipped() -> dict[str, Any]:
    """The shipped catalog as plain data, to be changed."""
    return dict(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))


def mac_of(host: int) -> int:
    """MAC of host `host`."""
    return 0x020000000000 | host


def ip_of(host: int) -> str:
    """Address of host `host` (up to 65,000)."""
    return f"10.77.{host // 250}.{host % 250 + 1}"


def row(at_ms: int, src: int, dst: int, *, in_if: int | None = None, rate: int | None = 1, **more: Any) -> Row:
    """A row of host `src`, entering at its own port."""
    has = more.pop("has", Has(0)) | BASE
    if rate is None:
        has &= ~Has.SAMPLING
    found = {
        "has": int(has), "version": Version.SFLOW5, "received_ms": START_MS + at_ms, "exporter": AGENT, "agent": AGENT,
        "in_if": 100 + src if in_if is None else in_if, "src_addr": packed(ip_of(src)), "dst_addr": packed(ip_of(dst)),
        "src_mac": mac_of(src), "sampling_rate": rate or 0, "packets": 1,
    }  # fmt: skip
    return {**found, **more}


def tcp(at_ms: int, src: int, dst: int, *, sport: int = 50_000, dport: int = 445, flags: int = SYN, **more: Any) -> Row:
    """A TCP packet."""
    has = Has.PORTS | Has.TCP_FLAGS
    return row(at_ms, src, dst, has=has, proto=6, src_port=sport, dst_port=dport, tcp_flags=flags, **more)


def answered(at_ms: int, src: int, dst: int, *, dport: int = 445, sport: int = 50_000, **more: Any) -> list[Row]:
    """A SYN and its SYN/ACK."""
    back = tcp(at_ms + 1, dst, src, sport=dport, dport=sport, flags=SYN_ACK)
    return [tcp(at_ms, src, dst, sport=sport, dport=dport, **more), back]


def refused(at_ms: int, src: int, dst: int, *, dport: int = 445) -> list[Row]:
    """A SYN and a reset."""
    return [tcp(at_ms, src, dst, dport=dport), tcp(at_ms + 1, dst, src, sport=dport, dport=50_000, flags=RST)]


def arp(at_ms: int, src: int, dst: int, *, op: int = 1) -> Row:
    """An ARP request (or reply)."""
    return row(at_ms, src, dst, has=Has.ARP | Has.ETHERTYPE, ethertype=0x0806, arp_op=op)


def ping(at_ms: int, src: int, dst: int, *, kind: int = 8) -> Row:
    """An ICMP echo request (or reply, kind 0)."""
    return row(at_ms, src, dst, has=Has.ICMP, proto=1, icmp_type=kind)


def engine(**options: Any) -> Engine:
    """An engine with the shipped catalog."""
    return Engine(load_catalog(), **{"internal": Networks(INTERNAL), **options})


def alerts(rows: Iterable[Row], *, batch: int = 1000, to: Engine | None = None) -> list[Alert]:
    """Alerts of rows fed in batches, and then ten quiet seconds."""
    kept, running = list(rows), to or engine()
    found: list[Alert] = []
    for start in range(0, len(kept), batch):
        found.extend(running.feed(batch_of(kept[start : start + batch])))
    last_ms = max((r["received_ms"] for r in kept), default=START_MS)
    found.extend(running.flush(last_ms + 10_000))
    return found


def batch_of(rows: list[Row]) -> FlowBatch:
    """Rows as a batch."""
    return from_rows(rows)


def first_of(found: list[Alert]) -> Alert:
    """The one alert there is, as it was raised first."""
    assert len({alert.alert_id for alert in found}) == 1, found
    return found[0]
