"""NetFlow versions 1 and 5 (Cisco, "NetFlow Export Datagram Format"): the plain-Python reference reader.

The number of records is bounded by the payload, whatever `count` says. Uptimes are subtracted modulo 2^32 as a signed
difference: naive arithmetic is 49.7 days wrong for a flow that began before the uptime wrapped.
"""

from __future__ import annotations

from struct import Struct

from detectors.address import V4_PREFIX
from detectors.flow import Has, Version

from .datagram import Datagram, Malformed, Notice, Row

_v5_header = Struct("!HHIIIIBBH")  # version count uptime secs nsecs sequence type id sampling
_v5_record = Struct("!4s4s4sHHIIIIHHxBBBHHBBxx")
_v1_header = Struct("!HHIII")
_v1_record = Struct("!4s4s4sHHIIIIHHxxBBB7x")
_u16 = Struct("!H").unpack_from

BASE = (
    Has.IN_IF | Has.OUT_IF | Has.ADDRESSES | Has.PORTS | Has.PROTO | Has.TCP_FLAGS | Has.TIMES | Has.PACKETS | Has.BYTES
)


def read_v5(datagram: Datagram, rows: list[Row], notices: list[Notice], index: int) -> None:  # noqa: ARG001
    """Append the records of a version 5 datagram; Malformed if it ends before `count` records."""
    data = datagram.payload
    if len(data) < _v5_header.size:
        raise Malformed("truncated")
    _, count, uptime, seconds, nanoseconds, _, engine_type, engine_id, sampling = _v5_header.unpack_from(data)
    export_ms = seconds * 1000 + nanoseconds // 1_000_000
    base: Row = {
        "version": Version.V5,
        "received_ms": datagram.received_ms,
        "exporter": datagram.exporter,
        "agent": datagram.exporter,
        "engine": engine_type << 8 | engine_id,
        "sampling_rate": sampling & 0x3FFF,
        "has": int(BASE | Has.ENGINE | Has.SAMPLING),
    }
    whole = (len(data) - _v5_header.size) // _v5_record.size
    for n in range(min(count, whole)):
        fields = _v5_record.unpack_from(data, _v5_header.size + n * _v5_record.size)
        src, dst, _, into, out, packets, octets, first, last, sport, dport, flags, proto, _, _, _, _, _ = fields
        addresses, times = (src, dst), (export_ms, uptime, first, last)
        rows.append(_row(base, addresses, (into, out, packets, octets, sport, dport, flags, proto), times))
    if count > whole:
        raise Malformed("count-beyond-payload")


def read_v1(datagram: Datagram, rows: list[Row], notices: list[Notice], index: int) -> None:  # noqa: ARG001
    """Append the records of a version 1 datagram; Malformed if it ends before `count` records."""
    data = datagram.payload
    if len(data) < _v1_header.size:
        raise Malformed("truncated")
    _, count, uptime, seconds, nanoseconds = _v1_header.unpack_from(data)
    export_ms = seconds * 1000 + nanoseconds // 1_000_000
    base: Row = {
        "version": Version.V1,
        "received_ms": datagram.received_ms,
        "exporter": datagram.exporter,
        "agent": datagram.exporter,
        "has": int(BASE),
    }
    whole = (len(data) - _v1_header.size) // _v1_record.size
    for n in range(min(count, whole)):
        fields = _v1_record.unpack_from(data, _v1_header.size + n * _v1_record.size)
        src, dst, _, into, out, packets, octets, first, last, sport, dport, proto, _, flags = fields
        addresses, times = (src, dst), (export_ms, uptime, first, last)
        rows.append(_row(base, addresses, (into, out, packets, octets, sport, dport, flags, proto), times))
    if count > whole:
        raise Malformed("count-beyond-payload")


def _row(base: Row, addresses: tuple[bytes, bytes], values: tuple[int, ...], times: tuple[int, int, int, int]) -> Row:
    into, out, packets, octets, sport, dport, flags, proto = values
    export_ms, uptime, first, last = times
    row = dict(base)
    row.update(
        src_addr=V4_PREFIX + addresses[0],
        dst_addr=V4_PREFIX + addresses[1],
        in_if=into,
        out_if=out,
        packets=packets,
        bytes=octets,
        first_ms=export_ms - _signed(uptime - first),
        last_ms=export_ms - _signed(uptime - last),
        src_port=sport,
        dst_port=dport,
        tcp_flags=flags,
        proto=proto,
    )
    if proto == 1:  # ICMP: type and code travel in the destination port
        row["icmp_type"], row["icmp_code"] = dport >> 8, dport & 0xFF
        row["has"] |= Has.ICMP
    return row


def _signed(difference: int) -> int:
    """A difference of two 32-bit millisecond counters, modulo 2^32, as a signed number."""
    low = difference & 0xFFFFFFFF
    return low - (1 << 32) if low & 0x80000000 else low
