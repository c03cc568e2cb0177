"""The collector's sink: each batch to the bus, one message a partition, rows of one agent in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controller.bus.port import FLOWS, Bus, partition_of
from controller.core.clock import Clock
from controller.core.errors import CordonError
from controller.core.histogram import Histogram
from detectors.flow import FlowBatch

LATENCY_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
FEW_ROWS = 512
BOUNDS_MS = (np.array(LATENCY_S) * 1000).astype(np.int64)
Encode = Callable[[FlowBatch, str], tuple[bytes, dict[str, str]]]


@dataclass(slots=True)
class PublishCounts:
    """Rows handed to the bus, and rows lost because it did not take them."""

    rows: int = 0
    messages: int = 0
    lost_rows: int = 0


class FlowPublisher:
    """Callable sink of the collector. A bus that is away costs rows, counted, and never stops the collector."""

    def __init__(self, bus: Bus, encode: Encode, *, writer: str, clock: Clock | None = None) -> None:
        """With a clock `latency` counts rows by seconds from their receipt until they can be read."""
        self._bus, self._encode, self._writer, self._clock = bus, encode, writer, clock
        self.latency = Histogram(LATENCY_S)
        self._producer = bus.producer(writer)
        self.counts = PublishCounts()
        self.last_error: CordonError | None = None

    def __call__(self, batch: FlowBatch) -> None:
        """Send a batch and wait until it can be read: nobody acknowledges a datagram, so none waits for a disk."""
        if not len(batch):
            return
        try:
            for partition, part in split(batch, self._bus.partitions):
                payload, headers = self._encode(part, self._writer)
                self._producer.send(FLOWS, partition, payload, headers)
                self.counts.messages += 1
            self._producer.hand_on()
            self.counts.rows += len(batch)
            self._note(batch["received_ms"])
        except CordonError as error:
            self.counts.lost_rows += len(batch)
            self.last_error = error

    def _note(self, received_ms: NDArray[np.int64]) -> None:
        """Rows stand in the order of their receipt: one look-up for each bound tells the whole batch."""
        if self._clock is None:
            return
        now_ms = self._clock.now_ms()
        later = np.searchsorted(received_ms, now_ms - BOUNDS_MS, side="left")
        within = np.maximum.accumulate(len(received_ms) - later)
        seconds = (now_ms * len(received_ms) - int(received_ms.sum())) / 1000
        self.latency.add_within(within.tolist(), len(received_ms), max(seconds, 0.0))

    def settle(self) -> None:
        """Nothing may come for a while: what was handed on is flushed."""
        try:
            self._producer.flush()
        except CordonError as error:
            self.last_error = error

    def close(self) -> None:
        """Flush, and let go of the producer."""
        self._producer.close()


def _partitions_of_rows(agents: NDArray[np.uint8], partitions: int) -> NDArray[np.int64] | int:
    """One for all rows, or one for each. While flows come by the dozen, sorting their agents' octets would cost more than all
    the rest of publishing them."""
    if len(agents) <= FEW_ROWS:
        octets, width = agents.tobytes(), agents.shape[1]
        names = [octets[at : at + width] for at in range(0, len(octets), width)]
        target = {name: partition_of(name, partitions) for name in set(names)}
        first = target[names[0]]
        if all(one == first for one in target.values()):
            return first
        return np.array([target[name] for name in names], dtype=np.int64)
    unique, which = np.unique(agents, axis=0, return_inverse=True)
    targets = np.array([partition_of(agent.tobytes(), partitions) for agent in unique], dtype=np.int64)
    return targets[which.reshape(-1)]


def split(batch: FlowBatch, partitions: int) -> list[tuple[int, FlowBatch]]:
    """Rows of a batch by the partition of their agent, order kept; batches of one agent are not copied."""
    of_row = _partitions_of_rows(batch["agent"], partitions)
    if isinstance(of_row, int):
        return [(of_row, batch)]
    chosen = np.unique(of_row)
    if len(chosen) == 1:
        return [(int(chosen[0]), batch)]
    return [(int(p), batch.take(of_row == p)) for p in chosen]
