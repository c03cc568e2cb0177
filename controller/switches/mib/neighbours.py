"""LLDP and CDP neighbours of a walk, each on the interface where it was heard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from controller.core.tables import Neighbour

from . import objects as o
from .arp import mac_of, packed_address
from .kinds import kind_by_cdp, kind_by_lldp
from .localports import LocalPorts
from .walk import Oid, Walk

CHASSIS_MAC, PORT_MAC = 4, 3  # subtypes of LldpChassisId and LldpPortId
ADDRESS_SIZES = (4, 16)


def neighbour_rows(walk: Walk) -> tuple[Neighbour, ...]:
    """Everything that speaks LLDP or CDP."""
    return (*lldp_rows(walk), *cdp_rows(walk))


def lldp_rows(walk: Walk) -> tuple[Neighbour, ...]:
    """lldpRemTable. A neighbour whose index has no local port (an agent leaves it out) gets ifIndex 0."""
    local, managed = LocalPorts(walk), _managed(walk)
    names, ports = dict(walk.texts(o.LLDP_REMOTE_NAME)), dict(walk.texts(o.LLDP_REMOTE_PORT))
    described, kinds = dict(walk.texts(o.LLDP_REMOTE_DESCR)), dict(walk.numbers(o.LLDP_REMOTE_CHASSIS_KIND))
    enabled, supported = walk.column(o.LLDP_REMOTE_CAPS), walk.column(o.LLDP_REMOTE_CAPS_SUPPORTED)
    port_kinds, chassis = dict(walk.numbers(o.LLDP_REMOTE_PORT_KIND)), walk.column(o.LLDP_REMOTE_CHASSIS)
    rows = []
    for instance in sorted({*chassis, *names}):
        mac = mac_of(chassis.get(instance, 0)) if kinds.get(instance) == CHASSIS_MAC else None
        remote = mac_of(walk.column(o.LLDP_REMOTE_PORT)[instance]) if port_kinds.get(instance) == PORT_MAC else None
        what = kind_by_lldp(_bits(enabled.get(instance)), _bits(supported.get(instance)), described.get(instance, ""))
        for ifindex in local(instance[1]) if len(instance) == 3 else (0,):
            rows.append(
                Neighbour(
                    ifindex,
                    names.get(instance, ""),
                    remote or ports.get(instance, ""),
                    what,
                    chassis=mac or "",
                    addresses=tuple(managed.get(instance, ())),
                    platform=described.get(instance, ""),
                )
            )
    return tuple(rows)


def cdp_rows(walk: Walk) -> tuple[Neighbour, ...]:
    """cdpCacheTable: its index is the ifIndex."""
    ports, platforms = dict(walk.texts(o.CDP_PORT)), dict(walk.texts(o.CDP_PLATFORM))
    caps, addresses = walk.column(o.CDP_CAPS), walk.column(o.CDP_ADDRESS)
    rows = []
    for instance, name in walk.texts(o.CDP_DEVICE):
        platform, address = platforms.get(instance, ""), packed_address(_octets(addresses.get(instance)))
        rows.append(
            Neighbour(
                instance[0] if len(instance) == 2 else 0,
                name,
                ports.get(instance, ""),
                kind_by_cdp(_octets(caps.get(instance)), platform),
                via="cdp",
                addresses=(address,) if address else (),
                platform=platform,
            )
        )
    return tuple(rows)


def _managed(walk: Walk) -> dict[Oid, list[str]]:
    """lldpRemManAddrTable: its index is that of the neighbour, then subtype, length and octets of the address."""
    found: dict[Oid, list[str]] = defaultdict(list)
    for instance in walk.column(o.LLDP_REMOTE_ADDRESS_IF):
        address = _tail_address(instance[3:])
        if address and address not in found[instance[:3]]:
            found[instance[:3]].append(address)
    return found


def _tail_address(tail: Oid) -> str | None:
    if len(tail) < 3 or tail[1] not in ADDRESS_SIZES or len(tail) != 2 + tail[1] or not _all_octets(tail[2:]):
        return None
    return packed_address(bytes(tail[2:]))


def _all_octets(numbers: Iterable[int]) -> bool:
    return all(0 <= number <= 255 for number in numbers)


def _octets(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _bits(value: object) -> bytes:
    """As octets; a recorder may have taken the hex digits of one octet for a number."""
    return b"%02d" % value if isinstance(value, int) else _octets(value)
