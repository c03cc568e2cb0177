"""Interfaces of a walk: names, states, VLANs, aggregates, and which bridge port each is."""

from __future__ import annotations

from collections import Counter

from controller.core.tables import PortRow
from playbooks.plan import Admin, Oper

from . import objects as o
from .walk import Walk


def bridge_ports(walk: Walk) -> dict[int, int]:
    """dot1dBasePort -> ifIndex."""
    return {i[0]: ifindex for i, ifindex in walk.numbers(o.BASE_PORT_IFINDEX) if len(i) == 1 and ifindex > 0}


def names(walk: Walk) -> dict[int, str]:
    """ifIndex -> ifName, or ifDescr where there is no ifName."""
    found = {i[0]: text for i, text in walk.texts(o.IF_DESCR) if len(i) == 1 and text}
    found.update({i[0]: text for i, text in walk.texts(o.IF_NAME) if len(i) == 1 and text})
    return found


def lags(walk: Walk) -> set[int]:
    """ifIndexes of aggregates (ifType 161) and of their members (dot3adAggPortAttachedAggID not 0)."""
    aggregates = {i[0] for i, kind in walk.numbers(o.IF_TYPE) if kind == o.IF_TYPE_LAG}
    members = {i[0] for i, aggregate in walk.numbers(o.LAG_ATTACHED) if aggregate > 0}
    return aggregates | members


def trunks(walk: Walk) -> set[int]:
    """Bridge ports that carry some VLAN tagged: in its egress list and not in its untagged one."""
    tagged: set[int] = set()
    untagged = walk.column(o.VLAN_UNTAGGED)
    if not untagged:
        return tagged
    for instance, ports in walk.column(o.VLAN_EGRESS).items():
        plain = untagged.get(instance, b"")
        if isinstance(ports, bytes) and isinstance(plain, bytes):
            tagged |= port_list(ports) - port_list(plain)
    return tagged


def port_list(octets: bytes) -> set[int]:
    """PortList (RFC 4363): bit 1 is the top bit of the first octet."""
    return {
        index * 8 + bit + 1 for index, octet in enumerate(octets) if octet for bit in range(8) if octet & (0x80 >> bit)
    }


def port_rows(walk: Walk) -> tuple[PortRow, ...]:
    """Every interface of the ifTable."""
    bridge = {ifindex: port for port, ifindex in bridge_ports(walk).items()}
    named, lag, tagged = names(walk), lags(walk), trunks(walk)
    kinds = {i[0]: kind for i, kind in walk.numbers(o.IF_TYPE)}
    oper = {i[0]: state for i, state in walk.numbers(o.IF_OPER)}
    alias = {i[0]: text for i, text in walk.texts(o.IF_ALIAS)}
    pvid = {i[0]: vlan for i, vlan in walk.numbers(o.PVID)}
    rows = []
    for (ifindex,), admin in walk.numbers(o.IF_ADMIN):
        port = bridge.get(ifindex)
        rows.append(
            PortRow(
                ifindex=ifindex,
                name=named.get(ifindex, ""),
                alias=alias.get(ifindex, ""),
                if_type=kinds.get(ifindex, 0),
                admin=Admin.UP if admin == 1 else Admin.DOWN,
                oper={1: Oper.UP, 2: Oper.DOWN}.get(oper.get(ifindex, 0), Oper.UNKNOWN),
                pvid=pvid.get(port) if port is not None else None,
                trunk=port in tagged,
                lag=ifindex in lag,
                bridge_port=port,
            )
        )
    return tuple(rows)


def doubled_names(walk: Walk) -> set[str]:
    """Names that more than one interface has: such a port cannot be told on the command line."""
    return {name for name, count in Counter(names(walk).values()).items() if count > 1}
