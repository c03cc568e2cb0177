"""sFlow v5, compiled: the twin of collector/sflow.py. One datagram a call."""

from __future__ import annotations

from typing import Any

from controller.collector.sflow import BASE as SFLOW_BASE
from detectors.flow import Has, Version

from . import columns as c
from .compiled import inlined, kernel
from .header import ethernet, network
from .octets import address4, address16, clear, u16, u32, u48

MOST_SAMPLES = 4096
SMALLEST_SAMPLE = 40  # octets of a flow sample without records: no datagram holds more rows than its size allows
FINE, TRUNCATED, BAD_LENGTH, TRUNCATED_SAMPLE, UNKNOWN_ADDRESS = 0, 1, 2, 3, 4
BASE, VERSION = int(SFLOW_BASE), int(Version.SFLOW5)
BYTES_PACKETS = int(Has.BYTES | Has.PACKETS)
NO_KEY = 0xFFFF_FFFF & ~int(Has.ADDRESSES | Has.PORTS)
IP_KEY = int(Has.BYTES | Has.PACKETS | Has.PROTO | Has.ADDRESSES)
FRAME = int(Has.BYTES | Has.PACKETS | Has.SRC_MAC | Has.DST_MAC | Has.ETHERTYPE)
PORTS, TCP_FLAGS = int(Has.PORTS), int(Has.TCP_FLAGS)


@kernel
def datagram(data: Any, at: int, end: int, w: Any, a: Any, agents: Any, notices: Any, d: int) -> tuple[int, int]:
    """(rows, trouble). `agents[d]`, `notices[d]` = (counter samples, discards) are filled in."""
    r = 0
    at, trouble = agent(data, at, end, agents, d)
    if trouble != FINE:
        return r, trouble
    sub_agent, count = u32(data, at), u32(data, at + 12)
    at += 16
    for _ in range(min(count, MOST_SAMPLES)):
        if end < at + 8:
            return r, TRUNCATED
        tag, length = u32(data, at), u32(data, at + 4)
        at += 8
        if end < at + length:
            return r, BAD_LENGTH
        if tag in (1, 3):
            if length < (32 if tag == 1 else 44):
                return r, TRUNCATED_SAMPLE
            clear(w, a, r)
            w[r, c.VERSION] = VERSION
            w[r, c.SUB_AGENT] = sub_agent
            a[r, c.AGENT], a[r, c.AGENT + 1] = agents[d, 0], agents[d, 1]
            sample(data, at, at + length, tag == 3, w, a, r)
            r += 1
        elif tag in (2, 4):
            notices[d, 0] += 1
        elif tag == 5:
            notices[d, 1] += 1
        at += length
    return r, FINE


@inlined
def agent(data: Any, at: int, end: int, agents: Any, d: int) -> tuple[int, int]:
    """Reads the agent address into `agents[d]`; gives where the rest of the header starts, and trouble."""
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
    w[r, c.HAS] = BASE
    if expanded:
        w[r, c.DS_CLASS] = u32(data, at + 4) & 0xFF
        w[r, c.DS_INDEX] = u32(data, at + 8)
        w[r, c.SAMPLING_RATE] = u32(data, at + 12)
        w[r, c.IN_IF_FORMAT] = u32(data, at + 24) & 0xFF
        w[r, c.IN_IF] = u32(data, at + 28)
        w[r, c.OUT_IF_FORMAT] = u32(data, at + 32) & 0xFF
        w[r, c.OUT_IF] = u32(data, at + 36)
        records(data, at + 44, end, u32(data, at + 40), w, a, r)
        return
    source, into, to = u32(data, at + 4), u32(data, at + 20), u32(data, at + 24)
    w[r, c.DS_CLASS] = source >> 24
    w[r, c.DS_INDEX] = source & 0x00FFFFFF
    w[r, c.SAMPLING_RATE] = u32(data, at + 8)
    w[r, c.IN_IF] = into & 0x3FFFFFFF
    w[r, c.IN_IF_FORMAT] = into >> 30
    w[r, c.OUT_IF] = to & 0x3FFFFFFF
    w[r, c.OUT_IF_FORMAT] = to >> 30
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
    w[r, c.BYTES] = u32(data, at + 4)
    w[r, c.PACKETS] = 1
    w[r, c.HAS] = (w[r, c.HAS] & NO_KEY) | BYTES_PACKETS
    last = min(end, at + 16 + u32(data, at + 12))
    if protocol == 1:
        ethernet(data, at + 16, last, w, a, r)
    elif protocol == 11:
        network(0x0800, data, at + 16, last, w, a, r)
    elif protocol == 12:
        network(0x86DD, data, at + 16, last, w, a, r)
    elif protocol == 13:
        network(0x8847, data, at + 16, last, w, a, r)


@inlined
def sampled_ip(data: Any, at: int, size: int, w: Any, a: Any, r: int) -> None:
    """sampled_ipv4 and sampled_ipv6: one layout but for the size of an address."""
    proto, ports = u32(data, at + 4), at + 8 + 2 * size
    w[r, c.BYTES] = u32(data, at)
    w[r, c.PACKETS] = 1
    w[r, c.PROTO] = proto & 0xFF
    if size == 4:
        address4(a, r, c.SRC, data, at + 8)
        address4(a, r, c.DST, data, at + 12)
    else:
        address16(a, r, c.SRC, data, at + 8)
        address16(a, r, c.DST, data, at + 24)
    w[r, c.SRC_PORT] = u32(data, ports) & 0xFFFF
    w[r, c.DST_PORT] = u32(data, ports + 4) & 0xFFFF
    w[r, c.HAS] |= IP_KEY
    if proto in (6, 17, 136, 132, 33):
        w[r, c.HAS] |= PORTS
    if proto == 6:
        w[r, c.TCP_FLAGS] = u32(data, ports + 8) & 0xFF
        w[r, c.HAS] |= TCP_FLAGS


@inlined
def sampled_ethernet(data: Any, at: int, w: Any, r: int) -> None:
    """sampled_ethernet: length, two MACs padded to 8 octets, type."""
    w[r, c.BYTES] = u32(data, at)
    w[r, c.PACKETS] = 1
    w[r, c.SRC_MAC] = u48(data, at + 4)
    w[r, c.DST_MAC] = u48(data, at + 12)
    w[r, c.ETHERTYPE] = u16(data, at + 22)
    w[r, c.HAS] |= FRAME
