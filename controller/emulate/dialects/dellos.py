"""Command lines like Dell's three: OS6 (N series), OS9 (FTOS) and OS10, from their command references."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate import actions as do
from controller.emulate.actions import dotted
from controller.emulate.shell import Command, Shell
from controller.emulate.state import EmulatedPort

from .ciscolike import ACCESS, DESCRIBE, DESCRIBE_QUOTED, CiscoLike, arp_rows, grammar_of, up


class Os6Shell(CiscoLike):
    """Dell OS6."""

    first_mode = "user"
    quotes = True
    incomplete = "Command not found / Incomplete command. Use ? to list commands."
    refused = "ERROR: the switch is busy"
    more = "--More-- or (q)uit"
    wipe = "\r" + " " * 20 + "\r"
    shorts: ClassVar[dict[str, str]] = {"gi": "Gi"}

    @staticmethod
    def port_name(place: int) -> str:
        """`Gi1/0/1`."""
        return f"Gi1/0/{place}"

    def port_mode(self) -> str:
        """`config-if-Gi1/0/1`."""
        return f"config-if-{self.port.name}" if self.port else "config-if"

    def no_such_port(self, _: str, /) -> str:
        """In a show and in `interface`."""
        return "An invalid interface has been used for this function.\n"


class Os9Shell(CiscoLike):
    """Dell OS9."""

    first_mode = "user"
    refused = "% Error: the switch is busy."
    invalid = '% Error: Invalid input at "^" marker.'
    shorts: ClassVar[dict[str, str]] = {"te": "TenGigabitEthernet"}

    @staticmethod
    def port_name(place: int) -> str:
        """`TenGigabitEthernet 1/1`."""
        return f"TenGigabitEthernet 1/{place}"

    def mode_prompt(self) -> str:
        """`sw1(conf)#`, `sw1(conf-if-te-1/1)#`, `sw1(conf-if-vl-10)#`."""
        if self.mode in ("user", "privileged"):
            return super().mode_prompt()
        if self.mode == "config":
            return f"{self.state.name}(conf)#"
        place = f"vl-{self.vlan}" if self.vlan else "te-" + (self.port.name.split()[1] if self.port else "")
        return f"{self.state.name}(conf-if-{place})#"


class Os10Shell(CiscoLike):
    """Dell OS10."""

    quotes = True
    after = " "
    invalid = "% Error: Unrecognized command."
    refused = "% Error: the switch is busy"
    shorts: ClassVar[dict[str, str]] = {"eth": "ethernet"}

    @staticmethod
    def port_name(place: int) -> str:
        """`ethernet1/1/1`."""
        return f"ethernet1/1/{place}"

    def no_such_port(self, _: str, /) -> str:
        """In a show and in `interface`."""
        return "% Error: Invalid interface\n"

    def port_mode(self) -> str:
        """`conf-if-eth1/1/1`."""
        return f"conf-if-eth{self.port.name[8:]}" if self.port else "conf-if"


def running(form: str, vlan: str, *, opened: bool = False) -> Command:
    """show running-config interface NAME; `opened`: `no shutdown` is shown too."""

    def command(shell: Shell, values: list[str]) -> str:
        port = shell.find_port("".join(values))
        if port is None:
            return shell.no_such_port(values[0])
        lines = ["!", f"interface {port.name}", *([form.format(port.alias)] if port.alias else [])]
        lines += [] if port.admin_up and not opened else [f" {'no ' if port.admin_up else ''}shutdown"]
        lines += (
            [" switchport mode trunk"] if port.trunk else [vlan.format(port.pvid)] if vlan and port.pvid != 1 else []
        )
        return "\n".join([*lines, "exit", ""])

    return command


def link(form: str) -> Command:
    """show interfaces NAME, of `{name}` and `{link}`."""

    def command(shell: Shell, values: list[str]) -> str:
        port = shell.find_port("".join(values))
        return (
            shell.no_such_port(values[0])
            if port is None
            else form.format(name=port.name, link=_link(shell, port), alias=port.alias)
        )

    return command


def _link(shell: Shell, port: EmulatedPort) -> str:
    return "up" if up(shell, port) else "down"


def os6_status(shell: Shell, values: list[str]) -> str:
    """show interfaces status [NAME]."""
    ports = [shell.find_port(values[0])] if values else list(shell.state.ports.values())
    lines = [
        "Port      Description               Duplex Speed   Neg  Link   Flow  M  VLAN",
        "                                                        State  Ctrl",
    ]
    lines += ["--------- ------------------------- ------ ------- ---- ------ ----- -- -------------------"]
    for port in ports:
        if port:
            state = "D-Down" if not port.admin_up else _link(shell, port).title()
            mode = "T  (1),2-4093" if port.trunk else f"A  {port.pvid}"
            lines.append(f"{port.name:<9} {port.alias[:25]:<25} Full   1000    Auto {state:<6} Off   {mode}")
    return "\n".join(lines) + "\n"


def os9_status(shell: Shell, _: list[str]) -> str:
    """show interfaces status."""
    lines = ["Port                 Description  Status Speed        Duplex Vlan"]
    for port in shell.state.ports.values():
        vlan = "1-4093" if port.trunk else port.pvid
        lines.append(
            f"{port.name.replace('TenGigabitEthernet', 'Te'):<20} {port.alias[:12]:<12} {_link(shell, port).title():<6} 10000 Mbit   Full   {vlan}"
        )
    return "\n".join(lines) + "\n"


def os9_switchport(shell: Shell, values: list[str]) -> str:
    """show interfaces switchport NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.no_such_port(values[0])
    rows = f"T       2-4093\nU       {port.pvid}" if port.trunk else f"U       {port.pvid}"
    return f"Codes:  U - Untagged, T - Tagged\n\nName: {port.name}\n802.1QTagged: {port.trunk}\nVlan membership:\nQ       Vlans\n{rows} \n\nNative VlanId:    1.\n"


def os10_status(shell: Shell, _: list[str]) -> str:
    """show interface status."""
    rule = "-" * 90
    lines = [rule, "Port            Description     Status   Speed    Duplex   Mode Vlan Tagged-Vlans", rule]
    for port in shell.state.ports.values():
        mode = "T    1    2-4093" if port.trunk else f"A    {port.pvid:<4} -"
        lines.append(
            f"{'Eth ' + port.name[8:]:<15} {port.alias.replace(' ', '_')[:15]:<15} {_link(shell, port):<8} 10G      full     {mode}"
        )
    return "\n".join(lines) + "\n"


def macs(form: str, before: str = "", after: str = "") -> Command:
    """The MAC table, of `{mac}`, `{dotted}`, `{vlan}` and `{port}`."""

    def command(shell: Shell, _: list[str]) -> str:
        rows = shell.state.fdb()
        return "".join(
            form.format(mac=m, dotted=dotted(m), vlan=v, port=p.name.replace(before, after)) + "\n" for m, v, p in rows
        )

    return command


def lldp(form: str, before: str = "", after: str = "") -> Command:
    """Neighbours, of `{port}`, `{id}` and `{name}`."""

    def command(shell: Shell, _: list[str]) -> str:
        ports = [p for p in shell.state.ports.values() if p.neighbour]
        return "".join(
            form.format(port=p.name.replace(before, after), id=p.neighbour.port_id, name=p.neighbour.system_name) + "\n"
            for p in ports
            if p.neighbour
        )

    return command


def uptime(form: str) -> Command:
    """Something with `{name}`, `{h}` and `{m}`."""

    def command(shell: Shell, _: list[str]) -> str:
        minutes = shell.state.uptime_ms() // 60_000
        return form.format(name=shell.state.name, h=minutes // 60, m=minutes % 60)

    return command


def to_vlan(shell: Shell, values: list[str]) -> str:
    """interface vlan N."""
    if not values[0].isdigit():
        return shell.complain(shell.invalid, values[0])
    shell.mode, shell.port, shell.vlan = "port", None, int(values[0])
    return ""


def untagged(shell: Shell, values: list[str]) -> str:
    """untagged PORT: only out of the default VLAN."""
    port = shell.find_port("".join(values))
    if port is None or port.pvid != 1:
        return f"% Error: {values[0]} is already untagged in another vlan.\n"
    return do.set_vlan(shell, port, [str(shell.vlan)]) or ""


def no_untagged(shell: Shell, values: list[str]) -> str:
    """no untagged PORT: back to the default VLAN."""
    port = shell.find_port("".join(values))
    if port is None or port.pvid != shell.vlan:
        return "% Error: Port is not a member of the vlan.\n"
    return do.set_vlan(shell, port, ["1"]) or ""


def both(pattern: str, command: Command) -> dict[str, Command]:
    """A show with a name of one word or of two."""
    return {f"{pattern} <name>": command, f"{pattern} <name> <number>": command}


Os6Shell.grammar = grammar_of(
    {
        **both("running-config interface", running('description "{}"', "switchport access vlan {}")),
        "interfaces status": os6_status,
        "interfaces status <name>": os6_status,
        "mac address-table": macs("{vlan:<8} {dotted}        Dynamic              {port}"),
        "arp": lambda shell, _: arp_rows(shell, "{ip:<15} {dotted}   Gi1/0/1    Dynamic  0h 1m 2s"),
        "lldp remote-device all": lldp("{port:<9} 1      02:77:00:00:00:AA  {id:<18} {name}"),
        "system": uptime(
            "System Description: Dell EMC Networking N1124T-ON, 6.6.3.10\nSystem Up Time: 0 days, {h:02d}h:{m:02d}m:05s\nSystem Name: {name}\n"
        ),
    },
    {},
    {**ACCESS, **DESCRIBE_QUOTED},
    "terminal length <n>",
)
Os9Shell.grammar = grammar_of(
    {
        **both("running-config interface", running(" description {}", "", opened=True)),
        **both(
            "interfaces",
            link(
                "{name} is {link}, line protocol is {link}\nDescription: {alias}\nHardware is DellEth, address is 02:77:00:00:01:01\n"
            ),
        ),
        "interfaces status": os9_status,
        **both("interfaces switchport", os9_switchport),
        "mac-address-table": macs(" {vlan:<6} {mac}   Dynamic           {port}    Active", "TenGigabitEthernet", "Te"),
        "arp": lambda shell, _: arp_rows(shell, "Internet    {ip:<15}   5    {mac}    -   Vl 10      CP"),
        "lldp neighbors": lldp(" {port:<11} {name:<20} {id:<18} 02:77:00:00:00:aa", "TenGigabitEthernet", "Te"),
        "version": uptime(
            "Dell Real Time Operating System Software\nDell Operating System Version:  2.0\n{name} uptime is 0 day(s), {h} hour(s), {m} minute(s)\n"
        ),
    },
    {"interface vlan <n>": to_vlan},
    {**DESCRIBE, **both("untagged", untagged), **both("no untagged", no_untagged)},
    "terminal length <n>",
)
Os10Shell.grammar = grammar_of(
    {
        **both(
            "running-configuration interface", running(' description "{}"', " switchport access vlan {}", opened=True)
        ),
        **both(
            "interface",
            link("Ethernet {name} is {link}, line protocol is {link}\nHardware is Eth, address is 02:77:00:00:01:01\n"),
        ),
        "interface status": os10_status,
        "mac address-table": macs("{vlan:<8}{mac}    dynamic         {port}"),
        "ip arp": lambda shell, _: arp_rows(shell, "{ip:<15} {mac}   vlan10        ethernet1/1/1"),
        "lldp neighbors": lldp("{port:<20} {name:<20} {id:<20} 02:77:00:00:00:aa"),
        "version": uptime(
            "Dell EMC Networking OS10 Enterprise\nOS Version: 10.5.2.3\nSystem Type: S4148T-ON\nUp Time: {h:02d}:{m:02d}:05\n"
        ),
    },
    {},
    {**ACCESS, **DESCRIBE_QUOTED},
    "terminal length <n>",
)
