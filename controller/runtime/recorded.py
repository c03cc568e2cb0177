"""Where machines hang, straight from recorded walks: one row for each row of each forwarding table, and its verdict.

What the product does with a live switch, without the switch: files of one site are joined as the inventory joins its
switches, and whatever would stop an action is in `refuse`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.core.tables import NOBODY, VIRTUAL_TYPES, FdbRow
from controller.inventory.config import InventoryConfig
from controller.inventory.overlap import Overlap
from controller.inventory.snapshot import INTERSWITCH
from controller.switches.faceplate import is_virtual
from controller.switches.mib import objects as o
from controller.switches.mib.arp import arp_rows, mac_of
from controller.switches.mib.fdb import FdbCounts, every_fdb_row
from controller.switches.mib.neighbours import neighbour_rows
from controller.switches.mib.ports import OPER, beneath, bridge_ports, doubled_names, units
from controller.switches.mib.tagged import trunks
from controller.switches.mib.walk import Walk
from controller.switches.mib.walktext import read_walk
from playbooks.facts import NeighbourKind, Refusal, Verdict
from playbooks.plan import Oper

OWN = (Verdict.SELF, Verdict.MGMT)
PLACED = (Verdict.PORT, Verdict.UNNAMED)  # an interface is known, whether or not it has a name
VIEW = re.compile(r"(?P<name>.+)@(?:vlan-)?(?P<vlan>\d{1,4})")
SUFFIXES = (".snmprec", ".walk", ".snmpwalk")
EDGE, CONFLICT, BEHIND = "edge", "conflict", "behind-interswitch-port-only"
PHONE = "phone"

Place = tuple[str, int]  # switch, ifIndex


@dataclass(slots=True)
class RecordedSwitch:
    """One device's files: the walk, the view of each VLAN, and what could not be read."""

    name: str
    base: Walk = field(default_factory=lambda: Walk({}))
    views: dict[int, Walk] = field(default_factory=dict)
    odd_lines: int = 0
    counts: FdbCounts = field(default_factory=FdbCounts)

    @property
    def size(self) -> int:
        """Objects that were read."""
        return sum(len(walk) for walk in (self.base, *self.views.values()))

    def fdb(self) -> tuple[FdbRow, ...]:
        """Every row of every table."""
        self.counts = FdbCounts()
        return every_fdb_row(self.base, self.views, self.counts)


def load(paths: Sequence[Path]) -> list[RecordedSwitch]:
    """Switches of these files and folders: NAME.snmprec, and NAME@VLAN.snmprec for the views of a Cisco; or what snmpwalk
    printed, NAME.walk or NAME.snmpwalk."""
    switches: dict[str, RecordedSwitch] = {}
    for path in _files(paths):
        stem = path.stem if path.suffix in (*SUFFIXES, ".txt") else path.name
        view = VIEW.fullmatch(stem)
        name = view["name"] if view else stem
        switch = switches.setdefault(name, RecordedSwitch(name))
        recording = read_walk(path)
        switch.odd_lines += recording.odd_lines
        if view:
            switch.views[int(view["vlan"])] = recording.walk()
        else:
            switch.base = recording.walk()
    return list(switches.values())


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        found = (file for file in path.iterdir() if file.suffix in SUFFIXES) if path.is_dir() else (path,)
        yield from sorted(found)


def endpoint_rows(
    switches: Sequence[RecordedSwitch], config: InventoryConfig | None = None
) -> Iterator[dict[str, Any]]:
    """One row for each FDB row; with several switches also where the edge is, per MAC."""
    site = _Site(switches, config or InventoryConfig())
    for switch in switches:
        for row in site.tables[switch.name]:
            yield site.shown(switch.name, row)


def address_rows(switches: Sequence[RecordedSwitch]) -> Iterator[dict[str, Any]]:
    """One row for each ARP or ND binding, with every answer that the forwarding tables of that switch give for its MAC."""
    for switch in switches:
        answers: dict[str, set[str]] = defaultdict(set)
        for row in switch.fdb():
            answers[row.mac].add(f"{row.verdict}={row.port or ''}")
        for binding in arp_rows(switch.base):
            found = "|".join(sorted(answers.get(binding.mac, ())))
            yield {"ip": binding.ip, "mac": binding.mac, "switch": switch.name, "answers": found}


class _Site:
    """Tables of all switches side by side."""

    def __init__(self, switches: Sequence[RecordedSwitch], config: InventoryConfig) -> None:
        self._config, self._several = config, len(switches) > 1
        self.tables = {switch.name: switch.fdb() for switch in switches}
        self._types = {switch.name: switch.base.integers(o.IF_TYPE) for switch in switches}
        self._links = {switch.name: switch.base.integers(o.IF_OPER) for switch in switches}
        self._trunks = {switch.name: trunks(switch.base, bridge_ports(switch.base)) for switch in switches}
        self._doubled = {switch.name: doubled_names(switch.base) for switch in switches}
        self._neighbours = {switch.name: _neighbours(switch.base) for switch in switches}
        self._own = {(name, row.mac) for name, rows in self.tables.items() for row in rows if row.verdict in OWN}
        devices: dict[str, set[str]] = defaultdict(set)  # MAC -> whose it is
        for switch in switches:
            for owner, mac in _device_macs(switch, self.tables[switch.name]):
                devices[mac].add(owner)
        self._own |= {(owner, mac) for mac, owners in devices.items() for owner in owners}
        self._places: dict[str, set[Place]] = defaultdict(set)
        self._leads_to_devices: set[Place] = set()
        overlap, macs = Overlap(), Counter[Place]()
        for name, rows in self.tables.items():
            overlap.update(name, _by_mac(rows))
            for mac, ifindex in {(r.mac, r.ifindex) for r in rows if r.verdict in PLACED and r.ifindex is not None}:
                self._places[mac].add((name, ifindex))
                macs[name, ifindex] += 1
                if devices.get(mac, set()) - {name}:
                    self._leads_to_devices.add((name, ifindex))
        self._leading, self._macs = overlap.leading(), macs

    def shown(self, switch: str, row: FdbRow) -> dict[str, Any]:
        """A row as the command prints it."""
        place = (switch, row.ifindex or 0)
        kind, edge = self._edge(row.mac)
        reasons = [*self._of_row(switch, row), *self._of_port(switch, row), *self._of_mac(place, row.mac, kind)]
        shown = {
            "mac": row.mac,
            "vlan": ";".join(map(str, row.vlans)) if len(row.vlans) > 1 else row.vlan,
            "switch": switch,
            "port": row.port,
            "ifindex": row.ifindex,
            "verdict": str(row.verdict),
            "vlan_source": row.vlan_source,
            "table": row.table,
            "status": row.status,
            "bridge_port": row.bridge_port,
            "how": row.how,
            "lag": int(row.lag),
            "port_mac_count": self._macs[place] if row.verdict is Verdict.PORT else None,
            "refuse": list(dict.fromkeys(map(str, reasons))),
        }
        if self._several:
            shown |= {"kind": kind, "edge_switch": edge[0] if edge else None, "edge_ifindex": edge[1] if edge else None}
        return shown

    def _edge(self, mac: str) -> tuple[str | None, Place | None]:
        """The one place of a MAC that does not lead to another switch."""
        places = self._places.get(mac, set())
        at_edge = [place for place in places if place not in self._leading]
        if len(at_edge) == 1:
            return EDGE, at_edge[0]
        return (CONFLICT if at_edge else BEHIND if places else None), None

    def _of_row(self, switch: str, row: FdbRow) -> Iterator[Refusal]:
        if row.verdict is Verdict.UNNAMED:
            yield Refusal.UNNAMED
        elif row.verdict is not Verdict.PORT or (switch, row.mac) in self._own:
            yield Refusal.UNRESOLVED  # the switch's own address in one table is nobody's in another
        if row.weak:
            yield Refusal.STALE
        if row.of_group or row.by_looks:
            yield Refusal.UNRESOLVED
        if row.of_gateway:
            yield Refusal.GATEWAY
        if row.lag:
            yield Refusal.AGGREGATE

    def _of_port(self, switch: str, row: FdbRow) -> Iterator[Refusal | str]:
        if row.ifindex is None:
            return
        place = (switch, row.ifindex)
        kinds = self._neighbours[switch].get(row.ifindex, set())
        tagged = self._trunks[switch]
        is_trunk = row.ifindex in tagged and not (tagged[row.ifindex] == 1 and NeighbourKind.PHONE in kinds)
        told = place in self._leads_to_devices or kinds & INTERSWITCH or is_trunk
        if place in self._leading or told:
            yield Refusal.UPLINK
        if is_virtual(row.port or "") or self._types[switch].get((row.ifindex,)) in VIRTUAL_TYPES:
            yield Refusal.VIRTUAL
        if OPER.get(self._links[switch].get((row.ifindex,), 0)) is Oper.DOWN:
            yield Refusal.STALE  # nothing is learned on a port that forwards nothing: the tables do not fit together
        if NeighbourKind.PHONE in kinds:
            yield PHONE
        if self._macs[place] > self._config.max_macs:
            yield Refusal.MANY_MACS
        if not row.port or row.port in self._doubled[switch]:
            yield Refusal.UNNAMED

    def _of_mac(self, place: Place, mac: str, kind: str | None) -> Iterator[Refusal]:
        here = {ifindex for switch, ifindex in self._places.get(mac, ()) if switch == place[0]}
        if kind == CONFLICT or len(here) > 1:
            yield Refusal.CONFLICT
        if kind == BEHIND:
            yield Refusal.BEHIND_INTERSWITCH


def _by_mac(rows: Iterable[FdbRow]) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.verdict in PLACED and row.ifindex is not None:
            found[row.mac].add(row.ifindex)
    return found


def _device_macs(switch: RecordedSwitch, rows: Iterable[FdbRow]) -> Iterator[tuple[str, str]]:
    """(whose, MAC) of the switch itself (status self, dot1dBaseBridgeAddress, ifPhysAddress), and of the switches, routers and
    access points that it hears ("")."""
    own = (switch.base.get(o.BRIDGE_ADDRESS) or b"", *switch.base.column(o.IF_PHYSICAL).values())
    yield from ((switch.name, mac) for value in own if (mac := mac_of(value)) and mac != NOBODY)
    yield from ((switch.name, row.mac) for row in rows if row.verdict is Verdict.SELF)
    yield from (("", n.chassis) for n in neighbour_rows(switch.base) if n.kind in INTERSWITCH and n.chassis)


def _neighbours(walk: Walk) -> dict[int, set[NeighbourKind]]:
    found: dict[int, set[NeighbourKind]] = defaultdict(set)
    for neighbour in neighbour_rows(walk):
        found[neighbour.ifindex].add(neighbour.kind)
    over = [(unit, port) for unit, ports in beneath(walk).items() for port in ports]
    # One plug: a Juniper learns MACs on ge-0/0/1.0 and hears neighbours on ge-0/0/1.
    for unit, port in {*over, *units(walk)}:
        found[unit] = found[port] = found[unit] | found[port]
    return found
