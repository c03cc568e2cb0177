"""A command line like Cisco NX-OS, from transcripts of an N5548 and a C93180YC: a blank after the prompt, short names in tables."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate import actions as do
from controller.emulate.actions import dotted
from controller.emulate.shell import Command, Shell

from .ciscolike import ACCESS, DESCRIBE, LETTERS, CiscoLike, arp_rows, grammar_of, up


class NxosShell(CiscoLike):
    """Cisco NX-OS."""

    banner = "\r\nCisco Nexus Operating System (NX-OS) Software\r\nTAC support: http://www.cisco.com/tac\r"
    after = " "
    invalid = "% Invalid command at '^' marker."
    refused = "ERROR: the switch is busy"
    more = "--More--"
    wipe = "\r        \r"
    shorts: ClassVar[dict[str, str]] = {"eth": "Ethernet"}

    @staticmethod
    def port_name(place: int) -> str:
        """`Ethernet1/1`."""
        return f"Ethernet1/{place}"

    def no_such_port(self, _: str, /) -> str:
        """In a show and in `interface`."""
        return f"{' ' * 20}^\nInvalid interface format at '^' marker.\n"


def interface(shell: Shell, values: list[str]) -> str:
    """show interface NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.no_such_port(values[0])
    why = "" if up(shell, port) else " (Administratively down)" if not port.admin_up else " (Link not connected)"
    lines = [f"{port.name} is {'up' if up(shell, port) else 'down'}{why}"]
    lines += [f"admin state is {'up' if port.admin_up else 'down'}, Dedicated Interface"]
    lines += ["  Hardware: 1000/10000 Ethernet, address: 0277.0000.0101 (bia 0277.0000.0101)"]
    lines += [f"  Description: {port.alias}"] if port.alias else []
    return "\n".join([*lines, "  MTU 1500 bytes, BW 10000000 Kbit, DLY 10 usec", "  Port mode is access", ""])


def switchport(shell: Shell, values: list[str]) -> str:
    """show interface NAME switchport."""
    port = shell.find_port(values[0])
    if port is None:
        return shell.no_such_port(values[0])
    mode = "trunk" if port.trunk else "access"
    return (
        f"Name: {port.name}\n  Switchport: Enabled\n  Switchport Monitor: Not enabled \n  Operational Mode: {mode}\n"
        f"  Access Mode VLAN: {port.pvid} (VLAN{port.pvid:04d})\n  Trunking Native Mode VLAN: 1 (default)\n"
    )


def status(shell: Shell, _: list[str]) -> str:
    """show interface status."""
    rule = "-" * 80
    lines = [rule, "Port          Name               Status    Vlan      Duplex  Speed   Type", rule]
    for port in shell.state.ports.values():
        state = "disabled" if not port.admin_up else "connected" if up(shell, port) else "notconnec"
        vlan = "trunk" if port.trunk else port.pvid
        lines.append(
            f"{port.name.replace('Ethernet', 'Eth'):<13} {port.alias[:18] or '--':<18} {state:<9} {vlan:<9} full    10G     10Gbase-SR"
        )
    return "\n".join(lines) + "\n"


def _macs(shell: Shell, *, learned: bool) -> str:
    lines = ["Legend: ", "        * - primary entry, G - Gateway MAC, (R) - Routed MAC, O - Overlay MAC"]
    lines += [
        "   VLAN     MAC Address      Type      age     Secure NTFY Ports",
        "-" * 9 + "+" + "-" * 17 + "+" + "-" * 40,
    ]
    lines += ["G    -     0277.0000.ffff   static   -         F      F    sup-eth1(R)"]
    lines += [f"*  {v:3}     {dotted(m)}   static   -         F      F    Drop" for m, v in sorted(shell.state.blocked)]
    for mac, vlan, port in shell.state.fdb() if learned else ():
        lines.append(
            f"*  {vlan:3}     {dotted(mac)}   dynamic  0         F      F    {port.name.replace('Ethernet', 'Eth')}"
        )
    return "\n".join(lines) + "\n"


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp neighbors detail."""
    text = "Capability codes:\n  (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device\n\n"
    for port in shell.state.ports.values():
        near = port.neighbour
        if near:
            letter = LETTERS[near.capability]
            text += (
                f"Chassis id: 0277.0000.00aa\nPort id: {near.port_id}\nLocal Port id: {port.name.replace('Ethernet', 'Eth')}\n"
                f"Port Description: x\nSystem Name: {near.system_name}\nSystem Description: emulated\nTime remaining: 100 seconds\n"
                f"System Capabilities: {letter}\nEnabled Capabilities: {letter}\nManagement Address: 192.0.2.1\nVlan ID: not advertised\n\n"
            )
    return text


def ifindexes(shell: Shell, _: list[str]) -> str:
    """show interface snmp-ifindex."""
    rows = "".join(
        f"{p.name.replace('Ethernet', 'Eth'):<15} {p.ifindex}  (0x{p.ifindex:x})\n" for p in shell.state.ports.values()
    )
    return f"{'-' * 80}\nPort            IFMIB Ifindex (hex)\n{'-' * 80}\n{rows}"


def version(shell: Shell, _: list[str]) -> str:
    """show version."""
    minutes = shell.state.uptime_ms() // 60_000
    return (
        "Cisco Nexus Operating System (NX-OS) Software\n  NXOS: version 10.4(5)\n"
        f"  Device name: {shell.state.name}\nKernel uptime is 0 day(s), {minutes // 60} hour(s), {minutes % 60} minute(s), 5 second(s)\n"
    )


SHOWS: dict[str, Command] = {
    "interface <name>": interface,
    "interface <name> switchport": switchport,
    "interface status": status,
    "interface snmp-ifindex": ifindexes,
    "mac address-table": lambda shell, _: _macs(shell, learned=True),
    "mac address-table static": lambda shell, _: _macs(shell, learned=False),
    "lldp neighbors detail": lldp,
    "ip arp": lambda shell, _: arp_rows(shell, "{ip:<15} 00:05:12  {dotted}  Vlan10"),
    "version": version,
}
CONFIG: dict[str, Command] = {
    "mac address-table static <mac> vlan <n> drop": do.block(blocked=True),
    "no mac address-table static <mac> vlan <n> drop": do.block(blocked=False),
}
NxosShell.grammar = grammar_of(SHOWS, CONFIG, {**ACCESS, **DESCRIBE}, "terminal length <n>")
