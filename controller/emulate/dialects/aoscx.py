"""A command line like Aruba AOS-CX, from its command-line guides: ports are numbers, descriptions go to the end of the line."""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.shell import Command, Shell

from .ciscolike import DESCRIBE, WORDS, CiscoLike, arp_rows, grammar_of, up


class AoscxShell(CiscoLike):
    """Aruba AOS-CX."""

    after = " "
    invalid = "Invalid input: {line}"
    incomplete = "% Command incomplete."
    refused = "Operation failed: the switch is busy."
    more = "-- MORE --, next page: Space, next line: Enter, quit: q"
    wipe = "\r\x1b[K"

    @staticmethod
    def port_name(place: int) -> str:
        """`1/1/1`."""
        return f"1/1/{place}"


def interface(shell: Shell, values: list[str]) -> str:
    """show interface NAME."""
    port = shell.find_port(values[0])
    if port is None:
        return shell.complain(shell.invalid, values[0])
    oper, why = up(shell, port), "" if port.admin_up else " (Administratively down)"
    vlan = (
        f" VLAN Mode: native-untagged\n Native VLAN: {port.pvid}\n"
        if port.trunk
        else f" VLAN Mode: access\n Access VLAN: {port.pvid}\n"
    )
    return (
        f"\nInterface {port.name} is {'up' if oper else 'down'}{why}\n Admin state is {'up' if port.admin_up else 'down'}\n"
        f" Link transitions: 1\n Description: {port.alias}\n Persona: \n Hardware: Ethernet, MAC Address: 02:77:00:00:01:01\n MTU 1500\n"
        f" Type 1GbT\n Full-duplex\n qos trust none\n Speed 1000 Mb/s\n Auto-negotiation is on\n{vlan}"
    )


def brief(shell: Shell, _: list[str]) -> str:
    """show interface brief."""
    rule = "-" * 100
    lines = [
        rule,
        "Port      Native  Mode   Type           Enabled Status  Reason                  Speed   Description",
        rule,
    ]
    for port in shell.state.ports.values():
        mode = "trunk" if port.trunk else "access"
        why = "" if up(shell, port) else "Administratively down" if not port.admin_up else "Waiting for link"
        enabled, status = "yes" if port.admin_up else "no", "up" if up(shell, port) else "down"
        lines.append(
            f"{port.name:<9} {port.pvid:<7} {mode:<6} 1GbT           {enabled:<7} {status:<7} {why:<23} 1000    {port.alias or '--'}"
        )
    return "\n".join(lines) + "\n"


def macs(shell: Shell, _: list[str]) -> str:
    """show mac-address-table."""
    rows = [f"{mac}    {vlan:<8} dynamic                   {port.name}" for mac, vlan, port in shell.state.fdb()]
    head = [
        "MAC age-time            : 300 seconds",
        f"Number of MAC addresses : {len(rows)}",
        "",
        "MAC Address          VLAN     Type                      Port",
        "-" * 62,
    ]
    return "\n".join([*head, *rows, ""])


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp neighbor-info detail."""
    text = ""
    for port in shell.state.ports.values():
        near = port.neighbour
        if near:
            text += (
                f"Port                           : {port.name}\nNeighbor Entries               : 1\nNeighbor Entries Deleted       : 0\n"
                f"Neighbor System-Name           : {near.system_name}\nNeighbor System-Description    : emulated\n"
                f"Neighbor Chassis-ID            : 02:77:00:00:00:aa\nChassis Capabilities Available : {WORDS[near.capability]}\n"
                f"Chassis Capabilities Enabled   : {WORDS[near.capability]}\nNeighbor Port-ID               : {near.port_id}\n\n"
            )
    return text


def system(shell: Shell, _: list[str]) -> str:
    """show system."""
    minutes = shell.state.uptime_ms() // 60_000
    return f"Hostname               : {shell.state.name}\nSystem Description     : FL.10.10.1000\nUp Time                : {minutes // 60} hours, {minutes % 60} minutes\n"


SHOWS: dict[str, Command] = {
    "interface <name>": interface,
    "interface brief": brief,
    "mac-address-table": macs,
    "lldp neighbor-info detail": lldp,
    "arp": lambda shell, _: (
        "IPv4 Address     MAC                Port         Physical Port  State\n"
        + arp_rows(shell, "{ip:<16} {mac}  vlan10       1/1/1          reachable")
    ),
    "system": system,
}
AoscxShell.grammar = grammar_of(SHOWS, {}, {"vlan access <n>": do.on_port(do.set_vlan), **DESCRIBE}, "no page")
