"""Edges: (source, target, service) of administration that was answered. The interface of the compiled table and its twin.

An edge counts when the target answered: its SYN/ACK, a record of a connection that both ends took part in, or, where the
beginning was not seen, a packet of the listed port's side that is no reset (`initiator.py` has the order of evidence). A port
above 49151 counts for so long after the same pair met at the RPC mapper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.flow import FlowBatch

EDGE = np.dtype(
    [
        ("src", "u1", 16),
        ("dst", "u1", 16),
        ("port", "u2"),
        ("first_ms", "i8"),
        ("last_ms", "i8"),
        ("count", "u4"),
    ]
)


class NewEdge(NamedTuple):
    """One that is not in the table, or was not used for so long that it is forgotten."""

    src: bytes
    dst: bytes
    port: int
    at_ms: int
    known: bool  # seen by an exporter whose sampling rate is known
    agent: bytes
    proven: bool = False  # a handshake shows who began; else port numbers told it


@dataclass(slots=True)
class EdgeCounts:
    """What the table did, and what it had to forget."""

    seen: int = 0  # answers on administration services
    new: int = 0
    evicted: int = 0


class Edges(Protocol):
    """Rows in, new edges out. What was learned goes out and comes in as arrays."""

    @property
    def counts(self) -> EdgeCounts:
        """Counters up to now."""
        ...

    def take(self, batch: FlowBatch) -> Iterator[NewEdge]:
        """New edges of a batch, in the order of its rows. A row no later than an edge's first use gives it again."""
        ...

    def state(self) -> NDArray[Any]:
        """All edges, of dtype EDGE."""
        ...

    def learn(self, edges: NDArray[Any]) -> None:
        """Take edges of dtype EDGE as known."""
        ...


def of_mapping(state: Mapping[str, Any]) -> NDArray[Any]:
    """Edges of a mapping of columns, as `columns` gives it; KeyError or ValueError if it is none."""
    found = np.zeros(len(state["port"]), dtype=EDGE)
    for name in EDGE.names or ():
        found[name] = state[name]
    return found


def columns(edges: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Edges as columns, each of which can be written as it is."""
    return {name: np.ascontiguousarray(edges[name]) for name in EDGE.names or ()}
