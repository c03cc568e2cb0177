"""A command line like FortiSwitchOS 7, from its administration and CLI guides: config / edit / set / end, saved at `end`."""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.shell import Command, Shell

from .ciscolike import up

LETTERS = {"bridge": "BR", "router": "R", "wlan": "BW", "phone": "BT", "station": "S"}


class FortiswitchShell(Shell):
    """FortiSwitchOS."""

    first_mode = "exec"
    quotes = True
    readers = ("show", "get", "diagnose")
    more = "--More-- "
    wipe = "\r         \r"
    invalid = "Unknown action 0\nCommand fail. Return code -1"
    incomplete = "incomplete command in the end\nCommand fail. Return code -160"
    ambiguous = "ambiguous command before '{line}'\nCommand fail. Return code -61"
    refused = "node_check_object fail! busy\nCommand fail. Return code -651"

    @staticmethod
    def port_name(place: int) -> str:
        """`port1`."""
        return f"port{place}"

    def mode_prompt(self) -> str:
        """`sw1 # `, `sw1 (physical-port) # `, `sw1 (port1) # `."""
        place = {"exec": "", "physical": " (physical-port)", "switch": " (interface)"}.get(self.mode)
        return f"{self.state.name}{f' ({self.port.name})' if place is None and self.port else place or ''} # "


def end(shell: Shell, _: list[str]) -> str:
    """end: saved."""
    shell.mode, shell.port = "exec", None
    shell.state.save()
    return ""


def native_vlan(shell: Shell, values: list[str]) -> str:
    """set native-vlan N."""
    if shell.port is None or not values[0].isdigit() or not 1 <= int(values[0]) <= 4094:
        return "node_check_object fail! for native-vlan\nCommand fail. Return code -651\n"
    return do.set_vlan(shell, shell.port, values) or ""


def physical(shell: Shell, values: list[str]) -> str:
    """show switch physical-port P."""
    port = shell.find_port(values[0])
    if port is None:
        return "entry not found in table\nCommand fail. Return code -3\n"
    said = port.alias.replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        "config switch physical-port",
        f'    edit "{port.name}"',
        *([f'        set description "{said}"'] if port.alias else []),
    ]
    lines += [
        '        set lldp-profile "default-auto-isl"',
        "        set speed auto",
        *([] if port.admin_up else ["        set status down"]),
    ]
    return "\n".join([*lines, "    next", "end", ""])


def switch_interface(shell: Shell, values: list[str]) -> str:
    """show switch interface P."""
    port = shell.find_port(values[0])
    if port is None:
        return "entry not found in table\nCommand fail. Return code -3\n"
    lines = [
        "config switch interface",
        f'    edit "{port.name}"',
        *([f"        set native-vlan {port.pvid}"] if port.pvid != 1 else []),
    ]
    lines += ["        set allowed-vlans 1-4094"] if port.trunk else []
    return "\n".join([*lines, "        set auto-discovery-fortilink enable", "    next", "end", ""])


def summary(shell: Shell, values: list[str]) -> str:
    """diagnose switch physical-ports summary [P]."""
    ports = [shell.find_port(values[0])] if values else list(shell.state.ports.values())
    lines = [
        "",
        "  Portname    Status  Tpid  Vlan  Duplex  Speed  Flags         Discard",
        "  __________  ______  ____  ____  ______  _____  ____________  _________",
        "",
    ]
    lines += [
        f"  {p.name:<11} {'up' if up(shell, p) else 'down':<7} 8100  {p.pvid:<5} full    1G     {'QE' if p.trunk else '  '},  ,          none"
        for p in ports
        if p
    ]
    return "\n".join([*lines, ""])


def macs(shell: Shell, _: list[str]) -> str:
    """diagnose switch mac-address list."""
    return "".join(
        f"MAC: {m}  VLAN: {v} Port: {p.name}(port-id {p.ifindex})\n  Flags: 0x00010440 [ used hit ]\n\n"
        for m, v, p in shell.state.fdb()
    )


def arp(shell: Shell, _: list[str]) -> str:
    """get system arp."""
    return "Address           Age(min)   Hardware Addr      Interface\n" + "".join(
        f"{ip:<17} 1          {m} internal\n" for ip, m in sorted(shell.state.arp.items())
    )


def lldp(shell: Shell, _: list[str]) -> str:
    """get switch lldp neighbors-summary."""
    text = "\nCapability codes:\n        R:Router, B:Bridge, T:Telephone, C:DOCSIS Cable Device\n\n  Portname    Status  Device-name    TTL   Capability  MED-type  Port-ID\n"
    for port in shell.state.ports.values():
        near = port.neighbour
        if near:
            text += f"  {port.name:<11} Up      {near.system_name:<14} 120   {LETTERS[near.capability]:<11} Network   {near.port_id}\n"
        else:
            text += f"  {port.name:<11} Down    -              -     -           -         -\n"
    return text


def performance(shell: Shell, _: list[str]) -> str:
    """get system performance status."""
    minutes = shell.state.uptime_ms() // 60_000
    return f"CPU states: 1% user 2% system 0% nice 97% idle\nMemory states: 20% used\nUptime: 0 days,  {minutes // 60} hours,  {minutes % 60} minutes\n"


SHOWS: dict[str, Command] = {
    "show switch physical-port <p>": physical,
    "show switch interface <p>": switch_interface,
    "diagnose switch physical-ports summary": summary,
    "diagnose switch physical-ports summary <p>": summary,
    "diagnose switch mac-address list": macs,
    "get system arp": arp,
    "get switch lldp neighbors-summary": lldp,
    "get system performance status": performance,
}
FortiswitchShell.grammar = {
    "exec": {
        "config switch physical-port": do.to("physical"),
        "config switch interface": do.to("switch"),
        "exit": do.leave,
        **SHOWS,
    },
    "physical": {"edit <p>": do.enter_port("physical-edit"), "end": end},
    "switch": {"edit <p>": do.enter_port("switch-edit"), "end": end},
    "physical-edit": {
        "set status down": do.on_port(do.shutdown),
        "set status up": do.on_port(do.no_shutdown),
        "set description <text>": do.on_port(do.describe),
        "unset description": do.on_port(do.describe),
        "next": do.to("physical"),
        "end": end,
    },
    "switch-edit": {"set native-vlan <n>": native_vlan, "next": do.to("switch"), "end": end},
}
