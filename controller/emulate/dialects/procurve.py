"""A command line like HPE ProCurve / ArubaOS-Switch, from its guides: a key to begin, ports by number, VLANs own their ports."""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.actions import colons
from controller.emulate.shell import Command, Question, Shell

from .ciscolike import WORDS, CiscoLike, up


def _begin(_: str) -> str:
    return ""


def halves(mac: str) -> str:
    """`027700-000001`."""
    digits = mac.replace(":", "")
    return f"{digits[:6]}-{digits[6:]}"


class ProcurveShell(CiscoLike):
    """HPE ProCurve."""

    quotes = True
    after = " "
    banner = "\r\nHP J9729A 2920-48G-POE+ Switch\r\nSoftware revision WB.16.08.0001\r\n"
    greeting = Question("Press any key to continue", _begin, hidden=True)
    invalid = "Invalid input: {line}"
    incomplete = "Incomplete input: {line}"
    ambiguous = "Ambiguous input: {line}"
    refused = "Operation failed: busy."
    more = "-- MORE --, next page: Space, next line: Enter, quit: Control-C"
    wipe = "\r\x1b[K"

    @staticmethod
    def port_name(place: int) -> str:
        """`1`."""
        return str(place)

    def port_mode(self) -> str:
        """`eth-1`, `vlan-10`."""
        return f"vlan-{self.vlan}" if self.vlan else f"eth-{self.port.name}" if self.port else "eth"

    def no_such_port(self, name: str, /) -> str:
        """By its number."""
        return f"Module not present for port or invalid port: {name}\n"


def brief(shell: Shell, values: list[str]) -> str:
    """show interfaces brief [PORT]."""
    ports = list(shell.state.ports.values()) if not values else [p for p in [shell.find_port(values[0])] if p]
    if not ports:
        return shell.no_such_port(values[0])
    lines = [
        " Status and Counters - Port Status",
        "",
        "                  | Intrusion                           MDI  Flow Bcast",
    ]
    lines += [
        "  Port  Type      | Alert     Enabled Status Mode       Mode Ctrl Limit",
        "  ----- --------- + --------- ------- ------ ---------- ---- ---- -----",
    ]
    for port in ports:
        lines.append(
            f"  {port.name:<5} 100/1000T | No        {'Yes' if port.admin_up else 'No':<7} {'Up' if up(shell, port) else 'Down':<6} 1000FDx    MDIX off  0"
        )
    return "\n".join(lines) + "\n"


def name(shell: Shell, values: list[str]) -> str:
    """show name PORT."""
    port = shell.find_port(values[0])
    if port is None:
        return shell.no_such_port(values[0])
    return f"\n Port Names\n\n  Port   Type       Name\n  ------ ---------- ----------------\n  {port.name:<6} 100/1000T  {port.alias}\n"


def vlans_of(shell: Shell, values: list[str]) -> str:
    """show vlans ports PORT detail."""
    port = shell.find_port(values[0])
    if port is None:
        return shell.no_such_port(values[0])
    rows = [
        (port.pvid, "Untagged"),
        *((vlan, "Tagged") for vlan in sorted(port.tagged | ({20, 30} if port.trunk else set()))),
    ]
    return (
        f"\n Status and Counters - VLAN Information - for ports {port.name}\n\n  Port name: {port.alias}\n"
        "  VLAN ID Name                 | Status     Voice Jumbo Mode\n  ------- -------------------- + ---------- ----- ----- --------\n"
        + "".join(f"  {vlan:<7} VLAN{vlan:<16} | Port-based No    No    {mode}\n" for vlan, mode in rows)
    )


def status(shell: Shell, _: list[str]) -> str:
    """show interfaces status."""
    lines = [
        "  Port  Name       Status Config-mode   Speed    Type       Tagged Untagged",
        "  ----- ---------- ------ ------------- -------- ---------- ------ --------",
    ]
    for port in shell.state.ports.values():
        tagged = "multi" if port.trunk else "No"
        lines.append(
            f"  {port.name:<5} {port.alias[:10]:<10} {'Up' if up(shell, port) else 'Down':<6} Auto          1000FDx  100/1000T  {tagged:<6} {port.pvid}"
        )
    return "\n".join(lines) + "\n"


def macs(shell: Shell, _: list[str]) -> str:
    """show mac-address."""
    rows = [f"  {halves(mac)} {port.name:<8} {vlan}" for mac, vlan, port in shell.state.fdb()]
    return "\n".join(
        [
            "",
            " Status and Counters - Port Address Table",
            "",
            "  MAC Address   Port     VLAN",
            "  ------------- -------- ----",
            *rows,
            "",
        ]
    )


def lockouts(shell: Shell, _: list[str]) -> str:
    """show lockout-mac."""
    held = sorted({mac for mac, _ in shell.state.blocked})
    return "\n".join(
        [
            "",
            " Locked Out Addresses",
            "",
            *(f"   {halves(m)}" for m in held),
            "",
            f" Number of locked out MAC addresses = {len(held)}",
            "",
        ]
    )


def arp(shell: Shell, _: list[str]) -> str:
    """show arp."""
    rows = [f"  {ip:<16} {halves(mac)}     dynamic 1" for ip, mac in sorted(shell.state.arp.items())]
    return "\n".join(["", " IP ARP table", "", "  IP Address       MAC Address       Type    Port", *rows, ""])


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp info remote-device detail."""
    text = " LLDP Remote Device Information Detail\n\n"
    for port in shell.state.ports.values():
        near = port.neighbour
        if near:
            text += (
                f"  Local Port   : {port.name}\n  ChassisType  : mac-address         \n  ChassisId    : 027700-0000aa\n  PortType     : local\n"
                f"  PortId       : {near.port_id}\n  SysName      : {near.system_name}\n  System Descr : emulated\n  PortDescr    : x\n\n"
                f"  System Capabilities Supported  : {WORDS[near.capability].lower()}\n  System Capabilities Enabled    : {WORDS[near.capability].lower()}\n\n"
            )
    return text


def uptime(shell: Shell, _: list[str]) -> str:
    """show uptime."""
    minutes = shell.state.uptime_ms() // 60_000
    return f"0000:{minutes // 60:02d}:{minutes % 60:02d}:05.67\n"


def to_vlan(shell: Shell, values: list[str]) -> str:
    """vlan N: made if it is not there."""
    if not values[0].isdigit() or not 1 <= int(values[0]) <= 4094:
        return f"Invalid input: {values[0]}\n"
    shell.state.vlans.add(int(values[0]))
    shell.mode, shell.port, shell.vlan = "port", None, int(values[0])
    return ""


def untagged(shell: Shell, values: list[str]) -> str:
    """untagged PORT: the port leaves the VLAN it was untagged in."""
    port = shell.find_port(values[0])
    if not shell.vlan or port is None:
        return shell.no_such_port(values[0])
    return do.set_vlan(shell, port, [str(shell.vlan)]) or ""


def lockout(*, blocked: bool) -> Command:
    """lockout-mac: in all VLANs."""

    def command(shell: Shell, values: list[str]) -> str:
        mac = colons(values[0])
        if mac is None:
            return f"Invalid input: {values[0]}\n"
        shell.state.set_blocked(mac, 0, blocked=blocked, via="ssh", text=f"{'' if blocked else 'no '}lockout-mac {mac}")
        return ""

    return command


SHOWS: dict[str, Command] = {
    "show interfaces brief": brief,
    "show interfaces brief <port>": brief,
    "show interfaces status": status,
    "show name <port>": name,
    "show vlans ports <port> detail": vlans_of,
    "show mac-address": macs,
    "show lockout-mac": lockouts,
    "show arp": arp,
    "show lldp info remote-device detail": lldp,
    "show uptime": uptime,
}
CONFIG: dict[str, Command] = {
    "end": do.to("privileged"),
    "interface <port>": do.enter_port("port"),
    "vlan <n>": to_vlan,
    "lockout-mac <mac>": lockout(blocked=True),
    "no lockout-mac <mac>": lockout(blocked=False),
}
ProcurveShell.grammar = {
    "privileged": {
        "configure": do.to("config"),
        "no page": do.no_pages,
        "exit": do.leave,
        "write memory": do.save(""),
        **SHOWS,
    },
    "config": {"exit": do.to("privileged"), **CONFIG, **SHOWS},
    "port": {
        "exit": do.to("config"),
        **CONFIG,
        "disable": do.on_port(do.shutdown),
        "enable": do.on_port(do.no_shutdown),
        "name <text>": do.on_port(do.describe),
        "no name": do.on_port(do.describe),
        "untagged <port>": untagged,
    },
}
