"""A command line like H3C Comware 7, from its command references and the transcript of a 5130: `<SW>`, `[SW]`.

It asks before it shuts a port, as some models do.
"""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.actions import quads
from controller.emulate.shell import Command, Shell
from controller.emulate.state import EmulatedPort

from .vrp import VrpShell, hybrid, short, to_user


class ComwareShell(VrpShell):
    """H3C Comware."""

    banner = (
        "\r\n"
        + "*" * 78
        + "\r\n* Copyright (c) 2010-2023 Hewlett Packard Enterprise Development LP          *\r\n"
        + "*" * 78
    )
    more = "---- More ----"
    invalid = " % Unrecognized command found at '^' position."
    incomplete = " % Incomplete command found at '^' position."
    ambiguous = " % Ambiguous command found at '^' position."
    refused = "Operation failed: the device is busy."

    @staticmethod
    def port_name(place: int) -> str:
        """`GigabitEthernet1/0/1`."""
        return f"GigabitEthernet1/0/{place}"

    def no_such_port(self, _: str, /) -> str:
        """The place in the line is pointed at, not named."""
        return f"{' ' * 12}^\n % Wrong parameter found at '^' position.\n"


def _block(shell: Shell, port: EmulatedPort) -> str:
    up = shell.state.oper_up(port) and port.admin_up
    state = "Administratively DOWN" if not port.admin_up else "UP" if up else "DOWN"
    kind = "Trunk" if port.trunk else "Hybrid" if port.hybrid else "Access"
    return (
        f"{port.name}\nInterface index: {port.ifindex}\nCurrent state: {state}\n"
        f"Line protocol state: {'UP' if up else 'DOWN'}\nIP packet frame type: Ethernet II, hardware address: 0277-0000-0101\n"
        f"Description: {port.alias or port.name + ' Interface'}\nBandwidth: 1000000 kbps\nLoopback is not set\n"
        f"1000Mbps-speed mode, full-duplex mode\nPVID: {port.pvid}\nMDI type: Automdix\nPort link-type: {kind}\n"
    )


def interface(shell: Shell, values: list[str]) -> str:
    """display interface [NAME]."""
    if not values:
        return "\n".join(_block(shell, port) for port in shell.state.ports.values())
    port = shell.find_port("".join(values))
    return shell.no_such_port(values[0]) if port is None else _block(shell, port)


def configuration(shell: Shell, values: list[str]) -> str:
    """display current-configuration interface NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.no_such_port(values[0])
    lines = ["#", f"interface {port.name}", " port link-mode bridge"]
    lines += [f" description {port.alias}"] if port.alias else []
    if port.trunk:
        lines += [" port link-type trunk", " port trunk permit vlan all"]
    elif port.hybrid:
        untagged = " ".join(map(str, sorted(port.untagged)))
        lines += [
            " port link-type hybrid",
            *([] if 1 in port.untagged else [" undo port hybrid vlan 1"]),
            *([f" port hybrid vlan {' '.join(map(str, sorted(port.tagged)))} tagged"] if port.tagged else []),
            f" port hybrid vlan {untagged} untagged",
            f" port hybrid pvid vlan {port.pvid}",
        ]
    elif port.pvid != 1:
        lines += [f" port access vlan {port.pvid}"]
    lines += [] if port.admin_up else [" shutdown"]
    return "\n".join([*lines, "#", "return"]) + "\n"


def brief(shell: Shell, _: list[str]) -> str:
    """display interface brief."""
    lines = ["Brief information on interfaces in bridge mode:", "Link: ADM - administratively down; Stby - standby"]
    lines += [
        "Speed: (a) - auto",
        "Duplex: (a)/A - auto; H - half; F - full",
        "Type: A - access; T - trunk; H - hybrid",
    ]
    lines.append("Interface            Link Speed   Duplex Type PVID Description")
    for port in shell.state.ports.values():
        up = shell.state.oper_up(port) and port.admin_up
        link = "ADM" if not port.admin_up else "UP" if up else "DOWN"
        kind = "T" if port.trunk else "H" if port.hybrid else "A"
        lines.append(
            f"{short(port):<20} {link:<4} {'1G(a)':<7} {'F(a)':<6} {kind:<4} {port.pvid:<4} {port.alias[:27]}".rstrip()
        )
    return "\n".join(lines) + "\n"


def _macs(rows: list[tuple[str, int, str, str, str]]) -> str:
    lines = ["MAC Address      VLAN ID    State            Port/Nickname            Aging"]
    lines += [f"{quads(m, '-')}   {vlan:<10} {state:<16} {port:<24} {aging}" for m, vlan, state, port, aging in rows]
    return "\n".join(lines) + "\n"


def macs(shell: Shell, _: list[str]) -> str:
    """display mac-address."""
    held = [(mac, vlan, "Blackhole", "N/A", "N") for mac, vlan in sorted(shell.state.blocked)]
    return _macs(held + [(mac, vlan, "Learned", short(port), "Y") for mac, vlan, port in shell.state.fdb()])


def blackhole(shell: Shell, _: list[str]) -> str:
    """display mac-address blackhole."""
    return _macs([(mac, vlan, "Blackhole", "N/A", "N") for mac, vlan in sorted(shell.state.blocked)])


def arp(shell: Shell, _: list[str]) -> str:
    """display arp."""
    lines = ["  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid"]
    lines.append("IP address      MAC address    VLAN/VSI   Interface/Link ID        Aging Type")
    lines += [
        f"{ip:<15} {quads(m, '-')} {10:<10} {'GE1/0/1':<24} {20:<5} D" for ip, m in sorted(shell.state.arp.items())
    ]
    return "\n".join(lines) + "\n"


def lldp(shell: Shell, _: list[str]) -> str:
    """display lldp neighbor-information verbose."""
    words = {
        "bridge": "Bridge, Router",
        "phone": "Bridge, Telephone",
        "station": "Station only",
        "wlan": "Bridge, WLAN",
    }
    blocks = []
    for port in shell.state.ports.values():
        near = port.neighbour
        if near is not None:
            caps = words.get(near.capability, near.capability)
            blocks.append(
                f"LLDP neighbor-information of port {port.ifindex}[{port.name}]:\nLLDP agent nearest-bridge:\n"
                f" LLDP neighbor index : 1\n Update time         : 0 days, 0 hours, 1 minutes, 2 seconds\n"
                f" Chassis type        : MAC address\n Chassis ID          : 0277-0000-0001\n"
                f" Port ID type        : Interface name\n Port ID             : {near.port_id}\n"
                f" Time to live        : 121\n Port description    : x\n System name         : {near.system_name}\n"
                f" System description  : emulated\n System capabilities supported : {caps}\n"
                f" System capabilities enabled   : {caps}\n"
            )
    return "\n".join(blocks)


def version(shell: Shell, _: list[str]) -> str:
    """display version."""
    minutes = shell.state.uptime_ms() // 60_000
    return (
        "HPE Comware Software, Version 7.1.070, Release 3507P18\n"
        "Copyright (c) 2010-2023 Hewlett Packard Enterprise Development LP\n"
        f"HPE 5130 48G PoE+ 4SFP+ EI Switch uptime is 0 weeks, 0 days, {minutes // 60} hours, {minutes % 60} minutes\n"
        "Last reboot reason : Cold reboot\n"
    )


def shutdown(shell: Shell, port: EmulatedPort, _: list[str]) -> str:
    """shutdown, after a question."""

    def yes() -> str:
        do.set_admin(shell, port, up=False)
        return ""

    return shell.ask("This operation will shut down the interface. Continue? [Y/N]:", yes)


def access_vlan(shell: Shell, port: EmulatedPort, values: list[str]) -> str | None:
    """port access vlan N."""
    if port.hybrid or port.trunk:
        return "Error: The link type of the port is not access.\n"
    if not values[0].isdigit() or int(values[0]) not in shell.state.vlans:
        return "Error: The VLAN does not exist.\n"
    return do.set_vlan(shell, port, values)


DISPLAY: dict[str, Command] = {
    "display interface": interface,
    "display interface <name>": interface,
    "display interface <name> <number>": interface,
    "display interface brief": brief,
    "display current-configuration interface <name>": configuration,
    "display mac-address": macs,
    "display mac-address blackhole": blackhole,
    "display arp": arp,
    "display lldp neighbor-information verbose": lldp,
    "display version": version,
}
SYSTEM: dict[str, Command] = {
    "return": to_user,
    "interface <name>": do.enter_port("port"),
    "interface <name> <number>": do.enter_port("port"),
    "mac-address blackhole <mac> vlan <n>": do.block(blocked=True),
    "undo mac-address blackhole <mac> vlan <n>": do.block(blocked=False),
    **DISPLAY,
}
ComwareShell.grammar = {
    "user": {
        "system-view": do.to("system", "System View: return to User View with Ctrl+Z.\n"),
        "screen-length disable": do.no_pages,
        "save force": do.save("Saved.\n"),
        "quit": do.leave,
        **DISPLAY,
    },
    "system": {"quit": to_user, **SYSTEM},
    "port": {
        "quit": do.to("system"),
        **SYSTEM,
        "shutdown": do.on_port(shutdown),
        "undo shutdown": do.on_port(do.no_shutdown),
        "description <...>": do.on_port(do.describe),
        "undo description": do.on_port(do.describe),
        "port access vlan <n>": do.on_port(access_vlan),
        "port hybrid pvid vlan <n>": hybrid("pvid"),
        "port hybrid vlan <n> untagged": hybrid("untagged"),
        "undo port hybrid vlan <n>": hybrid("undo"),
    },
}
