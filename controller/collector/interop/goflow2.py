"""goflow2 v2, `-format bin`: length-delimited `flowpb.FlowMessage` (pb/flow.proto of netsampler/goflow2).

proto3 writes no zeros, so a zero is never carried: what was not sent and what was sent as zero look the same. goflow2
does not read ARP, sub-agents or data sources of sFlow, and invents the times of a sample: none of these come through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from controller.collector import packet
from controller.collector.datagram import Row
from detectors.address import V4_PREFIX
from detectors.flow import Has, Version

from . import wire
from .rows import Damaged, Skip, carry, in_batches

# FlowMessage.FlowType. A type that is not here says neither how the counters came about nor whose in_if it is.
VERSIONS = {1: Version.SFLOW5, 2: Version.V5, 3: Version.V9, 4: Version.IPFIX}

TYPE, SAMPLING_RATE, SRC_ADDR, DST_ADDR, BYTES, PACKETS, SAMPLER = 1, 3, 6, 7, 9, 10, 11
IN_IF, OUT_IF, PROTO, SRC_PORT, DST_PORT, TCP_FLAGS, SRC_MAC, DST_MAC = 18, 19, 20, 21, 22, 26, 27, 28
VLAN_ID, ETYPE, ICMP_TYPE, ICMP_CODE, SRC_VLAN, FRAGMENT_OFFSET, ODID = 29, 30, 31, 32, 33, 36, 70
RECEIVED_NS, START_NS, END_NS = 110, 111, 112
ADDRESSES = frozenset({SRC_ADDR, DST_ADDR, SAMPLER})
NUMBERS = frozenset(
    {TYPE, SAMPLING_RATE, BYTES, PACKETS, IN_IF, OUT_IF, PROTO, SRC_PORT, DST_PORT, TCP_FLAGS, SRC_MAC, DST_MAC}
    | {VLAN_ID, ETYPE, ICMP_TYPE, ICMP_CODE, SRC_VLAN, FRAGMENT_OFFSET, ODID, RECEIVED_NS, START_NS, END_NS}
)
# (field, column, bit): numbers that are copied where they are not zero.
COPIED = (
    (SAMPLING_RATE, "sampling_rate", Has.SAMPLING),
    (BYTES, "bytes", Has.BYTES),
    (PACKETS, "packets", Has.PACKETS),
    (SRC_MAC, "src_mac", Has.SRC_MAC),
    (DST_MAC, "dst_mac", Has.DST_MAC),
    (PROTO, "proto", Has.PROTO),
)


class Message:
    """The fields of one FlowMessage that Cordon has columns for; absent ones are 0 and empty."""

    def __init__(self, body: bytes) -> None:
        self.numbers: dict[int, int] = {}
        self.addresses: dict[int, bytes] = {}
        for number, value in wire.fields(body):
            # A known number with another wire type is an unknown field, as in every reader of protobuf.
            if isinstance(value, int) and number in NUMBERS:
                self.numbers[number] = value
            elif isinstance(value, bytes) and number in ADDRESSES:
                self.addresses[number] = value

    def number(self, field: int) -> int:
        """A number, 0 if it was not sent."""
        return self.numbers.get(field, 0)

    def address(self, field: int) -> bytes | None:
        """16 octets, None if nothing was sent; Skip if it is no address."""
        raw = self.addresses.get(field, b"")
        if not raw:
            return None
        if len(raw) not in (4, 16):
            raise Skip("bad-address")
        return V4_PREFIX + raw if len(raw) == 4 else raw


def read(stream: BinaryIO, skipped: Counter[str], *, exporter: bytes | None = None) -> Iterator[list[Row]]:
    """Rows in batches; `exporter` stands in where a message names no sampler. Damaged at a message that is none."""
    return in_batches(_parsed(stream), lambda message: _row(message, exporter), skipped)


def _parsed(stream: BinaryIO) -> Iterator[Message]:
    for offset, body in wire.messages(stream):
        try:
            message = Message(body)
        except wire.NotProtobuf as error:
            raise Damaged(f"is no message of goflow2: {error}", offset) from None
        yield message


def _row(message: Message, exporter: bytes | None) -> Row:
    version = VERSIONS.get(message.number(TYPE))
    if version is None:
        raise Skip("unknown-type")
    agent = message.address(SAMPLER) or exporter
    if agent is None:
        raise Skip("no-exporter")
    received_ms = (message.number(RECEIVED_NS) or message.number(END_NS)) // 1_000_000
    if not received_ms:
        raise Skip("no-time")
    row: Row = {"has": 0, "version": version, "received_ms": received_ms, "exporter": agent, "agent": agent}
    source, target = message.address(SRC_ADDR), message.address(DST_ADDR)
    if source and target:
        carry(row, Has.ADDRESSES, src_addr=source, dst_addr=target)
    for field, column, bit in COPIED:
        if message.number(field):
            carry(row, bit, **{column: message.number(field)})
    _of_its_protocol(message, row)
    _interfaces(message, row)
    _transport(message, row)
    vlan = (message.number(VLAN_ID) or message.number(SRC_VLAN)) & 0x0FFF  # goflow2 leaves the priority bits in it
    if vlan:
        carry(row, Has.VLAN, vlan=vlan)
    return row


def _of_its_protocol(message: Message, row: Row) -> None:
    if row["version"] == Version.SFLOW5:
        if message.number(ETYPE):  # for NetFlow it is goflow2's guess
            carry(row, Has.ETHERTYPE, ethertype=message.number(ETYPE))
        return
    if row["version"] != Version.V5:
        carry(row, Has.ODID, odid=message.number(ODID))
    start_ns, end_ns = message.number(START_NS), message.number(END_NS)
    # A record without times gets the second of its export from goflow2, as both.
    invented = row["version"] != Version.V5 and start_ns == end_ns and start_ns % 1_000_000_000 == 0
    if start_ns and end_ns and not invented:
        carry(row, Has.TIMES, first_ms=start_ns // 1_000_000, last_ms=end_ns // 1_000_000)


def _interfaces(message: Message, row: Row) -> None:
    for field, column, bit in ((IN_IF, "in_if", Has.IN_IF), (OUT_IF, "out_if", Has.OUT_IF)):
        value = message.number(field)
        if not value:
            continue
        if row["version"] == Version.SFLOW5:  # goflow2 leaves the format in the top two bits
            carry(row, bit, **{column: value & 0x3FFFFFFF, f"{column}_format": value >> 30})
        else:
            carry(row, bit, **{column: value})


def _transport(message: Message, row: Row) -> None:
    proto, ports = message.number(PROTO), (message.number(SRC_PORT), message.number(DST_PORT))
    if any(ports) and (proto in packet.WITH_PORTS or row["version"] != Version.SFLOW5):
        carry(row, Has.PORTS, src_port=ports[0], dst_port=ports[1])
    if proto == packet.TCP and message.number(TCP_FLAGS):
        carry(row, Has.TCP_FLAGS, tcp_flags=message.number(TCP_FLAGS))
    if proto not in (packet.ICMP, packet.ICMPV6) or message.number(FRAGMENT_OFFSET):
        return
    kind, code = message.number(ICMP_TYPE), message.number(ICMP_CODE)
    if not (kind or code) and row["version"] != Version.SFLOW5:
        kind, code = ports[1] >> 8, ports[1] & 0xFF  # NetFlow: type and code travel in the destination port
    # 0.0 is an echo reply where the exporter sends types at all. Where it does not, no request of it is seen either that
    # such a reply could answer. ICMPv6 has no type 0; and of samples goflow2 (2.2.6) loses every type, requests included.
    if kind or (proto == packet.ICMP and row["version"] != Version.SFLOW5):
        carry(row, Has.ICMP, icmp_type=kind, icmp_code=code)
