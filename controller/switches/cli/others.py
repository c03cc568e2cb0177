"""ARP and LLDP tables of a command line."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from controller.core.tables import ArpRow, Neighbour
from controller.switches.mib.kinds import HOSTS, kind_by_words
from playbooks.facts import NeighbourKind

from . import cells, template
from .capture import plain
from .commands import ARP_TABLE, LLDP_TABLE, MORE, platform_of, template_file

IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*::?[0-9A-Fa-f:.]+)(?![\w.:])")
# What a neighbour can do for others decides, before what it is itself.
CAPABLE = (
    (NeighbourKind.PHONE, re.compile(r"\bT\b|telephone|phone", re.IGNORECASE)),
    (NeighbourKind.AP, re.compile(r"\bW\b|wlan|access.?point", re.IGNORECASE)),
    (NeighbourKind.SWITCH, re.compile(r"\bB\b|\bP\b|bridge|repeater|switch", re.IGNORECASE)),
    (NeighbourKind.ROUTER, re.compile(r"\bR\b|router", re.IGNORECASE)),
)
PLACE = re.compile(r"\w(?:[\w/.:, -]*\w)?")
LETTERS = re.compile(r"[A-Z,() ]+")
ADDRESS = ("ip_address", "address")
LOCAL = ("local_interface", "local_port", "interface", "port")
NAMES = ("neighbor_name", "neighbor", "remote_system_name")
REMOTE = ("neighbor_interface", "neighbor_port_id", "neighbor_port_description", "remote_port")
ABILITIES = ("capabilities", "capabilities_enabled")
CHASSIS = ("chassis_id", "remote_chassis_id")
DESCRIBED = ("neighbor_description", "system_description", "remote_system_description")
MANAGED = ("mgmt_address", "management_ip", "remote_mgmt_ipv4_address", "remote_mgmt_ipv6_address")


def arp_table(platform: str, text: str, command: str | None = None) -> tuple[ArpRow, ...]:
    """Bindings, each once; incomplete ones are left out. Lines that no template knows are read by what is in them."""
    found, left_over = _parsed(ARP_TABLE, platform, command, plain(text))
    pairs = [(_text(row, ADDRESS), _text(row, ("mac_address",))) for row in found]
    read = {cells.mac(written) for _, written in pairs}
    lost = [pair for pair in _bindings(plain(text).splitlines()) if cells.mac(pair[1]) not in read]
    pairs += [*_bindings(left_over), *lost]
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
    found, _ = _parsed(LLDP_TABLE, platform, command, plain(text))
    rows = []
    for row in found:
        described, port = _text(row, DESCRIBED), _text(row, LOCAL)
        if not PLACE.fullmatch(port):
            continue  # some templates take any three words for a neighbour
        rows.append(
            Neighbour(
                indexes.get(port, 0),
                _text(row, NAMES),
                _text(row, REMOTE),
                kind_of(_text(row, ABILITIES), described, _text(row, NAMES)),
                chassis=cells.mac(_text(row, CHASSIS)) or "",
                addresses=tuple(filter(None, [_text(row, MANAGED)])),
                platform=described,
                port=port,
            )
        )
    return tuple(rows)


def _parsed(
    commands: Mapping[str, str], platform: str, command: str | None, text: str
) -> tuple[list[dict[str, Any]], Sequence[str]]:
    platform = platform_of(platform)
    kind = "lldp" if commands is LLDP_TABLE else "arp"
    more = [other for other in MORE.get(platform, ()) if kind in other]
    wanted = [command] if command else [*filter(None, [commands.get(platform)]), *more]
    parsed = filter(None, (template.parse(template_file(platform, one), text) for one in wanted))
    with_rows = [(rows, rest) for rows, rest in parsed if rows]
    return min(with_rows, key=lambda one: sum(map(bool, map(str.strip, one[1]))), default=([], text.splitlines()))


def _bindings(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        mac = cells.MAC.search(line)
        address = IP.search(line if mac is None else line[: mac.start()] + " " + line[mac.end() :])
        if mac and address:
            yield address[0], mac[0]


def kind_of(capabilities: str, described: str = "", name: str = "") -> NeighbourKind:
    """Of letters (`B, R`, `BR`) or of words; else of the description and the name. What has a name and tells neither what it can
    do nor what it is may be a switch, and is treated as one, as over SNMP."""
    if LETTERS.fullmatch(capabilities.strip()):
        capabilities = " ".join(capabilities)
    known = next((kind for kind, pattern in CAPABLE if pattern.search(capabilities)), None)
    if known or capabilities.strip(" -"):
        return known or NeighbourKind.OTHER
    unsaid = NeighbourKind.SWITCH if name and not HOSTS.search(described) else NeighbourKind.OTHER
    return kind_by_words(described, name) or unsaid


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


def _text(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = next((row[name] for name in names if row.get(name)), "")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).strip()
