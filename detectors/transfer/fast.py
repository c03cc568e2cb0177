"""Pushes, compiled: the same as PlainPushes from the same rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detectors.address import Networks
from detectors.event import octets
from detectors.fastwatch import rows_of
from detectors.flow import FlowBatch, empty
from detectors.kernels import pushing as k
from detectors.kernels.state import PROBES
from detectors.watch import ranges

from .pushes import Push, PushCounts
from .settings import PushSettings

ROOM = 256  # pushes handed over at a time


class FastPushes:
    """See pushes.py."""

    def __init__(self, settings: PushSettings, internal: Networks) -> None:
        ports = np.zeros(65536, dtype=np.uint8)
        ports[sorted(settings.ports)] = 1
        size = max(1 << (settings.most_pairs - 1).bit_length(), 2 * PROBES)
        self._table = k.PushTable(
            pairs=np.zeros(size, dtype=k.PAIR),
            ports=ports,
            ranges=ranges(internal).reshape(-1),
            numbers=np.zeros(8, dtype=np.int64),
            out=np.zeros(ROOM, dtype=k.PUSH),
        )
        told = settings.pair_octets, settings.seen_octets, settings.window_ms
        self._table.numbers[[k.LEAST, k.SEEN, k.WINDOW]] = told

    @property
    def counts(self) -> PushCounts:
        """Counters up to now."""
        n = self._table.numbers
        return PushCounts(rows=int(n[k.ROWS]), pushes=int(n[k.FIRED]), evicted=int(n[k.LOST]))

    def take(self, batch: FlowBatch) -> Iterator[Push]:
        """Pushes of a batch, in the order of its rows."""
        rows, at = rows_of(batch), 0
        while at < len(batch):
            at = int(k.pushes(rows, self._table, at))
            found = self._table.out[: self._table.numbers[k.OUT]].tolist()
            self._table.numbers[k.OUT] = 0
            for src_hi, src_lo, dst_hi, dst_lo, at_ms, sent, port, known in found:
                yield Push(octets(src_hi, src_lo), octets(dst_hi, dst_lo), port, at_ms, sent, bool(known))


def warm() -> None:
    """Compile everything, or load it from the cache."""
    made = FastPushes(PushSettings(frozenset(), 1, 1, 1, 1), Networks(("10.0.0.0/8",)))
    list(made.take(empty(1)))
