"""The collector's sink: each batch to the bus, one message a partition, rows of one agent in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from controller.bus.port import FLOWS, Bus, partition_of
from controller.core.errors import CordonError
from detectors.flow import FlowBatch

Encode = Callable[[FlowBatch, str], tuple[bytes, dict[str, str]]]


@dataclass(slots=True)
class PublishCounts:
    """Rows handed to the bus, and rows lost because it did not take them."""

    rows: int = 0
    messages: int = 0
    lost_rows: int = 0


class FlowPublisher:
    """Callable sink of the collector. A bus that is away costs rows, counted, and never stops the collector."""

    def __init__(self, bus: Bus, encode: Encode, *, writer: str) -> None:
        self._bus, self._encode, self._writer = bus, encode, writer
        self._producer = bus.producer(writer)
        self.counts = PublishCounts()
        self.last_error: CordonError | None = None

    def __call__(self, batch: FlowBatch) -> None:
        """Send a batch and wait until it is durable."""
        if not len(batch):
            return
        try:
            for partition, part in split(batch, self._bus.partitions):
                payload, headers = self._encode(part, self._writer)
                self._producer.send(FLOWS, partition, payload, headers)
                self.counts.messages += 1
            self._producer.flush()
            self.counts.rows += len(batch)
        except CordonError as error:
            self.counts.lost_rows += len(batch)
            self.last_error = error

    def close(self) -> None:
        """Let go of the producer."""
        self._producer.close()


def split(batch: FlowBatch, partitions: int) -> list[tuple[int, FlowBatch]]:
    """Rows of a batch by the partition of their agent, order kept; batches of one agent are not copied."""
    agents, which = np.unique(batch["agent"], axis=0, return_inverse=True)
    targets = np.array([partition_of(agent.tobytes(), partitions) for agent in agents])
    of_row = targets[which.reshape(-1)]
    chosen = np.unique(of_row)
    if len(chosen) == 1:
        return [(int(chosen[0]), batch)]
    return [(int(p), batch.take(of_row == p)) for p in chosen]
