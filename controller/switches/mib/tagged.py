"""Which ports carry tagged VLANs, and which VLAN is a port's own: Q-BRIDGE-MIB's lists, or the makers' tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from . import objects as o
from .walk import Oid, Value, Walk, oid

# CISCO-VTP-MIB vlanTrunkPortDynamicStatus, by ifIndex: trunking(1), notTrunking(2)
CISCO_TRUNK, TRUNKING = oid("1.3.6.1.4.1.9.9.46.1.6.1.1.14"), 1
# JUNIPER-VLAN-MIB jnxExVlanPortAccessMode; index: VLAN, bridge port: access(1), trunk(2)
JUNIPER_MODE, JUNIPER_TRUNK = oid("1.3.6.1.4.1.2636.3.40.1.5.1.7.1.5"), 2
# What to ask for where the static lists are empty.
MORE = (o.CURRENT_EGRESS, o.CURRENT_UNTAGGED, CISCO_TRUNK, JUNIPER_MODE, o.VM_VLAN)


def trunks(walk: Walk, bridge: Mapping[int, int]) -> dict[int, int | None]:
    """ifIndexes of ports that carry some VLAN tagged, and how many, or that their maker calls a trunk. `bridge`: bridge port ->
    ifIndex."""
    tagged = _tagged(walk, o.VLAN_EGRESS, o.VLAN_UNTAGGED) or _tagged(walk, o.CURRENT_EGRESS, o.CURRENT_UNTAGGED)
    found: dict[int, int | None] = {bridge[port]: len(vlans) for port, vlans in tagged.items() if port in bridge}
    by_juniper = {i[-1] for i, mode in walk.numbers(JUNIPER_MODE) if len(i) == 2 and mode == JUNIPER_TRUNK}
    by_cisco = {ifindex for ifindex, status in walk.by_number(CISCO_TRUNK).items() if status == TRUNKING}
    return found | dict.fromkeys({bridge[port] for port in by_juniper if port in bridge} | by_cisco)


def own_vlans(walk: Walk, bridge: Mapping[int, int]) -> dict[int, int]:
    """ifIndex -> its VLAN: dot1qPvid, else vmVlan of CISCO-VLAN-MEMBERSHIP-MIB."""
    found = {ifindex: vlan for ifindex, vlan in walk.by_number(o.VM_VLAN).items() if vlan > 0}
    return found | {bridge[port]: vlan for port, vlan in walk.by_number(o.PVID).items() if port in bridge}


def _tagged(walk: Walk, egress: Oid, untagged: Oid) -> dict[int, set[int]]:
    """Bridge port -> VLANs in whose egress list it is, and not in the untagged one of the same row; nothing where there are no
    untagged lists."""
    plain, found = walk.column(untagged), defaultdict[int, set[int]](set)
    for instance, ports in walk.column(egress).items() if plain else ():
        for port in _ports(ports) - _ports(plain.get(instance, b"")):
            found[port].add(instance[-1])
    return found


def _ports(value: Value) -> set[int]:
    return port_list(value) if isinstance(value, bytes) else set()


def port_list(octets: bytes) -> set[int]:
    """PortList (RFC 4363): bit 1 is the top bit of the first octet."""
    return {
        index * 8 + bit + 1 for index, octet in enumerate(octets) if octet for bit in range(8) if octet & (0x80 >> bit)
    }
