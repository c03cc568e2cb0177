"""Edges, compiled: the same new edges as PlainEdges from the same rows."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.address import Networks
from detectors.fastwatch import rows_of
from detectors.flow import FlowBatch, empty
from detectors.kernels import edging as k
from detectors.kernels.state import PROBES
from detectors.watch import ranges

from .edges import EDGE, EdgeCounts, NewEdge
from .settings import EdgeSettings

ROOM = 256  # new edges handed over at a time
FOUND = struct.Struct(k.PACKED)


class FastEdges:
    """See edges.py."""

    def __init__(self, settings: EdgeSettings, internal: Networks) -> None:
        ports = np.zeros(65536, dtype=np.uint8)
        ports[sorted(settings.ports)] = 1
        size = max(1 << (settings.most_edges - 1).bit_length(), 2 * PROBES)
        self._table = k.EdgeTable(
            slots=np.zeros(size, dtype=k.SLOT),
            ports=ports,
            ranges=ranges(internal).reshape(-1),
            numbers=np.zeros(8, dtype=np.int64),
            out=np.zeros(ROOM, dtype=k.FOUND),
        )
        self._table.numbers[[k.FORGET, k.DYNAMIC_MS]] = settings.forget_ms, settings.dynamic_ms

    @property
    def counts(self) -> EdgeCounts:
        """Counters up to now."""
        n = self._table.numbers
        return EdgeCounts(seen=int(n[k.SEEN]), new=int(n[k.NEW]), evicted=int(n[k.LOST]))

    def take(self, batch: FlowBatch) -> Iterator[NewEdge]:
        """New edges of a batch, in the order of its rows."""
        rows, at = rows_of(batch), 0
        while at < len(batch):
            at = int(k.edges(rows, self._table, at))
            found = self._table.out[: self._table.numbers[k.OUT]].tobytes()
            self._table.numbers[k.OUT] = 0
            for src, dst, agent, at_ms, port, known, proven in FOUND.iter_unpack(found):
                yield NewEdge(src, dst, port, at_ms, known == 1, agent, proven == 1)

    def state(self) -> NDArray[Any]:
        """All edges."""
        held = self._table.slots[self._table.slots["key"] != 0]
        found = np.zeros(len(held), dtype=EDGE)
        for name in ("port", "first_ms", "last_ms", "count"):
            found[name] = held[name]
        for name in ("src", "dst"):
            words = np.stack([held[f"{name}_hi"], held[f"{name}_lo"]], axis=1).astype(">u8")
            found[name] = words.view(np.uint8).reshape(-1, 16)
        return found

    def learn(self, edges: NDArray[Any]) -> None:
        """Take edges as known."""
        held = np.zeros(len(edges), dtype=k.SLOT)
        for name in ("port", "first_ms", "last_ms", "count"):
            held[name] = edges[name]
        for name in ("src", "dst"):
            words = np.ascontiguousarray(edges[name]).view(">u8").reshape(-1, 2)
            held[f"{name}_hi"], held[f"{name}_lo"] = words[:, 0], words[:, 1]
        k.learn(self._table, held)


def warm() -> None:
    """Compile everything, or load it from the cache."""
    made = FastEdges(EdgeSettings(frozenset(), 0, 0, 1), Networks(("10.0.0.0/8",)))
    list(made.take(empty(1)))
    made.learn(made.state())
