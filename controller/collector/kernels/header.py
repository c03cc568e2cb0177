"""The sampled header, compiled: the twin of collector/packet.py, layer by layer and in the same order of writes.

`data[at:end]` is the header; nothing behind `end` is ever read.
"""

from __future__ import annotations

from typing import Any

from detectors.flow import Has

from . import columns as c
from .compiled import inlined
from .octets import address4, address16, u8, u16, u32, u48

MOST_LAYERS = 16
SRC_MAC, DST_MAC, VLAN, ETHERTYPE = int(Has.SRC_MAC), int(Has.DST_MAC), int(Has.VLAN), int(Has.ETHERTYPE)
PROTO, ADDRESSES, PORTS = int(Has.PROTO), int(Has.ADDRESSES), int(Has.PORTS)
TCP_FLAGS, ICMP, ARP = int(Has.TCP_FLAGS), int(Has.ICMP), int(Has.ARP)


@inlined
def ethernet(data: Any, at: Any, end: int, w: Any, a: Any, r: int) -> None:
    """A frame that starts at its destination MAC."""
    if end - at < 14:
        return
    w[c.DST_MAC + r] = u48(data, at)
    w[c.SRC_MAC + r] = u48(data, at + 6)
    w[c.HAS + r] |= SRC_MAC | DST_MAC
    kind, at = u16(data, at + 12), at + 14
    for _ in range(MOST_LAYERS):
        if not is_tag(kind) or end < at + 4:
            break
        if not w[c.HAS + r] & VLAN:
            w[c.VLAN + r] = u16(data, at) & 0x0FFF
            w[c.HAS + r] |= VLAN
        kind, at = u16(data, at + 2), at + 4
    if is_tag(kind):
        return
    if kind < 0x0600:
        if end < at + 8 or u32(data, at) != 0xAAAA0300 or u16(data, at + 4) != 0:
            return
        kind, at = u16(data, at + 6), at + 8
    w[c.ETHERTYPE + r] = kind
    w[c.HAS + r] |= ETHERTYPE
    network(kind, data, at, end, w, a, r)


@inlined
def is_tag(kind: int) -> bool:
    """802.1Q, 802.1ad and the older ones."""
    return kind in (0x8100, 0x88A8, 0x9100, 0x9200)


@inlined
def network(kind: Any, data: Any, at: Any, end: Any, w: Any, a: Any, r: int) -> None:
    """What follows an ethertype; under MPLS the version nibble decides, in PPPoE the protocol of PPP."""
    if kind in (0x8847, 0x8848):
        at = after_labels(data, at, end)
        version = u8(data, at) >> 4 if at < end else 0
        kind = 0x0800 if version == 4 else 0x86DD if version == 6 else 0
    elif kind == 0x8864 and end >= at + 8 and u16(data, at) == 0x1100:
        protocol, at = u16(data, at + 6), at + 8
        kind = 0x0800 if protocol == 0x0021 else 0x86DD if protocol == 0x0057 else 0
    if kind == 0x0800:
        ipv4(data, at, end, w, a, r)
    elif kind == 0x86DD:
        ipv6(data, at, end, w, a, r)
    elif kind == 0x0806:
        arp(data, at, end, w, a, r)


@inlined
def after_labels(data: Any, at: int, end: int) -> int:
    """Behind the label stack (RFC 3032)."""
    for _ in range(MOST_LAYERS):
        if end < at + 4:
            return end
        bottom = u8(data, at + 2) & 1
        at += 4
        if bottom:
            break
    return at


@inlined
def ipv4(data: Any, at: Any, end: Any, w: Any, a: Any, r: int) -> None:
    """RFC 791; only the first fragment has a transport header."""
    if end < at + 20 or u8(data, at) >> 4 != 4:
        return
    length = (u8(data, at) & 15) * 4
    if length < 20:
        return
    w[c.PROTO + r] = u8(data, at + 9)
    address4(a, r, c.SRC, data, at + 12)
    address4(a, r, c.DST, data, at + 16)
    w[c.HAS + r] |= PROTO | ADDRESSES
    if u16(data, at + 6) & 0x1FFF == 0:
        transport(u8(data, at + 9), data, at + length, end, w, r)


@inlined
def ipv6(data: Any, at: Any, end: Any, w: Any, a: Any, r: int) -> None:
    """RFC 8200, extension headers followed, up to a later fragment's."""
    if end < at + 40 or u8(data, at) >> 4 != 6:
        return
    address16(a, r, c.SRC, data, at + 8)
    address16(a, r, c.DST, data, at + 24)
    w[c.HAS + r] |= ADDRESSES
    following: Any = u8(data, at + 6)
    at, first = at + 40, True
    for _ in range(MOST_LAYERS):
        if following == 44 and end >= at + 8:
            first = u16(data, at + 2) & 0xFFF8 == 0
            following, at = u8(data, at), at + 8
            if not first:
                break
        elif following in (0, 43, 51, 60) and end >= at + 2:
            size = (u8(data, at + 1) + 2) * 4 if following == 51 else (u8(data, at + 1) + 1) * 8
            following, at = u8(data, at), at + size
        else:
            break
    w[c.PROTO + r] = following
    w[c.HAS + r] |= PROTO
    if first:
        transport(following, data, at, end, w, r)


@inlined
def transport(proto: Any, data: Any, at: Any, end: Any, w: Any, r: int) -> None:
    """Ports, TCP flags, ICMP type and code, as far as the octets reach."""
    left = end - at
    if proto in (6, 17, 136, 132, 33) and left >= 4:
        w[c.SRC_PORT + r] = u16(data, at)
        w[c.DST_PORT + r] = u16(data, at + 2)
        w[c.HAS + r] |= PORTS
        if proto == 6 and left >= 14:
            w[c.TCP_FLAGS + r] = u8(data, at + 13)
            w[c.HAS + r] |= TCP_FLAGS
    elif proto in (1, 58) and left >= 2:
        w[c.ICMP_TYPE + r] = u8(data, at)
        w[c.ICMP_CODE + r] = u8(data, at + 1)
        w[c.HAS + r] |= ICMP


@inlined
def arp(data: Any, at: int, end: int, w: Any, a: Any, r: int) -> None:
    """RFC 826 for IPv4 over Ethernet."""
    if end < at + 28:
        return
    if u16(data, at) != 1 or u16(data, at + 2) != 0x0800 or u8(data, at + 4) != 6 or u8(data, at + 5) != 4:
        return
    w[c.ARP_OP + r] = u16(data, at + 6)
    address4(a, r, c.SRC, data, at + 14)
    address4(a, r, c.DST, data, at + 24)
    w[c.HAS + r] |= ARP
