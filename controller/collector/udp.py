"""Receive and decode: one thread drains the sockets and does nothing else, another decodes and hands on.

What cannot be kept is dropped where it is cheapest and counted there: by the kernel (its own counter is read), by the
queue between the two threads, or by the sink.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import structlog

from controller.core.clock import Clock
from controller.core.errors import ConfigError
from detectors.address import Networks
from detectors.flow import FlowBatch

from .bulk import MOST, BulkReceiver
from .config import CollectorConfig
from .datagram import Arrivals, Decoder, arrivals_of, joined

log = structlog.get_logger(__name__)
DRAIN = 8  # bulks taken from one socket before the next one has its turn
COALESCE_S = 0.002  # measured: halves the CPU of receiving, and no alert is decided by two milliseconds
MOST_EXPORTERS_COUNTED = 10_000

Sink = Callable[[FlowBatch], None]


@dataclass(slots=True)
class CollectorCounts:
    """Everything that came in and everything that was dropped. `trouble` is by (kind, exporter)."""

    datagrams: int = 0
    octets: int = 0
    rows: int = 0
    counter_samples: int = 0
    discard_events: int = 0
    not_allowed: int = 0
    oversize: int = 0  # datagrams longer than a slot of the receiver
    queue_drops: int = 0
    sink_failures: int = 0
    trouble: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    trouble_not_named: int = 0  # trouble of exporters beyond the number that is kept apart


class Collector:
    """UDP in, FlowBatch out. Inert until `start`; `stop` decodes what is queued before it returns."""

    def __init__(self, config: CollectorConfig, decoder: Decoder, sink: Sink, clock: Clock) -> None:
        self._config, self._decoder, self._sink, self._clock = config, decoder, sink, clock
        self._allowed = Networks(config.exporters) if config.exporters else None
        self._queue: deque[Arrivals] = deque()
        self._queued, self._counting = 0, threading.Lock()
        self._arrived, self._stop = threading.Event(), threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.counts = CollectorCounts()
        self.granted_buffer_bytes = 0

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """What it listens on now, with the ports the system gave for port 0."""
        return tuple((s.getsockname()[0], s.getsockname()[1]) for s in self._sockets)

    def start(self) -> None:
        """Bind every address, then start both threads. ConfigError if an address cannot be bound."""
        self._sockets = [self._bind(host, port) for host, port in self._config.addresses()]
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
        for sock in self._sockets:
            sock.close()

    def kernel_drops(self) -> int:
        """Datagrams the kernel dropped for want of buffer on our sockets (last column of /proc/net/udp and udp6)."""
        inodes = {_inode(sock) for sock in self._sockets}
        return sum(drops for inode, drops in _proc_drops() if inode in inodes)

    def _bind(self, host: str, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        wanted = self._config.receive_buffer_bytes
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
        self.granted_buffer_bytes = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # the kernel doubles it
        if self.granted_buffer_bytes < wanted:
            log.warning("receive buffer is smaller than asked", asked=wanted, granted=self.granted_buffer_bytes)
        try:
            sock.bind((host, port))
        except OSError as error:
            sock.close()
            raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}", where="collector.listen") from error
        sock.setblocking(False)
        return sock

    def _receive(self) -> None:
        with selectors.DefaultSelector() as selector:
            for sock in self._sockets:
                selector.register(sock, selectors.EVENT_READ, BulkReceiver(sock))
            while not self._stop.is_set():
                ready = selector.select(timeout=0.2)
                now_ms = self._clock.now_ms()
                full = [self._drain(key.data, now_ms) for key, _ in ready]
                if ready:
                    self._arrived.set()
                if ready and not any(full):
                    self._stop.wait(COALESCE_S)  # a few more have come by then, at the cost of one call

    def _drain(self, receiver: BulkReceiver, now_ms: int) -> bool:
        """Take what waits at a socket, a few calls at most; True if there may be more."""
        for _ in range(DRAIN):
            before = receiver.oversize
            try:
                arrivals = receiver.receive(now_ms)
            except OSError as error:
                log.warning("receive failed", error=str(error))
                return False
            self.counts.oversize += receiver.oversize - before
            if arrivals is None:
                return False
            self._take(arrivals)
            if len(arrivals) < MOST:
                return False
        return True

    def _take(self, arrivals: Arrivals) -> None:
        counts = self.counts
        counts.datagrams += len(arrivals)
        counts.octets += len(arrivals.data)
        if self._allowed is not None:
            arrivals = self._only_allowed(arrivals)
        room = self._config.queue_datagrams - self._queued
        if len(arrivals) > room:
            counts.queue_drops += len(arrivals) - max(room, 0)
            arrivals = arrivals_of(arrivals[: max(room, 0)])
        if len(arrivals):
            self._queue.append(arrivals)
            with self._counting:
                self._queued += len(arrivals)

    def _only_allowed(self, arrivals: Arrivals) -> Arrivals:
        """Exporters of the allow-list; the others are counted and dropped."""
        unique, which = np.unique(arrivals.exporters, axis=0, return_inverse=True)
        fine = np.array([self._is_allowed(address.tobytes()) for address in unique])[which.reshape(-1)]
        if fine.all():
            return arrivals
        self.counts.not_allowed += int((~fine).sum())
        return arrivals_of([arrivals[n] for n in np.flatnonzero(fine).tolist()])

    def _is_allowed(self, exporter: bytes) -> bool:
        return self._allowed is None or exporter in self._allowed

    def _decode(self) -> None:
        while True:
            self._arrived.wait(0.2)
            self._arrived.clear()
            if self._queue and self._config.flush_ms and not self._stop.is_set():
                self._stop.wait(self._config.flush_ms / 1000)  # let a batch gather; the receiver goes on meanwhile
            while self._queue:
                self._decode_some()
            if self._stop.is_set() and not self._threads[0].is_alive() and not self._queue:
                return

    def _decode_some(self) -> None:
        some = [self._queue.popleft()]
        size = len(some[0])
        while self._queue and size + len(self._queue[0]) <= self._config.batch_datagrams:
            some.append(self._queue.popleft())
            size += len(some[-1])
        with self._counting:
            self._queued -= size
        decoded = self._decoder.decode(joined(some))
        counts = self.counts
        counts.rows += len(decoded.batch)
        counts.counter_samples += sum(n.kind == "counter_sample" for n in decoded.notices)
        counts.discard_events += sum(n.kind == "discard_event" for n in decoded.notices)
        for place, number in decoded.trouble.items():
            if place in counts.trouble or len(counts.trouble) < MOST_EXPORTERS_COUNTED:
                counts.trouble[place] += number
            else:
                counts.trouble_not_named += number
        if not len(decoded.batch):
            return
        try:
            self._sink(decoded.batch)
        except Exception as error:  # noqa: BLE001 whatever a sink does, receiving goes on; it is counted and logged
            counts.sink_failures += 1
            log.warning("sink failed", error=str(error), rows=len(decoded.batch))


def _inode(sock: socket.socket) -> str:
    link = Path(f"/proc/self/fd/{sock.fileno()}")
    return str(link.readlink()).removeprefix("socket:[").removesuffix("]")


def _proc_drops() -> list[tuple[str, int]]:
    found = []
    for name in ("udp", "udp6"):
        path = Path("/proc/net") / name
        if path.exists():
            lines = [line.split() for line in path.read_text().splitlines()[1:]]
            found += [(columns[9], int(columns[-1])) for columns in lines if len(columns) > 12]
    return found
