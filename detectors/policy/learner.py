"""A matrix proposed from what was seen: between which groups, on which services, by how many machines. A person reads it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detectors.address import V4_PREFIX
from detectors.newpeer.edges import NewEdge
from detectors.newpeer.settings import DYNAMIC

from .groups import Groups
from .matrix import DEFAULT, Group, Matrix, Rule, Seen

MOST_PAIRS = 1 << 20
V4_BITS, V6_BITS = 24, 64  # without groups each network of this size is one
Cell = tuple[str, str, int]


@dataclass(slots=True)
class LearnCounts:
    """Connections of two machines on one service, and those that found no room."""

    pairs: int = 0
    dropped: int = 0


class Learner:
    """Counts pairs of machines by groups and service. Without `groups` each /24 (IPv6: /64) that was seen is a group of its own.

    Holds at most `most` pairs; what comes beyond is counted, and its rules may be missing.
    """

    def __init__(self, groups: Sequence[Group] = (), by: Groups | None = None, most: int = MOST_PAIRS) -> None:
        self._groups, self._by, self._most = tuple(groups), by or Groups(groups), most
        self._cells: dict[Cell, set[tuple[bytes, bytes]]] = {}
        self.counts = LearnCounts()

    def note(self, edges: Iterable[NewEdge]) -> None:
        """Connections that are to be allowed; the same one again is counted once."""
        for edge in edges:
            cell = (self._group_of(edge.src), self._group_of(edge.dst), edge.port)
            pairs, pair = self._cells.get(cell, set()), (edge.src, edge.dst)
            if pair in pairs:
                continue
            if self.counts.pairs >= self._most:
                self.counts.dropped += 1
                continue
            self._cells.setdefault(cell, pairs).add(pair)
            self.counts.pairs += 1

    def proposed(self, least_pairs: int = 1) -> Matrix:
        """One rule for each cell that at least so many pairs used, by name; all else is denied and asks for nothing."""
        rules = [_rule(cell, pairs) for cell, pairs in sorted(self._cells.items()) if len(pairs) >= least_pairs]
        return Matrix(self._groups or _networks(rules), tuple(rules), Rule(DEFAULT, allows=False))

    def _group_of(self, address: bytes) -> str:
        if self._groups:
            return self._by.group_of(address)
        network = (
            ipaddress.ip_network((address[12:], V4_BITS), strict=False)
            if address[:12] == V4_PREFIX
            else ipaddress.ip_network((address, V6_BITS), strict=False)
        )
        return str(network)


def _networks(rules: Iterable[Rule]) -> tuple[Group, ...]:
    named = {name for rule in rules for name in (*rule.sources, *rule.targets)}
    return tuple(Group(name, (ipaddress.ip_network(name),)) for name in sorted(named))


def _rule(cell: Cell, pairs: set[tuple[bytes, bytes]]) -> Rule:
    source, target, port = cell
    span = range(DYNAMIC, 65536) if port == DYNAMIC else range(port, port + 1)
    service = f"{span.start}-{span.stop - 1}/tcp" if len(span) > 1 else f"{port}/tcp"
    seen = Seen(len(pairs), len({src for src, _ in pairs}), len({dst for _, dst in pairs}))
    return Rule(f"{source} to {target} {service}", (source,), (target,), (span,), seen=seen)
