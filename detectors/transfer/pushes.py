"""Pushes: what a client sends to a service that takes files, pair by pair. The interface of the compiled table and its twin.

Only what goes from the client to the listed port counts, so that a file server that is read from, and a backup that fetches,
push nothing. A pair counts where its first row of a window came in; the same packets at another exporter are left out. Octets of
sampled packets are multiplied by the rate; a few full packets at least have to be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from detectors.flow import FlowBatch


class Push(NamedTuple):
    """A pair reached the threshold of a window. `octets` so far, `known`: the sampling rate is."""

    src: bytes
    dst: bytes
    port: int
    at_ms: int
    octets: int
    known: bool


@dataclass(slots=True)
class PushCounts:
    """What the table did, and what it had to forget."""

    rows: int = 0
    pushes: int = 0
    evicted: int = 0


class Pushes(Protocol):
    """Rows in, pushes out."""

    @property
    def counts(self) -> PushCounts:
        """Counters up to now."""
        ...

    def take(self, batch: FlowBatch) -> Iterator[Push]:
        """Pushes of a batch, in the order of its rows; each pair once a window."""
        ...
