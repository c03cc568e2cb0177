"""One record of a labelled table as flow rows: a forward row, and a reverse row where something answered.

A record of both directions says what came back. A record of one direction (`packets_in` 0) says it only by what its sender went
on to send, by another record of the other direction (`paired`), and by port numbers, as a last resort.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from detectors.address import packed
from detectors.event import LONE, REPLY_OF, REPLY_OF6
from detectors.flow import ARP_REQUEST, ETHERTYPE_ARP, Has, Version
from detectors.initiator import rank

from .tableflags import Flags, flags_of

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmp6": ICMP6, "icmpv6": ICMP6, "ipv6-icmp": ICMP6}
BASE = Has.ADDRESSES | Has.PORTS | Has.PROTO | Has.TIMES | Has.PACKETS | Has.BYTES | Has.REVERSE
SYN, SYN_ACK, RST_ACK, ACK = 0x02, 0x12, 0x14, 0x10
REJECTED = frozenset({"REJ"})
MIDDLE = frozenset({"OTH", "RSTRH", "SHR", "RSTOS0"})  # Zeek saw no SYN of the originator
TALK, TALK_OCTETS = 3, 80  # packets, and octets of each: more than SYN again and again
NO_REPLY = {ICMP: 3, ICMP6: 1}  # an ICMP type that neither opens nor answers
Record = dict[str, Any]
Key = tuple[Any, ...]


def proto_of(record: Record) -> int:
    """Protocol number of a name or a number; 0 of `arp` and of what is not known. Zeek calls ICMPv6 icmp, too."""
    word = str(record["proto"]).strip().lower().removesuffix(".0")
    number = PROTOCOLS.get(word, int(word) if word.isdecimal() and int(word) < 256 else 0)
    return ICMP6 if number == ICMP and ":" in str(record["src_ip"]) else number


def key_of(record: Record, *, reverse: bool = False) -> Key:
    """What tells a connection from another; of ICMP the two ends."""
    proto = proto_of(record)
    ends = (str(record["src_ip"]), record["src_port"]), (str(record["dst_ip"]), record["dst_port"])
    one, other = reversed(ends) if reverse else ends
    return (proto, one[0], other[0]) if proto in (ICMP, ICMP6) else (proto, *one, *other)


def rows_of(record: Record, *, paired: bool = False) -> Iterator[dict[str, Any]]:
    """Rows of a record that tables.usable let through. `paired`: the other direction is a record of its own."""
    if str(record["proto"]).strip().lower() == "arp":
        yield from _arp(record)
        return
    forward = _forward(record)
    if paired:
        forward["has"] &= ~Has.REVERSE  # silence of this record is no silence
    proto, back = forward["proto"], forward["reverse_packets"] > 0
    answer: dict[str, int] = {}
    if proto == TCP:
        forward["has"] |= Has.TCP_FLAGS
        forward["tcp_flags"], reply = _tcp(record, forward, paired=paired)
        back, answer = back or reply in (SYN_ACK, RST_ACK), {"tcp_flags": reply}
        forward["reverse_packets"] = max(forward["reverse_packets"], int(back))
    elif proto in (ICMP, ICMP6):
        forward["has"] |= Has.ICMP
        forward["icmp_type"] = kind = _icmp_type(forward)
        answer = {"icmp_type": (REPLY_OF if proto == ICMP else REPLY_OF6).get(kind, NO_REPLY[proto])}
    yield forward
    if back:
        yield {**_reverse(forward), **answer}


def _forward(record: Record) -> dict[str, Any]:
    return {
        "version": Version.TABLE,
        "has": int(BASE),
        "received_ms": int(record["ts_start"] * 1000),
        "first_ms": int(record["ts_start"] * 1000),
        "last_ms": int(record["ts_end"] * 1000),
        "src_addr": packed(str(record["src_ip"])),
        "dst_addr": packed(str(record["dst_ip"])),
        "src_port": int(record["src_port"]),
        "dst_port": int(record["dst_port"]),
        "proto": proto_of(record),
        "packets": int(record["packets_out"]),
        "bytes": int(record["bytes_out"]),
        "reverse_packets": int(record["packets_in"]),
        "reverse_bytes": int(record["bytes_in"]),
    }


def _reverse(forward: dict[str, Any]) -> dict[str, Any]:
    return {
        **forward,
        "src_addr": forward["dst_addr"],
        "dst_addr": forward["src_addr"],
        "src_port": forward["dst_port"],
        "dst_port": forward["src_port"],
        "has": forward["has"] & ~Has.REVERSE,
        "packets": forward["reverse_packets"],
        "bytes": forward["reverse_bytes"],
        "reverse_packets": 0,
        "reverse_bytes": 0,
    }


def _tcp(record: Record, row: dict[str, Any], *, paired: bool) -> tuple[int, int]:
    """Flags of the forward and of the reverse row."""
    flags, state = flags_of(record["tcp_flags"]), str(record["state"])
    sides = rank(row["dst_port"]) - rank(row["src_port"])  # below 0: the target's port is the service
    if row["reverse_packets"] == 0:
        return _one_way(flags, state, row, sides, paired=paired)
    if _probed(flags, row, sides):
        return SYN, RST_ACK
    if not flags.said:
        lone = row["packets"] <= 1 and row["reverse_packets"] <= 1
        if state in MIDDLE or sides > 0:
            return ACK, ACK
        return SYN, RST_ACK if lone or state in REJECTED else SYN_ACK
    if "S" not in flags.own:
        return ACK, ACK
    lone = (
        row["packets"] == row["reverse_packets"] == 1 and "R" in flags.own and not flags.theirs
    )  # flags of both in one
    return SYN, RST_ACK if state in REJECTED or flags.refused or lone else SYN_ACK


def _probed(flags: Flags, row: dict[str, Any], sides: int) -> bool:
    """One segment that opens nothing, and a reset: a FIN, NULL, Xmas or ACK scan. Of a mere ACK or FIN the ports must say that
    it was not a server which asked after its client."""
    if sides >= 0 or row["packets"] != 1 or not flags.refused_probe:
        return False
    return flags.probe or (
        flags.own == {"A"} and flags.theirs == {"R"}
    )  # RFC 9293 section 3.10.7.1: of an ACK without ACK


def _one_way(flags: Flags, state: str, row: dict[str, Any], sides: int, *, paired: bool) -> tuple[int, int]:
    """Flags of a record of one direction, and of a reverse row if what was sent proves that there was an answer."""
    if not flags.said:
        return (ACK, 0) if state in MIDDLE else _by_ports(row, sides, paired=paired)
    if "S" not in flags.own:
        if flags.probe and not flags.history:
            return SYN, 0
        return (RST_ACK if paired and "R" in flags.own and not flags.own & set("DPF") else ACK), 0
    if flags.pure or flags.counted or not flags.went_on:
        return SYN, SYN_ACK if flags.went_on else 0
    if sides > 0:  # a whole direction of a service, which sends SYN and ACK as its client does
        return SYN_ACK, 0
    return (SYN, SYN_ACK) if sides < 0 else (ACK, 0)


def _by_ports(row: dict[str, Any], sides: int, *, paired: bool) -> tuple[int, int]:
    """The same without any flags: a talk was answered, a lone segment of a service refuses what a record of its own opened."""
    if sides > 0:
        lone = row["packets"] <= 1 and row["bytes"] <= LONE
        return (SYN_ACK if not lone else RST_ACK if paired else ACK), 0
    if sides == 0 and paired:
        return ACK, 0
    talked = row["packets"] >= TALK and row["bytes"] > row["packets"] * TALK_OCTETS
    return SYN, SYN_ACK if talked else 0


def _icmp_type(row: dict[str, Any]) -> int:
    """Zeek and tshark write the type as source port; NetFlow type * 256 + code as target port."""
    source, target = row["src_port"], row["dst_port"]
    return int(target >> 8 if source == 0 and target > 0xFF else source & 0xFF if source <= 0xFF else source >> 8)


def _arp(record: Record) -> Iterator[dict[str, Any]]:
    """A request, and what came back of it."""
    row = _forward(record)
    row["has"] = int(Has.ADDRESSES | Has.PROTO | Has.TIMES | Has.PACKETS | Has.ARP | Has.ETHERTYPE)
    row.update(proto=0, ethertype=ETHERTYPE_ARP, arp_op=ARP_REQUEST, src_port=0, dst_port=0)
    yield row
    if row["reverse_packets"]:
        yield {**_reverse(row), "arp_op": 2}
