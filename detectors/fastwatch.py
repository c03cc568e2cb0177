"""The watch, compiled: the same events as PlainWatch from the same rows, a hundred times as fast."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .address import Networks
from .event import words
from .flow import BY_NAME, FlowBatch, empty
from .kernels import state as places
from .kernels.reading import Rows
from .kernels.tables import keep_role
from .kernels.views import addresses
from .kernels.watching import mark, show, watch
from .watch import RING, Bucket, Events, PortRoles, WatchCounts, WatchSettings, ranges

ROOM = 2 * RING  # events of one row: what was kept of a source, one that is new, one of log-ins
ADDRESSES = ("agent", "src_addr", "dst_addr")


class FastWatch:
    """See watch.py."""

    def __init__(self, settings: WatchSettings, internal: Networks, roles: PortRoles, routers: frozenset[int]) -> None:
        self._roles = roles
        web = np.zeros(65536, dtype=np.uint8)
        web[sorted(settings.web)] = 1
        told = {
            "ranges": ranges(internal).reshape(-1),
            "routers": np.array(sorted(routers), dtype=np.uint64),
            "classes": settings.classes,
            "web": web,
        }
        sizes = {"sources": settings.most_sources, "contacts": settings.most_contacts, "macs": settings.most_macs}
        self._state = places.make(**sizes, out=ROOM, told=told)
        self._state.numbers[: places.BUCKETS + 10] = _numbers(settings)
        self._words = places.words_of(self._state)
        self._version: object = None

    @property
    def now_ms(self) -> int:
        """The latest time of any row."""
        return int(self._state.numbers[places.NOW])

    @property
    def counts(self) -> WatchCounts:
        """Counters up to now."""
        n = self._state.numbers
        return WatchCounts(
            rows=int(n[places.ROWS]),
            contacts=int(n[places.CONTACTS]),
            forwarded=int(n[places.FORWARDED]),
            suspicious=int(n[places.SUSPICIOUS]),
            delivered=int(n[places.DELIVERED]),
            evicted_sources=int(n[places.LOST_SOURCES]),
            evicted_contacts=int(n[places.LOST_CONTACTS]),
            evicted_macs=int(n[places.LOST_MACS]),
        )

    def take(self, batch: FlowBatch) -> Iterator[Events]:
        """Events of a batch, in the order of its rows."""
        numbers, at, count = self._state.numbers, 0, len(batch)
        rows = rows_of(batch)
        words = addresses(rows)
        version = getattr(self._roles, "version", None)
        if version != self._version:
            self._version = version
            self._state.roles.fill(0)
        numbers[places.ROWS] += count
        while at < count:
            at = watch(words, self._words, at)
            if numbers[places.NEED]:
                self._ask(batch, at)
            elif numbers[places.OUT]:
                numbers[places.DELIVERED] += numbers[places.OUT]
                yield self._emptied()

    def suspect(self, address: bytes) -> Events:
        """From now on this address is suspicious; gives its latest events."""
        high, low = (np.uint64(word) for word in words(address))
        mark(self._words, high, low)
        return self._emptied()

    def latest(self, address: bytes) -> Events:
        """Its latest events."""
        high, low = (np.uint64(word) for word in words(address))
        show(self._words, high, low)
        return self._emptied()

    def _emptied(self) -> Events:
        """What was handed over."""
        events: Events = self._state.out[: self._state.numbers[places.OUT]].copy()
        self._state.numbers[places.OUT] = 0
        return events

    def _ask(self, batch: FlowBatch, at: int) -> None:
        """The role of the port of a row, kept until it is asked again."""
        uplink = self._roles(batch["agent"][at].tobytes(), int(batch["in_if"][at])) == "uplink"
        keep_role(self._state, int(self._state.numbers[places.WANTED]) & (1 << 64) - 1, uplink)


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
        s.calm_ms,
        *buckets,
    ]


def rows_of(batch: FlowBatch) -> Rows:
    """The columns of a batch as kernels read them: of the schema's dtypes, writeable and contiguous, addresses as words."""
    kept = {}
    for name in Rows._fields:
        column = np.require(batch[name], dtype=BY_NAME[name].dtype, requirements=("C", "A", "W"))
        kept[name] = column.reshape(-1).view(np.uint64) if name in ADDRESSES else column
    return Rows(**kept)


def warm() -> None:
    """Compile everything, or load it from the cache."""
    one, none = Bucket(1, 1), frozenset[int]()
    ports = np.zeros(65536, dtype=np.uint8)
    tiny = WatchSettings(0, 0, 1, 1, 0, 1, 0, 0, 0, one, one, one, one, one, 1, 2, 2, 2, ports, none)
    made = FastWatch(tiny, Networks(("10.0.0.0/8",)), lambda _agent, _port: None, none)
    list(made.take(empty(1)))
    made.suspect(bytes(16))
    made.latest(bytes(16))
