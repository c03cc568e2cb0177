"""What comes in: one export datagram, and what decoding a batch of them gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from detectors.flow import FlowBatch

Row = dict[str, Any]  # one row of FlowBatch as plain values, `has` included


@dataclass(frozen=True, slots=True)
class Datagram:
    """UDP payload, the source address (16 octets, IPv4 mapped) and port, and when it was received (epoch ms)."""

    payload: bytes
    exporter: bytes
    port: int
    received_ms: int


@dataclass(slots=True)
class Arrivals(Sequence[Datagram]):
    """Datagrams as they were received in bulk: the memory their payloads lie in, and who sent each when.

    `data` octets; payload n is `data[starts[n] : ends[n]]`, and there may be gaps between them; `exporters` (n, 16), IPv4 mapped;
    `ports`; `received_ms` epoch ms. As a sequence it gives them one by one, for readers that want that.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    exporters: NDArray[np.uint8]
    ports: NDArray[np.uint16]
    received_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def octets(self) -> int:
        """Of all payloads."""
        return int(self.ends.sum() - self.starts.sum())

    def where(self, which: NDArray[np.bool_]) -> Arrivals:
        """Some of them; their payloads stay where they are."""
        ports, received_ms = self.ports[which], self.received_ms[which]
        return Arrivals(self.data, self.starts[which], self.ends[which], self.exporters[which], ports, received_ms)

    @overload
    def __getitem__(self, index: int) -> Datagram: ...

    @overload
    def __getitem__(self, index: slice) -> list[Datagram]: ...

    def __getitem__(self, index: int | slice) -> Datagram | list[Datagram]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        payload = self.data[int(self.starts[index]) : int(self.ends[index])].tobytes()
        return Datagram(payload, self.exporters[index].tobytes(), int(self.ports[index]), int(self.received_ms[index]))


def arrivals_of(datagrams: Sequence[Datagram]) -> Arrivals:
    """Single datagrams as if they had come in bulk."""
    if isinstance(datagrams, Arrivals):
        return datagrams
    exporters = np.frombuffer(b"".join(d.exporter for d in datagrams), dtype=np.uint8).reshape(-1, 16)
    ends = np.cumsum([len(d.payload) for d in datagrams], dtype=np.int64)
    return Arrivals(
        np.frombuffer(b"".join(d.payload for d in datagrams), dtype=np.uint8),
        np.concatenate([[0], ends[:-1]]).astype(np.int64)[: len(ends)],
        ends,
        exporters,
        np.array([d.port for d in datagrams], dtype=np.uint16),
        np.array([d.received_ms for d in datagrams], dtype=np.int64),
    )


def joined(parts: Sequence[Arrivals]) -> Arrivals:
    """Several bulks as one, in order."""
    if len(parts) == 1:
        return parts[0]
    places = np.cumsum([0, *(len(part.data) for part in parts[:-1])])
    return Arrivals(
        np.concatenate([part.data for part in parts]),
        np.concatenate([part.starts + place for part, place in zip(parts, places, strict=True)]),
        np.concatenate([part.ends + place for part, place in zip(parts, places, strict=True)]),
        np.concatenate([part.exporters for part in parts]),
        np.concatenate([part.ports for part in parts]),
        np.concatenate([part.received_ms for part in parts]),
    )


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


class Notices(Sequence[Notice]):
    """Notices of a batch as numbers: thousands of counter samples a second, and seldom anybody who wants to see one.

    `numbers` (n, 2) = counter samples and discarded packets of each datagram, `agents` (n, 2) the octets of its agent.
    """

    KINDS = ("counter_sample", "discard_event")

    def __init__(self, numbers: NDArray[np.int32], agents: NDArray[np.int64]) -> None:
        self._numbers, self._agents = numbers, agents

    def of_kind(self, kind: str) -> int:
        """How many."""
        return int(self._numbers[:, self.KINDS.index(kind)].sum())

    def __len__(self) -> int:
        return int(self._numbers.sum())

    def __iter__(self) -> Iterator[Notice]:
        for n in np.flatnonzero(self._numbers.any(axis=1)).tolist():
            agent = self._agents[n].tobytes()
            for place, kind in enumerate(self.KINDS):
                yield from [Notice(kind, n, agent)] * int(self._numbers[n, place])

    @overload
    def __getitem__(self, index: int) -> Notice: ...

    @overload
    def __getitem__(self, index: slice) -> list[Notice]: ...

    def __getitem__(self, index: int | slice) -> Notice | list[Notice]:
        return list(self)[index]


@dataclass(slots=True)
class Decoded:
    """Rows of a batch of datagrams, and everything that was in them and is no row.

    `dgram` holds for each row the index of its datagram. `silent` counts for each datagram the data records that gave no
    row, -1 where some could not be read (sequence numbers of IPFIX count records); None: there are none. `trouble` counts
    (kind, exporter): unknown-version, truncated, bad-length ... A datagram with trouble still gives the rows that came
    before it.
    """

    batch: FlowBatch
    dgram: NDArray[np.int32]
    notices: Sequence[Notice] = ()
    trouble: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    silent: NDArray[np.int32] | None = None

    def noticed(self, kind: str) -> int:
        """How many notices of a kind."""
        if isinstance(self.notices, Notices):
            return self.notices.of_kind(kind)
        return sum(notice.kind == kind for notice in self.notices)


class Decoder(Protocol):
    """A whole batch of datagrams of any protocol to columns. Never raises for what is in them."""

    def decode(self, datagrams: Sequence[Datagram]) -> Decoded: ...


class ReadDatagram(Protocol):
    """One protocol's reference reader: rows and notices of one datagram; Malformed after what could be read."""

    def __call__(self, datagram: Datagram, rows: list[Row], notices: list[Notice], index: int) -> None: ...
