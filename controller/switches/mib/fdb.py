"""Learned MACs of a walk, each with its verdict. What the tables do not prove is said, never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from controller.core.tables import FdbRow
from playbooks.facts import Verdict

from . import objects as o
from .ports import bridge_ports, lags, names
from .walk import Oid, Walk

STATUS = {1: "other", 2: "invalid", 3: "learned", 4: "self", 5: "mgmt"}


def fdb_rows(walk: Walk) -> tuple[FdbRow, ...]:
    """Q-BRIDGE rows, and BRIDGE rows for MACs that Q-BRIDGE does not show."""
    resolve = _Resolver(walk)
    rows = [resolve.row(mac, vlan, port, status) for mac, vlan, port, status in _q_rows(walk)]
    shown = {row.mac for row in rows}
    rows += [resolve.row(mac, None, port, status) for mac, port, status in _d_rows(walk) if mac not in shown]
    return tuple(row for row in rows if row.status != "invalid")


class _Resolver:
    def __init__(self, walk: Walk) -> None:
        self._bridge, self._names, self._lags = bridge_ports(walk), names(walk), lags(walk)
        self._ifindexes = {i[0] for i, _ in walk.numbers(o.IF_TYPE)} | set(self._names)

    def row(self, mac: str, vlan: int | None, port: int, status: str) -> FdbRow:
        ifindex, verdict = self._verdict(port, status)
        name = self._names.get(ifindex) if ifindex is not None else None
        return FdbRow(mac, vlan, ifindex, name, verdict, status, lag=ifindex in self._lags)

    def _verdict(self, port: int, status: str) -> tuple[int | None, Verdict]:
        ifindex = self._bridge.get(port)
        if status == "self":
            return ifindex, Verdict.SELF
        if status == "mgmt":
            return ifindex, Verdict.MGMT
        if port == 0:
            return None, Verdict.NO_PORT
        if ifindex is None:
            # An interface with that number exists, but nothing says that it is this bridge port.
            return None, Verdict.AMBIGUOUS if port in self._ifindexes else Verdict.UNRESOLVED
        return ifindex, Verdict.PORT if self._names.get(ifindex) else Verdict.UNNAMED


def _q_rows(walk: Walk) -> Iterator[tuple[str, int | None, int, str]]:
    vlans = _vlan_of_fid(walk)
    states = dict(walk.numbers(o.Q_FDB_STATUS))
    for instance, port in walk.numbers(o.Q_FDB_PORT):
        mac = _mac(instance)
        if mac is not None:
            yield mac, vlans(instance[0]), port, STATUS.get(states.get(instance, 3), "other")


def _d_rows(walk: Walk) -> Iterator[tuple[str, int, str]]:
    states = dict(walk.numbers(o.TP_FDB_STATUS))
    for instance, port in walk.numbers(o.TP_FDB_PORT):
        mac = _mac((0, *instance)) if len(instance) == 6 else _mac(instance)
        if mac is not None:
            yield mac, port, STATUS.get(states.get(instance, 3), "other")


def _mac(instance: Oid) -> str | None:
    """MAC of a row index: FID and six octets, or FID, the length byte 6 and six octets."""
    octets = instance[1:]
    if len(octets) == 7 and octets[0] == 6:
        octets = octets[1:]
    if len(octets) != 6 or any(octet > 255 for octet in octets):
        return None
    return bytes(octets).hex(":")


class _vlan_of_fid:  # noqa: N801 used as a function
    """FID -> VLAN by dot1qVlanFdbId; where the device has no such map the index is the VLAN (RFC 4363 allows both)."""

    def __init__(self, walk: Walk) -> None:
        self._vlans: dict[int, set[int]] = defaultdict(set)
        for instance, fid in walk.numbers(o.VLAN_FDB_ID):
            self._vlans[fid].add(instance[-1])

    def __call__(self, fid: int) -> int | None:
        shared = self._vlans.get(fid)
        if shared is None:
            return fid if 1 <= fid <= 4094 else None
        return min(shared) if len(shared) == 1 else None  # several VLANs share the FID: which one is not known
