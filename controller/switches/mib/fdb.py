"""Learned MACs of a walk, each with its verdict: BRIDGE-MIB, Q-BRIDGE-MIB and the makers' own tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.core.tables import FdbRow

from . import objects as o
from .resolve import STATUS, Resolver, Where
from .vlans import FIRST, LAST, VlanOfFid
from .walk import Oid, Walk


@dataclass(slots=True)
class FdbCounts:
    """Rows that were left out or are weak: an index that is no MAC, a status without a port, a port without a status."""

    odd_index: int = 0
    without_port: int = 0
    ragged: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    """Index and columns of one row: FID (None in BRIDGE-MIB), MAC, port, status."""

    fid: int | None
    mac: str
    port: int
    status: str
    ragged: bool


def fdb_rows(
    walk: Walk, views: Mapping[int, Walk] | None = None, counts: FdbCounts | None = None
) -> tuple[FdbRow, ...]:
    """As the inventory wants it: a BRIDGE-MIB row only where no better table has that MAC at that interface."""
    rows = every_fdb_row(walk, views, counts)
    better = {(row.mac, row.ifindex) for row in rows if row.vlan_source != "none"}
    kept = (row for row in rows if row.vlan_source != "none" or (row.mac, row.ifindex) not in better)
    return tuple(row for row in kept if row.status != "invalid")


def every_fdb_row(
    walk: Walk, views: Mapping[int, Walk] | None = None, counts: FdbCounts | None = None
) -> tuple[FdbRow, ...]:
    """One row for each row of each table. `views`: what a Cisco shows for each VLAN (community@VLAN, context vlan-N)."""
    counts = counts if counts is not None else FdbCounts()
    resolve, vlans = Resolver(walk), VlanOfFid(walk)
    rows = [_q_row(entry, resolve, vlans) for entry in _entries(walk, o.Q_FDB_PORT, o.Q_FDB_STATUS, counts)]
    if views:  # the base view is one of the VLANs': its rows would have none
        for vlan, view in sorted(views.items()):
            inside = Resolver(walk, view)
            entries = _entries(view, o.TP_FDB_PORT, o.TP_FDB_STATUS, counts)
            rows += [_d_row(entry, inside, vlan) for entry in entries]
    else:
        entries = _entries(walk, o.TP_FDB_PORT, o.TP_FDB_STATUS, counts)
        rows += [_d_row(entry, resolve, None) for entry in entries]
    return (*rows, *_huawei_rows(walk, resolve, counts))


def _q_row(entry: _Entry, resolve: Resolver, vlans: VlanOfFid) -> FdbRow:
    shared, source = vlans(entry.fid or 0)
    where = resolve.bridge_port(entry.port, entry.status)
    return _row(entry, where, "q", shared, source)


def _d_row(entry: _Entry, resolve: Resolver, vlan: int | None) -> FdbRow:
    where = resolve.bridge_port(entry.port, entry.status)
    return _row(entry, where, "d", (vlan,) if vlan else (), "context" if vlan else "none")


def _row(entry: _Entry, where: Where, table: str, vlans: tuple[int, ...], source: str) -> FdbRow:
    return FdbRow(
        mac=entry.mac,
        vlan=vlans[0] if len(vlans) == 1 else None,  # which of several is not known
        ifindex=where.ifindex,
        port=where.name,
        verdict=where.verdict,
        status=entry.status,
        lag=where.lag,
        table=table,
        vlan_source=source,
        vlans=vlans,
        fid=entry.fid,
        bridge_port=entry.port,
        how=where.how,
        ragged=entry.ragged,
    )


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


def _entries(walk: Walk, port_column: Oid, status_column: Oid, counts: FdbCounts) -> Iterator[_Entry]:
    """Rows of a table, joined on their index: columns are read one after the other, and the table moves meanwhile."""
    states = dict(walk.numbers(status_column))
    ports = dict(walk.numbers(port_column))
    counts.without_port += sum(1 for instance in states if instance not in ports)
    for instance, port in ports.items():
        fid, mac = _index(instance, has_fid=port_column == o.Q_FDB_PORT)
        if mac is None:
            counts.odd_index += 1
            continue
        ragged = bool(states) and instance not in states
        counts.ragged += ragged
        yield _Entry(fid, mac, port, STATUS.get(states.get(instance, 0), ""), ragged)


def _index(instance: Oid, *, has_fid: bool) -> tuple[int | None, str | None]:
    """FID and MAC of a row's index. Some agents put the length of the MAC, 6, before it, as for a variable string."""
    fid: int | None = None
    if has_fid:
        fid, instance = (instance[0], instance[1:]) if instance else (None, instance)
    if len(instance) == 7 and instance[0] == 6:
        instance = instance[1:]
    return fid, octets_as_mac(instance)


def octets_as_mac(octets: Oid) -> str | None:
    """Six octets of an index as a MAC."""
    if len(octets) != 6 or any(octet > 255 for octet in octets):
        return None
    return bytes(octets).hex(":")
