"""Who opened what: one row of a flow batch read by itself. The readable reference of kernels/reading.py.

Evidence comes in this order: a packet's own SYN, SYN/ACK or RST; the flags of a whole connection; both directions in one
record (RFC 5103); the other direction in another record; and port numbers, as a last resort. What stays open says nothing:
a server must never be accused of connections that its clients made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .event import (
    ACK,
    ARP_REPLY,
    ARP_REQUEST,
    BROADCAST_MAC,
    EPHEMERAL,
    FLAGS,
    LONE,
    REPLY_OF,
    REPLY_OF6,
    RST,
    SERVICES,
    SYN,
    WELL_KNOWN,
    Hint,
    Kind,
    Verb,
)
from .flow import Has, Version


@dataclass(frozen=True, slots=True)
class Reading:
    """What one row says. `port` belongs to the side that was contacted."""

    verb: Verb
    kind: Kind = Kind.TCP
    port: int = 0
    sport: int = 0
    hint: Hint = Hint.NONE
    size: int = 0


NOTHING = Reading(Verb.NOTHING)


def read(row: Mapping[str, Any]) -> Reading:
    """The reading of a row; hints hold only where the exporter sees every packet."""
    has = row["has"]
    if has & Has.ARP:
        return _arp(row)
    if not has & Has.ADDRESSES:
        return NOTHING
    if row["proto"] == 6 and has & Has.PORTS:
        return _tcp(row) if has & Has.TCP_FLAGS else _without_flags(row)
    if row["proto"] == 17 and has & Has.PORTS:
        return _udp(row)
    if row["proto"] in (1, 58) and has & Has.ICMP:
        return _icmp(row)
    return NOTHING


def _arp(row: Mapping[str, Any]) -> Reading:
    if row["arp_op"] == ARP_REPLY:
        return Reading(Verb.ANSWER, Kind.ARP)
    # RFC 1122 section 2.3.2.1: a request sent to a known MAC asks whether the neighbour is still there; it looks for nobody.
    unicast = row["has"] & Has.DST_MAC and row["dst_mac"] not in (0, BROADCAST_MAC)
    return NOTHING if row["arp_op"] != ARP_REQUEST or unicast else Reading(Verb.OPEN, Kind.ARP)


def _tcp(row: Mapping[str, Any]) -> Reading:
    flags = row["tcp_flags"] & FLAGS
    if flags & SYN and not flags & ACK:
        return Reading(Verb.OPEN, Kind.TCP, row["dst_port"], row["src_port"], _syn_hint(row, flags), _size(row))
    packet = row["version"] in (Version.SFLOW5, Version.TABLE)
    if flags & SYN and (packet or flags == SYN | ACK):
        return Reading(Verb.ANSWER, Kind.TCP, row["src_port"], row["dst_port"])
    if flags & SYN and row["has"] & Has.REVERSE:
        return Reading(Verb.OPEN, Kind.TCP, row["dst_port"], row["src_port"], Hint.ANSWERED, _size(row))
    if flags & SYN:  # flags of a whole connection: both ends send SYN and ACK
        return _by_ports(row, Kind.TCP, Hint.ANSWERED)
    if flags & RST and (packet or not flags & ~(RST | ACK)):
        return Reading(Verb.REFUSE, Kind.TCP, row["src_port"], row["dst_port"])
    return _without_syn(row, flags)


def _without_syn(row: Mapping[str, Any], flags: int) -> Reading:
    """It opens nothing that is legitimate, but it may show that its sender was answered, where every packet is exported."""
    if not flags & (RST | ACK):
        return _without_ack(row, flags)
    exact = row["version"] == Version.SFLOW5 and row["has"] & Has.SAMPLING and row["sampling_rate"] == 1
    if exact and not flags & RST and rank(row["dst_port"]) < rank(row["src_port"]):
        return Reading(Verb.WENT, Kind.TCP, row["dst_port"], row["src_port"])
    return NOTHING


def _without_ack(row: Mapping[str, Any], flags: int) -> Reading:
    """FIN, PSH and URG without ACK, or no flag at all: RFC 9293 knows no such segment, scanners do. Of a record, no flag at all
    may mean that its exporter has none to tell."""
    if not flags and row["version"] != Version.SFLOW5 and not row["has"] & Has.SECTION:
        return _without_flags(row)
    return Reading(Verb.OPEN, Kind.TCP, row["dst_port"], row["src_port"], Hint.NONE, _size(row))


def _without_flags(row: Mapping[str, Any]) -> Reading:
    """By ports; one segment without data that comes from a service refuses, for whoever talks sends more."""
    found = _by_ports(row, Kind.TCP, Hint.NONE)
    exact = row["has"] & Has.SAMPLING and row["sampling_rate"] == 1
    if found.verb == Verb.ANSWER and exact and row["has"] & Has.BYTES and 0 < row["bytes"] <= LONE:
        return Reading(Verb.REFUSE, Kind.TCP, found.port, found.sport)
    return found


def _syn_hint(row: Mapping[str, Any], flags: int) -> Hint:
    """A SYN and no ACK: of a packet it says nothing yet; of a finished record, that its sender never got through."""
    if row["version"] == Version.SFLOW5 or row["has"] & Has.SECTION:
        return Hint.NONE
    if row["has"] & Has.REVERSE and row["reverse_packets"] == 0:
        return Hint.UNANSWERED
    if row["version"] == Version.TABLE:
        return Hint.NONE  # its reverse row says what came back
    return Hint.ANSWERED if flags & RST else Hint.REFUSED  # a reset without ACK answers a SYN/ACK: a half-open scan


def _udp(row: Mapping[str, Any]) -> Reading:
    if row["has"] & Has.REVERSE and rank(row["dst_port"]) <= rank(row["src_port"]):
        hint = Hint.ANSWERED if row["reverse_packets"] else Hint.UNANSWERED
        return Reading(Verb.OPEN, Kind.UDP, row["dst_port"], row["src_port"], hint, _size(row))
    return _by_ports(row, Kind.UDP, Hint.NONE)


def _by_ports(row: Mapping[str, Any], kind: Kind, hint: Hint) -> Reading:
    src, dst = rank(row["src_port"]), rank(row["dst_port"])
    if dst < src:
        return Reading(Verb.OPEN, kind, row["dst_port"], row["src_port"], hint, _size(row))
    if dst > src:
        return Reading(Verb.ANSWER, kind, row["src_port"], row["dst_port"])
    same = row["src_port"] == row["dst_port"] and kind == Kind.UDP  # 123 to 123, 137 to 137: the first to speak opened
    return Reading(Verb.OPEN if same else Verb.EITHER, kind, row["dst_port"], row["src_port"], hint, _size(row))


def rank(port: int) -> int:
    """How little a port looks like that of a service: the lower of two is the service's."""
    return 0 if port < WELL_KNOWN else 1 if port in SERVICES else 2 if port < EPHEMERAL else 3


def _icmp(row: Mapping[str, Any]) -> Reading:
    replies, kind = REPLY_OF if row["proto"] == 1 else REPLY_OF6, row["icmp_type"]
    if kind in replies:
        silent = row["has"] & Has.REVERSE and row["reverse_packets"] == 0
        return Reading(Verb.OPEN, Kind.ICMP, hint=Hint.UNANSWERED if silent else Hint.NONE)
    if kind in replies.values():
        return Reading(Verb.ANSWER, Kind.ICMP)
    return NOTHING


def _size(row: Mapping[str, Any]) -> int:
    """Quarter octaves of the bytes of a connection: sizes within a fifth of each other are the same. 0 for a lone packet."""
    if row["version"] == Version.SFLOW5 or not row["has"] & Has.BYTES:
        return 0
    total = int(row["bytes"]) + (int(row["reverse_bytes"]) if row["has"] & Has.REVERSE else 0)
    return quarter_octaves(total)


def quarter_octaves(number: int) -> int:
    """1 + 4 * log2 of a number, rounded down in quarters by its two bits after the first; 0 of 0."""
    if number <= 0:
        return 0
    log = number.bit_length() - 1
    rest = (number >> (log - 2)) & 3 if log >= 2 else 0
    return min(1 + 4 * log + rest, 255)
