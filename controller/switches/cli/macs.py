"""MAC tables of a command line as rows, whatever the platform."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from controller.core.tables import UNKNOWN, FdbRow
from playbooks.facts import Verdict

from . import cells, lines, template
from .commands import MAC_TABLE, platform_of, template_file
from .kinds import DROPPED, is_word, status_of

# What templates call their columns; the first that is there counts.
MAC_NAMES = ("destination_address", "mac_address", "mac", "address")
VLAN_NAMES = ("vlan_id", "vlan", "vid", "bridge_domain_id", "vlan_name")
PORT_NAMES = (
    "destination_port",
    "port",
    "ports",
    "interface",
    "logical_interface",
    "next_hop",
    "fsp",
    "port_id",
    "on_interface",
)
EXOS_FLAGS = re.compile(r"\(\d+\)\s+\d+\s+([a-zA-Z]+(?: [a-zA-Z]+)*(?:\s+[XE])?)\s+\S+\s*$")
ALCATEL_LINKAGG = re.compile(r"0/\d+")  # slot 0 has no ports: AOS numbers its aggregates there
TYPE_NAMES = ("mac_type", "type", "state", "status", "mac_flag")


@dataclass(frozen=True, slots=True)
class MacRow:
    """One row as the switch shows it, and what it proves. `mac` is "" where somebody masked it."""

    mac: str
    vlan: int | str | None
    ports: tuple[str, ...]
    type: str
    verdict: Verdict
    port: str = ""  # the cell as it stands; a list of ports joined by `;`
    vlan_cell: str = ""
    status: str = ""  # what `type`, or else the line, says: learned, static, filtered, unknown; "" for nothing
    aggregate: bool = False  # whatever its name

    def fdb(self, indexes: Mapping[str, int], long_name: Callable[[str], str] = str) -> FdbRow | None:
        """As a forwarding row; None for a masked MAC. `indexes`: interface name -> ifIndex, as far as known."""
        if not self.mac:
            return None
        name = long_name(self.ports[0]) if self.verdict is Verdict.PORT else None
        return FdbRow(
            self.mac,
            self.vlan if isinstance(self.vlan, int) else None,
            indexes.get(name) if name else None,
            name,
            self.verdict,
            status=self.status,
            lag=bool(name and (self.aggregate or cells.is_aggregate(name))),
            table="cli",
            vlan_source="cli",
            how="cli",
        )


@dataclass(frozen=True, slots=True)
class MacTable:
    """Rows, how many of them have a masked MAC, and lines that no template knew."""

    rows: tuple[MacRow, ...]
    masked: int = 0
    odd_lines: int = 0


def mac_table(platform: str, text: str) -> MacTable:
    """Parse a MAC table. A platform without a template, or an unknown layout, is read line by line."""
    platform = platform_of(platform)
    command = MAC_TABLE.get(platform)
    parsed = template.parse(template_file(platform, command), text) if command else None
    found, left_over = parsed if parsed is not None else ([], text.splitlines())
    if not found:
        left_over = text.splitlines()
    if lines.names_no_port(text):
        found = [dict.fromkeys(PORT_NAMES, "") | {"mac_address": _first(row, MAC_NAMES)} for row in found]
    said = lines.said_of(text.splitlines())
    rows = [_of_template(platform, row, said) for row in found]
    rows += [_of_line(line) for line in lines.rows(list(_unicast(left_over)))]
    odd = sum(1 for line in left_over if line.strip()) if found else 0
    return MacTable(tuple(rows), masked=sum(1 for row in rows if not row.mac), odd_lines=odd)


def _unicast(left_over: list[str]) -> Iterator[str]:
    """Left-over lines that may hold machines: not what follows the headline of a table of groups."""
    for line in left_over:
        if "multicast" in line.lower():
            return
        yield line


def _of_template(platform: str, row: Mapping[str, Any], said: Mapping[str, list[str]]) -> MacRow:
    """A row of a template, held against the lines that it came from."""
    text, kind = str(_first(row, MAC_NAMES)), str(_first(row, TYPE_NAMES))
    shown = said.get(cells.mac(text) or "", [])
    if row.get("local"):  # MikroTik flags its own addresses, and those that the bridge learned
        kind = "self"
    elif "dynamic" in row and not row["dynamic"]:
        kind = "static"
    vlan, port = str(_first(row, VLAN_NAMES)), _first(row, PORT_NAMES)
    if shown and is_word(port[0] if isinstance(port, list) and len(port) == 1 else str(port)):
        again = next(iter(lines.rows(shown[0].splitlines()[:1])))
        port, kind = again.port, again.type
    found = mac_row(text, vlan, port, kind, own=(), said=_kind_said(platform, shown) if not kind else "")
    if found.verdict is Verdict.PORT and not lines.is_whole(found.ports[0], vlan.strip(), shown):
        found = replace(
            found, verdict=Verdict.UNRESOLVED
        )  # the template cut something off: `1` of `Trunk:1`, `U` of `CPU`
    if status_of(str(row.get("operation", ""))) == DROPPED and found.verdict is Verdict.PORT:
        found = replace(found, verdict=Verdict.NO_PORT)
    if row.get("address_not_valid") or row.get("invalid") or row.get("disabled"):
        found = replace(found, status=UNKNOWN)
    return replace(found, aggregate=platform == "alcatel_aos" and ALCATEL_LINKAGG.fullmatch(found.port) is not None)


def _kind_said(platform: str, shown: Sequence[str]) -> str:
    """The type of a row whose template has no such column."""
    first = shown[0].splitlines()[:1] if shown else []
    if platform == "extreme_exos":
        flags = EXOS_FLAGS.search(first[0]) if first else None
        return flags[1] if flags else ""
    return next((line.type for line in lines.rows(first)), "")


def _of_line(line: lines.Line) -> MacRow:
    return mac_row(line.mac, line.vlan, list(cells.split_ports(line.port)), line.type)


def mac_row(mac: str, vlan: str, port: Any, kind: str, own: Collection[str] = (), said: str = "") -> MacRow:
    """Cells of one row, judged. `own`: what else a device calls itself; `said`: the type, where it is no cell."""
    found, ports = cells.mac(mac) or "", cells.split_ports(port)
    verdict = cells.verdict(ports, kind or said) if found else Verdict.UNRESOLVED
    if found and len(ports) == 1 and ports[0] in own:
        verdict = Verdict.SELF
    shown = ";".join(map(str, port)) if isinstance(port, list) else str(port).strip()
    status = status_of(kind or said)
    return MacRow(found, cells.vlan(vlan), ports, kind, verdict, port=shown, vlan_cell=vlan.strip(), status=status)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name)), "")
