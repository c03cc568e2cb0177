"""sFlow v5, compiled: the twin of collector/sflow.py. One datagram a call."""

from __future__ import annotations

from typing import Any

from controller.collector.sflow import BASE as SFLOW_BASE
from detectors.flow import Has, Version

from . import columns as c
from .compiled import inlined, kernel
from .header import ethernet, network
from .octets import address4, address16, u16, u32, u48
from .rows import D, begin

MOST_SAMPLES = 4096
SMALLEST_SAMPLE = 40  # octets of a flow sample without records: no datagram holds more rows than its size allows
FINE, TRUNCATED, BAD_LENGTH, TRUNCATED_SAMPLE, UNKNOWN_ADDRESS = 0, 1, 2, 3, 4
BASE, VERSION = int(SFLOW_BASE), int(Version.SFLOW5)
WITH_HEADER = int(SFLOW_BASE | Has.BYTES | Has.PACKETS)
IP_KEY = int(Has.BYTES | Has.PACKETS | Has.PROTO | Has.ADDRESSES)
FRAME = int(Has.BYTES | Has.PACKETS | Has.SRC_MAC | Has.DST_MAC | Has.ETHERTYPE)
PORTS, TCP_FLAGS = int(Has.PORTS), int(Has.TCP_FLAGS)


@inlined
def datagram(bulk: Any, memory: Any, out: Any, cursor: Any) -> Any:
    """Trouble. The datagram's agent and notices (counter samples, discards) are filled in; there must be room."""
    data, starts, ends, _, _, _ = bulk
    w, a, _, _ = memory
    _, _, agents, notices, _ = out
    d = cursor[D]
    end = ends[d]
    notices[d, 0] = notices[d, 1] = 0
    at, trouble = agent(data, starts[d], end, agents, d)
    if trouble != FINE:
        return trouble
    sub_agent, count = u32(data, at), u32(data, at + 12)
    at += 16
    for _ in range(min(count, MOST_SAMPLES)):
        if end < at + 8:
            return TRUNCATED
        tag, length = u32(data, at), u32(data, at + 4)
        at += 8
        if end < at + length:
            return BAD_LENGTH
        if tag in (1, 3):
            if length < (32 if tag == 1 else 44):
                return TRUNCATED_SAMPLE
            r = begin(bulk, memory, out, cursor)
            w[c.VERSION + r] = VERSION
            w[c.SUB_AGENT + r] = sub_agent
            a[c.AGENT + 2 * r], a[c.AGENT + 2 * r + 1] = agents[2 * d], agents[2 * d + 1]
            sample(data, at, at + length, tag == 3, w, a, r)
        elif tag in (2, 4):
            notices[d, 0] += 1
        elif tag == 5:
            notices[d, 1] += 1
        at += length
    return FINE


@inlined
def agent(data: Any, at: int, end: int, agents: Any, d: int) -> tuple[int, int]:
    """Reads the agent address into `agents`, two words each; gives where the rest of the header starts, and trouble."""
    if end - at < 8:
        return at, TRUNCATED
    kind = u32(data, at + 4)
    if kind not in (1, 2):
        return at, UNKNOWN_ADDRESS
    size = 4 if kind == 1 else 16
    if end - at < 8 + size + 16:
        return at, TRUNCATED
    if size == 4:
        address4(agents, d, 0, data, at + 8)
    else:
        address16(agents, d, 0, data, at + 8)
    return at + 8 + size, FINE


@inlined
def sample(data: Any, at: int, end: int, expanded: bool, w: Any, a: Any, r: int) -> None:
    """flow_sample and flow_sample_expanded."""
    w[c.HAS + r] = BASE
    if expanded:
        w[c.DS_CLASS + r] = u32(data, at + 4) & 0xFF
        w[c.DS_INDEX + r] = u32(data, at + 8)
        w[c.SAMPLING_RATE + r] = u32(data, at + 12)
        w[c.IN_IF_FORMAT + r] = u32(data, at + 24) & 0xFF
        w[c.IN_IF + r] = u32(data, at + 28)
        w[c.OUT_IF_FORMAT + r] = u32(data, at + 32) & 0xFF
        w[c.OUT_IF + r] = u32(data, at + 36)
        records(data, at + 44, end, u32(data, at + 40), w, a, r)
        return
    source, into, to = u32(data, at + 4), u32(data, at + 20), u32(data, at + 24)
    w[c.DS_CLASS + r] = source >> 24
    w[c.DS_INDEX + r] = source & 0x00FFFFFF
    w[c.SAMPLING_RATE + r] = u32(data, at + 8)
    w[c.IN_IF + r] = into & 0x3FFFFFFF
    w[c.IN_IF_FORMAT + r] = into >> 30
    w[c.OUT_IF + r] = to & 0x3FFFFFFF
    w[c.OUT_IF_FORMAT + r] = to >> 30
    records(data, at + 32, end, u32(data, at + 28), w, a, r)


@inlined
def records(data: Any, at: int, end: int, count: int, w: Any, a: Any, r: int) -> None:
    """Flow records of a sample; a raw header wins over what stands behind it."""
    has_header = False
    for _ in range(min(count, MOST_SAMPLES)):
        if end < at + 8:
            return
        tag, length = u32(data, at), u32(data, at + 4)
        at += 8
        size = min(length, end - at)
        if tag == 1 and size >= 16:
            has_header = True
            raw_header(data, at, at + size, w, a, r)
        elif tag == 3 and size >= 32 and not has_header:
            sampled_ip(data, at, 4, w, a, r)
        elif tag == 4 and size >= 56 and not has_header:
            sampled_ip(data, at, 16, w, a, r)
        elif tag == 2 and size >= 24 and not has_header:
            sampled_ethernet(data, at, w, r)
        if length > end - at:
            return
        at += length


@inlined
def raw_header(data: Any, at: int, end: int, w: Any, a: Any, r: int) -> None:
    """sampled_header: Ethernet, or IP without it."""
    protocol = u32(data, at)
    if w[c.HAS + r] != BASE:
        clear_packet(w, a, r)
    w[c.BYTES + r] = u32(data, at + 4)
    w[c.PACKETS + r] = 1
    w[c.HAS + r] = WITH_HEADER
    last = min(end, at + 16 + u32(data, at + 12))
    if protocol == 1:
        ethernet(data, at + 16, last, w, a, r)
    elif protocol == 11:
        network(0x0800, data, at + 16, last, w, a, r)
    elif protocol == 12:
        network(0x86DD, data, at + 16, last, w, a, r)
    elif protocol == 13:
        network(0x8847, data, at + 16, last, w, a, r)


@kernel
def clear_packet(w: Any, a: Any, r: int) -> None:
    """What another record of the sample said of the packet, before its header came."""
    w[c.SRC_MAC + r] = w[c.DST_MAC + r] = w[c.VLAN + r] = w[c.ETHERTYPE + r] = w[c.ARP_OP + r] = 0
    w[c.SRC_PORT + r] = w[c.DST_PORT + r] = w[c.PROTO + r] = w[c.TCP_FLAGS + r] = 0
    w[c.ICMP_TYPE + r] = w[c.ICMP_CODE + r] = 0
    for place in (c.SRC, c.DST):
        a[place + 2 * r] = a[place + 2 * r + 1] = 0


@inlined
def sampled_ip(data: Any, at: int, size: int, w: Any, a: Any, r: int) -> None:
    """sampled_ipv4 and sampled_ipv6: one layout but for the size of an address."""
    proto, ports = u32(data, at + 4), at + 8 + 2 * size
    w[c.BYTES + r] = u32(data, at)
    w[c.PACKETS + r] = 1
    w[c.PROTO + r] = proto & 0xFF
    if size == 4:
        address4(a, r, c.SRC, data, at + 8)
        address4(a, r, c.DST, data, at + 12)
    else:
        address16(a, r, c.SRC, data, at + 8)
        address16(a, r, c.DST, data, at + 24)
    w[c.SRC_PORT + r] = u32(data, ports) & 0xFFFF
    w[c.DST_PORT + r] = u32(data, ports + 4) & 0xFFFF
    w[c.HAS + r] |= IP_KEY
    if proto in (6, 17, 136, 132, 33):
        w[c.HAS + r] |= PORTS
    if proto == 6:
        w[c.TCP_FLAGS + r] = u32(data, ports + 8) & 0xFF
        w[c.HAS + r] |= TCP_FLAGS


@inlined
def sampled_ethernet(data: Any, at: int, w: Any, r: int) -> None:
    """sampled_ethernet: length, two MACs padded to 8 octets, type."""
    w[c.BYTES + r] = u32(data, at)
    w[c.PACKETS + r] = 1
    w[c.SRC_MAC + r] = u48(data, at + 4)
    w[c.DST_MAC + r] = u48(data, at + 12)
    w[c.ETHERTYPE + r] = u16(data, at + 22)
    w[c.HAS + r] |= FRAME
