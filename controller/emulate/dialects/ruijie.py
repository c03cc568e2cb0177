"""A command line like Ruijie RGOS, from its configuration guides: names with a blank, FILTER entries for blocked MACs."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate import actions as do
from controller.emulate.actions import dotted
from controller.emulate.shell import Command, Shell

from .ciscolike import ACCESS, DESCRIBE, WORDS, CiscoLike, arp_rows, grammar_of, up


class RuijieShell(CiscoLike):
    """Ruijie RGOS."""

    first_mode = "user"
    refused = "% Command rejected: system busy."
    shorts: ClassVar[dict[str, str]] = {"gi": "GigabitEthernet"}

    @staticmethod
    def port_name(place: int) -> str:
        """`GigabitEthernet 0/1`."""
        return f"GigabitEthernet 0/{place}"

    def port_mode(self) -> str:
        """`config-if-GigabitEthernet 0/1`."""
        return f"config-if-{self.port.name}" if self.port else "config-if"


def interface(shell: Shell, values: list[str]) -> str:
    """show interfaces NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.complain(shell.invalid, values[0])
    line = ("UP" if up(shell, port) else "DOWN") if port.admin_up else "administratively down"
    described = f"  Description: {port.alias}\n" if port.alias else ""
    return (
        f"Index(dec):{port.ifindex} (hex):{port.ifindex:x}\n"
        f"{port.name} is {line}  , line protocol is {'UP' if up(shell, port) else 'DOWN'}\n"
        f"  Hardware is Broadcom 5464 GigabitEthernet\n{described}  Interface address is: no ip address\n  MTU 1500 bytes, BW 1000000 Kbit\n"
    )


def running(shell: Shell, values: list[str]) -> str:
    """show running-config interface NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.complain(shell.invalid, values[0])
    lines = ["", "Building configuration...", "Current configuration : 62 bytes", "!", f"interface {port.name}"]
    lines += (
        [" switchport mode trunk"] if port.trunk else [] if port.pvid == 1 else [f" switchport access vlan {port.pvid}"]
    )
    lines += [f" description {port.alias}"] if port.alias else []
    return "\n".join([*lines, *([] if port.admin_up else [" shutdown"]), "!", "end", ""])


def status(shell: Shell, _: list[str]) -> str:
    """show interface status."""
    lines = [
        "Interface                                Status    Vlan   Duplex   Speed     Type  ",
        f"{'-' * 40} {'-' * 8}  ----   -------  --------- ------",
    ]
    for port in shell.state.ports.values():
        state = "disabled" if not port.admin_up else "up" if up(shell, port) else "down"
        lines.append(f"{port.name:<40} {state:<9} {port.pvid:<6} Full     1000M     copper")
    return "\n".join(lines) + "\n"


def switchports(shell: Shell, _: list[str]) -> str:
    """show interfaces switchport."""
    lines = ["Interface                        Switchport Mode      Access Native Protected VLAN lists", "-" * 80]
    for port in shell.state.ports.values():
        lines.append(
            f"{port.name:<32} enabled    {'TRUNK' if port.trunk else 'ACCESS':<9} {port.pvid:<6} 1      Disabled  ALL"
        )
    return "\n".join(lines) + "\n"


def _frame(rows: list[str]) -> str:
    return "\n".join(
        [
            "Vlan        MAC Address          Type     Interface",
            "----------  -------------------- -------- -------------------",
            *rows,
            "",
        ]
    )


def macs(shell: Shell, _: list[str]) -> str:
    """show mac-address-table."""
    held = [f"{v:4}        {dotted(m)}       FILTER" for m, v in sorted(shell.state.blocked)]
    return _frame(held + [f"{v:4}        {dotted(m)}       DYNAMIC  {p.name}" for m, v, p in shell.state.fdb()])


def filtering(shell: Shell, _: list[str]) -> str:
    """show mac-address-table filtering."""
    return _frame([f"{v:4}        {dotted(m)}       FILTER" for m, v in sorted(shell.state.blocked)])


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp neighbors detail."""
    text, rule = "", "-" * 76
    for port in shell.state.ports.values():
        near = port.neighbour
        if near:
            text += (
                f"{rule}\nLLDP neighbor-information of port [{port.name}]\n{rule}\n  Neighbor index                    : 1\n"
                f"  Device type                       : LLDP Device\n  Chassis ID type                   : MAC address\n"
                f"  Port ID                           : {near.port_id}\n  System name                       : {near.system_name}\n"
                f"  System capabilities supported     : {WORDS[near.capability]}\n  System capabilities enabled       : {WORDS[near.capability]}\n"
            )
    return text


def version(shell: Shell, _: list[str]) -> str:
    """show version."""
    minutes = shell.state.uptime_ms() // 60_000
    return (
        "System description      : Ruijie Gigabit Security & Intelligence Access Switch(S2910-24GT4XS-E) By Ruijie Networks\n"
        f"System start time       : 2026-11-24 10:00:00\nSystem uptime           : 0:{minutes // 60:02d}:{minutes % 60:02d}:05\n"
    )


SHOWS: dict[str, Command] = {
    "interfaces <name>": interface,
    "interfaces <name> <number>": interface,
    "interfaces status": status,
    "interfaces switchport": switchports,
    "running-config interface <name>": running,
    "running-config interface <name> <number>": running,
    "mac-address-table": macs,
    "mac-address-table filtering": filtering,
    "lldp neighbors detail": lldp,
    "arp": lambda shell, _: arp_rows(shell, "Internet  {ip:<15}  5  {dotted}  arpa   VLAN 10"),
    "version": version,
}
CONFIG: dict[str, Command] = {
    "mac-address-table filtering <mac> vlan <n>": do.block(blocked=True),
    "no mac-address-table filtering <mac> vlan <n>": do.block(blocked=False),
}
RuijieShell.grammar = grammar_of(SHOWS, CONFIG, {**ACCESS, **DESCRIBE}, "terminal length <n>")
