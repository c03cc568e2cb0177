"""A command line like Dell SmartFabric OS10, from its manual."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate.shell import Shell

from .ciscolike import ACCESS, DESCRIBE_QUOTED, CiscoLike, arp_rows, grammar_of
from .dellos import both, link, link_of, lldp, macs, running, uptime


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


def os10_status(shell: Shell, _: list[str]) -> str:
    """show interface status."""
    rule = "-" * 90
    lines = [rule, "Port            Description     Status   Speed    Duplex   Mode Vlan Tagged-Vlans", rule]
    for port in shell.state.ports.values():
        mode = "T    1    2-4093" if port.trunk else f"A    {port.pvid:<4} -"
        lines.append(
            f"{'Eth ' + port.name[8:]:<15} {port.alias.replace(' ', '_')[:15]:<15} {link_of(shell, port):<8} 10G      full     {mode}"
        )
    return "\n".join(lines) + "\n"


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
