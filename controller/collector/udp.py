"""Receive and decode: one thread drains the sockets and does nothing else, another decodes and hands on.

What cannot be kept is dropped where it is cheapest and counted there: by the kernel (its own counter is read), by the
queue between the two threads, or by the sink.
"""

from __future__ import annotations

import selectors
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import structlog

from controller.core.clock import Clock
from controller.core.histogram import Histogram
from controller.core.precedence import nobody
from detectors.address import Networks
from detectors.flow import FlowBatch

from .bulk import BulkReceiver, Enter, plain_enter
from .config import CollectorConfig
from .datagram import Arrivals, Decoder
from .ledger import Ledger
from .piles import Piles
from .refine import Refiner
from .sockets import Sockets

log = structlog.get_logger(__name__)
ROOMY = 1024 * 1024  # octets of kernel buffer that last for the coalescing wait
BUSY = 16  # datagrams in one bulk
ENOUGH = 1024  # datagrams to wait for when they come fast: more saves little, and the kernel has to hold them meanwhile
DRAIN = 8  # bulks taken from one socket before the next one has its turn
MOST_EXPORTERS_COUNTED = 10_000
BATCH_SIZES = (1, 4, 16, 64, 256, 1024, 4096, 16_384)

Sink = Callable[[FlowBatch], None]


@dataclass(slots=True)
class CollectorCounts:
    """Everything that came in and everything that was dropped. `trouble` is by (kind, exporter)."""

    datagrams: int = 0  # received
    octets: int = 0  # of UDP payload received
    rows: int = 0  # decoded: flow records, and sampled packets of sFlow
    counter_samples: int = 0  # of sFlow; not kept
    discard_events: int = 0  # of sFlow; not kept
    not_allowed: int = 0  # datagrams of senders that collector.exporters does not name
    oversize: int = 0  # datagrams longer than the largest that is received
    queue_drops: int = 0  # datagrams dropped because the decoder, or the bus behind it, was behind
    sink_failures: int = 0  # batches that the bus refused with an unexpected error
    trouble: Counter[tuple[str, bytes]] = field(default_factory=Counter)  # datagrams that could not be read to the end
    trouble_not_named: int = 0  # trouble of exporters beyond the number that is kept apart


class Collector:
    """UDP in, FlowBatch out. Inert until `start`; `stop` decodes what is queued before it returns."""

    def __init__(
        self,
        config: CollectorConfig,
        decoder: Decoder,
        sink: Sink,
        clock: Clock,
        *,
        enter: Enter = plain_enter,
        give_way: Callable[[], None] = nobody,
    ) -> None:
        """`give_way` waits while something else goes first; datagrams are received meanwhile, not decoded."""
        self._give_way = give_way
        self._config, self._decoder, self._sink, self._clock, self._enter = config, decoder, sink, clock, enter
        self._allowed = Networks(config.exporters) if config.exporters else None
        self._last_batch = 0
        self._piles = Piles(config.batch_datagrams, config.queue_datagrams)
        self._arrived, self._stop = threading.Event(), threading.Event()
        self._sockets: Sockets | None = None
        self._threads: list[threading.Thread] = []
        self._counts = CollectorCounts()
        self.granted_buffer_bytes = 0
        self.batches = Histogram(BATCH_SIZES)  # datagrams decoded in one go
        self.ledger = Ledger()
        self.refiner = Refiner(config, self.ledger)

    @property
    def counts(self) -> CollectorCounts:
        """What came in and what was dropped, as of now."""
        self._counts.oversize, self._counts.queue_drops = self._piles.oversize, self._piles.dropped
        return self._counts

    @property
    def queued(self) -> int:
        """Datagrams that wait for the decoder."""
        return len(self._piles)

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """What it listens on now, with the ports the system gave for port 0."""
        return self._sockets.addresses if self._sockets else ()

    def start(self) -> None:
        """Bind every address, then start both threads. ConfigError if an address cannot be bound."""
        self._sockets = Sockets(self._config)
        self.granted_buffer_bytes = self._sockets.granted_bytes
        for name, run in (("receive", self._receive), ("decode", self._decode)):
            thread = threading.Thread(target=run, name=f"cordon-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop receiving, decode what is queued, close the sockets."""
        self._stop.set()
        self._arrived.set()
        for thread in self._threads:
            thread.join(timeout_s)
        if self._sockets:
            self._sockets.close()

    def kernel_drops(self) -> int:
        """Datagrams the kernel dropped for want of buffer on our sockets (last column of /proc/net/udp and udp6)."""
        return self._sockets.drops() if self._sockets else 0

    def _receive(self) -> None:
        sockets = self._sockets.sockets if self._sockets else []
        receivers = [BulkReceiver(sock, self._enter) for sock in sockets]
        with selectors.DefaultSelector() as selector:
            for sock in sockets:
                selector.register(sock, selectors.EVENT_READ)
            last_ms = self._clock.now_ms()
            while not self._stop.is_set():
                now_ms = self._clock.now_ms()
                since_ms, last_ms = now_ms - last_ms, now_ms
                taken, more = 0, False
                for receiver in receivers:
                    count, full = self._drain(receiver, now_ms)
                    taken, more = taken + count, more or full
                if not taken:
                    selector.select(timeout=0.2)
                    continue
                if not self._arrived.is_set():
                    self._arrived.set()
                if not more:
                    time.sleep(self._coalesce_s(taken, since_ms))
            for receiver in receivers:  # what waits at a socket would be lost with it
                self._drain(receiver, self._clock.now_ms())

    def _coalesce_s(self, taken: int, since_ms: int) -> float:
        """How long to let more come, which are then taken at the cost of one call; `taken` came in `since_ms`."""
        config = self._config
        wait_ms: float = config.coalesce_ms
        if taken >= BUSY:
            wait_ms = min(config.coalesce_busy_ms, ENOUGH * max(since_ms, 1) / taken)
        if self.granted_buffer_bytes < ROOMY:  # such a one is full after a few milliseconds of fast exporters
            wait_ms = min(wait_ms, 1)
        return wait_ms / 1000

    def _drain(self, receiver: BulkReceiver, now_ms: int) -> tuple[int, bool]:
        """Take what waits at a socket, a few calls at most: how many, and whether there may be more."""
        taken = 0
        for _ in range(DRAIN):
            try:
                count, more = self._piles.receive(receiver, now_ms)
            except OSError as error:
                log.warning("receive failed", error=str(error))
                break
            taken += count
            if not more:
                return taken, False
        return taken, True

    def _only_allowed(self, arrivals: Arrivals) -> Arrivals:
        """Exporters of the allow-list; the others are counted and dropped."""
        unique, which = np.unique(arrivals.exporters, axis=0, return_inverse=True)
        fine = np.array([self._is_allowed(address.tobytes()) for address in unique])[which.reshape(-1)]
        if fine.all():
            return arrivals
        self._counts.not_allowed += int((~fine).sum())
        return arrivals.where(fine)

    def _is_allowed(self, exporter: bytes) -> bool:
        return self._allowed is None or exporter in self._allowed

    def _decode(self) -> None:
        while True:
            self._arrived.wait(0.2)
            self._arrived.clear()
            only_full = False
            if len(self._piles) and self._config.flush_ms and not self._stop.is_set():
                only_full = self._gather_some()
                self._give_way()
            ended = self._stop.is_set() and not self._threads[0].is_alive()
            taken = 0
            while (pile := self._piles.take(only_full=only_full)) is not None:
                taken += len(pile)
                self._decode_some(pile.arrivals())
                self._piles.give_back(pile)
                if not self._stop.is_set():
                    self._give_way()  # more came meanwhile, and may go on coming
            if only_full:
                self._arrived.set()  # what came meanwhile gathers in its turn: small batches cost as much as large ones
            self.ledger.tick(self._clock.now_ms())
            self._last_batch = taken or self._last_batch
            if ended:
                return

    def _gather_some(self) -> bool:
        """Let a batch gather; the receiver goes on meanwhile. Gives whether a pile was full before the time was over."""
        config, filled = self._config, self._piles.filled
        if self._last_batch < config.quiet_datagrams:
            return filled.wait(min(config.flush_quiet_ms, config.flush_ms) / 1000)
        if filled.wait(config.flush_ms / 1000):
            return True
        if len(self._piles) < config.busy_datagrams:
            return False
        return filled.wait(max(config.flush_busy_ms - config.flush_ms, 0) / 1000)

    def _decode_some(self, arrivals: Arrivals) -> None:
        counts = self._counts
        self.batches.add(len(arrivals))
        counts.datagrams += len(arrivals)
        counts.octets += arrivals.octets
        if self._allowed is not None:
            arrivals = self._only_allowed(arrivals)
        decoded = self._decoder.decode(arrivals)
        counts.rows += len(decoded.batch)
        counts.counter_samples += decoded.noticed("counter_sample")
        counts.discard_events += decoded.noticed("discard_event")
        for place, number in decoded.trouble.items():
            if place in counts.trouble or len(counts.trouble) < MOST_EXPORTERS_COUNTED:
                counts.trouble[place] += number
            else:
                counts.trouble_not_named += number
        batch = self.refiner(decoded.batch, decoded.dgram, self.ledger.note(arrivals, decoded))
        if not len(batch):
            return
        try:
            self._sink(batch)
        except Exception as error:  # noqa: BLE001 whatever a sink does, receiving goes on; it is counted and logged
            counts.sink_failures += 1
            log.warning("sink failed", error=str(error), rows=len(batch))
