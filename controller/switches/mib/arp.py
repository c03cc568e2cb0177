"""Address bindings of a walk: ipNetToMediaTable (IPv4) and ipNetToPhysicalTable (IPv4 and IPv6)."""

from __future__ import annotations

import ipaddress

from controller.core.tables import ArpRow

from . import objects as o
from .walk import Oid, Value, Walk

INVALID = 2  # ipNetToMediaType and ipNetToPhysicalType: the row is about to go
IPV4, IPV6 = 4, 16  # octets of an address
# InetAddressType (RFC 4001) and length -> octets of the address; ipv4z and ipv6z have four octets of zone behind it.
SIZES: dict[Oid, int] = {(1, 4): IPV4, (2, 16): IPV6, (3, 8): IPV4, (4, 20): IPV6}


def arp_rows(walk: Walk) -> tuple[ArpRow, ...]:
    """Each binding once, whichever table has it."""
    found: dict[tuple[str, str], ArpRow] = {}
    states = walk.integers(o.ARP_TYPE)
    for instance, value in walk.column(o.ARP_MAC).items():
        if len(instance) == 5 and states.get(instance) != INVALID and (mac := mac_of(value)):
            ifindex, a, b, c, d = instance
            if (a | b | c | d) <= 255:
                ip = f"{a}.{b}.{c}.{d}"
                found.setdefault((ip, mac), ArpRow(ip, mac, ifindex))
    states = walk.integers(o.NEIGHBOUR_TYPE)
    for instance, value in walk.column(o.NEIGHBOUR_MAC).items():
        mac, address = mac_of(value), address_of(instance[1:])
        if mac and address and states.get(instance) != INVALID:
            found.setdefault((address, mac), ArpRow(address, mac, instance[0]))
    return tuple(found.values())


def mac_of(value: Value) -> str | None:
    """Six octets, or their text (`0:1b:c:...`) as some recorders wrote them."""
    if not isinstance(value, bytes):
        return None
    if len(value) == 6:
        return value.hex(":")
    parts = value.decode("ascii", "replace").strip().replace("-", ":").split(":")
    try:
        octets = bytes(int(part, 16) for part in parts)
    except ValueError:
        return None
    return octets.hex(":") if len(octets) == 6 else None


def address_of(instance: Oid) -> str | None:
    """InetAddressType, length, octets (RFC 4001): IPv4 or IPv6, its zone left out."""
    if len(instance) < 3 or len(instance) != 2 + instance[1] or max(instance[2:]) > 255:
        return None
    size = SIZES.get(instance[:2])
    return packed_address(bytes(instance[2 : 2 + size])) if size else None


def packed_address(octets: bytes) -> str | None:
    """Four or sixteen octets as text."""
    return str(ipaddress.ip_address(octets)) if len(octets) in (IPV4, IPV6) else None
