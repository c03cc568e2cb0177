"""Tables of a command line: by the row patterns of the vendor file, or by ntc-templates. A row that cannot be read is left
out, never the table with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ntc_templates.parse import ParsingException, parse_output

from controller.core.errors import DeviceError
from controller.core.tables import ArpRow, FdbRow, Neighbour, PortRow
from playbooks.facts import NeighbourKind, Verdict
from playbooks.plan import Admin, Oper

from .reads import StatusTable, Table, VlanTable
from .vendor import Vendor

# Letters and words of LLDP capabilities: what a box can do for others decides, before what it is itself.
CAPABILITIES = (
    (r"\bT\b|tele|phone", NeighbourKind.PHONE),
    (r"\bW\b|wlan|access.?point", NeighbourKind.AP),
    (r"\bR\b|router", NeighbourKind.ROUTER),
    (r"\bB\b|bridge|switch", NeighbourKind.SWITCH),
)
ETHERNET_CSMACD = 6
RANGE = re.compile(r"^(.*?)(\d+)-(?:\1)?(\d+)$")
MOST_PORTS_IN_A_RANGE = 1024


def mac(text: str) -> str:
    """Lower case with colons, of any usual notation."""
    digits = "".join(ch for ch in text.lower() if ch in "0123456789abcdef")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def rows(vendor: Vendor, table: Table, text: str) -> list[dict[str, Any]]:
    """Rows of a command's output; DeviceError if the template for it meets a layout that it does not know."""
    if table.row:
        return [{k: v or "" for k, v in found.groupdict().items()} for found in re.finditer(table.row, text)]
    try:
        return list(parse_output(platform=vendor.template or vendor.netmiko, command=table.command, data=text))
    except (ParsingException, Exception) as error:
        if not isinstance(error, ParsingException) and "Error" not in type(error).__name__:
            raise
        raise DeviceError(
            f"the output of {table.command!r} has a layout that is not known", where=vendor.title
        ) from error


def ports(vendor: Vendor, text: str, vlan_text: str, indexes: dict[str, int]) -> tuple[PortRow, ...]:
    """Interface rows; ifIndex 0 where the device did not say which it is."""
    table, reads = vendor.reads.status, vendor.reads
    vlans, trunks = _vlans(vendor, reads.vlans, vlan_text) if reads.vlans else ({}, set())
    found = []
    for row in rows(vendor, table, text):
        name, state = vendor.long_name(str(row[table.port])), " ".join(str(row.get(table.state, "")).split())
        vlan = str(row.get(table.vlan, "")) or str(vlans.get(name, ""))
        found.append(
            PortRow(
                ifindex=indexes.get(name, 0),
                name=name,
                alias=vendor.shown(str(row.get(table.alias, "")).strip()),
                if_type=ETHERNET_CSMACD,
                admin=Admin.DOWN if _says(table.disabled, state) else Admin.UP,
                oper=Oper.UP if _says(table.up, state) else Oper.DOWN,
                pvid=int(vlan) if vlan.isdigit() else None,
                trunk=_is_trunk(table, row, vlan) or name in trunks,
            )
        )
    return tuple(found)


def _is_trunk(table: StatusTable, row: dict[str, Any], vlan: str) -> bool:
    return _says(table.trunk, vlan) or _says(table.trunk, str(row.get(table.kind, "")))


def _says(patterns: tuple[str, ...], cell: str) -> bool:
    return any(re.fullmatch(pattern, cell) for pattern in patterns)


def _vlans(vendor: Vendor, table: VlanTable, text: str) -> tuple[dict[str, int], set[str]]:
    """Untagged VLAN by port, and the ports that carry tagged ones."""
    found: dict[str, int] = {}
    trunks: set[str] = set()
    for row in rows(vendor, table, text):
        vlan = str(row[table.vlan])
        for name in spread(re.sub(r"(?<=[A-Za-z]) +(?=\d)", "", str(row[table.ports]))):
            long = vendor.long_name(name)
            if table.trunk and re.search(table.trunk, " ".join(map(str, row.values()))):
                trunks.add(long)
            elif vlan.isdigit():
                found.setdefault(long, int(vlan))
    return found, trunks


def _kind(said: str) -> NeighbourKind:
    """What a neighbour is: of letters (`B, R`, `BR`) or of words."""
    letters = " ".join(said) if re.fullmatch(r"[A-Z,() ]+", said.strip()) else said
    return next((kind for p, kind in CAPABILITIES if re.search(p, letters, re.IGNORECASE)), NeighbourKind.OTHER)


def spread(text: str) -> Iterator[str]:
    """Names of a list with ranges: `1-3,5` and `Gi1/0/1-Gi1/0/3`."""
    for part in re.split(r"[,\s]+", text):
        found = RANGE.match(part)
        if found is None or int(found.group(3)) - int(found.group(2)) not in range(MOST_PORTS_IN_A_RANGE):
            if part:
                yield part
            continue
        for number in range(int(found.group(2)), int(found.group(3)) + 1):
            yield f"{found.group(1)}{number}"


def fdb(vendor: Vendor, text: str, indexes: dict[str, int]) -> tuple[FdbRow, ...]:
    """MAC rows; the switch's own entries are `self`, an entry that names no single port is `no-port`."""
    table = vendor.reads.macs
    found = []
    for row in rows(vendor, table, text):
        cell = row[table.port]
        names = [str(name) for name in cell] if isinstance(cell, list) else [str(cell)]
        vlan = str(row.get(table.vlan, ""))
        port = vendor.long_name(names[0]) if len(names) == 1 and names[0] else None
        verdict = Verdict.PORT if port else Verdict.NO_PORT
        if names[0] in table.not_a_port:
            verdict, port = Verdict.SELF, None
        address = mac(str(row[table.mac]))
        if len(address) == 17:
            number = indexes.get(port) if port else None
            found.append(FdbRow(address, int(vlan) if vlan.isdigit() else None, number, port, verdict))
    return tuple(found)


def arp(vendor: Vendor, text: str) -> tuple[ArpRow, ...]:
    """ARP rows."""
    table = vendor.reads.arp
    if table is None:
        return ()
    found = ((str(row[table.ip]), mac(str(row[table.mac]))) for row in rows(vendor, table, text))
    return tuple(ArpRow(ip, address, None) for ip, address in found if len(address) == 17)


def neighbours(vendor: Vendor, text: str, indexes: dict[str, int]) -> tuple[Neighbour, ...]:
    """LLDP rows; an empty table has no rows in any layout."""
    table = vendor.reads.lldp
    if table is None or not (table.row or "Local Intf" in text):
        return ()
    found = []
    for row in rows(vendor, table, text):
        kind = _kind(str(row[table.capabilities])) if table.capabilities in row else table.unsaid
        port = vendor.long_name(str(row[table.port]).strip())
        name, remote = str(row.get(table.name, "")).strip(), str(row.get(table.remote, "")).strip()
        found.append(Neighbour(indexes.get(port, 0), name, remote, kind, port=port))
    return tuple(found)
