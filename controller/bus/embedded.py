"""The embedded bus: a durable log on the local disk, for one machine, with nothing to install.

Several processes of the machine may produce and consume. What `flush` returned for survives kill -9 and power loss; a torn tail
is cut, damage in the middle is counted and stepped over, nothing is ever misread (CRC-32C per record).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path

from controller.core.clock import Clock

from .config import BusConfig
from .cursor import Cursor
from .group import Membership, Place
from .news import News
from .port import Message
from .segments import LogCounts, Outgoing, Partition

LOOK_S = 0.01  # how often a waiting consumer looks for what another process wrote
UNFLUSHED_S = 0.25  # what was only handed on is flushed this often while more comes
SHARE_S = 0.5  # how often the members of a group look at each other


class EmbeddedBus:
    """One folder: `topics/TOPIC/PARTITION/*.log` and `groups/GROUP/`."""

    def __init__(self, folder: Path, config: BusConfig, clock: Clock) -> None:
        self.folder, self._config, self.clock = folder, config, clock
        self._waiting: dict[str, tuple[News, ...]] = {}  # by topic, of the consumers here
        self._logs: dict[Place, Partition] = {}
        self._lock = threading.Lock()

    @property
    def partitions(self) -> int:
        """Partitions of each topic."""
        return self._config.partitions

    def log(self, topic: str, partition: int) -> Partition:
        """The log of a partition."""
        with self._lock:
            place = (topic, partition)
            if place not in self._logs:
                self._logs[place] = Partition(self.folder / "topics" / topic / str(partition), self._config)
            return self._logs[place]

    def arrived(self, place: Place) -> None:
        """Something was written: wake who waits for it."""
        for news in self._waiting.get(place[0], ()):
            news.tell(place)

    def tell(self, topics: Sequence[str], news: News) -> None:
        """From now on this is told when something arrives."""
        with self._lock:
            for topic in topics:
                self._waiting[topic] = (*self._waiting.get(topic, ()), news)

    def tell_no_more(self, news: News) -> None:
        """The other way."""
        with self._lock:
            for topic, waiting in self._waiting.items():
                self._waiting[topic] = tuple(one for one in waiting if one is not news)

    def counts(self) -> LogCounts:
        """What happened to the partitions used here."""
        each = [astuple(log.counts) for log in list(self._logs.values())]
        return LogCounts(*map(sum, zip(*each, strict=True)))

    def producer(self, writer: str) -> EmbeddedProducer:
        """A producer."""
        return EmbeddedProducer(self, writer)

    def consumer(self, topics: Sequence[str], group: str) -> EmbeddedConsumer:
        """A member of a group."""
        places = [(topic, partition) for topic in topics for partition in range(self.partitions)]
        return EmbeddedConsumer(self, Membership(self.folder / "groups" / group, places), topics)

    def close(self) -> None:
        """Nothing is open between calls."""


class EmbeddedProducer:
    """Collects messages; `flush` appends them, one write and one sync a partition.

    Consumers here are woken as soon as it is written: the disk's flush, milliseconds long, goes on beside what they do. What
    they make of it is not committed before it is on the disk (`EmbeddedConsumer.commit`).
    """

    def __init__(self, bus: EmbeddedBus, writer: str) -> None:
        self._bus, self._writer = bus, writer
        self._waiting: dict[Place, list[Outgoing]] = defaultdict(list)
        self._lock = threading.Lock()
        self._unflushed: set[Partition] = set()
        self._flushed_s = 0.0

    def send(self, topic: str, partition: int, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Keep a message until the next flush."""
        if not 0 <= partition < self._bus.partitions:
            raise ValueError(f"topic {topic} has no partition {partition}")
        with self._lock:
            self._waiting[topic, partition].append((payload, {"writer": self._writer, **(headers or {})}))

    def flush(self) -> None:
        """Make everything durable. What could not be written stays for the next flush."""
        with self._lock:
            self._append(durable=True)
            for log in list(self._unflushed):
                log.flush()
                self._unflushed.discard(log)

    def hand_on(self) -> None:
        """Let everything be read; every `UNFLUSHED_S` it is flushed, too."""
        now_s = self._bus.clock.monotonic_s()
        if now_s - self._flushed_s >= UNFLUSHED_S:
            self._flushed_s = now_s
            self.flush()
            return
        with self._lock:
            self._append(durable=False)

    def _append(self, *, durable: bool) -> None:
        for place in list(self._waiting):
            log, written = self._bus.log(*place), partial(self._bus.arrived, place)
            log.append(self._waiting[place], self._bus.clock.now_ms(), written, durable=durable)
            (self._unflushed.discard if durable else self._unflushed.add)(log)
            del self._waiting[place]

    def close(self) -> None:
        """Flush what is left."""
        self.flush()


class EmbeddedConsumer:
    """Reads its share of the partitions from where the group was."""

    def __init__(self, bus: EmbeddedBus, member: Membership, topics: Sequence[str]) -> None:
        self._bus, self._member = bus, member
        self._news = News()
        bus.tell(topics, self._news)
        self._cursors: dict[Place, Cursor] = {}
        self._shared_s = -SHARE_S
        self._turn = 0
        self._looked_s = -LOOK_S  # when the last look at all partitions began

    def poll(self, timeout_ms: int, most: int = 500) -> Sequence[Message]:
        """What has come, waiting up to `timeout_ms` for something to come."""
        deadline = self._bus.clock.monotonic_s() + timeout_ms / 1000
        while True:
            news = self._news.take()
            self._share()
            found = self._read(most, news)
            now_s = self._bus.clock.monotonic_s()
            if found or now_s >= deadline:
                return found
            self._news.wait(max(0.0, min(self._looked_s + LOOK_S, deadline) - now_s))

    def commit(self) -> bool:
        """The group goes on behind everything that poll has returned, all of which is on the disk then: after a power cut no
        offset may point behind the end of its log."""
        for cursor in self._cursors.values():
            cursor.sync()
        self._member.commit({place: cursor.offset for place, cursor in self._cursors.items()})
        return True

    def rewind(self, topic: str, partition: int, to_ms: int) -> None:
        """Go to the first message at or after `to_ms`, or to the end."""
        self._cursor((topic, partition)).seek_time(to_ms)

    def assignment(self) -> frozenset[Place]:
        """Partitions this consumer reads now."""
        self._share()
        return self._member.held

    def close(self) -> None:
        """Leave the group."""
        self._bus.tell_no_more(self._news)
        self._member.leave()

    def _share(self) -> None:
        now_s = self._bus.clock.monotonic_s()
        if now_s - self._shared_s < SHARE_S:
            return
        self._shared_s = now_s
        for place in self._member.share():
            self._cursors[place] = Cursor(self._bus.log(*place), self._member.committed(place))
        for place in set(self._cursors) - self._member.held:
            del self._cursors[place]

    def _cursor(self, place: Place) -> Cursor:
        if place not in self._cursors:
            raise ValueError(f"{place} is not assigned to this consumer")
        return self._cursors[place]

    def _read(self, most: int, news: set[Place]) -> list[Message]:
        found: list[Message] = []
        places = self._places(news)
        for index in range(len(places)):
            place = places[(index + self._turn) % len(places)]
            for item in self._cursors[place].read(most - len(found)):
                found.append(Message(*place, item.offset, item.timestamp_ms, item.payload, item.headers))
            if len(found) >= most:
                break
        return found

    def _places(self, news: set[Place]) -> list[Place]:
        """Where to look now: where this process wrote, or everywhere, which has its turn however much is written here."""
        now_s = self._bus.clock.monotonic_s()
        told = sorted(news & self._cursors.keys()) if now_s - self._looked_s < LOOK_S else []
        if told:
            return told
        self._looked_s = now_s
        self._turn += 1  # every partition is first at some time, so that a busy one starves none
        return sorted(self._cursors)
