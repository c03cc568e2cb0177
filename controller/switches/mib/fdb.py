"""Learned MACs of a walk, each with its verdict: BRIDGE-MIB, Q-BRIDGE-MIB and the makers' own tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from controller.core.tables import UNKNOWN, FdbRow
from playbooks.facts import Verdict

from . import numbered
from . import objects as o
from .private import private_rows
from .resolve import STATUS, Resolver, Where
from .vlans import FIRST, LAST, VlanOfFid
from .walk import Oid, Walk

Key = tuple[str, int | None]  # MAC, ifIndex
NOWHERE = (Verdict.AMBIGUOUS, Verdict.UNRESOLVED)
VlansOf = tuple[tuple[int, ...], str]  # VLANs, where that is from


class _Table(NamedTuple):
    """Columns of a forwarding table, how many FIDs stand in its index, and its letter in rows."""

    port: Oid
    status: Oid
    fids: int
    letter: str


Q = _Table(o.Q_FDB_PORT, o.Q_FDB_STATUS, 1, "q")
D = _Table(o.TP_FDB_PORT, o.TP_FDB_STATUS, 0, "d")


@dataclass(slots=True)
class FdbCounts:
    """Rows that were left out or are weak: an index that is no MAC, a status without a port, a port without a status."""

    odd_index: int = 0
    without_port: int = 0
    ragged: int = 0


def fdb_rows(
    walk: Walk, views: Mapping[int, Walk] | None = None, counts: FdbCounts | None = None
) -> tuple[FdbRow, ...]:
    """As the inventory wants it: a BRIDGE-MIB row only where no better table has that MAC at that interface, or has an interface
    for it where this row leads to none (a Huawei has gaps in dot1dBasePortTable). A row whose port is only an ifIndex by
    looks is settled where the maker's own table has that MAC at that ifIndex (Alcatel-Lucent)."""
    rows, others = _tables(walk, views, counts if counts is not None else FdbCounts())
    if not others:  # the usual case
        return tuple([row for row in rows if row.status != "invalid"])
    rows += others
    better = {(row.mac, row.ifindex) for row in rows if row.vlan_source != "none"}
    by_maker = {(row.mac, row.ifindex) for row in others if row.verdict is Verdict.PORT and row.how == "ifindex"}
    known = {mac for mac, _ in by_maker}
    return tuple(row for row in rows if row.status != "invalid" and not _is_told(row, better, by_maker, known))


def _is_told(row: FdbRow, better: Set[Key], by_maker: Set[Key], known: Set[str]) -> bool:
    """Whether another row says all that this one says."""
    is_by_looks = row.verdict is Verdict.AMBIGUOUS or row.by_looks
    if is_by_looks and (row.mac, row.bridge_port) in by_maker:
        return True
    if row.vlan_source != "none":
        return False
    return (row.mac, row.ifindex) in better or (row.verdict in NOWHERE and row.mac in known)


def every_fdb_row(
    walk: Walk, views: Mapping[int, Walk] | None = None, counts: FdbCounts | None = None
) -> tuple[FdbRow, ...]:
    """One row for each row of each table. `views`: what a Cisco shows for each VLAN (community@VLAN, context vlan-N)."""
    rows, others = _tables(walk, views, counts if counts is not None else FdbCounts())
    return (*rows, *others)


def _tables(walk: Walk, views: Mapping[int, Walk] | None, counts: FdbCounts) -> tuple[list[FdbRow], list[FdbRow]]:
    """Rows of Q-BRIDGE-MIB, and of all the others."""
    resolve, others = Resolver(walk), list[FdbRow]()
    rows = list(_rows(walk, Q, resolve, VlanOfFid.of(walk), counts))
    if views:  # the base view is one of the VLANs': its rows would have none
        for vlan, view in sorted(views.items()):
            others += _rows(view, D, Resolver(walk, view), _always((vlan,), "context"), counts)
    else:
        others += _rows(walk, D, resolve, _always((), "none"), counts)
    others += _huawei_rows(walk, resolve, counts)
    for row in (*numbered.rows(walk, resolve), *private_rows(walk, resolve)):
        if row is None:
            counts.odd_index += 1
        else:
            others.append(row)
    return rows, others


def _rows(
    walk: Walk, table: _Table, resolve: Resolver, vlans_of: Callable[[int], VlansOf], counts: FdbCounts
) -> Iterator[FdbRow]:
    """Rows of dot1qTpFdbTable or dot1dTpFdbTable. Few ports and FIDs, many MACs: what is of a port is resolved once."""
    vlans: dict[int | None, tuple[int | None, tuple[int, ...], str]] = {}
    places: dict[tuple[int, int | None], tuple[Where, str]] = {}
    for instance, port, state in _joined(walk, table, counts):
        if table is D and len(instance) == 1:
            continue  # numbered.py
        fid, mac = _index(instance, table)
        if mac is None:
            counts.odd_index += 1
            continue
        if (vlan := vlans.get(fid)) is None:
            found, source = vlans_of(fid or 0)
            # Which of several is not known.
            vlan = vlans[fid] = (found[0] if len(found) == 1 else None, found, source)
        if (place := places.get((port, state))) is None:
            # A number that RFC 4188 does not have: the maker's own, and nobody knows what it means.
            status = STATUS.get(state, UNKNOWN) if state else ""
            place = places[port, state] = (resolve.bridge_port(port, status), status)
        where, status = place
        ragged = state is None
        yield FdbRow(
            mac, vlan[0], where.ifindex, where.name, where.verdict, status, where.lag, table.letter,
            vlan[2], vlan[1], fid, port, where.how, ragged,
        )  # fmt: skip


def _always(vlans: tuple[int, ...], source: str) -> Callable[[int], VlansOf]:
    return lambda _: (vlans, source)


def _joined(walk: Walk, table: _Table, counts: FdbCounts) -> Iterator[tuple[Oid, int, int | None]]:
    """(index, port, status) of rows: columns are read one after the other, and the table moves meanwhile. A status of 0:
    the agent has no such column; None: it has one, without this row."""
    ports, states = walk.integers(table.port), walk.integers(table.status)
    if list(ports) == list(states):  # the usual case, by a comparison of the same objects
        yield from zip(ports, ports.values(), states.values(), strict=True)
        return
    counts.without_port += sum(1 for instance in states if instance not in ports)
    counts.ragged += sum(1 for instance in ports if instance not in states) if states else 0
    absent = None if states else 0
    for instance, port in ports.items():
        yield instance, port, states.get(instance, absent)


def _huawei_rows(walk: Walk, resolve: Resolver, counts: FdbCounts) -> Iterator[FdbRow]:
    """hwDynFdbTable: index MAC, VLAN, name of the VSI; the port is an ifIndex."""
    for instance, ifindex in walk.numbers(o.HUAWEI_FDB_PORT):
        mac = octets_as_mac(instance[:6])
        if mac is None or len(instance) < 7:
            counts.odd_index += 1
            continue
        vlan = instance[6] if FIRST <= instance[6] <= LAST else None
        where = resolve.interface(ifindex)
        yield FdbRow(
            mac,
            vlan,
            where.ifindex,
            where.name,
            where.verdict,
            status="",
            lag=where.lag,
            table="hw",
            vlan_source="vendor",
            vlans=(vlan,) if vlan else (),
            how=where.how,
        )


def _index(instance: Oid, table: _Table) -> tuple[int | None, str | None]:
    """FID and MAC of a row's index. Some agents put the length of the MAC, 6, before it, as for a variable string."""
    fids = table.fids
    more = len(instance) - fids
    if more != 6 and not (more == 7 and instance[fids] == 6):
        return None, None
    return (instance[0] if fids else None), octets_as_mac(instance[-6:])


def octets_as_mac(octets: Oid) -> str | None:
    """Six octets of an index as a MAC."""
    if len(octets) != 6:
        return None
    try:
        return bytes(octets).hex(":")
    except ValueError:  # above 255
        return None
