"""Who opened what, compiled: initiator.py row by row over the columns of a batch."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from detectors.compiled import inlined
from detectors.event import (
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
from detectors.flow import Has, Version

from .state import BYTE, NUMBER, WORD16, WORD32, WORD64
from .views import array

H_ARP, H_ADDRESSES, H_PORTS = np.uint64(Has.ARP), np.uint64(Has.ADDRESSES), np.uint64(Has.PORTS)
H_FLAGS, H_ICMP, H_REVERSE = np.uint64(Has.TCP_FLAGS), np.uint64(Has.ICMP), np.uint64(Has.REVERSE)
H_RATE = np.uint64(Has.SAMPLING)
H_DST_MAC, H_SECTION, H_BYTES = np.uint64(Has.DST_MAC), np.uint64(Has.SECTION), np.uint64(Has.BYTES)
V_SFLOW, V_TABLE = int(Version.SFLOW5), int(Version.TABLE)
NOTHING, OPEN, ANSWER, REFUSE, EITHER, WENT = (
    int(verb) for verb in (Verb.NOTHING, Verb.OPEN, Verb.ANSWER, Verb.REFUSE, Verb.EITHER, Verb.WENT)
)
ARP, TCP, ICMP, UDP = int(Kind.ARP), int(Kind.TCP), int(Kind.ICMP), int(Kind.UDP)
NO_HINT, GOT, REFUSED, SILENT = int(Hint.NONE), int(Hint.ANSWERED), int(Hint.REFUSED), int(Hint.UNANSWERED)
REQUESTS, REQUESTS6 = tuple(REPLY_OF), tuple(REPLY_OF6)
REPLIES, REPLIES6 = tuple(REPLY_OF.values()), tuple(REPLY_OF6.values())
BROADCAST = np.uint64(BROADCAST_MAC)
ZERO, ONE, THREE = np.uint64(0), np.uint64(1), np.uint64(3)
Reading = Any  # verb, kind, port, sport, hint, size


class Rows(NamedTuple):
    """The columns that the watch reads. Addresses are two words a row, in the machine's byte order, as they lie in memory."""

    has: Any
    version: Any
    received_ms: Any
    agent: Any
    in_if: Any
    in_if_format: Any
    src_addr: Any
    dst_addr: Any
    src_port: Any
    dst_port: Any
    proto: Any
    tcp_flags: Any
    icmp_type: Any
    bytes: Any
    reverse_packets: Any
    reverse_bytes: Any
    sampling_rate: Any
    src_mac: Any
    dst_mac: Any
    arp_op: Any


@njit(inline="always")
def rows_at(words: Any) -> Rows:
    """The columns in a kernel, of the dtypes that flow.COLUMNS gives them; of an address two words a row."""
    return Rows(
        array(words, 0, WORD64),
        array(words, 1, BYTE),
        array(words, 2, NUMBER),
        array(words, 3, WORD64),
        array(words, 4, WORD32),
        array(words, 5, BYTE),
        array(words, 6, WORD64),
        array(words, 7, WORD64),
        array(words, 8, WORD16),
        array(words, 9, WORD16),
        array(words, 10, BYTE),
        array(words, 11, WORD16),
        array(words, 12, BYTE),
        array(words, 13, WORD64),
        array(words, 14, WORD64),
        array(words, 15, WORD64),
        array(words, 16, WORD32),
        array(words, 17, WORD64),
        array(words, 18, WORD64),
        array(words, 19, WORD16),
    )


@inlined
def read(rows: Rows, i: int) -> Reading:
    """The reading of row `i`."""
    has = rows.has[i]
    if has & H_ARP:
        return _arp(rows, i, has)
    if not has & H_ADDRESSES:
        return NOTHING, TCP, 0, 0, NO_HINT, 0
    proto = rows.proto[i]
    if proto == 6 and has & H_PORTS:
        if has & H_FLAGS:
            return _tcp(rows, i, has)
        return _without_flags(rows, i, has)
    if proto == 17 and has & H_PORTS:
        return _udp(rows, i, has)
    if (proto == 1 or proto == 58) and has & H_ICMP:
        return _icmp(rows, i, has, proto == 1)
    return NOTHING, TCP, 0, 0, NO_HINT, 0


@inlined
def _arp(rows: Rows, i: int, has: Any) -> Reading:
    if rows.arp_op[i] == ARP_REPLY:
        return ANSWER, ARP, 0, 0, NO_HINT, 0
    mac = rows.dst_mac[i]
    unicast = (has & H_DST_MAC) != ZERO and mac != ZERO and mac != BROADCAST
    if rows.arp_op[i] != ARP_REQUEST or unicast:
        return NOTHING, TCP, 0, 0, NO_HINT, 0
    return OPEN, ARP, 0, 0, NO_HINT, 0


@inlined
def _tcp(rows: Rows, i: int, has: Any) -> Reading:
    flags = np.int64(rows.tcp_flags[i]) & FLAGS
    src, dst, version = np.int64(rows.src_port[i]), np.int64(rows.dst_port[i]), np.int64(rows.version[i])
    if not flags & (SYN | RST):
        if not flags & ACK:
            return _without_ack(rows, i, has, flags, version)
        if version == V_SFLOW and _is_exact(rows, i, has) and _rank(dst) < _rank(src):
            return WENT, TCP, dst, src, NO_HINT, 0
        return NOTHING, TCP, 0, 0, NO_HINT, 0
    if flags & SYN and not flags & ACK:
        return OPEN, TCP, dst, src, _syn_hint(rows, i, has, flags, version), _size(rows, i, has, version)
    packet = version == V_SFLOW or version == V_TABLE
    if flags & SYN:
        if packet or flags == SYN | ACK:
            return ANSWER, TCP, src, dst, NO_HINT, 0
        if has & H_REVERSE:
            return OPEN, TCP, dst, src, GOT, _size(rows, i, has, version)
        return _by_ports(rows, i, TCP, GOT)
    if packet or not flags & ~(RST | ACK):
        return REFUSE, TCP, src, dst, NO_HINT, 0
    return NOTHING, TCP, 0, 0, NO_HINT, 0


@inlined
def _is_exact(rows: Rows, i: int, has: Any) -> Any:
    return has & H_RATE != ZERO and rows.sampling_rate[i] == 1


@inlined
def _without_ack(rows: Rows, i: int, has: Any, flags: int, version: int) -> Reading:
    if flags == 0 and version != V_SFLOW and not has & H_SECTION:
        return _without_flags(rows, i, has)
    src, dst = np.int64(rows.src_port[i]), np.int64(rows.dst_port[i])
    return OPEN, TCP, dst, src, NO_HINT, _size(rows, i, has, version)


@inlined
def _without_flags(rows: Rows, i: int, has: Any) -> Reading:
    verb, kind, port, sport, hint, size = _by_ports(rows, i, TCP, NO_HINT)
    octets = np.int64(rows.bytes[i])
    if verb == ANSWER and _is_exact(rows, i, has) and has & H_BYTES and 0 < octets <= LONE:
        verb = REFUSE
    return verb, kind, port, sport, hint, size


@inlined
def _syn_hint(rows: Rows, i: int, has: Any, flags: int, version: int) -> Any:
    if version == V_SFLOW or has & H_SECTION:
        return NO_HINT
    if has & H_REVERSE and rows.reverse_packets[i] == ZERO:
        return SILENT
    if version == V_TABLE:
        return NO_HINT
    return GOT if flags & RST else REFUSED


@inlined
def _udp(rows: Rows, i: int, has: Any) -> Reading:
    src, dst = np.int64(rows.src_port[i]), np.int64(rows.dst_port[i])
    if has & H_REVERSE and _rank(dst) <= _rank(src):
        hint = GOT if rows.reverse_packets[i] != ZERO else SILENT
        return OPEN, UDP, dst, src, hint, _size(rows, i, has, np.int64(rows.version[i]))
    return _by_ports(rows, i, UDP, NO_HINT)


@inlined
def _by_ports(rows: Rows, i: int, kind: int, hint: int) -> Reading:
    src, dst = np.int64(rows.src_port[i]), np.int64(rows.dst_port[i])
    server, client = _rank(dst), _rank(src)
    if server > client:
        return ANSWER, kind, src, dst, NO_HINT, 0
    verb = OPEN if server < client or (src == dst and kind == UDP) else EITHER
    return verb, kind, dst, src, hint, _size(rows, i, rows.has[i], np.int64(rows.version[i]))


@inlined
def _rank(port: int) -> Any:
    if port < WELL_KNOWN:
        return 0
    if port >= EPHEMERAL:
        return 3
    return 1 if port in SERVICES else 2


@inlined
def _icmp(rows: Rows, i: int, has: Any, four: bool) -> Reading:
    kind = np.int64(rows.icmp_type[i])
    if kind in REQUESTS if four else kind in REQUESTS6:
        silent = has & H_REVERSE and rows.reverse_packets[i] == ZERO
        return OPEN, ICMP, 0, 0, SILENT if silent else NO_HINT, 0
    if kind in REPLIES if four else kind in REPLIES6:
        return ANSWER, ICMP, 0, 0, NO_HINT, 0
    return NOTHING, TCP, 0, 0, NO_HINT, 0


@inlined
def _size(rows: Rows, i: int, has: Any, version: int) -> Any:
    if version == V_SFLOW or not has & H_BYTES:
        return 0
    total = rows.bytes[i]
    if has & H_REVERSE:
        total += rows.reverse_bytes[i]
    return quarter_octaves(total)


@inlined
def quarter_octaves(number: Any) -> Any:
    """1 + 4 * log2, rounded down in quarters; 0 of 0."""
    if number == ZERO:
        return 0
    log, rest = 0, number
    for step in (32, 16, 8, 4, 2, 1):
        if rest >> np.uint64(step):
            rest >>= np.uint64(step)
            log += step
    quarters = np.int64((number >> np.uint64(log - 2)) & THREE) if log >= 2 else 0
    return min(1 + 4 * log + quarters, 255)
