"""What NX-API answers to "show ..." as structured output, as far as NAPALM reads it, and the running configuration as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from controller.emulate.actions import dotted
from controller.emulate.state import SwitchState

Model = dict[str, Any]


def interfaces(state: SwitchState) -> Model:
    """show interface."""
    rows = []
    for port in state.ports.values():
        up = port.admin_up and state.oper_up(port)
        row = {
            "interface": port.name,
            "state": "up" if up else "down",
            "admin_state": "up" if port.admin_up else "down",
        }
        row |= {"eth_mtu": "1500", "eth_bw": "10000000", "eth_hw_addr": "0277.0000.0101"}
        rows.append(row | ({"desc": port.alias} if port.alias else {}))
    return {"TABLE_interface": {"ROW_interface": rows}}


def macs(state: SwitchState) -> Model:
    """show mac address-table."""
    rows = [_mac(mac, vlan, port.name, static="0") for mac, vlan, port in state.fdb()]
    rows += [_mac(mac, vlan, "Drop", static="1") for mac, vlan in sorted(state.blocked)]
    return {"TABLE_mac_address": {"ROW_mac_address": rows}}


def _mac(mac: str, vlan: int, port: str, *, static: str) -> Model:
    return {"disp_mac_addr": dotted(mac), "disp_vlan": str(vlan), "disp_port": port, "disp_is_static": static}


def arp(state: SwitchState) -> Model:
    """show ip arp."""
    rows = [
        {"ip-addr-out": ip, "mac": dotted(mac), "time-stamp": "00:05:12", "intf-out": "Vlan10"}
        for ip, mac in sorted(state.arp.items())
    ]
    return {"TABLE_vrf": {"ROW_vrf": {"vrf-name-out": "default", "TABLE_adj": {"ROW_adj": rows}}}}


MODELS: dict[str, Callable[[SwitchState], Model]] = {
    "show interface": interfaces,
    "show mac address-table": macs,
    "show ip arp": arp,
    "show hostname": lambda state: {"hostname": state.name},
}


def running(state: SwitchState) -> str:
    """show running-config all: defaults too."""
    lines = ["!Command: show running-config all", f"hostname {state.name}"]
    for port in state.ports.values():
        lines += ["", f"interface {port.name}"]
        lines += [f"  description {port.alias}"] if port.alias else []
        lines += [f"  switchport access vlan {port.pvid}", "  no shutdown" if port.admin_up else "  shutdown"]
    lines += ["", *(f"mac address-table static {dotted(mac)} vlan {vlan} drop" for mac, vlan in sorted(state.blocked))]
    return "\n".join([*lines, ""])
