"""ARP and LLDP tables of a command line."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from controller.core.tables import ArpRow, Neighbour
from controller.switches.mib.kinds import kind_by_words
from playbooks.facts import NeighbourKind

from . import cells, template
from .commands import ARP_TABLE, LLDP_TABLE, platform_of, template_file

IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*::?[0-9A-Fa-f:.]+)(?![\w.:])")
# What a neighbour can do for others decides, before what it is itself.
CAPABLE = (
    (NeighbourKind.PHONE, re.compile(r"\bT\b|telephone|phone", re.IGNORECASE)),
    (NeighbourKind.AP, re.compile(r"\bW\b|wlan|access.?point", re.IGNORECASE)),
    (NeighbourKind.SWITCH, re.compile(r"\bB\b|\bP\b|bridge|repeater|switch", re.IGNORECASE)),
    (NeighbourKind.ROUTER, re.compile(r"\bR\b|router", re.IGNORECASE)),
)
LETTERS = re.compile(r"[A-Z,() ]+")
LOCAL = ("local_interface", "local_port", "interface")
NAMES = ("neighbor_name", "neighbor")
REMOTE = ("neighbor_interface", "neighbor_port_id", "neighbor_port_description")


def arp_table(platform: str, text: str, command: str | None = None) -> tuple[ArpRow, ...]:
    """Bindings, each once; incomplete ones are left out. Lines that no template knows are read by what is in them."""
    found, left_over = _parsed(ARP_TABLE, platform, command, text)
    pairs = [(str(row.get("ip_address", "")), str(row.get("mac_address", ""))) for row in found]
    pairs += list(_bindings(left_over))
    rows: dict[tuple[str, str], ArpRow] = {}
    for ip, written in pairs:
        mac, address = cells.mac(written), _address(ip)
        if mac and address:
            rows.setdefault((address, mac), ArpRow(address, mac, None))
    return tuple(rows.values())


def lldp_table(
    platform: str, text: str, indexes: Mapping[str, int], command: str | None = None
) -> tuple[Neighbour, ...]:
    """Neighbours on the ports where they were heard; ifIndex 0 where it is not known."""
    found, _ = _parsed(LLDP_TABLE, platform, command, text)
    rows = []
    for row in found:
        described = str(row.get("neighbor_description") or "")
        rows.append(
            Neighbour(
                indexes.get(_text(row, LOCAL), 0),
                _text(row, NAMES),
                _text(row, REMOTE),
                kind_of(_text(row, ("capabilities",)), described),
                chassis=cells.mac(str(row.get("chassis_id") or "")) or "",
                addresses=tuple(filter(None, [_text(row, ("mgmt_address", "management_ip"))])),
                platform=described,
            )
        )
    return tuple(rows)


def _parsed(
    commands: Mapping[str, str], platform: str, command: str | None, text: str
) -> tuple[list[dict[str, Any]], Sequence[str]]:
    platform = platform_of(platform)
    wanted = command or commands.get(platform)
    parsed = template.parse(template_file(platform, wanted), text) if wanted else None
    return parsed if parsed is not None and parsed[0] else ([], text.splitlines())


def _bindings(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        mac = cells.MAC.search(line)
        address = IP.search(line if mac is None else line[: mac.start()] + " " + line[mac.end() :])
        if mac and address:
            yield address[0], mac[0]


def kind_of(capabilities: str, described: str = "") -> NeighbourKind:
    """Of letters (`B, R`, `BR`) or of words; of the description where it tells none."""
    if LETTERS.fullmatch(capabilities.strip()):
        capabilities = " ".join(capabilities)
    known = next((kind for kind, pattern in CAPABLE if pattern.search(capabilities)), None)
    return known or (
        NeighbourKind.OTHER if capabilities.strip(" -") else kind_by_words(described) or NeighbourKind.OTHER
    )


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


def _text(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = next((row[name] for name in names if row.get(name)), "")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).strip()
