"""MAC tables of a command line as rows, whatever the platform."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from controller.core.tables import UNKNOWN, FdbRow
from playbooks.facts import Verdict

from . import cells, claims, headlines, lines, template
from .capture import plain
from .commands import MAC_TABLE, OTHER, platform_of, template_file
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
EXOS_FLAGS = re.compile(r"\(\d+\)\s+\d+\s+((?:[a-zA-Z]{1,8}\s+)+)")
FORWARDED = (None, "", "bridging", "servicing")  # OmniSwitch: others are blocked, filtering, quarantined, ...
ALCATEL_DOUBT = re.compile(r"[*&]\s*(?:\d+\s+)?[0-9A-Fa-f]{2}:")  # not valid; twice static
# Slot 0 of an OmniSwitch has no ports: its aggregates are numbered there. FASTPATH (ICOS, EdgeSwitch) has them in slot 3, and
# VLANs and its processor in 4 and 5; ports stand in slot 0, or behind the number of a unit.
AGGREGATE_NUMBERS = {
    "alcatel_aos": re.compile(r"0/\d+"),
    "broadcom_icos": re.compile(r"(?:0/)?[1-9]\d*/\d+"),
    "ubiquiti_edgeswitch": re.compile(r"(?:0/)?[1-9]\d*/\d+"),
}
WITHOUT_VLANS = ("cisco_xr",)  # its numbers are of bridge domains
NAMED_BY_PEOPLE = ("mikrotik_routeros", "linux", "ovs", "frr", OTHER)
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
    """Parse a MAC table. A platform without a template, an unknown layout and lines without a row are read line by line."""
    platform, text = platform_of(platform), plain(text)
    command, shown = MAC_TABLE.get(platform), text.splitlines()
    parsed = template.parse(template_file(platform, command), text) if command else None
    found, left_over = parsed if parsed is not None else ([], shown)
    left_over = left_over if found else shown
    words = set(text.split()) | {word for pair in lines.PAIRS.findall(text) for word in pair}
    whole = [row for row in found if str(_first(row, MAC_NAMES)) in words]
    found, cut = whole, len(whole) < len(found)  # `1.1.1` of 10.1.1.1 was taken for a MAC
    if headlines.names_no_port(text):
        found = [dict.fromkeys(PORT_NAMES, "") | {"mac_address": _first(row, MAC_NAMES)} for row in found]
    claimed = claims.claims([_address_and_port(row) for row in found], shown, left_over)
    strange = _under_strange_headlines(shown, left_over) if found else frozenset()
    rows = [
        _of_template(platform, row, () if number is None else claims.belongs(number, shown))
        for row, number in zip(found, claimed.of_row, strict=True)
        if number not in strange
    ]
    unread = claimed.unread | strange
    unknown = set(left_over)
    again = (line for line in lines.rows(shown, unread) if cut or line.port or line.type or line.said in unknown)
    rows += [_of_line(platform, line) for line in again]
    odd = max(sum(1 for line in left_over if line.strip()), len(unread)) if found else 0
    return MacTable(tuple(rows), masked=sum(1 for row in rows if not row.mac), odd_lines=odd)


def _address_and_port(row: Mapping[str, Any]) -> tuple[str, str]:
    ports = cells.split_ports(_first(row, PORT_NAMES))
    return str(_first(row, MAC_NAMES)), ports[0] if ports else ""


def _under_strange_headlines(shown: Sequence[str], left_over: Sequence[str]) -> frozenset[int]:
    """Lines of a layout that the template does not know: it would take one column of them for another."""
    heads, unknown = headlines.headlines(shown), set(left_over)
    found: set[int] = set()
    for at, following in itertools.pairwise([*heads, len(shown)]):
        if shown[at] in unknown:
            found |= set(range(at, following))
    return frozenset(number for number in found if cells.MAC.search(shown[number]))


def _of_template(platform: str, row: Mapping[str, Any], shown: tuple[str, ...]) -> MacRow:
    """A row of a template, held against the lines that it came from."""
    text, kind = str(_first(row, MAC_NAMES)), str(_first(row, TYPE_NAMES))
    if row.get("local"):  # MikroTik flags its own addresses, and those that the bridge learned
        kind = "self"
    elif "dynamic" in row and not row["dynamic"]:
        kind = "static"
    vlan, port = str(_first(row, VLAN_NAMES)), _first(row, PORT_NAMES)
    if shown and is_word(port[0] if isinstance(port, list) and len(port) == 1 else str(port)):
        again = next(iter(lines.rows(shown[:1])))
        port, kind = again.port, again.type
    said = _kind_said(platform, shown) if not kind else ""
    found = mac_row(text, vlan, port, kind, said=said, any_name=platform in NAMED_BY_PEOPLE)
    return _held(platform, row, found, shown)


def _held(platform: str, row: Mapping[str, Any], found: MacRow, shown: tuple[str, ...]) -> MacRow:
    """The same row, with what its line says besides."""
    if found.verdict is Verdict.PORT and not (shown and lines.is_whole(found.ports[0], found.vlan_cell, shown[0])):
        found = replace(found, verdict=Verdict.UNRESOLVED)  # the template cut it: `1` of `Trunk:1`, `U` of `CPU`
    if found.verdict is Verdict.PORT and claims.names_more(found.ports[0], shown):
        found = replace(found, verdict=Verdict.AMBIGUOUS)
    if status_of(str(row.get("operation", ""))) == DROPPED and found.verdict is Verdict.PORT:
        found = replace(found, verdict=Verdict.NO_PORT)
    doubted = row.get("address_not_valid") or row.get("invalid") or row.get("disabled")
    if doubted or (platform == "huawei_smartax" and row.get("ont_id")):  # many customers are behind one such port
        found = replace(found, status=UNKNOWN)
    if platform == "alcatel_aos" and (
        row.get("operation") not in FORWARDED or ALCATEL_DOUBT.search("".join(shown[:1]))
    ):
        found = replace(found, status=UNKNOWN)
    return _marked(platform, found)


def _marked(platform: str, found: MacRow) -> MacRow:
    """With its aggregate told, where only the maker's numbers tell it."""
    numbers = AGGREGATE_NUMBERS.get(platform)
    return replace(found, aggregate=True) if numbers and numbers.fullmatch(found.port) else found


def _kind_said(platform: str, shown: Sequence[str]) -> str:
    """The type of a row whose template has no such column."""
    if platform == "extreme_exos":
        flags = EXOS_FLAGS.search(shown[0].rstrip()) if shown else None
        return flags[1] if flags else ""
    return next((line.type for line in lines.rows(shown[:1])), "")


def _of_line(platform: str, line: lines.Line) -> MacRow:
    ports = list(cells.split_ports(line.port))
    vlan = "" if platform in WITHOUT_VLANS else line.vlan
    vlan = vlan.partition("/")[0] if platform == "huawei_vrp" else vlan  # VLAN/VSI/BD: as the template has it
    found = mac_row(line.mac, vlan, ports, line.type, any_name=platform in NAMED_BY_PEOPLE)
    if platform == "alcatel_aos" and ALCATEL_DOUBT.search(line.said):
        found = replace(found, status=UNKNOWN)
    return _marked(platform, found)


def mac_row(
    mac: str, vlan: str, port: Any, kind: str, own: Collection[str] = (), said: str = "", any_name: bool = True
) -> MacRow:
    """Cells of one row, judged. `own`: what else a device calls itself; `said`: the type, where it is no cell; `any_name`:
    whether people give ports their names, so that one may look like anything."""
    found, ports = cells.mac(mac) or "", cells.split_ports(port)
    verdict = cells.verdict(ports, kind or said, any_name=any_name) if found else Verdict.UNRESOLVED
    if found and len(ports) == 1 and ports[0] in own:
        verdict = Verdict.SELF
    shown = ";".join(map(str, port)) if isinstance(port, list) else str(port).strip()
    status = status_of(kind or said)
    return MacRow(found, cells.vlan(vlan), ports, kind, verdict, port=shown, vlan_cell=vlan.strip(), status=status)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name)), "")
