"""A command line like ZTE ZXROS (ZXR10 5960/8900E), from its configuration guides: VLANs of ports in a section of their own."""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.actions import dotted
from controller.emulate.shell import Command, Shell

from .ciscolike import DESCRIBE, CiscoLike, arp_rows, up


class ZxrosShell(CiscoLike):
    """ZTE ZXROS."""

    first_mode = "user"
    invalid = "%Error 20201: Invalid input detected at '^' marker."
    incomplete = "%Error 20200: Incomplete command."
    refused = "%Error 20210: the system is busy."
    banner = "\r\n" + "*" * 60 + "\r\nWelcome to ZXR10 5960 Series Switch of ZTE Corporation\r\n" + "*" * 60 + "\r\n"

    @staticmethod
    def port_name(place: int) -> str:
        """`gei-0/1/1/1`."""
        return f"gei-0/1/1/{place}"

    def mode_prompt(self) -> str:
        """`sw1(config-if-gei-0/1/1/1)#`, `sw1(config-swvlan-if-gei-0/1/1/1)#`."""
        place = {"swvlan": "config-swvlan", "port": "config-if", "swvlan-port": "config-swvlan-if"}.get(self.mode)
        if place is None:
            return super().mode_prompt()
        return f"{self.state.name}({place}{'-' + self.port.name if self.port else ''})#"


def interface(shell: Shell, values: list[str]) -> str:
    """show interface NAME."""
    port = shell.find_port(values[0])
    if port is None:
        return shell.no_such_port(values[0])
    line = ("up" if up(shell, port) else "down") if port.admin_up else "administratively down"
    return (
        f"{port.name} is {line},  line protocol is {'up' if up(shell, port) else 'down'}, detected status is {'up' if port.linked else 'down'}\n"
        f"  Description is {port.alias or 'none'}\n  Hardware is Gigabit Ethernet, address is 0277.0000.0101\n  BW 1000000 Kbps\n"
    )


def running(shell: Shell, values: list[str]) -> str:
    """show running-config-interface NAME."""
    port = shell.find_port(values[0])
    if port is None:
        return shell.no_such_port(values[0])
    lines = ["!<if-intf>", f"interface {port.name}", *([f"  description {port.alias}"] if port.alias else [])]
    lines += [
        f"  {'no ' if port.admin_up else ''}shutdown",
        "$",
        "!</if-intf>",
        "!<switchvlan>",
        "switchvlan-configuration",
        f"  interface {port.name}",
    ]
    lines += (
        ["    switchport mode trunk"]
        if port.trunk
        else []
        if port.pvid == 1
        else [f"    switchport access vlan {port.pvid}"]
    )
    return "\n".join([*lines, "  $", "$", "!</switchvlan>", ""])


def brief(shell: Shell, _: list[str]) -> str:
    """show interface brief."""
    lines = ["Interface      Attribute  Mode       BW     Admin Phy   Prot  Description"]
    for port in shell.state.ports.values():
        state = "up" if up(shell, port) else "down"
        lines.append(
            f"{port.name:<14} electric   Duplex/full 1000   {'up' if port.admin_up else 'down':<5} {state:<5} {state:<5} {port.alias[:20] or 'none'}"
        )
    return "\n".join(lines) + "\n"


def vlans(shell: Shell, _: list[str]) -> str:
    """show vlan."""
    access = sorted({p.pvid for p in shell.state.ports.values() if not p.trunk})
    trunks = ",".join(p.name for p in shell.state.ports.values() if p.trunk)
    lines = ["VLAN     Name                 PvidPorts                      UntagPorts    TagPorts", "-" * 96]
    for vlan in access:
        names = ",".join(p.name for p in shell.state.ports.values() if not p.trunk and p.pvid == vlan)
        lines.append(f"{vlan:<8} VLAN{vlan:04d}             {names}                          {trunks}")
    return "\n".join(lines) + "\n"


def macs(shell: Shell, _: list[str]) -> str:
    """show mac table."""
    rows = [f"{dotted(m)}  {v:<6}{p.name:<20}0 0 0 0 0   00:05:00" for m, v, p in shell.state.fdb()]
    return "\n".join(
        [
            f"Total MAC address : {len(rows)}",
            "MAC             VLAN  Outgoing Information  Attributes  Time",
            "-" * 70,
            *rows,
            "",
        ]
    )


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp neighbor."""
    rows = [
        f"{p.name:<16} 0277.0000.00aa  {p.neighbour.port_id:<16} 100  {p.neighbour.system_name}"
        for p in shell.state.ports.values()
        if p.neighbour
    ]
    return "\n".join(["Local Interface  Chassis ID      Port ID          TTL  System Name", *rows, ""])


def version(shell: Shell, _: list[str]) -> str:
    """show version."""
    minutes = shell.state.uptime_ms() // 60_000
    return f"ZXR10 5960-52TM-H, ZTE ZXR10 Software Version: V3.02.20\nSystem uptime is 0 days, {minutes // 60} hours, {minutes % 60} minutes\n"


SHOWS: dict[str, Command] = {
    "terminal length <n>": do.length,
    "show interface <name>": interface,
    "show interface brief": brief,
    "show running-config-interface <name>": running,
    "show vlan": vlans,
    "show mac table": macs,
    "show arp": lambda shell, _: arp_rows(shell, "{ip:<16} 00:05:00  {dotted}  vlan10        10    N/A  N/A"),
    "show lldp neighbor": lldp,
    "show version": version,
}
ZxrosShell.grammar = {
    "user": {"enable": do.enable, "exit": do.leave, **SHOWS},
    "privileged": {"configure terminal": do.to("config"), "exit": do.leave, **SHOWS},
    "config": {
        "interface <name>": do.enter_port("port"),
        "switchvlan-configuration": do.to("swvlan"),
        "end": do.to("privileged"),
        "exit": do.to("privileged"),
    },
    "port": {
        "shutdown": do.on_port(do.shutdown),
        "no shutdown": do.on_port(do.no_shutdown),
        "no description": do.on_port(do.describe),
        **DESCRIBE,
        "exit": do.to("config"),
        "end": do.to("privileged"),
    },
    "swvlan": {"interface <name>": do.enter_port("swvlan-port"), "exit": do.to("config"), "end": do.to("privileged")},
    "swvlan-port": {
        "switchport access vlan <n>": do.on_port(do.set_vlan),
        "exit": do.to("swvlan"),
        "end": do.to("privileged"),
    },
}
