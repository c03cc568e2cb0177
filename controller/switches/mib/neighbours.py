"""LLDP and CDP neighbours of a walk, each on the interface where it was heard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from controller.core.tables import Neighbour

from . import objects as o
from .arp import mac_of, packed_address
from .kinds import kind_by_cdp, kind_by_lldp
from .localports import LocalPorts
from .walk import Oid, Walk

CHASSIS_MAC, PORT_MAC = 4, 3  # subtypes of LldpChassisId and LldpPortId
ADDRESS_SIZES = (4, 16)


class _Columns(NamedTuple):
    """Columns of a table of LLDP neighbours, and how long its index is: time mark, local port, ..., the neighbour's number."""

    chassis_kind: Oid
    chassis: Oid
    port_kind: Oid
    port: Oid
    name: Oid
    described: Oid
    supported: Oid
    enabled: Oid
    address_if: Oid
    arcs: tuple[int, ...]


FIRST = _Columns(
    o.LLDP_REMOTE_CHASSIS_KIND, o.LLDP_REMOTE_CHASSIS, o.LLDP_REMOTE_PORT_KIND, o.LLDP_REMOTE_PORT, o.LLDP_REMOTE_NAME,
    o.LLDP_REMOTE_DESCR, o.LLDP_REMOTE_CAPS_SUPPORTED, o.LLDP_REMOTE_CAPS, o.LLDP_REMOTE_ADDRESS_IF, (3,),
)  # fmt: skip
_kind, _id, _port_kind, _port, _name, _descr, _supported, _enabled, _address = o.LLDP2_COLUMNS
# Between local port and number: lldpV2RemLocalDestMACAddress, the number of a row of lldpV2DestAddressTable in spite of its
# name; some agents put the six octets of that address there.
SECOND = _Columns(_kind, _id, _port_kind, _port, _name, _descr, _supported, _enabled, _address, (4, 9))


def neighbour_rows(walk: Walk) -> tuple[Neighbour, ...]:
    """Everything that speaks LLDP or CDP."""
    return (*lldp_rows(walk), *cdp_rows(walk))


def lldp_rows(walk: Walk) -> tuple[Neighbour, ...]:
    """lldpRemTable and lldpV2RemTable; an agent may have both, and each neighbour is there once for a port."""
    rows = [*_lldp(walk, FIRST, LocalPorts(walk)), *_lldp(walk, SECOND, lambda ifindex: (ifindex,))]
    return tuple(dict.fromkeys(rows))


def _lldp(walk: Walk, columns: _Columns, local: Callable[[int], tuple[int, ...]]) -> Iterator[Neighbour]:
    """A neighbour whose index has no local port (an agent leaves it out) gets ifIndex 0."""
    managed = _managed(walk, columns)
    names, ports = dict(walk.texts(columns.name)), dict(walk.texts(columns.port))
    described, kinds = dict(walk.texts(columns.described)), dict(walk.numbers(columns.chassis_kind))
    enabled, supported = walk.column(columns.enabled), walk.column(columns.supported)
    port_kinds, chassis = dict(walk.numbers(columns.port_kind)), walk.column(columns.chassis)
    # Whatever column a recorder left out, or the walk lost: a neighbour that is not seen would not stop anything.
    for instance in sorted({*chassis, *names, *ports, *described, *enabled, *supported}):
        mac = mac_of(chassis.get(instance, 0)) if kinds.get(instance) == CHASSIS_MAC else None
        remote = mac_of(walk.column(columns.port).get(instance, 0)) if port_kinds.get(instance) == PORT_MAC else None
        said = described.get(instance, ""), names.get(instance, "")
        what = kind_by_lldp(_bits(enabled.get(instance)), _bits(supported.get(instance)), *said)
        for ifindex in local(instance[1]) if len(instance) in columns.arcs else (0,):
            yield Neighbour(
                ifindex,
                names.get(instance, ""),
                remote or ports.get(instance, ""),
                what,
                chassis=mac or "",
                addresses=tuple(managed.get(instance, ())),
                platform=described.get(instance, ""),
            )


def cdp_rows(walk: Walk) -> tuple[Neighbour, ...]:
    """cdpCacheTable: its index is the ifIndex."""
    ports, platforms = dict(walk.texts(o.CDP_PORT)), dict(walk.texts(o.CDP_PLATFORM))
    caps, addresses = walk.column(o.CDP_CAPS), walk.column(o.CDP_ADDRESS)
    names, rows = dict(walk.texts(o.CDP_DEVICE)), []
    for instance in sorted({*names, *ports, *platforms, *caps}):
        platform, address = platforms.get(instance, ""), packed_address(_octets(addresses.get(instance)))
        rows.append(
            Neighbour(
                instance[0] if len(instance) == 2 else 0,
                names.get(instance, ""),
                ports.get(instance, ""),
                kind_by_cdp(_octets(caps.get(instance)), platform),
                via="cdp",
                addresses=(address,) if address else (),
                platform=platform,
            )
        )
    return tuple(rows)


def _managed(walk: Walk, columns: _Columns) -> dict[Oid, list[str]]:
    """lldpRemManAddrTable: its index is that of the neighbour, then subtype, length and octets of the address."""
    found: dict[Oid, list[str]] = defaultdict(list)
    for instance in walk.column(columns.address_if):
        for arcs in columns.arcs:
            address = _tail_address(instance[arcs:])
            if address and address not in found[instance[:arcs]]:
                found[instance[:arcs]].append(address)
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
