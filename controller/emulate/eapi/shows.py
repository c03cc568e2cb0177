"""What eAPI answers in JSON: the models of "show ..." as EOS 4.29 has them, as far as NAPALM reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from controller.emulate.actions import dotted
from controller.emulate.candidates import Candidates
from controller.emulate.state import EmulatedPort, SwitchState

Model = dict[str, Any]
CAPABILITIES = {
    "bridge": "bridge",
    "router": "router",
    "wlan": "wlanAccessPoint",
    "phone": "telephone",
    "station": "stationOnly",
}


def version(state: SwitchState) -> Model:
    """show version."""
    uptime_s = state.uptime_ms() / 1000
    return {
        "modelName": "DCS-7050SX3-48YC8",
        "serialNumber": "EMULATED000",
        "version": "4.29.2F",
        "internalVersion": "4.29.2F-30639853.4292F",
        "bootupTimestamp": state.clock.now_ms() / 1000 - uptime_s,
        "uptime": uptime_s,
    }


def interfaces(state: SwitchState) -> Model:
    """show interfaces."""
    return {"interfaces": {port.name: _interface(state, port) for port in state.ports.values()}}


def _interface(state: SwitchState, port: EmulatedPort) -> Model:
    oper = port.admin_up and state.oper_up(port)
    return {
        "name": port.name,
        "hardware": "ethernet",
        "lineProtocolStatus": "up" if oper else "down",
        "interfaceStatus": "connected" if oper else "disabled" if not port.admin_up else "notconnect",
        "description": port.alias,
        "mtu": 9214,
        "bandwidth": 10_000_000_000,
        "physicalAddress": "02:77:00:00:01:01",
    }


def macs(state: SwitchState) -> Model:
    """show mac address-table."""
    rows: list[Model] = [
        {"macAddress": mac, "vlanId": vlan, "interface": port.name, "entryType": "dynamic", "moves": 1, "lastMove": 1.0}
        for mac, vlan, port in state.fdb()
    ]
    rows += [
        {"macAddress": mac, "vlanId": vlan, "interface": "Drop", "entryType": "static"} for mac, vlan in state.blocked
    ]
    return {"unicastTable": {"tableEntries": rows}, "multicastTable": {"tableEntries": []}}


def arp(state: SwitchState) -> Model:
    """show arp vrf all."""
    rows = [
        {"address": ip, "hwAddress": dotted(mac), "interface": "Vlan10", "age": 5}
        for ip, mac in sorted(state.arp.items())
    ]
    return {"vrfs": {"default": {"ipV4Neighbors": rows}}}


def lldp(state: SwitchState) -> Model:
    """show lldp neighbors detail."""
    return {"lldpNeighbors": {port.name: {"lldpNeighborInfo": _neighbours(port)} for port in state.ports.values()}}


def _neighbours(port: EmulatedPort) -> list[Model]:
    near = port.neighbour
    if near is None:
        return []
    return [
        {
            "chassisIdType": "macAddress",
            "chassisId": "0277.0000.00aa",
            "systemName": near.system_name,
            "systemDescription": "emulated",
            "systemCapabilities": {CAPABILITIES[near.capability]: True},
            "neighborInterfaceInfo": {"interfaceId": f'"{near.port_id}"', "interfaceDescription": "x"},
        }
    ]


def vlans(state: SwitchState) -> Model:
    """show vlan."""
    rows = {}
    for vlan in sorted(state.vlans):
        inside = [p.name for p in state.ports.values() if p.pvid == vlan and not p.trunk]
        rows[str(vlan)] = {"name": f"VLAN{vlan:04d}", "status": "active", "interfaces": {name: {} for name in inside}}
    return {"vlans": rows}


def sessions(candidates: Candidates, uptime_s: float, now_s: float) -> Model:
    """show configuration sessions, with detail or without: `commitBy` is told relative to the time since boot."""
    found: dict[str, Model] = {
        name: {"state": "pending", "commitUser": "", "instances": {}} for name in candidates.open
    }
    if candidates.waiting is not None:
        commit_by = uptime_s + candidates.waiting.due_s - now_s
        found[candidates.waiting.name] = {"state": "pendingCommitTimer", "commitUser": "", "commitBy": commit_by}
    return {"sessions": found, "maxSavedSessions": 1, "maxOpenSessions": 5}


MODELS: dict[str, Callable[[SwitchState], Model]] = {
    "show version": version,
    "show interfaces": interfaces,
    "show mac address-table": macs,
    "show arp vrf all": arp,
    "show lldp neighbors detail": lldp,
    "show vlan": vlans,
    "show hostname": lambda state: {"hostname": state.name, "fqdn": state.name},
}
