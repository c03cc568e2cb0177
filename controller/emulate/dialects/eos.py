"""A command line like Arista EOS, from its manual and the transcript of a DCS-7050SX3."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate import actions as do
from controller.emulate.actions import dotted
from controller.emulate.shell import Command, Shell

from .ciscolike import ACCESS, DESCRIBE, WORDS, CiscoLike, arp_rows, grammar_of, up


class EosShell(CiscoLike):
    """Arista EOS."""

    first_mode = "user"
    invalid = "% Invalid input"
    incomplete = "% Incomplete command"
    ambiguous = "% Ambiguous command"
    refused = "% Error: the switch is busy"
    shorts: ClassVar[dict[str, str]] = {"et": "Ethernet"}

    @staticmethod
    def port_name(place: int) -> str:
        """`Ethernet1`."""
        return f"Ethernet{place}"

    def port_mode(self) -> str:
        """`config-if-Et1`."""
        return "config-if-" + (short(self.port.name) if self.port else "")


def short(name: str) -> str:
    """`Et1`."""
    return name.replace("Ethernet", "Et")


def interface(shell: Shell, values: list[str]) -> str:
    """show interfaces NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return "% Invalid input\n"
    oper = up(shell, port)
    line = ("up" if oper else "down") if port.admin_up else "administratively down"
    protocol = "up (connected)" if oper else "down (notconnect)" if port.admin_up else "down (disabled)"
    described = f"  Description: {port.alias}\n" if port.alias else ""
    return (
        f"{port.name} is {line}, line protocol is {protocol}\n  Hardware is Ethernet, address is 0277.0000.0101\n"
        f"{described}  Ethernet MTU 9214 bytes, BW 10000000 kbit\n  Full-duplex, 10Gb/s, auto negotiation: off\n"
    )


def switchport(shell: Shell, values: list[str]) -> str:
    """show interfaces NAME switchport."""
    port = shell.find_port(values[0])
    if port is None:
        return "% Invalid input\n"
    mode = "trunk" if port.trunk else "static access"
    return (
        f"Name: {short(port.name)}\nSwitchport: Enabled\nAdministrative Mode: {mode}\nOperational Mode: {mode}\n"
        f"MAC Address Learning: enabled\nAccess Mode VLAN: {port.pvid} (VLAN{port.pvid:04d})\nTrunking Native Mode VLAN: 1 (default)\n"
    )


def status(shell: Shell, _: list[str]) -> str:
    """show interfaces status."""
    lines = ["Port       Name              Status       Vlan     Duplex Speed  Type         Flags Encapsulation"]
    for port in shell.state.ports.values():
        state = "disabled" if not port.admin_up else "connected" if up(shell, port) else "notconnect"
        vlan = "trunk" if port.trunk else port.pvid
        lines.append(f"{short(port.name):<10} {port.alias[:17]:<17} {state:<12} {vlan:<8} full   10G    10GBASE-SR")
    return "\n".join(lines) + "\n"


def macs(shell: Shell, _: list[str]) -> str:
    """show mac address-table."""
    lines = [
        "          Mac Address Table",
        "-" * 66,
        "",
        "Vlan    Mac Address       Type        Ports      Moves   Last Move",
    ]
    lines += ["----    -----------       ----        -----      -----   ---------"]
    for mac, vlan, port in shell.state.fdb():
        lines.append(f"{vlan:4}    {dotted(mac)}    DYNAMIC     {short(port.name):<10} 1       0:05:00 ago")
    return "\n".join([*lines, f"Total Mac Addresses for this criterion: {len(shell.state.fdb())}", ""])


def running(shell: Shell, _: list[str]) -> str:
    """show running-config, as far as it is needed."""
    rows = [f"mac address-table static {dotted(m)} vlan {v} drop" for m, v in sorted(shell.state.blocked)]
    return "\n".join(["! Command: show running-config", f"hostname {shell.state.name}", "!", *rows, "end", ""])


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp neighbors detail."""
    text = ""
    for port in shell.state.ports.values():
        near = port.neighbour
        text += f"Interface {port.name} detected {1 if near else 0} LLDP neighbors:\n\n"
        if near:
            text += (
                f"  Neighbor 0277.0000.00aa/{near.port_id}, age 5 seconds\n  Discovered 1:00:00 ago; Last changed 1:00:00 ago\n"
                "  - Chassis ID type: MAC address (4)\n    Chassis ID     : 0277.0000.00aa\n  - Port ID type: Interface name(5)\n"
                f'    Port ID     : "{near.port_id}"\n  - Time To Live: 120 seconds\n  - Port Description: "x"\n'
                f'  - System Name: "{near.system_name}"\n  - System Description: "emulated"\n'
                f"  - System Capabilities : {WORDS[near.capability]}\n    Enabled Capabilities: {WORDS[near.capability]}\n\n"
            )
    return text


def version(shell: Shell, _: list[str]) -> str:
    """show version."""
    minutes = shell.state.uptime_ms() // 60_000
    return f"Arista DCS-7050SX3-48YC8\nHardware version: 11.03\nSoftware image version: 4.29.2F\nUptime: {minutes // 60} hours and {minutes % 60} minutes\n"


SHOWS: dict[str, Command] = {
    "interfaces <name>": interface,
    "interfaces <name> switchport": switchport,
    "interfaces status": status,
    "mac address-table": macs,
    "running-config": running,
    "lldp neighbors detail": lldp,
    "ip arp": lambda shell, _: (
        "Address         Age (sec)  Hardware Addr   Interface\n"
        + arp_rows(shell, "{ip:<15} 0:00:05  {dotted}  Vlan10, Ethernet1")
    ),
    "snmp mib ifmib ifindex": lambda shell, _: "".join(
        f"{p.name}: Ifindex = {p.ifindex}\n" for p in shell.state.ports.values()
    ),
    "version": version,
}
CONFIG: dict[str, Command] = {
    "mac address-table static <mac> vlan <n> drop": do.block(blocked=True),
    "no mac address-table static <mac> vlan <n> drop": do.block(blocked=False),
}
EosShell.grammar = grammar_of(SHOWS, CONFIG, {**ACCESS, **DESCRIBE}, "terminal length <n>")
