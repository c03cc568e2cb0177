"""Decoded rows as named records: what `cordon flow decode` prints. A field that was not sent is absent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from detectors.address import mac_text, text
from detectors.flow import OWN_SHIFT, Has, Version

from .datagram import Decoded

VERSION_NAMES = {Version.SFLOW5: "sflow5"}
# (bit, record key, column): plain numbers that are copied.
NUMBERS = (
    (Has.SUB_AGENT, "sub_agent", "sub_agent"),
    (Has.ODID, "odid", "odid"),
    (Has.PORTS | Has.SRC_PORT, "src_port", "src_port"),
    (Has.PORTS | Has.DST_PORT, "dst_port", "dst_port"),
    (Has.PROTO, "proto", "proto"),
    (Has.TCP_FLAGS, "tcp_flags", "tcp_flags"),
    (Has.ICMP, "icmp_type", "icmp_type"),
    (Has.ICMP, "icmp_code", "icmp_code"),
    (Has.BYTES, "bytes", "bytes"),
    (Has.PACKETS, "packets", "packets"),
    (Has.SAMPLING, "sampling_rate", "sampling_rate"),
    (Has.IN_IF, "in_if", "in_if"),
    (Has.OUT_IF, "out_if", "out_if"),
    (Has.VLAN, "vlan", "vlan"),
    (Has.ETHERTYPE, "ethertype", "ethertype"),
    (Has.ARP, "arp_op", "arp_op"),
    (Has.TIMES, "first_ms", "first_ms"),
    (Has.TIMES, "last_ms", "last_ms"),
    (Has.DIRECTION, "direction", "direction"),
)
ENDS = (
    (Has.ADDRESSES | Has.ARP | Has.SRC_ADDR, "src_ip", "src_addr"),
    (Has.ADDRESSES | Has.ARP | Has.DST_ADDR, "dst_ip", "dst_addr"),
)
MACS = ((Has.SRC_MAC, "src_mac"), (Has.DST_MAC, "dst_mac"))
# What stands inside a sampled frame (IPFIX IE 315) is the frame's, unless the record has the bit as its own.
OF_A_SECTION = {
    **{key: bit for bit, key, _ in (*ENDS, *NUMBERS)},
    **{key: bit for bit, key in MACS},
}
OF_THE_RECORD = frozenset(
    {"sub_agent", "odid", "bytes", "packets", "sampling_rate", "in_if", "out_if", "first_ms", "last_ms", "direction"}
)
# Columns that the reader works out for the detectors though the protocol has no such field: not part of a record.
DERIVED = {
    Version.V5: Has.ICMP,
    Version.V1: Has.ICMP | Has.TIMES,
    Version.V9: Has.ICMP,
    Version.IPFIX: Has.ICMP,
}


def records(decoded: Decoded) -> Iterator[dict[str, Any]]:
    """Flow records and notices, in the order of their datagrams."""
    notices = iter([*decoded.notices, None])
    notice = next(notices)
    for dgram, row in zip(decoded.dgram.tolist(), decoded.batch.rows(), strict=True):
        while notice is not None and notice.dgram < dgram:
            yield {"kind": notice.kind, "version": "sflow5", "dgram": notice.dgram, "agent": text(notice.agent)}
            notice = next(notices)
        yield {**record(row), "dgram": dgram}
    while notice is not None:
        yield {"kind": notice.kind, "version": "sflow5", "dgram": notice.dgram, "agent": text(notice.agent)}
        notice = next(notices)


def record(row: dict[str, Any]) -> dict[str, Any]:
    """One row of FlowBatch as a record."""
    has, version = row["has"], row["version"]
    is_sflow = version == Version.SFLOW5
    out: dict[str, Any] = {
        "kind": "flow_sample" if is_sflow else "flow",
        "version": VERSION_NAMES.get(version, version),
        "exporter": text(row["exporter"]),
    }
    if is_sflow:
        out["agent"] = text(row["agent"])
        out["in_if_format"], out["out_if_format"] = row["in_if_format"], row["out_if_format"]
    if has & Has.ENGINE:
        out["engine"] = [row["engine"] >> 8, row["engine"] & 0xFF]
    out |= {key: text(row[column]) for bit, key, column in ENDS if has & bit}
    out |= {key: mac_text(row[key]) for bit, key in MACS if has & bit}
    has &= ~int(DERIVED.get(version, Has(0)))
    for bit, key, column in NUMBERS:
        if has & bit:
            out[key] = row[column]
    if has & (Has.NO_LAST | Has.NO_FIRST):
        del out["last_ms" if has & Has.NO_LAST else "first_ms"]
    return {_name(key, has): value for key, value in out.items()} if has & Has.SECTION else out


def _name(key: str, has: int) -> str:
    """Of a field of a row that a sampled frame is in."""
    of_the_frame = key not in OF_THE_RECORD and key in OF_A_SECTION and not has >> OWN_SHIFT & OF_A_SECTION[key]
    return f"l2_{key}" if of_the_frame else key
