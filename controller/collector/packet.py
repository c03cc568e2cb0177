"""The sampled packet header: Ethernet to transport, in plain Python. Cut off anywhere, every whole layer is kept.

Sources: IEEE 802.1Q (tags), IEEE 802.3 and RFC 1042 (lengths and SNAP), RFC 791 and 8200 (IP), RFC 826 (ARP), RFC 3032 (MPLS
label stack), RFC 2516 (PPPoE). Where a packet is a tunnel, the outer addresses are the flow's: the switch forwarded by them, and
they belong to the port.
"""

from __future__ import annotations

from struct import Struct

from detectors.address import V4_PREFIX
from detectors.flow import ARP_REQUEST, ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, Has

from .datagram import Row

TAGS = frozenset({0x8100, 0x88A8, 0x9100, 0x9200})
ETHERTYPE_MPLS = 0x8847
MPLS = frozenset({ETHERTYPE_MPLS, 0x8848})
PPPOE_SESSION, PPP = 0x8864, {0x0021: ETHERTYPE_IPV4, 0x0057: ETHERTYPE_IPV6}
LEAST_ETHERTYPE = 0x0600  # below it is a length (IEEE 802.3 section 3.2.6)
SNAP = bytes.fromhex("aaaa03000000")
IPV6_EXTENSIONS = frozenset({0, 43, 51, 60})  # hop by hop, routing, authentication, destination options
MOST_LAYERS = 16  # tags, labels or extension headers: more are nonsense, and must not cost time

TCP, UDP, UDPLITE, SCTP, DCCP, ICMP, ICMPV6 = 6, 17, 136, 132, 33, 1, 58
WITH_PORTS = frozenset({TCP, UDP, UDPLITE, SCTP, DCCP})

_u16 = Struct("!H").unpack_from
_ports = Struct("!HH").unpack_from
_arp = Struct("!HHBBH").unpack_from


def ethernet(data: bytes, row: Row) -> None:
    """Read a frame that starts at its destination MAC into `row` (columns of FlowBatch)."""
    if len(data) < 14:
        return
    row["dst_mac"] = int.from_bytes(data[0:6], "big")
    row["src_mac"] = int.from_bytes(data[6:12], "big")
    row["has"] |= Has.SRC_MAC | Has.DST_MAC
    kind, offset = _u16(data, 12)[0], 14
    for _ in range(MOST_LAYERS):
        if kind not in TAGS or len(data) < offset + 4:
            break
        if not row["has"] & Has.VLAN:  # the outer tag is the switch's own
            row["vlan"] = _u16(data, offset)[0] & 0x0FFF
            row["has"] |= Has.VLAN
        kind, offset = _u16(data, offset + 2)[0], offset + 4
    if kind in TAGS:
        return  # cut off inside the tags
    if kind < LEAST_ETHERTYPE:
        if data[offset : offset + 6] != SNAP or len(data) < offset + 8:
            return
        kind, offset = _u16(data, offset + 6)[0], offset + 8
    row["ethertype"] = kind
    row["has"] |= Has.ETHERTYPE
    network(kind, data, offset, row)


def network(kind: int, data: bytes, offset: int, row: Row) -> None:
    """Read what follows an ethertype."""
    if kind in MPLS:
        offset = _after_labels(data, offset)
        version = data[offset] >> 4 if offset < len(data) else 0
        kind = {4: ETHERTYPE_IPV4, 6: ETHERTYPE_IPV6}.get(version, 0)
    elif kind == PPPOE_SESSION and len(data) >= offset + 8 and data[offset : offset + 2] == b"\x11\0":
        kind, offset = PPP.get(_u16(data, offset + 6)[0], 0), offset + 8
    if kind == ETHERTYPE_IPV4:
        ipv4(data, offset, row)
    elif kind == ETHERTYPE_IPV6:
        ipv6(data, offset, row)
    elif kind == ETHERTYPE_ARP:
        arp(data, offset, row)


def ipv4(data: bytes, offset: int, row: Row) -> None:
    """RFC 791. Only the first fragment has a transport header."""
    if len(data) < offset + 20 or data[offset] >> 4 != 4:
        return
    length = (data[offset] & 15) * 4
    if length < 20:
        return
    row["proto"] = data[offset + 9]
    row["src_addr"] = V4_PREFIX + data[offset + 12 : offset + 16]
    row["dst_addr"] = V4_PREFIX + data[offset + 16 : offset + 20]
    row["has"] |= Has.PROTO | Has.ADDRESSES
    if _u16(data, offset + 6)[0] & 0x1FFF == 0:
        transport(row["proto"], data, offset + length, row)


def ipv6(data: bytes, offset: int, row: Row) -> None:
    """RFC 8200, extension headers followed. Behind the header of a later fragment is the middle of something."""
    if len(data) < offset + 40 or data[offset] >> 4 != 6:
        return
    row["src_addr"] = data[offset + 8 : offset + 24]
    row["dst_addr"] = data[offset + 24 : offset + 40]
    row["has"] |= Has.ADDRESSES
    following, offset, first = data[offset + 6], offset + 40, True
    for _ in range(MOST_LAYERS):
        if following == 44 and len(data) >= offset + 8:
            first = _u16(data, offset + 2)[0] & 0xFFF8 == 0
            following, offset = data[offset], offset + 8
            if not first:
                break
        elif following in IPV6_EXTENSIONS and len(data) >= offset + 2:
            unit = 4 if following == 51 else 8
            size = (data[offset + 1] + (2 if following == 51 else 1)) * unit
            following, offset = data[offset], offset + size
        else:
            break
    row["proto"] = following
    row["has"] |= Has.PROTO
    if first:
        transport(following, data, offset, row)


def transport(proto: int, data: bytes, offset: int, row: Row) -> None:
    """Ports, TCP flags, ICMP type and code, as far as the bytes reach."""
    left = len(data) - offset
    if proto in WITH_PORTS and left >= 4:
        row["src_port"], row["dst_port"] = _ports(data, offset)
        row["has"] |= Has.PORTS
        if proto == TCP and left >= 14:
            row["tcp_flags"] = data[offset + 13]
            row["has"] |= Has.TCP_FLAGS
    elif proto in (ICMP, ICMPV6) and left >= 2:
        row["icmp_type"], row["icmp_code"] = data[offset], data[offset + 1]
        row["has"] |= Has.ICMP


def arp(data: bytes, offset: int, row: Row) -> None:
    """RFC 826 for IPv4 over Ethernet: the sender is the source, the target the destination."""
    if len(data) < offset + 28:
        return
    hardware, protocol, hardware_size, protocol_size, operation = _arp(data, offset)
    if (hardware, protocol, hardware_size, protocol_size) != (1, ETHERTYPE_IPV4, 6, 4):
        return
    row["arp_op"] = operation
    row["src_addr"] = V4_PREFIX + data[offset + 14 : offset + 18]
    row["dst_addr"] = V4_PREFIX + data[offset + 24 : offset + 28]
    row["has"] |= Has.ARP


def is_arp_request(row: Row) -> bool:
    """The row is an ARP request."""
    return bool(row["has"] & Has.ARP) and row["arp_op"] == ARP_REQUEST


def _after_labels(data: bytes, offset: int) -> int:
    for _ in range(MOST_LAYERS):
        if len(data) < offset + 4:
            return len(data)
        bottom = data[offset + 2] & 1
        offset += 4
        if bottom:
            break
    return offset
