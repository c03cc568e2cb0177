"""What comes in: one export datagram, and what decoding a batch of them gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from detectors.flow import FlowBatch

Row = dict[str, Any]  # one row of FlowBatch as plain values, `has` included


@dataclass(frozen=True, slots=True)
class Datagram:
    """UDP payload, the source address (16 octets, IPv4 mapped) and port, and when it was received (epoch ms)."""

    payload: bytes
    exporter: bytes
    port: int
    received_ms: int


class Malformed(ValueError):
    """A datagram, or the rest of one, that cannot be what it says it is; `kind` is the counter it goes to."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class Notice:
    """Something in a datagram that is no flow: a counter sample or a discarded packet of sFlow."""

    kind: str  # counter_sample | discard_event
    dgram: int  # index into the batch of datagrams
    agent: bytes


@dataclass(slots=True)
class Decoded:
    """Rows of a batch of datagrams, and everything that was in them and is no row.

    `dgram` holds for each row the index of its datagram. `trouble` counts (kind, exporter): unknown-version, truncated,
    bad-length ... A datagram with trouble still gives the rows that came before it.
    """

    batch: FlowBatch
    dgram: list[int]
    notices: list[Notice] = field(default_factory=list)
    trouble: Counter[tuple[str, bytes]] = field(default_factory=Counter)


class Decoder(Protocol):
    """A whole batch of datagrams of any protocol to columns. Never raises for what is in them."""

    def decode(self, datagrams: Sequence[Datagram]) -> Decoded: ...


class ReadDatagram(Protocol):
    """One protocol's reference reader: rows and notices of one datagram; Malformed after what could be read."""

    def __call__(self, datagram: Datagram, rows: list[Row], notices: list[Notice], index: int) -> None: ...
