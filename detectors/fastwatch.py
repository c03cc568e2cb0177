"""The watch, compiled: the same events as PlainWatch from the same rows, a hundred times as fast."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .address import Networks
from .alert import Response
from .contact import TCP, Contact
from .episode import GO_ON, GO_ON_MS, Episode
from .event import EVENT, words
from .fastvictims import FastVictims
from .flow import BY_NAME, FlowBatch, empty
from .kernels import state as places
from .kernels.further import hold, mark, show
from .kernels.reading import Rows
from .kernels.tables import keep_role
from .kernels.views import addresses
from .kernels.watching import watch
from .victims import SourceKey, Victims
from .watch import MOST_HELD, NEVER, RING, Bucket, Events, Going, PortRoles, WatchCounts, WatchSettings, ranges

ROOM = (
    MOST_HELD + 2 * RING
)  # answers, and events of one row: what was kept of a source, one that is new, one of log-ins
ADDRESSES = ("agent", "src_addr", "dst_addr")
WANTED = {name: np.dtype(BY_NAME[name].dtype) for name in Rows._fields}


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
        self._state = places.make(
            sources=settings.most_sources,
            contacts=settings.most_contacts,
            macs=settings.most_macs,
            acting=settings.most_acting,
            victims=settings.most_victims,
            out=ROOM,
            told=told,
        )
        self._state.numbers[: places.BUCKETS + 10] = _numbers(settings)
        self._state.numbers[places.FRESH : places.FRESH + 5] = _of_new_pairs(settings)
        more = [places.QUIET, places.GO_ON, places.GO_ON_MS, places.WAKE]
        self._state.numbers[more] = settings.quiet_ms, GO_ON, GO_ON_MS, NEVER
        self._words = places.words_of(self._state)
        self._numbers = memoryview(self._state.numbers)  # twice as fast, one by one
        self._version: object = None
        self._held: dict[int, tuple[SourceKey, Going]] = {}  # acting sources by their places
        self._went_on: dict[SourceKey, None] = {}
        self._victims = FastVictims(self._state, self._words, settings.memory_ms)

    def touch(self) -> None:
        """See watch.py."""
        places.touch(self._state)

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
            further=int(n[places.FURTHER]),
            evicted_sources=int(n[places.LOST_SOURCES]),
            evicted_contacts=int(n[places.LOST_CONTACTS]),
            evicted_macs=int(n[places.LOST_MACS]),
            evicted_victims=int(n[places.LOST_VICTIMS]),
        )

    @property
    def victims(self) -> Victims:
        """Whom acting sources reached."""
        return self._victims

    def take(self, batch: FlowBatch) -> Iterator[Events]:
        """Events of a batch, in the order of its rows."""
        numbers, at, count = self._numbers, 0, len(batch)
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
                self._settle()
                yield self._emptied()
        self._settle()

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

    def acting(self, key: SourceKey, episode: Going) -> None:
        """Its further contacts are only counted, while this goes on."""
        self._settle()
        high, low = (np.uint64(word) for word in words(key[0]))
        place = hold(self._words, high, low, np.uint64(key[1]), episode.last_ms, episode.fresh, episode.fresh_ms)
        self._victims.any = True
        if place >= 0:
            self._held[place] = (key, episode)

    def went_on(self) -> list[SourceKey]:
        """Acting sources that did since this was asked last."""
        found = list(self._went_on)
        self._went_on.clear()
        return found

    def wake(self, at_ms: int) -> None:
        """Something waits for this time."""
        self._numbers[places.WAKE] = at_ms

    def _settle(self) -> None:
        """What was counted of acting sources goes into their episodes."""
        count = self._numbers[places.CHANGED]
        if not count:
            return
        self._numbers[places.CHANGED] = 0
        for place in self._state.changed[:count].tolist():
            acting, (key, episode) = self._state.acting[place], self._held[place]
            episode.last_ms = max(episode.last_ms, int(acting["last_ms"]))
            episode.fresh, episode.fresh_ms = int(acting["fresh"]), int(acting["fresh_ms"])
            acting["changed"] = 0
            self._went_on[key] = None

    def _emptied(self) -> Events:
        """What was handed over."""
        size = self._numbers[places.OUT]
        events: Events = np.frombuffer(self._state.out[:size].tobytes(), dtype=EVENT)  # a copy, faster than copy()
        self._numbers[places.OUT] = self._numbers[places.HELD] = 0
        return events

    def _ask(self, batch: FlowBatch, at: int) -> None:
        """The role of the port of a row, kept until it is asked again."""
        uplink = self._roles(batch["agent"][at].tobytes(), int(batch["in_if"][at])) == "uplink"
        keep_role(self._state.roles, np.uint64(self._numbers[places.WANTED] & (1 << 64) - 1), np.uint64(uplink))


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


def _of_new_pairs(s: WatchSettings) -> list[int]:
    return [s.fresh.full, s.fresh.leak, s.fresh_ms, s.fresh_gap_ms, s.fresh_alike]


def rows_of(batch: FlowBatch) -> Rows:
    """The columns of a batch as kernels read them: of the schema's dtypes, writeable and contiguous, addresses as words."""
    kept = []
    for name, dtype in WANTED.items():
        column = batch[name]
        if column.dtype != dtype or not column.flags.carray:
            column = np.require(column, dtype=dtype, requirements=("C", "A", "W"))
        kept.append(column.reshape(-1).view(np.uint64) if name in ADDRESSES else column)
    return Rows(*kept)


def warm() -> None:
    """Compile everything, or load it from the cache."""
    one, none = Bucket(1, 1), frozenset[int]()
    ports = np.zeros(65536, dtype=np.uint8)
    tiny = WatchSettings(
        0, 0, 1, 1, 0, 1, 0, 0, 0, one, one, one, one, one, one, 0, 0, 7, 1, 2, 2, 2, 2, 2, 0, ports, none
    )
    made = FastWatch(tiny, Networks(("10.0.0.0/8",)), lambda _agent, _port: None, none)
    list(made.take(empty(1)))
    made.suspect(bytes(16))
    made.latest(bytes(16))
    made.acting((bytes(16), 0), Episode("", Response.NONE, 0))
    keep_role(made._state.roles, np.uint64(2), np.uint64(0))
    contact = Contact((TCP, 0, bytes(16)), 0)
    made.victims.note((bytes(16), 0), contact)
    made.victims.of(bytes(16), contact)
