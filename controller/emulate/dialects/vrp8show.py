"""What the display commands of VRP 8 print: layouts of the CloudEngine command reference, which differ from those of VRP 5."""

from __future__ import annotations

from controller.emulate.actions import quads
from controller.emulate.shell import Command, Shell

RULE = "-" * 79
LEGEND = """PHY: Physical
*down: administratively down
^down: standby
(l): loopback
(s): spoofing
(ed): error down
InUti/OutUti: input utility rate/output utility rate
Interface                  PHY      Protocol  InUti OutUti   inErrors  outErrors
"""
MAC_HEAD = f"""Flags: * - Backup
       # - forwarding logical interface, operations cannot be performed based
           on the interface.
BD   : bridge-domain   Age : dynamic MAC learned time in seconds
{RULE}
MAC Address    VLAN/VSI/BD   Learned-From        Type                Age
{RULE}
"""
ARP_HEAD = f"""ARP Entry Types: D - Dynamic, S - Static, I - Interface, O - OpenFlow, RD - Redirect
EXP: Expire-time    VLAN: VLAN or Bridge Domain

IP ADDRESS      MAC ADDRESS    EXP(M) TYPE/VLAN       INTERFACE        VPN-INSTANCE
{RULE}---------
"""
WORDS = {"bridge": "bridge router", "phone": "bridge telephone", "station": "stationonly", "wlan": "bridge wlan"}


def interface(shell: Shell, values: list[str]) -> str:
    """display interface NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.no_such_port(values[0])
    up = shell.state.oper_up(port) and port.admin_up
    state = port.held or ("Administratively DOWN" if not port.admin_up else "UP" if up else "DOWN")
    return (
        f"{port.name} current state : {state} (ifindex: {port.ifindex})\n"
        f"Line protocol current state : {'UP' if up else 'DOWN'}\nDescription:{port.alias}\n"
        f"Switch Port, PVID : {port.pvid:4}, TPID : 8100(Hex), The Maximum Frame Length is 9216\n"
        "Internet protocol processing : disabled\n"
        f"IP Sending Frames' Format is PKTFMT_ETHNT_2, Hardware address is 0277-0000-{port.ifindex:04x}\n"
        "Port Mode:     COMMON FIBER,     Port Split/Aggregate:               -\n"
        "Speed:                10000,     Loopback:                        NONE\n"
        "Duplex:                FULL,     Negotiation:                        -\n"
        "Last physical up time   : 2026-11-01 10:00:00\nLast physical down time : 2026-11-01 09:59:00\n"
        "Current system time: 2026-11-24 10:00:00\n"
    )


def configuration(shell: Shell, values: list[str]) -> str:
    """display current-configuration interface NAME: what runs, whatever waits; that a port is access is not shown."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.no_such_port(values[0])
    lines = ["#", f"interface {port.name}"]
    lines += [f" description {port.alias}"] if port.alias else []
    lines += [] if port.admin_up else [" shutdown"]
    if port.trunk:
        lines += [" port link-type trunk", " port trunk allow-pass vlan 2 to 4094"]
    elif port.hybrid:
        lines += [" port link-type hybrid", *([] if 1 in port.untagged else [" undo port hybrid vlan 1"])]
        lines += [f" port hybrid pvid vlan {port.pvid}"] if port.pvid != 1 else []
        for kind, vlans in (("tagged", port.tagged), ("untagged", port.untagged - {1})):
            lines += [f" port hybrid {kind} vlan {' '.join(map(str, sorted(vlans)))}"] if vlans else []
    else:
        lines += [f" port default vlan {port.pvid}"] if port.pvid != 1 else []
    return "\n".join([*lines, "#", "return"]) + "\n"


def brief(shell: Shell, _: list[str]) -> str:
    """display interface brief: the port for managing and logical interfaces are in it."""
    text = LEGEND
    for port in shell.state.ports.values():
        up = shell.state.oper_up(port) and port.admin_up
        phy = "*down" if not port.admin_up else "down(ed)" if port.held else "up" if up else "down"
        text += f"{port.name:<26} {phy:<8} {'up' if up else 'down':<8} {'0%':>6} {'0.01%':>6} {0:>10} {0:>10}\n"
    for name, protocol in (("MEth0/0/0", "up"), ("NULL0", "up(s)")):
        text += f"{name:<26} {'up':<8} {protocol:<8} {'0%':>6} {'0%':>6} {0:>10} {0:>10}\n"
    return text


def port_vlan(shell: Shell, _: list[str]) -> str:
    """display port vlan."""
    text = f"{'Port':<24}{'Link Type':<13}{'PVID':<6}{'Trunk VLAN List':<41}Port Description\n{RULE}\n"
    for port in shell.state.ports.values():
        kind = "trunk" if port.trunk else "hybrid" if port.hybrid else "access"
        text += f"{port.name:<24}{kind:<13}{port.pvid:<6}{'1-4094' if port.trunk else '-':<41}{port.alias}\n"
    return text


def _macs(rows: list[tuple[str, int, str, str, str]]) -> str:
    lines = [
        f"{quads(mac, '-')} {f'{vlan}/-/-':<13} {at:<19} {kind:<12} {age:>10}\n" for mac, vlan, at, kind, age in rows
    ]
    return f"{MAC_HEAD}{''.join(lines)}{RULE}\nTotal items: {len(rows)}\n"


def macs(shell: Shell, _: list[str]) -> str:
    """display mac-address."""
    rows = [(mac, vlan, "-", "blackhole", "-") for mac, vlan in sorted(shell.state.blocked)]
    return _macs(rows + [(mac, vlan, port.name, "dynamic", "665") for mac, vlan, port in shell.state.fdb()])


def blackholes(shell: Shell, _: list[str]) -> str:
    """display mac-address blackhole."""
    return _macs([(mac, vlan, "-", "blackhole", "-") for mac, vlan in sorted(shell.state.blocked)])


def arp(shell: Shell, _: list[str]) -> str:
    """display arp."""
    rows = sorted(shell.state.arp.items())
    lines = [f"{ip:<15} {quads(mac, '-')} {19:>4}   D/10            {'10GE1/0/1':<16}\n" for ip, mac in rows]
    total = f"Total:{len(rows)}         Dynamic:{len(rows)}       Static:0    Interface:0    OpenFlow:0\nRedirect:0\n"
    return f"{ARP_HEAD}10.77.0.254     Incomplete        1   D               Vlanif10\n{''.join(lines)}{RULE}\n{total}"


def lldp(shell: Shell, _: list[str]) -> str:
    """display lldp neighbor: ports with neighbours only."""
    blocks = []
    for port in shell.state.ports.values():
        near = port.neighbour
        if near is not None:
            caps = WORDS.get(near.capability, near.capability)
            told = {
                "Neighbor index": "1",
                "Chassis type": "MAC Address",
                "Chassis ID": f"0277-0000-{port.ifindex:04x}",
                "Port ID subtype": "Interface Name",
                "Port ID": near.port_id,
                "Port description": "",
                "System name": near.system_name,
                "System description": "emulated",
                "System capabilities supported": caps,
                "System capabilities enabled": caps,
                "Management address type": "ipv4",
                "Management address": "192.0.2.1",
                "Expired time": "100s",
            }
            lines = "".join(f"{name:<35}:{value}\n" for name, value in told.items())
            blocks.append(f"{port.name} has 1 neighbor(s):\n\n{lines}")
    return "\n".join(blocks)


def version(shell: Shell, _: list[str]) -> str:
    """display version."""
    minutes = shell.state.uptime_ms() // 60_000
    uptime = f"0 day, {minutes // 60} hours, {minutes % 60} minutes"
    return (
        "Huawei Versatile Routing Platform Software\nVRP (R) software, Version 8.180 (CE6860EI V200R005C10SPC800)\n"
        f"Copyright (C) 2012-2018 Huawei Technologies Co., Ltd.\nHUAWEI CE6860-48S8CQ-EI uptime is {uptime}\n"
        f"Patch Version: V200R005SPH008\n\nCE6860-48S8CQ-EI(Master) 1 : uptime is  {uptime}\n"
    )


DISPLAY: dict[str, Command] = {
    "display interface <name>": interface,
    "display interface <name> <number>": interface,
    "display interface brief": brief,
    "display current-configuration interface <name>": configuration,
    "display port vlan": port_vlan,
    "display mac-address": macs,
    "display mac-address blackhole": blackholes,
    "display arp": arp,
    "display lldp neighbor": lldp,
    "display version": version,
}
