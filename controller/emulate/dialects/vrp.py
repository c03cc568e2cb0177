"""A command line like Huawei VRP 5 (S-series switches), from its command reference: user view `<SW>`, system view `[SW]`."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate import actions as do
from controller.emulate.actions import quads
from controller.emulate.shell import Command, Shell
from controller.emulate.state import EmulatedPort

RULE = "-" * 79


class VrpShell(Shell):
    """Huawei VRP."""

    first_mode = "user"
    banner = "\r\nInfo: The max number of VTY users is 5, and the number of current VTY users on line is 1."
    readers = ("display",)
    more = "  ---- More ----"
    wipe = "\x1b[16D" + " " * 16 + "\x1b[16D"
    invalid = "Error: Unrecognized command found at '^' position."
    incomplete = "Error:Incomplete command found at '^' position."
    ambiguous = "Error:Ambiguous command found at '^' position."
    refused = "Error: The operation failed because the system is busy."
    shorts: ClassVar[dict[str, str]] = {"ge": "GigabitEthernet", "xge": "XGigabitEthernet"}

    @staticmethod
    def port_name(place: int) -> str:
        """`GigabitEthernet0/0/1`."""
        return f"GigabitEthernet0/0/{place}"

    def mode_prompt(self) -> str:
        """`<sw1>`, `[sw1]`, `[sw1-GigabitEthernet0/0/1]`."""
        if self.mode == "user":
            return f"<{self.state.name}>"
        return f"[{self.state.name}{'-' + self.port.name if self.port else ''}]"

    def no_such_port(self, _: str, /) -> str:
        """The place in the line is pointed at, not named."""
        return f"{' ' * 12}^\nError: Wrong parameter found at '^' position.\n"


def short(port: EmulatedPort) -> str:
    """`GE0/0/1`."""
    return port.name.replace("GigabitEthernet", "GE")


def interface(shell: Shell, values: list[str]) -> str:
    """display interface NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.no_such_port(values[0])
    up = shell.state.oper_up(port)
    state = "Administratively DOWN" if not port.admin_up else "UP" if up else "DOWN"
    return (
        f"{port.name} current state : {state}\nLine protocol current state : {'UP' if up and port.admin_up else 'DOWN'}\n"
        f"Description:{port.alias}\nSwitch Port, PVID : {port.pvid:4}, TPID : 8100(Hex), The Maximum Frame Length is 9216\n"
        f"IP Sending Frames' Format is PKTFMT_ETHNT_2, Hardware address is 0277-0000-{port.ifindex:04x}\n"
        "Last physical up time   : 2026-11-01 10:00:00\nCurrent system time: 2026-11-24 10:00:00\n"
        "Port Mode: COMMON COPPER\nSpeed : 1000,  Loopback: NONE\nDuplex: FULL,  Negotiation: ENABLE\n"
    )


def configuration(shell: Shell, values: list[str]) -> str:
    """display current-configuration interface NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.no_such_port(values[0])
    lines = ["#", f"interface {port.name}"]
    lines += [f" description {port.alias}"] if port.alias else []
    lines += [] if port.admin_up else [" shutdown"]
    if port.trunk:
        lines += [" port link-type trunk", " port trunk allow-pass vlan 2 to 4094"]
    elif port.hybrid:
        untagged = " ".join(map(str, sorted(port.untagged - {1})))
        lines += [] if 1 in port.untagged else [" undo port hybrid vlan 1"]
        lines += [f" port hybrid pvid vlan {port.pvid}"] + (
            [f" port hybrid untagged vlan {untagged}"] if untagged else []
        )
        lines += [f" port hybrid tagged vlan {' '.join(map(str, sorted(port.tagged)))}"] if port.tagged else []
    else:
        lines += [" port link-type access"] + ([f" port default vlan {port.pvid}"] if port.pvid != 1 else [])
    return "\n".join([*lines, "#", "return"]) + "\n"


def brief(shell: Shell, _: list[str]) -> str:
    """display interface brief."""
    lines = [
        "PHY: Physical",
        "*down: administratively down",
        "(s): spoofing",
        "InUti/OutUti: input utility/output utility",
    ]
    lines.append("Interface                   PHY   Protocol  InUti OutUti   inErrors  outErrors")
    for port in shell.state.ports.values():
        up = shell.state.oper_up(port) and port.admin_up
        phy = "*down" if not port.admin_up else "up" if up else "down"
        lines.append(f"{port.name:<27} {phy:<5} {'up' if up else 'down':<8} {'0%':>6} {'0%':>6} {0:>10} {0:>10}")
    return "\n".join(lines) + "\n"


def port_vlan(shell: Shell, _: list[str]) -> str:
    """display port vlan."""
    lines = [f"{'Port':<24}{'Link Type':<13}{'PVID':<6}Trunk VLAN List", RULE]
    for port in shell.state.ports.values():
        kind = "trunk" if port.trunk else "hybrid" if port.hybrid else "access"
        lines.append(f"{port.name:<24}{kind:<13}{port.pvid:<6}{'1-4094' if port.trunk else '-'}")
    return "\n".join(lines) + "\n"


def mac_rows(rows: list[tuple[str, int, str, str]]) -> str:
    """The MAC table's frame around rows of (MAC, VLAN, from, type)."""
    lines = [RULE, "MAC Address    VLAN/VSI                          Learned-From        Type      ", RULE]
    lines += [f"{quads(mac, '-')} {f'{vlan}/-':<34}{port:<20}{kind:<10}" for mac, vlan, port, kind in rows]
    return "\n".join([*lines, RULE, f"Total items displayed = {len(rows)}", ""])


def macs(shell: Shell, _: list[str]) -> str:
    """display mac-address."""
    rows = [(mac, vlan, "-", "blackhole") for mac, vlan in sorted(shell.state.blocked)]
    return mac_rows(rows + [(mac, vlan, short(port), "dynamic") for mac, vlan, port in shell.state.fdb()])


def blackhole(shell: Shell, _: list[str]) -> str:
    """display mac-address blackhole."""
    return mac_rows([(mac, vlan, "-", "blackhole") for mac, vlan in sorted(shell.state.blocked)])


def arp(shell: Shell, _: list[str]) -> str:
    """display arp all."""
    lines = [
        "IP ADDRESS      MAC ADDRESS     EXPIRE(M) TYPE        INTERFACE   VPN-INSTANCE ",
        f"{'':>42}VLAN/CEVLAN",
        RULE,
    ]
    for ip, mac in sorted(shell.state.arp.items()):
        lines += [f"{ip:<15} {quads(mac, '-')}  {19:<9} D-0         GE0/0/1", f"{'':>42}10/-"]
    count = len(shell.state.arp)
    return "\n".join([*lines, RULE, f"Total:{count}         Dynamic:{count}       Static:0     Interface:0"]) + "\n"


def lldp(shell: Shell, _: list[str]) -> str:
    """display lldp neighbor."""
    words = {"bridge": "bridge router", "phone": "bridge telephone", "station": "stationonly", "wlan": "bridge wlan"}
    blocks = []
    for port in shell.state.ports.values():
        near = port.neighbour
        if near is None:
            blocks.append(f"{port.name} has 0 neighbor(s)\n")
            continue
        caps = words.get(near.capability, near.capability)
        blocks.append(
            f"{port.name} has 1 neighbor(s):\n\nNeighbor index :1\nChassis type :MAC Address\n"
            f"Chassis ID :0277-0000-{port.ifindex:04x}\nPort ID subtype :Interface Name\nPort ID :{near.port_id}\n"
            f"Port description :\nSystem name :{near.system_name}\nSystem description :emulated\n"
            f"System capabilities supported :{caps}\nSystem capabilities enabled :{caps}\n"
            "Management address type :ipv4\nManagement address value :192.0.2.1\nExpired time :100s\n\n"
        )
    return "\n".join(blocks)


def version(shell: Shell, _: list[str]) -> str:
    """display version."""
    minutes = shell.state.uptime_ms() // 60_000
    return (
        "Huawei Versatile Routing Platform Software\nVRP (R) software, Version 5.170 (S5735 V200R019C10SPC500)\n"
        "Copyright (C) 2000-2020 HUAWEI TECH Co., Ltd.\n"
        f"HUAWEI S5735-L24T4X-A1 Routing Switch uptime is 0 week, 0 day, {minutes // 60} hours, {minutes % 60} minutes\n"
    )


def set_default_vlan(shell: Shell, port: EmulatedPort, values: list[str]) -> str | None:
    """port default vlan N: access ports only, existing VLANs only."""
    if port.hybrid or port.trunk:
        return "Error: Please renew the default configurations.\n"
    if not values[0].isdigit() or int(values[0]) not in shell.state.vlans:
        return "Error: The VLAN does not exist.\n"
    return do.set_vlan(shell, port, values)


def hybrid(what: str) -> Command:
    """port hybrid pvid / untagged / undo vlan N."""

    def change(shell: Shell, port: EmulatedPort, values: list[str]) -> str | None:
        vlan = int(values[0]) if values[0].isdigit() else 0
        if not port.hybrid:
            return "Error: The link type of the port is not hybrid.\n"
        if vlan not in shell.state.vlans:
            return "Error: The VLAN does not exist.\n"
        if what == "pvid":
            return do.set_vlan(shell, port, values)
        alter = port.untagged.add if what == "untagged" else port.untagged.discard
        shell.state.write("ssh", f"interface {port.name} / port hybrid {what} vlan {vlan}", lambda: alter(vlan))
        return None

    return do.on_port(change)


def to_user(shell: Shell, _: list[str]) -> str:
    """quit of the system view, return."""
    shell.mode, shell.port = "user", None
    return ""


DISPLAY: dict[str, Command] = {
    "display interface <name>": interface,
    "display interface <name> <number>": interface,
    "display interface brief": brief,
    "display current-configuration interface <name>": configuration,
    "display port vlan": port_vlan,
    "display mac-address": macs,
    "display mac-address blackhole": blackhole,
    "display arp all": arp,
    "display lldp neighbor": lldp,
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
VrpShell.grammar = {
    "user": {
        "system-view": do.to("system", "Enter system view, return user view with Ctrl+Z.\n"),
        "screen-length 0 temporary": do.no_pages,
        "save": do.save("Info: Save the configuration successfully.\n"),
        "quit": do.leave,
        **DISPLAY,
    },
    "system": {"quit": to_user, **SYSTEM},
    "port": {
        "quit": do.to("system"),
        **SYSTEM,
        "shutdown": do.on_port(do.shutdown),
        "undo shutdown": do.on_port(do.no_shutdown),
        "description <...>": do.on_port(do.describe),
        "undo description": do.on_port(do.describe),
        "port default vlan <n>": do.on_port(set_default_vlan),
        "port hybrid pvid vlan <n>": hybrid("pvid"),
        "port hybrid untagged vlan <n>": hybrid("untagged"),
        "undo port hybrid vlan <n>": hybrid("undo"),
    },
}
