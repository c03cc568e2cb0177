"""The watch, compiled: the same events as PlainWatch from the same rows, a hundred times as fast."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .address import Networks
from .event import words
from .flow import FlowBatch, empty
from .kernels import tables
from .kernels.reading import Rows
from .kernels.watching import mark, show, watch
from .watch import RING, Bucket, Events, PortRoles, WatchCounts, WatchSettings, ranges

ROOM = 2 * RING  # events of one row: what was kept of a source, one that is new, one of log-ins
ROLES_MS = 30_000  # event time after which roles of ports are asked again
ADDRESSES = ("agent", "src_addr", "dst_addr")


class FastWatch:
    """See watch.py."""

    def __init__(self, settings: WatchSettings, internal: Networks, roles: PortRoles, routers: frozenset[int]) -> None:
        self._roles = roles
        web = np.zeros(65536, dtype=np.uint8)
        web[sorted(settings.web)] = 1
        told = {
            "ranges": ranges(internal),
            "routers": np.array(sorted(routers), dtype=np.uint64),
            "classes": settings.classes,
            "web": web,
        }
        sizes = {"sources": settings.most_sources, "contacts": settings.most_contacts, "macs": settings.most_macs}
        self._state = tables.make(**sizes, out=ROOM, told=told)
        self._state.numbers[: tables.BUCKETS + 10] = _numbers(settings)
        self._asked_ms = 0

    @property
    def now_ms(self) -> int:
        """The latest time of any row."""
        return int(self._state.numbers[tables.NOW])

    @property
    def counts(self) -> WatchCounts:
        """Counters up to now."""
        n = self._state.numbers
        return WatchCounts(
            rows=int(n[tables.ROWS]),
            contacts=int(n[tables.CONTACTS]),
            forwarded=int(n[tables.FORWARDED]),
            suspicious=int(n[tables.SUSPICIOUS]),
            delivered=int(n[tables.DELIVERED]),
            evicted_sources=int(n[tables.LOST_SOURCES]),
            evicted_contacts=int(n[tables.LOST_CONTACTS]),
            evicted_macs=int(n[tables.LOST_MACS]),
        )

    def take(self, batch: FlowBatch) -> Iterator[Events]:
        """Events of a batch, in the order of its rows."""
        state, numbers = self._state, self._state.numbers
        rows, at = rows_of(batch), 0
        if self.now_ms - self._asked_ms > ROLES_MS:
            self._asked_ms = self.now_ms
            state.roles.fill(0)
        numbers[tables.ROWS] += len(batch)
        while at < len(batch):
            at = int(watch(rows, state, at))
            if numbers[tables.NEED]:
                self._ask(batch, at)
            elif numbers[tables.OUT]:
                numbers[tables.DELIVERED] += numbers[tables.OUT]
                yield self._emptied()

    def suspect(self, address: bytes) -> Events:
        """From now on this address is suspicious; gives its latest events."""
        high, low = (np.uint64(word) for word in words(address))
        mark(self._state, high, low)
        return self._emptied()

    def latest(self, address: bytes) -> Events:
        """Its latest events."""
        high, low = (np.uint64(word) for word in words(address))
        show(self._state, high, low)
        return self._emptied()

    def _emptied(self) -> Events:
        """What was handed over."""
        events: Events = self._state.out[: self._state.numbers[tables.OUT]].copy()
        self._state.numbers[tables.OUT] = 0
        return events

    def _ask(self, batch: FlowBatch, at: int) -> None:
        """The role of the port of a row, kept until it is asked again."""
        uplink = self._roles(batch["agent"][at].tobytes(), int(batch["in_if"][at])) == "uplink"
        if not tables.keep_role(self._state, self._state.numbers[tables.WANTED].astype(np.uint64), uplink):
            self._state.roles.fill(0)
            tables.keep_role(self._state, self._state.numbers[tables.WANTED].astype(np.uint64), uplink)


def _numbers(s: WatchSettings) -> list[int]:
    buckets = [n for b in (s.other, s.blind, s.login, s.session, s.sampled) for n in (b.full, b.leak)]
    return [
        0,
        s.answer_timeout_ms,
        s.memory_ms,
        s.suspicious_silent,
        s.suspicious_targets,
        s.suspicious_window_ms,
        s.sampled_targets,
        s.sampled_window_ms,
        s.router_window_ms,
        s.most_size,
        *buckets,
    ]


def rows_of(batch: FlowBatch) -> Rows:
    """The columns of a batch as the kernel was compiled for: writeable and contiguous, addresses as words."""
    kept = {}
    for name in Rows._fields:
        column = np.require(batch[name], requirements=("C", "A", "W"))
        kept[name] = column.view(np.uint64) if name in ADDRESSES else column
    return Rows(**kept)


def warm() -> None:
    """Compile everything, or load it from the cache."""
    one, none = Bucket(1, 1), frozenset[int]()
    ports = np.zeros(65536, dtype=np.uint8)
    tiny = WatchSettings(0, 0, 1, 1, 0, 1, 0, 0, one, one, one, one, one, 1, 2, 2, 2, ports, none)
    made = FastWatch(tiny, Networks(("10.0.0.0/8",)), lambda _agent, _port: None, none)
    list(made.take(empty(1)))
    made.suspect(bytes(16))
    made.latest(bytes(16))
