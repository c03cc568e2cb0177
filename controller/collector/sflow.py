"""sFlow version 5 (sflow.org, "sFlow Version 5", July 2004): the plain-Python reference reader.

A device is named by the agent address inside the datagram, not by who sent it. Samples and records with unknown tags
are skipped by their length; bytes after the last sample are ignored. A raw header wins over what else says the same beside it.
"""

from __future__ import annotations

from struct import Struct, error

from detectors.address import V4_PREFIX
from detectors.flow import ETHERTYPE_IPV4, ETHERTYPE_IPV6, Has, Version

from . import packet
from .datagram import Datagram, Malformed, Notice, Row

FLOW_SAMPLE, COUNTERS, EXPANDED_FLOW, EXPANDED_COUNTERS, DISCARDED = 1, 2, 3, 4, 5
RAW_HEADER, SAMPLED_ETHERNET, SAMPLED_IPV4, SAMPLED_IPV6 = 1, 2, 3, 4
ETHERNET, IPV4, IPV6, MPLS = 1, 11, 12, 13  # header_protocol
MOST_SAMPLES = 4096  # a 64 KiB datagram cannot hold more

_u32 = Struct("!I").unpack_from
_2u32 = Struct("!II").unpack_from
_header = Struct("!IIII").unpack_from  # sub agent, sequence, uptime, samples
_flow = Struct("!IIIIIIII").unpack_from  # sequence, source, rate, pool, drops, input, output, records
_expanded = Struct("!IIIIIIIIIII").unpack_from
_raw = Struct("!IIII").unpack_from  # protocol, frame length, stripped, header length

BASE = Has.SUB_AGENT | Has.DATA_SOURCE | Has.IN_IF | Has.OUT_IF | Has.SAMPLING
OF_A_PACKET = (
    *(
        "bytes",
        "packets",
        "src_mac",
        "dst_mac",
        "vlan",
        "ethertype",
        "arp_op",
        "src_addr",
        "dst_addr",
        "src_port",
        "dst_port",
    ),
    *("proto", "tcp_flags", "icmp_type", "icmp_code"),
)


def read(datagram: Datagram, rows: list[Row], notices: list[Notice], index: int) -> None:
    """Append what one datagram holds; Malformed after everything that could be read."""
    data = datagram.payload
    try:
        agent, offset = _address(data, 4)
        sub_agent, _, _, count = _header(data, offset)
    except error:
        raise Malformed("truncated") from None
    offset += 16
    base: Row = {
        "version": Version.SFLOW5,
        "received_ms": datagram.received_ms,
        "exporter": datagram.exporter,
        "agent": agent,
        "sub_agent": sub_agent,
    }
    for _ in range(min(count, MOST_SAMPLES)):
        if len(data) < offset + 8:
            raise Malformed("truncated")
        tag, length = _2u32(data, offset)
        offset += 8
        if len(data) < offset + length:
            raise Malformed("bad-length")
        _sample(tag, data[offset : offset + length], base, (rows, notices, index))
        offset += length


def _sample(tag: int, body: bytes, base: Row, out: tuple[list[Row], list[Notice], int]) -> None:
    rows, notices, index = out
    try:
        if tag == FLOW_SAMPLE:
            rows.append(_flow_sample(body, base))
        elif tag == EXPANDED_FLOW:
            rows.append(_expanded_sample(body, base))
        elif tag in (COUNTERS, EXPANDED_COUNTERS):
            notices.append(Notice("counter_sample", index, base["agent"]))
        elif tag == DISCARDED:
            notices.append(Notice("discard_event", index, base["agent"]))
    except error:
        raise Malformed("truncated-sample") from None


def _flow_sample(body: bytes, base: Row) -> Row:
    _, source, rate, _, _, into, out, count = _flow(body)
    row = dict(base)
    row.update(
        has=int(BASE),
        ds_class=source >> 24,
        ds_index=source & 0x00FFFFFF,
        sampling_rate=rate,
        in_if=into & 0x3FFFFFFF,
        in_if_format=into >> 30,
        out_if=out & 0x3FFFFFFF,
        out_if_format=out >> 30,
    )
    _records(body, 32, count, row)
    return row


def _expanded_sample(body: bytes, base: Row) -> Row:
    _, ds_class, ds_index, rate, _, _, in_format, into, out_format, out, count = _expanded(body)
    row = dict(base)
    row.update(
        has=int(BASE),
        ds_class=ds_class & 0xFF,
        ds_index=ds_index,
        sampling_rate=rate,
        in_if=into,
        in_if_format=in_format & 0xFF,
        out_if=out,
        out_if_format=out_format & 0xFF,
    )
    _records(body, 44, count, row)
    return row


def _records(body: bytes, offset: int, count: int, row: Row) -> None:
    has_header = False
    for _ in range(min(count, MOST_SAMPLES)):
        if len(body) < offset + 8:
            return
        tag, length = _2u32(body, offset)
        offset += 8
        record = body[offset : offset + length]
        if tag == RAW_HEADER and len(record) >= 16:
            has_header = True
            _raw_header(record, row)
        elif tag == SAMPLED_IPV4 and len(record) >= 32 and not has_header:
            _sampled_ip(record, 4, row)
        elif tag == SAMPLED_IPV6 and len(record) >= 56 and not has_header:
            _sampled_ip(record, 16, row)
        elif tag == SAMPLED_ETHERNET and len(record) >= 24 and not has_header:
            _sampled_ethernet(record, row)
        offset += length


def _raw_header(record: bytes, row: Row) -> None:
    protocol, frame_length, _, size = _raw(record)
    header = record[16 : 16 + size]
    for name in OF_A_PACKET:  # of a sampled_ipv4 or sampled_ethernet before it
        row.pop(name, None)
    row["bytes"], row["packets"] = frame_length, 1
    row["has"] = int(BASE | Has.BYTES | Has.PACKETS)
    if protocol == ETHERNET:
        packet.ethernet(header, row)
    elif protocol == IPV4:
        packet.network(ETHERTYPE_IPV4, header, 0, row)
    elif protocol == IPV6:
        packet.network(ETHERTYPE_IPV6, header, 0, row)
    elif protocol == MPLS:
        packet.network(packet.ETHERTYPE_MPLS, header, 0, row)


def _sampled_ip(record: bytes, size: int, row: Row) -> None:
    """sampled_ipv4 and sampled_ipv6 have one layout but for the size of an address."""
    length, proto = _2u32(record)
    source, target = record[8 : 8 + size], record[8 + size : 8 + 2 * size]
    ports_at = 8 + 2 * size
    src_port, dst_port = _2u32(record, ports_at)
    row.update(
        bytes=length,
        packets=1,
        proto=proto & 0xFF,
        src_addr=source if size == 16 else V4_PREFIX + source,
        dst_addr=target if size == 16 else V4_PREFIX + target,
        src_port=src_port & 0xFFFF,
        dst_port=dst_port & 0xFFFF,
    )
    row["has"] |= Has.BYTES | Has.PACKETS | Has.PROTO | Has.ADDRESSES
    if proto in packet.WITH_PORTS:
        row["has"] |= Has.PORTS
    if proto == packet.TCP:
        row["tcp_flags"] = _u32(record, ports_at + 8)[0] & 0xFF
        row["has"] |= Has.TCP_FLAGS


def _sampled_ethernet(record: bytes, row: Row) -> None:
    """sampled_ethernet: length, two MACs padded to 8 octets, type."""
    row.update(
        bytes=_u32(record)[0],
        packets=1,
        src_mac=int.from_bytes(record[4:10], "big"),
        dst_mac=int.from_bytes(record[12:18], "big"),
        ethertype=_u32(record, 20)[0] & 0xFFFF,
    )
    row["has"] |= Has.BYTES | Has.PACKETS | Has.SRC_MAC | Has.DST_MAC | Has.ETHERTYPE


def _address(data: bytes, offset: int) -> tuple[bytes, int]:
    kind = _u32(data, offset)[0]
    size = {1: 4, 2: 16}.get(kind)
    if size is None:
        raise Malformed("unknown-address-type")
    raw = data[offset + 4 : offset + 4 + size]
    if len(raw) < size:
        raise Malformed("truncated")
    return (raw if size == 16 else V4_PREFIX + raw), offset + 4 + size
