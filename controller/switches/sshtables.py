"""Tables of a command line: by the row patterns of the vendor file, or by ntc-templates. A row that cannot be read is left
out, never the table with it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from controller.core.errors import DeviceError
from controller.core.tables import ArpRow, FdbRow, Neighbour, PortRow
from playbooks.plan import Admin, Oper

from .cli import cells, template
from .cli.commands import template_file
from .cli.macs import NAMED_BY_PEOPLE, MacRow, mac_row, mac_table
from .cli.others import arp_table, kind_of
from .reads import LldpTable, StatusTable, Table, VlanTable
from .vendor import Vendor

ETHERNET_CSMACD = 6
RANGE = re.compile(r"^(.*?)(\d+)-(?:\1)?(\d+)$")
MOST_PORTS_IN_A_RANGE = 1024


def rows(vendor: Vendor, table: Table, text: str) -> list[dict[str, Any]]:
    """Rows of a command's output; DeviceError if the template for it meets a layout that it does not know."""
    if table.row:
        return [{k: v or "" for k, v in found.groupdict().items()} for found in re.finditer(table.row, text)]
    parsed = template.parse(template_file(_platform(vendor), table.command), text)
    if parsed is None or (not parsed[0] and any(line.strip() for line in parsed[1])):
        raise DeviceError(f"the output of {table.command!r} has a layout that is not known", where=vendor.title)
    return parsed[0]


def _platform(vendor: Vendor) -> str:
    return vendor.template or vendor.netmiko


def ports(
    vendor: Vendor, text: str, vlan_text: str, indexes: dict[str, int], lags: AbstractSet[str] = frozenset()
) -> tuple[PortRow, ...]:
    """Interface rows; ifIndex 0 where the device did not say which it is. `lags` = what `aggregated` found."""
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
                lag=name in lags or cells.is_aggregate(name),
            )
        )
    return tuple(found)


def aggregated(vendor: Vendor, text: str) -> frozenset[str]:
    """Names of aggregates and of their members, from the table of `reads.lags`; DeviceError for a layout that is not known."""
    table, found = vendor.reads.lags, set[str]()
    if table is None:
        return frozenset()
    body = re.search(table.body, text) if table.body else None
    lines = sum(bool(line.strip()) for line in body[1].splitlines()) if body else 0
    matches = list(re.finditer(table.row or "", body[1] if body else text))
    if body and len(matches) != lines:
        raise DeviceError(f"the output of {table.command!r} has a layout that is not known", where=vendor.title)
    for match in matches:
        row = {name: value or "" for name, value in match.groupdict().items()}
        names = {row.get("port", ""), row.get("lag", ""), *re.split(r"[,\s]+", row.get("ports", ""))} - {""}
        found |= {vendor.long_name(name) for name in names}
    return frozenset(found)


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
        cell = str(row[table.ports])
        named = vendor.platform in NAMED_BY_PEOPLE  # whose names may have blanks and dashes in them
        for name in [cell] if named else spread(re.sub(r"(?<=[A-Za-z]) +(?=\d)", "", cell)):
            long = vendor.long_name(name)
            if table.trunk and re.search(table.trunk, " ".join(map(str, row.values()))):
                trunks.add(long)
            elif vlan.isdigit():
                found.setdefault(long, int(vlan))
    return found, trunks


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


def fdb(vendor: Vendor, text: str, indexes: Mapping[str, int]) -> tuple[FdbRow, ...]:
    """MAC rows, judged as those of any command line are (cli/macs.py)."""
    table = vendor.reads.macs
    if table.row is None:
        judged: Iterable[MacRow] = mac_table(_platform(vendor), text).rows
    else:
        named, own = vendor.platform in NAMED_BY_PEOPLE, table.not_a_port
        judged = (
            replace(
                mac_row(row["mac"], row.get("vlan", ""), row["port"], row.get("type", ""), own=own, any_name=named),
                aggregate=bool(row.get("aggregate")),
            )
            for row in rows(vendor, table, text)
        )
    found = (row.fdb(indexes, vendor.long_name) for row in judged)
    return tuple(row for row in found if row is not None)


def arp(vendor: Vendor, text: str) -> tuple[ArpRow, ...]:
    """ARP rows."""
    table = vendor.reads.arp
    if table is None:
        return ()
    if table.row is None:
        return arp_table(_platform(vendor), text, table.command)
    found = ((row["ip"], cells.mac(row["mac"])) for row in rows(vendor, table, text))
    return tuple(ArpRow(ip, address, None) for ip, address in found if address)


def neighbours(vendor: Vendor, text: str, indexes: dict[str, int]) -> tuple[Neighbour, ...]:
    """LLDP rows; an empty table has no rows in any layout."""
    table = vendor.reads.lldp
    if table is None or not (table.row or "Local Intf" in text):
        return ()
    found = []
    for row in _in_blocks(table, text) if table.fields else rows(vendor, table, text):
        port = vendor.long_name(str(row[table.port]).strip())
        name, remote = str(row.get(table.name, "")).strip(), str(row.get(table.remote, "")).strip()
        said, described = str(row.get(table.capabilities, "")), str(row.get("neighbor_description", ""))
        kind = kind_of(said, described, name) if table.capabilities in row else table.unsaid
        found.append(Neighbour(indexes.get(port, 0), name, remote, kind, port=port))
    return tuple(found)


def _in_blocks(table: LldpTable, text: str) -> Iterator[dict[str, str]]:
    """Neighbours that are told in several lines: one that leaves some out takes none of the next one's."""
    starts, port = list(re.finditer(table.row or "", text)), ""
    for this, following in itertools.zip_longest(starts, starts[1:]):
        named = this.groupdict().get("port")
        port = named or port
        part = text[this.start() : following.start() if following else len(text)]
        said: dict[str, str] = {
            name: match[1].strip() for name, pattern in table.fields.items() if (match := re.search(pattern, part))
        }
        alone = bool(named) and (following is None or bool(following.groupdict().get("port")))
        if said or alone:  # else the neighbours of this port begin further down
            yield {"port": port, "remote": "", "name": "", "capabilities": "", **said}
