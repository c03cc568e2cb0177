"""LLDP neighbours and ARP bindings of a walk."""

from __future__ import annotations

import ipaddress

from controller.core.tables import ArpRow, Neighbour
from playbooks.facts import NeighbourKind

from . import objects as o
from .ports import bridge_ports, names
from .walk import Walk

# LldpSystemCapabilitiesMap: bit 0 is the top bit. What a box can do for others decides, before what it is itself.
PHONE, ROUTER, AP, BRIDGE = 0x04, 0x08, 0x10, 0x20


def kind_of(bits: int) -> NeighbourKind:
    """What the enabled capabilities make of a neighbour. A phone with a switch inside is a phone."""
    if bits & PHONE:
        return NeighbourKind.PHONE
    if bits & AP:
        return NeighbourKind.AP
    if bits & ROUTER:
        return NeighbourKind.ROUTER
    if bits & BRIDGE:
        return NeighbourKind.SWITCH
    return NeighbourKind.OTHER


def lldp_rows(walk: Walk) -> tuple[Neighbour, ...]:
    """lldpRemTable, its local port numbers led back to an ifIndex by name, or by bridge port where no name fits."""
    local = _local_ports(walk)
    caps = walk.column(o.LLDP_REMOTE_CAPS)
    ports = dict(walk.texts(o.LLDP_REMOTE_PORT))
    rows = []
    for instance, name in walk.texts(o.LLDP_REMOTE_NAME):
        if len(instance) != 3 or instance[1] not in local:
            continue
        bits = caps.get(instance)
        kind = kind_of(bits[0]) if isinstance(bits, bytes) and bits else NeighbourKind.OTHER
        rows.append(Neighbour(local[instance[1]], name, ports.get(instance, ""), kind))
    return tuple(rows)


def arp_rows(walk: Walk) -> tuple[ArpRow, ...]:
    """ipNetToMediaTable and ipNetToPhysicalTable."""
    rows = []
    for instance, mac in walk.column(o.ARP_MAC).items():
        if isinstance(mac, bytes) and len(mac) == 6 and len(instance) == 5:
            rows.append(ArpRow(".".join(map(str, instance[1:])), mac.hex(":"), instance[0]))
    for instance, mac in walk.column(o.NEIGHBOUR_MAC).items():
        address = _address(instance[1:])
        if isinstance(mac, bytes) and len(mac) == 6 and address:
            rows.append(ArpRow(address, mac.hex(":"), instance[0]))
    return tuple(rows)


def _local_ports(walk: Walk) -> dict[int, int]:
    by_name: dict[str, int] = {name: ifindex for ifindex, name in names(walk).items()}
    bridge = bridge_ports(walk)
    local: dict[int, int] = {}
    for column in (o.LLDP_LOCAL_DESCR, o.LLDP_LOCAL_ID):
        for (number,), text in walk.texts(column):
            if text in by_name:
                local[number] = by_name[text]
    known = {instance[1] for instance in walk.column(o.LLDP_REMOTE_NAME) if len(instance) == 3}
    for number in known - set(local):
        if number in bridge:
            local[number] = bridge[number]
    return local


def _address(instance: tuple[int, ...]) -> str | None:
    """InetAddressType, length, octets (RFC 4001): IPv4 or IPv6."""
    if len(instance) < 3 or instance[1] not in (4, 16) or len(instance) != 2 + instance[1]:
        return None
    if any(octet > 255 for octet in instance[2:]):
        return None
    return str(ipaddress.ip_address(bytes(instance[2:])))
