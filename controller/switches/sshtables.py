"""Tables of a command line, parsed by ntc-templates and named by the vendor file; a row that cannot be read is left out,
never the table with it."""

from __future__ import annotations

from typing import Any

from ntc_templates.parse import ParsingException, parse_output

from controller.core.errors import DeviceError
from controller.core.tables import ArpRow, FdbRow, Neighbour, PortRow
from playbooks.facts import NeighbourKind, Verdict
from playbooks.plan import Admin, Oper

from .vendor import Vendor

# Letters of `show lldp neighbors`: what a box can do for others decides, before what it is itself.
LETTERS = (
    ("T", NeighbourKind.PHONE),
    ("W", NeighbourKind.AP),
    ("R", NeighbourKind.ROUTER),
    ("B", NeighbourKind.SWITCH),
)
ETHERNET_CSMACD = 6


def mac(text: str) -> str:
    """Lower case with colons, of any usual notation."""
    digits = "".join(ch for ch in text.lower() if ch in "0123456789abcdef")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def parse(vendor: Vendor, command: str, text: str) -> list[dict[str, Any]]:
    """Rows of a command's output; DeviceError if there is no template for it or the layout is another one."""
    try:
        return list(parse_output(platform=vendor.netmiko, command=command, data=text))
    except (ParsingException, Exception) as error:
        if not isinstance(error, ParsingException) and "Error" not in type(error).__name__:
            raise
        raise DeviceError(f"the output of {command!r} has a layout that is not known", where=vendor.title) from error


def ports(vendor: Vendor, text: str, indexes: dict[str, int]) -> tuple[PortRow, ...]:
    """Interface rows; ifIndex 0 where the device did not say which it is."""
    table = vendor.reads.status
    rows = []
    for row in parse(vendor, table.command, text):
        name, vlan, state = str(row[table.port]), str(row[table.vlan]), str(row[table.state])
        rows.append(
            PortRow(
                ifindex=indexes.get(name, 0),
                name=name,
                alias=str(row[table.alias]),
                if_type=ETHERNET_CSMACD,
                admin=Admin.DOWN if state in table.disabled else Admin.UP,
                oper=Oper.UP if state in table.up else Oper.DOWN,
                pvid=int(vlan) if vlan.isdigit() else None,
                trunk=vlan in table.trunk,
            )
        )
    return tuple(rows)


def fdb(vendor: Vendor, text: str, indexes: dict[str, int]) -> tuple[FdbRow, ...]:
    """MAC rows; the switch's own entries are `self`, an entry that names no single port is `no-port`."""
    table = vendor.reads.macs
    rows = []
    for row in parse(vendor, table.command, text):
        cell = row[table.port]
        names = [str(name) for name in cell] if isinstance(cell, list) else [str(cell)]
        vlan = str(row[table.vlan])
        port = names[0] if len(names) == 1 and names[0] else None
        verdict = Verdict.PORT if port else Verdict.NO_PORT
        if port in table.not_a_port:
            verdict, port = Verdict.SELF, None
        found = mac(str(row[table.mac]))
        if len(found) == 17:
            number = indexes.get(port) if port else None
            rows.append(FdbRow(found, int(vlan) if vlan.isdigit() else None, number, port, verdict))
    return tuple(rows)


def arp(vendor: Vendor, text: str) -> tuple[ArpRow, ...]:
    """ARP rows."""
    table = vendor.reads.arp
    if table is None:
        return ()
    rows = ((str(row[table.ip]), mac(str(row[table.mac]))) for row in parse(vendor, table.command, text))
    return tuple(ArpRow(ip, found, None) for ip, found in rows if len(found) == 17)


def neighbours(vendor: Vendor, text: str, indexes: dict[str, int]) -> tuple[Neighbour, ...]:
    """LLDP rows on ports whose ifIndex is known."""
    table = vendor.reads.lldp
    if table is None or "Local Intf" not in text:
        return ()
    rows = []
    for row in parse(vendor, table.command, text):
        letters = {part.strip() for part in str(row[table.capabilities]).split(",")}
        kind = next((kind for letter, kind in LETTERS if letter in letters), NeighbourKind.OTHER)
        number = indexes.get(str(row[table.port]), 0)
        rows.append(Neighbour(number, str(row[table.name]), str(row[table.remote]), kind))
    return tuple(rows)
