"""The watch over all rows: it dismisses what cannot matter and hands the rest to the detectors, as events.

Most rows repeat a contact that is known. Only a source that looks suspicious (contacts that nobody answered, many new targets of
one service) is handed over, with its latest events; from then on all its new contacts are. And a pair whose connections come
faster than its bucket leaks is reported (LOGINS). The rules are in `PlainWatch`; kernels/watch.py is the same, compiled, and the
tests hold both to the same events. This file is the interface and the settings of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .address import Networks
from .event import EVENT, words
from .flow import FlowBatch
from .victims import SourceKey, Victims

# Agent (16 octets), ifIndex -> "edge", "uplink" or None = unknown. One whose answers change has a `version`, which changes too.
PortRoles = Callable[[bytes, int], str | None]
Events = NDArray[Any]  # of dtype EVENT

RING = 8  # latest first contacts kept of a source that is not suspicious
ECHO_FEWER = (
    2  # echo requests that pass for many are so many fewer: between connections, a fast sweep by them would not show
)
PORTS = 4  # client ports kept of a pair, to count no connection twice
UNIT = 1000  # a connection in a bucket
MOST_COUNTED, MOST_VOTES = 65535, 30000  # counting of one pair's connections ends here
OTHER, LOGIN, SESSION, QUIET = 0, 1, 2, 3  # classes of service ports
TELL_MS = 1000  # so often at most it is told that an acting source came in elsewhere
MOST_HELD = 64  # answers that are told with the next event
NEVER = 2**62


@dataclass(frozen=True, slots=True)
class Bucket:
    """A leaking bucket: full at `full`, losing `leak` a second, both in thousandths of a connection."""

    full: int
    leak: int


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """What the watch is told; see catalog.yaml for reasons."""

    answer_timeout_ms: int
    memory_ms: int
    suspicious_silent: int  # contacts without an answer
    suspicious_targets: int  # new targets of one service
    suspicious_window_ms: int
    sampled_targets: int
    sampled_window_ms: int
    calm_ms: int  # so long after it looked suspicious last, a source whose contacts were answered is so no more
    router_window_ms: int
    other: Bucket  # where sizes are known and alike
    blind: Bucket  # where sizes are not known
    login: Bucket
    session: Bucket
    sampled: Bucket  # login and session services, seen through samples
    fresh: Bucket  # as `other`, where the pair is new
    fresh_ms: int  # how long it is
    fresh_gap_ms: int  # between two connections of one of these that are alike, on average; slower ones are as `other`
    fresh_alike: int  # tenths by which those of one size outnumber the others there
    most_size: int  # quarter octaves; a log-in is no larger
    most_sources: int
    most_contacts: int  # of all sources together
    most_macs: int
    most_victims: int  # remembered touches of victims, and as many first ones
    most_acting: int
    quiet_ms: int  # an episode ends after so long without a new contact
    classes: NDArray[np.uint8]  # of every port
    web: frozenset[int]  # ports on which contacts with the outside are nobody's sweep


@dataclass(slots=True)
class WatchCounts:
    """What the watch did and what it had to forget."""

    rows: int = 0
    contacts: int = 0
    forwarded: int = 0
    suspicious: int = 0
    delivered: int = 0
    further: int = 0  # contacts of acting sources: counted, not delivered
    evicted_sources: int = 0
    evicted_contacts: int = 0
    evicted_macs: int = 0
    evicted_victims: int = 0


class Going(Protocol):
    """An open episode, as far as new contacts keep it open."""

    last_ms: int
    fresh: int
    fresh_ms: int

    def go_on(self, at_ms: int) -> None:
        """One more new contact."""
        ...


class Watch(Protocol):
    """Rows in, events out."""

    @property
    def counts(self) -> WatchCounts:
        """Counters up to now."""
        ...

    @property
    def now_ms(self) -> int:
        """The latest time of any row."""
        ...

    @property
    def victims(self) -> Victims:
        """Whom acting sources reached."""
        ...

    def take(self, batch: FlowBatch) -> Iterator[Events]:
        """Events of a batch, row by row: what is marked with `suspect` in between holds from the next row on.

        An answer in time makes nobody an attacker, so it is told together with the next event, or at the end of the batch, unless
        something waits for this time (`wake`)."""
        ...

    def suspect(self, address: bytes) -> Events:
        """From now on this address is suspicious; gives its latest events."""
        ...

    def latest(self, address: bytes) -> Events:
        """Its latest events, as they came in at edge ports."""
        ...

    def acting(self, key: SourceKey, episode: Going) -> None:
        """The open episode of this source asks for all there is: until it is over the watch counts its further contacts itself,
        notes whom it reaches, and hands over only what comes back to the contacts it had by now."""
        ...

    def went_on(self) -> Sequence[SourceKey]:
        """Acting sources that made further contacts since this was asked last; their episodes say so already."""
        ...

    def touch(self) -> None:
        """Take the memory of the tables now, not while the first flows of an attack are looked at."""
        ...

    def wake(self, at_ms: int) -> None:
        """Something waits for this time: an acting source's next contact then is told as an event ON. NEVER: nothing does."""
        ...


def pack(events: Iterable[Mapping[str, int]]) -> Events:
    """Plain events as an array."""
    kept = list(events)
    packed = np.zeros(len(kept), dtype=EVENT)
    for at, event in enumerate(kept):
        for name, value in event.items():
            packed[at][name] = value
    return packed


def ranges(networks: Networks) -> NDArray[np.uint64]:
    """Prefixes as sorted ranges that do not touch: rows of (first high, first low, last high, last low)."""
    spans = []
    for network in networks.prefixes:
        first, last = _mapped(network.network_address.packed), _mapped(network.broadcast_address.packed)
        spans.append((int.from_bytes(first, "big"), int.from_bytes(last, "big")))
    merged: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    rows = [(*words(low.to_bytes(16, "big")), *words(high.to_bytes(16, "big"))) for low, high in merged]
    return np.array(rows, dtype=np.uint64).reshape(-1, 4)


def _mapped(packed: bytes) -> bytes:
    return packed if len(packed) == 16 else bytes(10) + b"\xff\xff" + packed


def classes(*, quiet: Sequence[int], login: Sequence[int], session: Sequence[int]) -> NDArray[np.uint8]:
    """The class of every port."""
    found = np.zeros(65536, dtype=np.uint8)
    for ports, which in ((quiet, QUIET), (login, LOGIN), (session, SESSION)):
        found[list(ports)] = which
    return found
