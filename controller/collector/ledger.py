"""What came from each exporter, and what never arrived: counted a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import heads as h
from . import streams as s
from .datagram import Arrivals, Decoded

MOST_STREAMS = 16_384
SETTLE_MS = 1000
NAMES = {h.STRANGE: "unknown", h.V1: "1", h.V5: "5", h.V9: "9", h.IPFIX: "10", h.SFLOW: "sflow5"}
ENOUGH_FITS = 3


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream: what one exporter numbers on its own (see streams.py). `number` is the sub-agent, engine, source id or domain;
    `meaning` what its sequence counts: `records-before`, `records-after` or `datagrams`; None while that is not proven. `lost`,
    in what it counts; `gaps` places where some were missing."""

    agent: bytes
    exporter: bytes
    version: str
    number: int
    datagrams: int
    records: int
    octets: int
    first_ms: int
    last_ms: int
    meaning: str | None
    lost: int
    gaps: int
    late: int
    restarts: int


MEANINGS = {s.BEFORE: "records-before", s.AFTER: "records-after", s.MESSAGE: "datagrams"}


class Ledger:
    """Belongs to the decoding thread; `lines` may be asked from any. Compiled when it is built, never at a first datagram.

    `generation` changes when streams were renumbered: who keeps something by their numbers starts again.
    """

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._streams = np.zeros((most, s.WIDTH), dtype=np.int64)  # only what is used of it ever takes memory
        self._index = np.zeros(1 << (4 * most - 1).bit_length(), dtype=np.int32)
        self._used = np.zeros(2, dtype=np.int64)
        self._settle_ms = 0
        self.generation = 0
        self.note(_nothing(), None)

    def __len__(self) -> int:
        return int(self._used[0])

    @property
    def not_followed(self) -> int:
        """Datagrams of streams that had no place."""
        return int(self._used[1])

    def note(self, arrivals: Arrivals, decoded: Decoded | None) -> NDArray[np.int32]:
        """Follow every datagram; gives the stream of each, -1 for those that had no place."""
        count = len(arrivals)
        if count:
            self.tick(int(arrivals.received_ms[-1]))
        agents = np.empty((count, 16), dtype=np.uint8)
        of = np.empty(count, dtype=np.int32)
        exporters = _fixed(np.ascontiguousarray(arrivals.exporters).view(np.int64).reshape(count, 2))
        bulk = (
            _fixed(arrivals.data),
            _fixed(arrivals.starts),
            _fixed(arrivals.ends),
            exporters,
            _fixed(arrivals.ports),
            _fixed(arrivals.received_ms),
        )
        room = agents, agents.view(np.int64).reshape(count, 2)
        s.note(bulk, _records(count, decoded), room, (self._streams, self._index, self._used), of)
        return of

    def lines(self) -> Iterator[Stream]:
        """Every stream, the one that came first before the others."""
        rows = self._streams[: len(self)]
        best, proven, _ = _weighed(rows)
        lanes = _lanes(rows)
        for n, row in enumerate(rows):
            kind = int(row[s.KIND])
            fits = lanes[n, :, s.FITS : s.FITS + 3].max(axis=1)
            lane = int(fits.argmax())  # where most is known
            told = [
                sum(int(lanes[n, k, what + best[n, k]]) for k in range(s.MOST_LANES) if proven[n, k])
                for what in (s.GAPS, s.LATE, s.RESTARTS)
            ]
            lost = int(lanes[n, :, s.BOOKED].sum() + row[s.OLD_LOST])
            yield Stream(
                agent=row[s.W0 : s.W1 + 1].tobytes(),
                exporter=row[s.X0 : s.X1 + 1].tobytes(),
                version=NAMES[kind],
                number=int(row[s.ID]),
                datagrams=int(row[s.DATAGRAMS]),
                records=int(row[s.RECORDS]),
                octets=int(row[s.OCTETS]),
                first_ms=int(row[s.FIRST_MS]),
                last_ms=int(row[s.LAST_MS]),
                meaning=MEANINGS[int(best[n, lane])] if proven[n, lane] and kind not in (h.STRANGE, h.V1) else None,
                lost=lost,
                gaps=told[0] + int(row[s.OLD_GAPS]) if lost else 0,
                late=told[1] + int(row[s.OLD_LATE]),
                restarts=told[2] + int(row[s.OLD_RESTARTS]),
            )

    def address(self, stream: int) -> bytes:
        """The device of a stream: agent or exporter."""
        return self._streams[stream, s.W0 : s.W1 + 1].tobytes()

    def kinds(self) -> NDArray[np.int64]:
        """The protocol of every stream (the kind of heads.head)."""
        return self._streams[: len(self), s.KIND]

    def settle(self) -> None:
        """Book what is lost for good: what was missing a second ago and still is."""
        rows = self._streams[: len(self)]
        lanes, lost = _lanes(rows), _weighed(rows)[2]
        lanes[:, :, s.BOOKED] = np.maximum(lanes[:, :, s.BOOKED], np.minimum(lanes[:, :, s.PENDING], lost))
        lanes[:, :, s.PENDING] = lost

    def tick(self, now_ms: int) -> None:
        """Settle, once a second; called with the time of what comes, and of the clock while nothing does."""
        if now_ms < self._settle_ms:
            return
        self._settle_ms = now_ms + SETTLE_MS
        self.settle()
        if len(self) >= len(self._streams):
            self._make_room()

    def _make_room(self) -> None:
        """Keep the half that was heard of last: source addresses can be forged, and exporters replaced."""
        newest = np.argsort(self._streams[:, s.LAST_MS], kind="stable")[len(self._streams) // 2 :]
        kept = self._streams[np.sort(newest)].copy()
        self._streams[:] = 0
        self._index[:] = 0
        self._used[0] = 0
        for row in kept:
            key = tuple(int(value) for value in row[s.W0 : s.ID + 1])
            self._streams[s.find(self._streams, self._index, self._used, key)] = row
        self.generation += 1


def _lanes(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """A view: streams, lanes, columns of a lane."""
    return rows[:, s.LANES :].reshape(len(rows), s.MOST_LANES, s.LANE_WIDTH)


def _weighed(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Of each lane the meaning that fits best, whether that is proven, and the least that is missing under the meanings that
    fit equally well: nothing before one is proven."""
    lanes, kinds = _lanes(rows), rows[:, s.KIND, None]
    fits = lanes[:, :, s.FITS : s.FITS + 3]
    most = fits.max(axis=2)
    standard = np.where((kinds == h.SFLOW) | (kinds == h.V9), s.MESSAGE, s.BEFORE) + np.zeros_like(most)
    of_standard = np.take_along_axis(fits, standard[:, :, None], axis=2)[:, :, 0]
    best = np.where(most > of_standard, fits.argmax(axis=2), standard)
    proven = (kinds == h.SFLOW) | (most >= ENOUGH_FITS)
    missing = lanes[:, :, s.LOST : s.LOST + 3]
    least = np.where(fits == most[:, :, None], missing, np.iinfo(np.int64).max).min(axis=2)
    lost = np.where(kinds == h.SFLOW, missing[:, :, s.MESSAGE], least)
    return best, proven, np.where(proven, lost, 0)


def _records(count: int, decoded: Decoded | None) -> NDArray[np.int32]:
    """Data records of each datagram, -1 where that is not known; and those of them that gave no row."""
    found = np.zeros((count, 2), dtype=np.int32)
    if decoded is not None:
        found[:, 0] = np.bincount(decoded.dgram, minlength=count)
        if decoded.silent is not None:
            found[:, 0] = np.where(decoded.silent < 0, -1, found[:, 0] + decoded.silent)
            found[:, 1] = decoded.silent
    return found


def _fixed(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """One kind of array, for compiled code is made for one kind."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _nothing() -> Arrivals:
    empty = np.empty(0, dtype=np.int64)
    return Arrivals(np.empty(0, np.uint8), empty, empty, np.empty((0, 16), np.uint8), np.empty(0, np.uint16), empty)
