"""A command line like Dell OS6 (N series), from its manual."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate.shell import Shell

from .ciscolike import ACCESS, DESCRIBE_QUOTED, CiscoLike, arp_rows, grammar_of
from .dellos import both, link_of, lldp, macs, running, uptime


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
            state = "D-Down" if not port.admin_up else link_of(shell, port).title()
            mode = "T  (1),2-4093" if port.trunk else f"A  {port.pvid}"
            lines.append(f"{port.name:<9} {port.alias[:25]:<25} Full   1000    Auto {state:<6} Off   {mode}")
    return "\n".join(lines) + "\n"


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
