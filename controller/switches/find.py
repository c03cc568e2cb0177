"""One MAC, or one address, by a few GETs: the rows that a table would have for it, without reading the table.

What the last reading of the table told (FIDs, VLAN map, names) is kept; the rows themselves, and the interface that each of
them leads to, are asked for again. The same rules decide then as for a whole table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from controller.core.tables import ArpRow, FdbRow

from .mib import objects as o
from .mib.arp import arp_rows
from .mib.fdb import fdb_rows
from .mib.walk import Oid, Value, Walk
from .session import Session
from .views import Views

MOST_QUESTIONS = 300  # beyond that, reading the table is as quick
Columns = dict[Oid, dict[Oid, Value]]


class _Known(NamedTuple):
    """What the last reading told. Replaced as a whole: a question may come while the tables are read again."""

    kept: Columns
    fids: tuple[int, ...]
    tails: tuple[Oid, ...]  # VLAN and VSI of Huawei's index
    vlans: tuple[int, ...]
    has_d: bool
    length: Oid  # the octet before the MAC that some agents put into the index


class Gets(Protocol):
    """What answers questions for single objects."""

    def get(self, *oids: Oid, context: str = "") -> list[Value | None]: ...


class Ahead:
    """Answers from what was asked ahead in one GET, and asks the session for everything else."""

    def __init__(self, session: Gets, oids: Iterable[Oid]) -> None:
        asked = tuple(dict.fromkeys(oids))
        self._session, self._told = session, dict(zip(asked, session.get(*asked), strict=True)) if asked else {}

    def get(self, *oids: Oid, context: str = "") -> list[Value | None]:
        """Values of instances; None for one that is not there."""
        if context or any(oid not in self._told for oid in oids):
            return self._session.get(*oids, context=context)
        return [self._told[oid] for oid in oids]


class Finder:
    """Of one device. Knows nothing until a table was read once. Safe from any thread."""

    def __init__(self, session: Session, views: Views) -> None:
        self._session, self._views = session, views
        self._known: _Known | None = None
        self._interfaces: tuple[int, ...] = ()

    def remember(self, columns: Mapping[Oid, dict[Oid, Value]], views: Iterable[int]) -> None:
        """After a reading of the forwarding tables: what the next question needs."""
        self._known = _Known(
            {root: column for root, column in columns.items() if root not in o.FDB_TABLES},
            tuple(sorted({i[0] for i in columns.get(o.Q_FDB_PORT, {}) if i})),
            tuple(sorted({i[6:] for i in columns.get(o.HUAWEI_FDB_PORT, {}) if len(i) > 6})),
            tuple(views),
            bool(columns.get(o.TP_FDB_PORT)),
            (6,) if any(len(i) == 8 for i in columns.get(o.Q_FDB_PORT, {})) else (),
        )

    def forget(self) -> None:
        """Only reading the tables can tell."""
        self._known = None

    def remember_addresses(self, rows: Iterable[ArpRow]) -> None:
        """After a reading of the ARP table: which interfaces have bindings."""
        self._interfaces = tuple(sorted({row.ifindex for row in rows if row.ifindex}))

    def questions(self, mac: str, ip: str | None, bridge_port: int | None) -> list[Oid] | None:
        """What `find` and `bindings` are going to ask first, and where a bridge port leads to; None if only reading the
        tables can tell."""
        known = self._askable()
        if known is None or (ip and not self._can_bind(ip)):
            return None
        wanted = _of_tables(known, _octets(mac)) + (self._of_address(ip) if ip else [])
        found = [(*root, *instance) for root, instance in wanted]
        return found + ([(*o.BASE_PORT_IFINDEX, bridge_port)] if bridge_port else [])

    def find(self, mac: str, by: Gets | None = None) -> tuple[FdbRow, ...] | None:
        """Rows of a MAC, none if it is not there now; None if only reading the table can tell. `by`: who is asked."""
        known, by = self._askable(), by or self._session
        if known is None:
            return None
        octets = _octets(mac)
        columns: Columns = {root: dict(column) for root, column in known.kept.items()}
        for root in o.FDB_TABLES:
            columns[root] = {}
        _get(by, columns, _of_tables(known, octets), "")
        _ask_interfaces(by, columns, "")
        views = {vlan: view for vlan in known.vlans if (view := self._ask_view(vlan, octets)) is not None}
        return fdb_rows(Walk.by_column(columns), views or None)

    def bindings(self, ip: str, by: Gets | None = None) -> tuple[ArpRow, ...] | None:
        """ARP rows of an IPv4 address; None if only reading the table can tell. `by`: who is asked."""
        if not self._can_bind(ip):
            return None
        columns: Columns = {o.ARP_MAC: {}, o.NEIGHBOUR_MAC: {}}
        _get(by or self._session, columns, self._of_address(ip), "")
        return arp_rows(Walk.by_column(columns))

    def _askable(self) -> _Known | None:
        known = self._known
        if known is None or len(known.fids) * 2 + len(known.tails) + len(known.vlans) + 2 > MOST_QUESTIONS:
            return None
        return known

    def _can_bind(self, ip: str) -> bool:
        return bool(self._interfaces) and ":" not in ip and len(self._interfaces) <= MOST_QUESTIONS

    def _of_address(self, ip: str) -> list[tuple[Oid, Oid]]:
        address = tuple(map(int, ip.split(".")))
        standard: list[tuple[Oid, Oid]] = [(o.ARP_MAC, (i, *address)) for i in self._interfaces]
        return standard + [(o.NEIGHBOUR_MAC, (i, 1, 4, *address)) for i in self._interfaces]

    def _ask_view(self, vlan: int, octets: Oid) -> Walk | None:
        columns: Columns = {o.Q_FDB_PORT: {}, o.TP_FDB_PORT: {}, o.TP_FDB_STATUS: {}, o.BASE_PORT_IFINDEX: {}}
        context = self._views.context(vlan)
        _get(self._session, columns, [(o.TP_FDB_PORT, octets), (o.TP_FDB_STATUS, octets)], context)
        if not columns[o.TP_FDB_PORT]:
            return None
        _ask_interfaces(self._session, columns, context)
        return Walk.by_column(columns)


def _octets(mac: str) -> Oid:
    return tuple(bytes.fromhex(mac.replace(":", "")))


def _of_tables(known: _Known, octets: Oid) -> list[tuple[Oid, Oid]]:
    wanted: list[tuple[Oid, Oid]] = [
        (root, (fid, *known.length, *octets)) for root in (o.Q_FDB_PORT, o.Q_FDB_STATUS) for fid in known.fids
    ]
    wanted += [(o.HUAWEI_FDB_PORT, (*octets, *tail)) for tail in known.tails]
    if known.has_d and not known.vlans:
        wanted += [(o.TP_FDB_PORT, octets), (o.TP_FDB_STATUS, octets)]
    return wanted


def _ask_interfaces(by: Gets, columns: Columns, context: str) -> None:
    """Where the bridge ports of the rows lead to now."""
    found = {port for root in (o.Q_FDB_PORT, o.TP_FDB_PORT) for port in columns[root].values()}
    ports = sorted(port for port in found if isinstance(port, int) and port > 0)
    # TP-Link's interfaces begin elsewhere; on other devices that number is no bridge port.
    known = columns.setdefault(o.BASE_PORT_IFINDEX, {})
    ports += [o.TP_LINK_PORTS + port for port in ports if (o.TP_LINK_PORTS + port,) in known]
    for port in ports:
        known.pop((port,), None)
    _get(by, columns, [(o.BASE_PORT_IFINDEX, (port,)) for port in ports], context)


def _get(by: Gets, columns: Columns, wanted: list[tuple[Oid, Oid]], context: str) -> None:
    if not wanted:
        return
    values = by.get(*((*root, *instance) for root, instance in wanted), context=context)
    for (root, instance), value in zip(wanted, values, strict=True):
        if value is not None:
            columns.setdefault(root, {})[instance] = value
