"""Answers of NAPALM's getters as the same rows that SNMP and the command line give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from controller.core.tables import ArpRow, FdbRow, Neighbour, PortRow
from playbooks.facts import NeighbourKind, Verdict
from playbooks.plan import Admin, Oper

from . import cells
from .others import kind_of

ETHERNET_CSMACD = 6
KINDS = (
    ("telephone", NeighbourKind.PHONE),
    ("wlan-access-point", NeighbourKind.AP),
    ("bridge", NeighbourKind.SWITCH),
    ("repeater", NeighbourKind.SWITCH),
    ("router", NeighbourKind.ROUTER),
)


def fdb(table: Iterable[Mapping[str, Any]], indexes: Mapping[str, int]) -> tuple[FdbRow, ...]:
    """get_mac_address_table. NAPALM has no interface for the switch's own entries, and 0 or -1 for no VLAN."""
    rows = []
    for entry in table:
        mac = cells.mac(str(entry.get("mac", "")))
        if mac is None:
            continue
        ports = cells.split_ports(str(entry.get("interface") or ""))
        verdict = cells.verdict(ports, "", any_name=False)
        name = ports[0] if verdict is Verdict.PORT else None
        vlan = entry.get("vlan")
        rows.append(
            FdbRow(
                mac,
                vlan if isinstance(vlan, int) and vlan > 0 else None,
                indexes.get(name) if name else None,
                name,
                verdict,
                status="static" if entry.get("static") else "learned",
                lag=bool(name and cells.is_aggregate(name)),
                table="cli",
                vlan_source="cli",
                how="napalm",
            )
        )
    return tuple(rows)


def arp(table: Iterable[Mapping[str, Any]], indexes: Mapping[str, int]) -> tuple[ArpRow, ...]:
    """get_arp_table and get_ipv6_neighbors_table."""
    found = ((str(entry["ip"]), cells.mac(str(entry.get("mac", ""))), entry.get("interface")) for entry in table)
    return tuple(ArpRow(ip, mac, indexes.get(str(name))) for ip, mac, name in found if mac)


def neighbours(table: Mapping[str, Iterable[Mapping[str, Any]]], indexes: Mapping[str, int]) -> tuple[Neighbour, ...]:
    """get_lldp_neighbors (names only) or get_lldp_neighbors_detail (capabilities too)."""
    return tuple(
        _neighbour(indexes.get(local, 0), local, entry) for local, entries in table.items() for entry in entries
    )


def _neighbour(ifindex: int, port: str, entry: Mapping[str, Any]) -> Neighbour:
    capable = entry.get("remote_system_enable_capab") or entry.get("remote_system_capab") or ()
    described = str(entry.get("remote_system_description") or "")
    kind = next((kind for word, kind in KINDS if word in capable), None)
    name = str(entry.get("hostname") or entry.get("remote_system_name") or "")
    return Neighbour(
        ifindex,
        name,
        str(entry.get("port") or entry.get("remote_port") or ""),
        kind or (NeighbourKind.OTHER if capable else kind_of("", described, name)),
        chassis=cells.mac(str(entry.get("remote_chassis_id") or "")) or "",
        platform=described,
        port=port,
    )


def ports(table: Mapping[str, Mapping[str, Any]], indexes: Mapping[str, int]) -> tuple[PortRow, ...]:
    """get_interfaces. It tells no ifIndex; `indexes` has those that another way in told."""
    return tuple(
        PortRow(
            ifindex=indexes.get(name, 0),
            name=name,
            alias=str(entry.get("description") or ""),
            if_type=ETHERNET_CSMACD,
            admin=Admin.UP if entry.get("is_enabled") else Admin.DOWN,
            oper=Oper.UP if entry.get("is_up") else Oper.DOWN,
            lag=cells.is_aggregate(name),
        )
        for name, entry in table.items()
    )


def with_vlan(row: PortRow, known: PortRow) -> PortRow:
    """A row of get_interfaces with the VLAN and the trunk that a status table tells."""
    return replace(row, pvid=known.pvid, trunk=known.trunk)
