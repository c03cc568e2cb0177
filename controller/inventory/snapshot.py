"""What was last read from one switch, each table with the time of its reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from controller.core.tables import ArpRow, FdbRow, Neighbour, PortRow
from playbooks.facts import NeighbourKind
from playbooks.plan import PortRef, PortState

INTERSWITCH = frozenset({NeighbourKind.SWITCH, NeighbourKind.ROUTER, NeighbourKind.AP})


class TableSource(Protocol):
    """What the inventory reads from a switch; the drivers are such sources."""

    def ports(self) -> tuple[PortRow, ...]: ...

    def fdb(self) -> tuple[FdbRow, ...]: ...

    def arp(self) -> tuple[ArpRow, ...]: ...

    def neighbours(self) -> tuple[Neighbour, ...]: ...

    def port_state(self, port: PortRef) -> PortState: ...


SourceOf = Callable[[str], TableSource]


@dataclass(slots=True)
class Snapshot:
    """Tables of one switch. `*_ms` 0 = never read."""

    switch: str
    ports: tuple[PortRow, ...] = ()
    fdb: tuple[FdbRow, ...] = ()
    arp: tuple[ArpRow, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    ports_ms: int = 0
    fdb_ms: int = 0
    arp_ms: int = 0
    neighbours_ms: int = 0
    error: str | None = None
    by_mac: dict[str, list[FdbRow]] = field(default_factory=dict)

    def index(self) -> None:
        """Make the look-ups anew after a table was replaced."""
        self.by_mac = {}
        for row in self.fdb:
            self.by_mac.setdefault(row.mac, []).append(row)

    def port_of(self, row: FdbRow) -> PortRow | None:
        """The interface of an FDB row: by ifIndex, or by name where the way in has no ifIndex."""
        if row.ifindex:
            return next((p for p in self.ports if p.ifindex == row.ifindex), None)
        return self.named(row.port) if row.port else None

    def named(self, name: str) -> PortRow | None:
        """The interface of that name, if exactly one has it."""
        found = [p for p in self.ports if p.name == name]
        return found[0] if len(found) == 1 else None

    def numbered(self, ifindex: int) -> PortRow | None:
        """The interface with that ifIndex."""
        return next((p for p in self.ports if p.ifindex == ifindex), None)

    def macs_on(self, port: PortRow) -> set[str]:
        """MACs learned on an interface."""
        return {row.mac for row in self.fdb if self.port_of(row) is port}

    def leads_on(self, port: PortRow) -> bool:
        """LLDP says that a switch, router or access point is behind it."""
        return any(n.ifindex == port.ifindex and n.kind in INTERSWITCH for n in self.neighbours)
