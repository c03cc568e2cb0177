"""What `show ...` prints on the emulated IOS: layouts of real devices, so that the public parsers read them."""

from __future__ import annotations

from collections.abc import Callable

from controller.emulate.actions import dotted
from controller.emulate.shell import Command, Shell
from controller.emulate.state import EmulatedPort, SwitchState

NO_SUCH = "% Invalid input detected at '^' marker.\n"
LLDP_LETTER = {"bridge": "B", "router": "R", "wlan": "W", "phone": "T", "station": "S"}


def version(shell: Shell, _: list[str]) -> str:
    """show version."""
    state = shell.state
    minutes = state.uptime_ms() // 60_000
    return (
        "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2)\n"
        "\nROM: Bootstrap program is C2960X boot loader\n"
        f"\n{state.name} uptime is {minutes // 60} hours, {minutes % 60} minutes\n"
        'System returned to ROM by power-on\nSystem image file is "flash:/c2960x-universalk9-mz.152-7.E4.bin"\n'
        "\ncisco WS-C2960X-24TS-L (APM86XXX) processor (revision A0) with 524288K bytes of memory.\n"
        "Processor board ID EMULATED000\n\nConfiguration register is 0xF\n"
    )


def mac_table(shell: Shell, _: list[str]) -> str:
    """show mac address-table."""
    state = shell.state
    return _mac_rows(state, lambda mac, port: True)  # noqa: ARG005


def mac_of(shell: Shell, values: list[str]) -> str:
    """show mac address-table address MAC."""
    state = shell.state
    return _mac_rows(state, lambda mac, _: dotted(mac) == values[0].lower())


def macs_on(shell: Shell, values: list[str]) -> str:
    """show mac address-table interface NAME."""
    state = shell.state
    port = shell.find_port("".join(values))
    return NO_SUCH if port is None else _mac_rows(state, lambda _, p: p is port)


def static_macs(shell: Shell, _: list[str]) -> str:
    """show mac address-table static."""
    state = shell.state
    return _mac_rows(state, lambda _, __: False)


def _mac_rows(state: SwitchState, wanted: Callable[[str, EmulatedPort], bool]) -> str:
    lines = [
        "          Mac Address Table",
        "-------------------------------------------",
        "",
        "Vlan    Mac Address       Type        Ports",
        "----    -----------       --------    -----",
        " All    0100.0ccc.cccc    STATIC      CPU",
    ]
    with state.lock:
        for mac, vlan in sorted(state.blocked):
            lines.append(f"{vlan:4}    {dotted(mac)}    STATIC      Drop")
        for mac, vlan, port in state.fdb():
            if wanted(mac, port):
                lines.append(f"{vlan:4}    {dotted(mac)}    DYNAMIC     {port.name}")
    lines.append(f"Total Mac Addresses for this criterion: {len(lines) - 5}")
    return "\n".join(lines) + "\n"


def interfaces_status(shell: Shell, _: list[str]) -> str:
    """show interfaces status."""
    state = shell.state
    lines = ["", "Port      Name               Status       Vlan       Duplex  Speed Type"]
    with state.lock:
        for port in state.ports.values():
            status = "disabled" if not port.admin_up else "connected" if state.oper_up(port) else "notconnect"
            vlan = "trunk" if port.trunk else str(port.pvid)
            lines.append(
                f"{port.name:<9} {port.alias[:18]:<18} {status:<12} {vlan:<10} a-full a-1000 10/100/1000BaseTX"
            )
    return "\n".join(lines) + "\n"


def interface(shell: Shell, values: list[str]) -> str:
    """show interfaces NAME."""
    state = shell.state
    port = shell.find_port("".join(values))
    if port is None:
        return NO_SUCH
    oper = state.oper_up(port)
    admin = ("up" if oper else "down") if port.admin_up else "administratively down"
    protocol = "up (connected)" if oper else "down (disabled)" if not port.admin_up else "down (notconnect)"
    if port.held:
        admin, protocol = "down", f"down ({port.held})"
    description = f"  Description: {port.alias}\n" if port.alias else ""
    return (
        f"{port.name} is {admin}, line protocol is {protocol} \n"
        f"  Hardware is Gigabit Ethernet, address is 02aa.0000.{port.ifindex:04x} (bia 02aa.0000.{port.ifindex:04x})\n"
        f"{description}"
        "  MTU 1500 bytes, BW 1000000 Kbit/sec, DLY 10 usec, \n     reliability 255/255, txload 1/255, rxload 1/255\n"
    )


def switchport(shell: Shell, values: list[str]) -> str:
    """show interfaces NAME switchport."""
    port = shell.find_port(values[0])
    if port is None:
        return NO_SUCH
    mode = "trunk" if port.trunk else "static access"
    return (
        f"Name: {port.name}\nSwitchport: Enabled\nAdministrative Mode: {mode}\nOperational Mode: {mode}\n"
        "Administrative Trunking Encapsulation: dot1q\nOperational Trunking Encapsulation: native\n"
        f"Negotiation of Trunking: Off\nAccess Mode VLAN: {port.pvid} (VLAN{port.pvid:04d})\n"
        "Trunking Native Mode VLAN: 1 (default)\nVoice VLAN: none\n"
    )


def running(shell: Shell, values: list[str]) -> str:
    """show running-config interface NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return NO_SUCH
    lines = ["Building configuration...", "", "Current configuration : 100 bytes", "!", f"interface {port.name}"]
    lines += [f" description {port.alias}"] if port.alias else []
    lines += (
        [" switchport mode trunk"]
        if port.trunk
        else [f" switchport access vlan {port.pvid}", " switchport mode access"]
    )
    lines += [" switchport port-security mac-address sticky 0277.0000.0001"] if port.bound else []
    lines += [] if port.admin_up else [" shutdown"]
    return "\n".join([*lines, "end", ""]) + "\n"


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp neighbors detail."""
    state = shell.state
    blocks = []
    with state.lock:
        for port in state.ports.values():
            near = port.neighbour
            if near is None:
                continue
            letter = LLDP_LETTER[near.capability]
            blocks.append(
                "------------------------------------------------\n"
                f"Local Intf: {port.name}\nChassis id: 02bb.0000.{port.ifindex:04x}\nPort id: {near.port_id}\n"
                f"Port Description: {near.port_id}\nSystem Name: {near.system_name}\n\n"
                "System Description: \nemulated neighbour\n\nTime remaining: 100 seconds\n"
                f"System Capabilities: {letter}\nEnabled Capabilities: {letter}\nManagement Addresses:\n    IP: 192.0.2.1\n"
                "Auto Negotiation - supported, enabled\nVlan ID: - not advertised\n\n"
            )
    return "".join(blocks) + f"\nTotal entries displayed: {len(blocks)}\n"


def arp(shell: Shell, _: list[str]) -> str:
    """show ip arp."""
    state = shell.state
    lines = ["Protocol  Address          Age (min)  Hardware Addr   Type   Interface"]
    lines += [f"Internet  {ip:<15}        5   {dotted(mac)}  ARPA   Vlan10" for ip, mac in sorted(state.arp.items())]
    return "\n".join(lines) + "\n"


def vlans(shell: Shell, _: list[str]) -> str:
    """show vlan brief."""
    state = shell.state
    lines = ["", "VLAN Name                             Status    Ports", f"---- {'-' * 32} {'-' * 9} {'-' * 31}"]
    with state.lock:
        for vlan in sorted({p.pvid for p in state.ports.values()}):
            names = [p.name for p in state.ports.values() if p.pvid == vlan and not p.trunk]
            lines.append(f"{vlan:<4} {f'VLAN{vlan:04d}':<32} active    {', '.join(names)}")
    return "\n".join(lines) + "\n"


def ifindexes(shell: Shell, _: list[str]) -> str:
    """show snmp mib ifmib ifindex."""
    state = shell.state
    return "".join(f"{p.name}: Ifindex = {p.ifindex}\n" for p in state.ports.values())


def all_interfaces(shell: Shell, _: list[str]) -> str:
    """show interfaces."""
    return "".join(interface(shell, [name]) for name in list(shell.state.ports))


def neighbours6(_: Shell, __: list[str]) -> str:
    """show ipv6 neighbors."""
    return (
        "IPv6 Address                              Age Link-layer Addr State Interface\n"
        "2001:DB8:77::9                              0 0277.0000.0009  REACH Vl10\n"
    )


SHOW: dict[str, Command] = {
    "interfaces": all_interfaces,
    "arp": arp,
    "ipv6 neighbors": neighbours6,
    "version": version,
    "mac address-table": mac_table,
    "mac address-table static": static_macs,
    "mac address-table address <mac>": mac_of,
    "mac address-table interface <name>": macs_on,
    "interfaces status": interfaces_status,
    "interfaces <name> switchport": switchport,
    "interfaces <name>": interface,
    "interfaces <name> <number>": interface,
    "running-config interface <name>": running,
    "lldp neighbors detail": lldp,
    "ip arp": arp,
    "vlan brief": vlans,
    "snmp mib ifmib ifindex": ifindexes,
}
