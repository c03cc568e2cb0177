"""Interfaces of a walk: names, states, VLANs, aggregates, and which bridge port each is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from controller.core.tables import PortRow
from playbooks.plan import Admin, Oper

from . import objects as o
from .arp import mac_of
from .tagged import own_vlans, trunks
from .walk import Walk

ACTIVE = 1  # RowStatus
# ifOperStatus: notPresent(6) and lowerLayerDown(7) are down, with the reason (RFC 2863 section 3.1.14)
OPER = {1: Oper.UP, 2: Oper.DOWN, 6: Oper.DOWN, 7: Oper.DOWN}
AGGREGATE = re.compile(
    r"(po|pc|lg|port-?channel|(bridge|route|mad)-aggregation|bagg|ragg|eth-?trunk|trk|ae|lag|bond|agg(regate)?port|ag|team|sa|dynsa|dyn"
    r"|(link[ -]?)?agg(regat(e|ion|or))?|smartgroup|trunk([ -]?id)?|bonding|lagg|[lg]lag|ch|static-?channel"
    r"|bundle-ether|be|mlt|m?lacp|m?lag|lag\.0)"
    r"[ .-]?\d+(/\d+)*(\.\d+)?",
    re.IGNORECASE,
)


def bridge_ports(walk: Walk) -> dict[int, int]:
    """dot1dBasePort -> ifIndex. The index of the table is the port (RFC 4188). Where an agent's column dot1dBasePort says another
    number than the index, the agent may mean either: a number that leads to two interfaces then leads to none."""
    ports = {port: ifindex for port, ifindex in walk.by_number(o.BASE_PORT_IFINDEX).items() if ifindex > 0}
    called = walk.by_number(o.BASE_PORT)
    if not called or all(called.get(index, index) == index for index in ports):
        return ports
    found: dict[int, set[int]] = defaultdict(set)
    for index, ifindex in ports.items():
        found[index].add(ifindex)
        found[called.get(index, index)].add(ifindex)
    return {number: ifindex for number, (ifindex, *others) in found.items() if not others}


def names(walk: Walk) -> dict[int, str]:
    """ifIndex -> ifName, or ifDescr where there is no ifName."""
    found = {i[0]: text for i, text in walk.texts(o.IF_DESCR) if len(i) == 1 and text}
    found.update({i[0]: text for i, text in walk.texts(o.IF_NAME) if len(i) == 1 and text})
    return found


def lags(walk: Walk) -> set[int]:
    """ifIndexes of aggregates and of their members: ifType 161, ifStack, dot3adAggPortAttachedAggID, or a usual name.

    Not every device gives an aggregate its type (a ProCurve trunk is propMultiplexor), hence the names.
    """
    members = aggregate_of(walk)
    found = _aggregates(walk) | set(members) | set(members.values())
    return found | _units(walk, found) if found else found


def _units(walk: Walk, of: set[int]) -> set[int]:
    """What is done to a unit of an aggregate is done to a part of the aggregate."""
    return {unit for unit, port in units(walk) if port in of}


def units(walk: Walk) -> Iterator[tuple[int, int]]:
    """(unit, port) by name, `ge-0/0/1.0` of `ge-0/0/1`: ifIndexes."""
    named = names(walk)
    called = {name: ifindex for ifindex, name in named.items()}
    for ifindex, name in named.items():
        base, dot, number = name.rpartition(".")
        if dot and number.isdigit() and base in called:
            yield ifindex, called[base]


def aggregate_of(walk: Walk) -> dict[int, int]:
    """Member -> its aggregate, by ifIndex."""
    aggregates, found = _aggregates(walk), {}
    for instance, status in walk.numbers(o.IF_STACK):
        if len(instance) == 2 and instance[0] in aggregates and instance[1] > 0 and status == ACTIVE:
            found[instance[1]] = instance[0]
    for instance, aggregate in walk.numbers(o.LAG_ATTACHED):
        # A port may be its own aggregate: then it is none (IEEE 802.3ad "individual").
        if aggregate > 0 and aggregate != instance[-1]:
            found[instance[-1]] = aggregate
    return found


def beneath(walk: Walk) -> dict[int, frozenset[int]]:
    """What an interface runs over, by ifIndex, where that is one other (ifStackTable, RFC 2863 section 3.1.1): a unit of a port.
    An interface over several is an aggregate or a VLAN's."""
    found: dict[int, set[int]] = defaultdict(set)
    for instance, status in walk.numbers(o.IF_STACK):
        if len(instance) == 2 and min(instance) > 0 and status == ACTIVE:
            found[instance[0]].add(instance[1])
    return {upper: frozenset(lower) for upper, lower in found.items() if len(lower) == 1}


def _aggregates(walk: Walk) -> set[int]:
    found = {ifindex for ifindex, kind in walk.by_number(o.IF_TYPE).items() if kind == o.IF_TYPE_LAG}
    return found | {ifindex for ifindex, name in names(walk).items() if is_aggregate_name(name)}


def is_aggregate_name(name: str) -> bool:
    """Po1, Port-channel1, Bridge-Aggregation1, Eth-Trunk1, Trk1, ae0, bond0, ...: on a command line there is no ifType."""
    return AGGREGATE.fullmatch(name.strip()) is not None


def port_rows(walk: Walk) -> tuple[PortRow, ...]:
    """Every interface of the ifTable."""
    interfaces = bridge_ports(walk)
    bridge = {ifindex: port for port, ifindex in interfaces.items()}
    named, lag, tagged, above = names(walk), lags(walk), trunks(walk, interfaces), aggregate_of(walk)
    kinds, oper, own = walk.by_number(o.IF_TYPE), walk.by_number(o.IF_OPER), own_vlans(walk, interfaces)
    alias, below = {i[0]: text for i, text in walk.texts(o.IF_ALIAS) if len(i) == 1}, beneath(walk)
    root = interfaces.get(
        walk.by_number(o.STP_ROOT_PORT).get(0, 0)
    )  # 0: it is the root itself, or has no spanning tree
    rows, own_macs = [], walk.column(o.IF_PHYSICAL)
    for ifindex, admin in walk.by_number(o.IF_ADMIN).items():
        rows.append(
            PortRow(
                ifindex=ifindex,
                name=named.get(ifindex, ""),
                alias=alias.get(ifindex, ""),
                if_type=kinds.get(ifindex, 0),
                admin=Admin.UP if admin == 1 else Admin.DOWN,
                oper=OPER.get(oper.get(ifindex, 0), Oper.UNKNOWN),
                pvid=own.get(ifindex),
                trunk=ifindex in tagged,
                tagged=tagged.get(ifindex),
                lag=ifindex in lag,
                bridge_port=bridge.get(ifindex),
                to_root=ifindex == root,
                mac=mac_of(own_macs.get((ifindex,), 0)),
                aggregate=above.get(ifindex),
                beneath=below.get(ifindex, frozenset()),
            )
        )
    return tuple(rows)


def doubled_names(walk: Walk) -> set[str]:
    """Names that more than one interface has: such a port cannot be told on the command line."""
    return {name for name, count in Counter(names(walk).values()).items() if count > 1}
