"""What was last read from one switch, each table with the time of its reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from controller.core.tables import NOBODY, VIRTUAL_TYPES, ArpRow, FdbRow, Neighbour, PortRow
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


@runtime_checkable
class Finder(Protocol):
    """A source that can also ask for one MAC or one address, which is much quicker than reading the tables.

    None = only reading the table can tell; an empty answer = the switch does not have it now.
    """

    def find(self, mac: str) -> tuple[FdbRow, ...] | None: ...

    def bindings(self, ip: str) -> tuple[ArpRow, ...] | None: ...


class Seen(Protocol):
    """Rows of one MAC, of one address, and one port, if one was asked about."""

    @property
    def rows(self) -> tuple[FdbRow, ...]: ...

    @property
    def bindings(self) -> tuple[ArpRow, ...]: ...

    @property
    def state(self) -> PortState | None: ...


@runtime_checkable
class Looker(Protocol):
    """A source that asks for all of that at once. `ifindex`: where the MAC was last. None = only reading tables can tell."""

    def look(self, mac: str, *, ip: str | None, ifindex: int | None, port: PortRef | None = None) -> Seen | None: ...


SourceOf = Callable[[str], TableSource]


@dataclass(frozen=True, slots=True)
class News:
    """What one MAC's rows are since the table was read: by a question (`fdb`), or told by the switch (`trap`). `before`: what the
    table had."""

    at_ms: int
    source: str
    rows: tuple[FdbRow, ...]
    before: tuple[FdbRow, ...] = ()


@dataclass(slots=True)
class Snapshot:
    """Tables of one switch. `*_ms` 0 = never read. What was learned of single MACs since then is kept beside them."""

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
    news: dict[str, News] = field(default_factory=dict)  # by MAC
    bound: dict[str, tuple[int, tuple[ArpRow, ...]]] = field(default_factory=dict)  # by address
    doubted: dict[int, int] = field(default_factory=dict)  # ifIndex -> when its link changed
    _indexed: tuple[PortRow, ...] | None = None
    _numbers: dict[int, PortRow] = field(default_factory=dict)
    _names: dict[str, PortRow | None] = field(default_factory=dict)
    _lines: dict[tuple[int, str], list[PortRow]] = field(default_factory=dict)
    _own: set[str] = field(default_factory=set)
    _members: dict[int, list[PortRow]] = field(default_factory=dict)  # of aggregates, by ifIndex

    def index(self) -> None:
        """Make the look-ups anew after a table was replaced. What was learned while it was read stays."""
        self.news = {mac: self._since(news, mac) for mac, news in self.news.items() if news.at_ms > self.fdb_ms}
        self.bound = {ip: found for ip, found in self.bound.items() if found[0] > self.arp_ms}
        self.doubted = {ifindex: at_ms for ifindex, at_ms in self.doubted.items() if at_ms >= self.fdb_ms}
        self.fdb = (*(row for row in self.fdb if row.mac not in self.news), *self._told())
        bound = [row for _, rows in self.bound.values() for row in rows]
        self.arp = (*(row for row in self.arp if row.ip not in self.bound), *bound)
        by_mac: dict[str, list[FdbRow]] = {}
        for row in self.fdb:
            by_mac.setdefault(row.mac, []).append(row)
        self.by_mac = by_mac

    def place(self, mac: str, rows: Iterable[FdbRow], at_ms: int, source: str) -> None:
        """Replace what the table says of one MAC by something newer."""
        before = self.news[mac].before if mac in self.news else tuple(self.by_mac.get(mac, ()))
        self.news[mac] = found = News(at_ms, source, tuple(rows), before)
        self.fdb = (*(row for row in self.fdb if row.mac != mac), *found.rows)
        self.by_mac[mac] = list(found.rows)

    def bind(self, ip: str, rows: Iterable[ArpRow], at_ms: int) -> None:
        """Replace what the table says of one address."""
        self.bound[ip] = found = (at_ms, tuple(rows))
        self.arp = (*(row for row in self.arp if row.ip != ip), *found[1])

    def seen(self, mac: str) -> tuple[int, str]:
        """When the rows of a MAC were read, and how: `fdb` for the table or a question, `trap` for a notification."""
        news = self.news.get(mac)
        return (news.at_ms, news.source) if news is not None and news.at_ms >= self.fdb_ms else (self.fdb_ms, "fdb")

    def is_newcomer(self, mac: str, port: PortRef) -> bool:
        """Whether this MAC is on this port and was not when the table was read: whoever came with it is not known then."""
        news = self.news.get(mac)
        return news is not None and self._is_on(port, news.rows) and not self._is_on(port, news.before)

    def _is_on(self, port: PortRef, rows: Iterable[FdbRow]) -> bool:
        found = [self.port_of(row) for row in rows]
        return any(one is not None and (one.ifindex or one.name) == (port.ifindex or port.name) for one in found)

    def bound_ms(self, ip: str) -> int:
        """When the bindings of an address were read."""
        return max(self.arp_ms, self.bound[ip][0] if ip in self.bound else 0)

    def _since(self, news: News, mac: str) -> News:
        return replace(news, before=tuple(row for row in self.fdb if row.mac == mac))

    def _told(self) -> Iterable[FdbRow]:
        return (row for news in self.news.values() for row in news.rows)

    def port_of(self, row: FdbRow) -> PortRow | None:
        """The interface of an FDB row: by ifIndex, or by name where the way in has no ifIndex."""
        if row.ifindex:
            return self.numbered(row.ifindex)
        return self.named(row.port) if row.port else None

    def named(self, name: str) -> PortRow | None:
        """The interface of that name, if exactly one has it."""
        self._look_up()
        return self._names.get(name)

    def numbered(self, ifindex: int) -> PortRow | None:
        """The interface with that ifIndex."""
        self._look_up()
        return self._numbers.get(ifindex)

    def macs_on(self, port: PortRow) -> set[str]:
        """MACs learned on an interface; not the switch's own: a Linux bridge shows each port's MAC as an entry of that port."""
        return {row.mac for row in self.fdb if self.port_of(row) is port} - self.own

    @property
    def own(self) -> Set[str]:
        """MACs of its interfaces."""
        self._look_up()
        return self._own

    def heard_on(self, port: PortRow) -> list[Neighbour]:
        """LLDP and CDP neighbours on an interface, on a member of it, or on what it is a unit of: a Juniper learns MACs on
        ge-0/0/1.0 and hears neighbours on ge-0/0/1."""
        line = (port, *self.line_of(port), *(self._members.get(port.ifindex, ()) if port.lag else ()))
        wanted, names = {p.ifindex for p in line} - {0}, {p.name for p in line} - {""}
        return [n for n in self.neighbours if n.ifindex in wanted or (not n.ifindex and n.port in names)]

    def line_of(self, port: PortRow) -> Sequence[PortRow]:
        """Units of this port, and the port that this is a unit of: the same plug."""
        self._look_up()
        return self._lines.get((port.ifindex, port.name), ())

    def is_trunk(self, port: PortRow) -> bool:
        """It carries tagged VLANs. One of them beside an untagged one, for a phone that is heard there, makes no trunk (the
        voice VLAN of LLDP-MED, ANSI/TIA-1057): the phone is told apart as a phone."""
        is_voice = port.tagged == 1 and port.pvid is not None
        return port.trunk and not (is_voice and any(n.kind is NeighbourKind.PHONE for n in self.heard_on(port)))

    def leads_on(self, port: PortRow) -> bool:
        """LLDP or CDP says that a switch, router or access point is behind it."""
        return any(n.kind in INTERSWITCH for n in self.heard_on(port))

    def _look_up(self) -> None:
        """Once for each reading of the ports: tables have thousands of rows."""
        if self._indexed is self.ports:
            return
        self._numbers, self._names, self._lines, self._members = {}, {}, {}, {}
        self._own = {port.mac for port in self.ports if port.mac and port.mac != NOBODY}
        for port in self.ports:
            self._numbers.setdefault(port.ifindex, port)
            self._names[port.name] = None if port.name in self._names else port
            if port.aggregate:
                self._members.setdefault(port.aggregate, []).append(port)
        for port in self.ports:
            for other in self._below(port):
                self._lines.setdefault((port.ifindex, port.name), []).append(other)
                self._lines.setdefault((other.ifindex, other.name), []).append(port)
        self._indexed = self.ports

    def _below(self, port: PortRow) -> Iterator[PortRow]:
        """What it is a unit of: by the ifStackTable, or by its name. A VLAN's interface is no port's unit."""
        if port.if_type in VIRTUAL_TYPES:
            return
        base, dot, number = port.name.rpartition(".")
        by_name = self._names.get(base) if dot and number.isdigit() else None
        below = {self._numbers.get(ifindex) for ifindex in port.beneath} | {by_name}
        yield from (other for other in below if other is not None and other.if_type not in VIRTUAL_TYPES)
