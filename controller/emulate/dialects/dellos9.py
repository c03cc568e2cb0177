"""A command line like Dell OS9 (FTOS), from its manual: VLANs have ports, not ports VLANs."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate import actions as do
from controller.emulate.shell import Shell

from .ciscolike import DESCRIBE, CiscoLike, arp_rows, grammar_of
from .dellos import both, link, link_of, lldp, macs, running, uptime


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


def os9_status(shell: Shell, _: list[str]) -> str:
    """show interfaces status."""
    lines = ["Port                 Description  Status Speed        Duplex Vlan"]
    for port in shell.state.ports.values():
        vlan = "1-4093" if port.trunk else port.pvid
        lines.append(
            f"{port.name.replace('TenGigabitEthernet', 'Te'):<20} {port.alias[:12]:<12} {link_of(shell, port).title():<6} 10000 Mbit   Full   {vlan}"
        )
    return "\n".join(lines) + "\n"


def os9_switchport(shell: Shell, values: list[str]) -> str:
    """show interfaces switchport NAME."""
    port = shell.find_port("".join(values))
    if port is None:
        return shell.no_such_port(values[0])
    rows = f"T       2-4093\nU       {port.pvid}" if port.trunk else f"U       {port.pvid}"
    return f"Codes:  U - Untagged, T - Tagged\n\nName: {port.name}\n802.1QTagged: {port.trunk}\nVlan membership:\nQ       Vlans\n{rows} \n\nNative VlanId:    1.\n"


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
