"""Pushes in plain Python: the rules, readable, and the oracle of the compiled ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detectors.address import Networks
from detectors.event import EPHEMERAL, WELL_KNOWN, Quality, is_v4
from detectors.flow import FlowBatch, Has
from detectors.plainparts import quality, via
from detectors.state import BoundedTable

from .pushes import Push, PushCounts
from .settings import PushSettings

WANTED = Has.PORTS | Has.ADDRESSES | Has.BYTES


@dataclass(slots=True)
class _Pair:
    since_ms: int
    via: Any
    octets: int = 0
    seen: int = 0
    fired: bool = False


class PlainPushes:
    """See pushes.py."""

    def __init__(self, settings: PushSettings, internal: Networks) -> None:
        self._s, self._internal = settings, internal
        self._pairs: BoundedTable[tuple[bytes, bytes], _Pair] = BoundedTable(settings.most_pairs)
        self._counts = PushCounts()

    @property
    def counts(self) -> PushCounts:
        """Counters up to now."""
        self._counts.evicted = self._pairs.evictions
        return self._counts

    def take(self, batch: FlowBatch) -> Iterator[Push]:
        """Pushes of a batch, in the order of its rows."""
        for row in batch.rows():
            found = self._row(row)
            if found is not None:
                yield found

    def _row(self, row: Mapping[str, Any]) -> Push | None:
        if row["dst_port"] not in self._s.ports or row["proto"] != 6 or row["has"] & WANTED != WANTED:
            return None
        server, client = row["dst_port"], row["src_port"]
        if not (server < WELL_KNOWN <= client or server < EPHEMERAL <= client):
            return None
        src, dst, at_ms = row["src_addr"], row["dst_addr"], row["received_ms"]
        if src == dst or not self._east_west(src, dst):
            return None
        pair = self._pairs.get((src, dst))
        if pair is None or at_ms - pair.since_ms > self._s.window_ms:
            pair = _Pair(at_ms, via(row))
            self._pairs.put((src, dst), pair)
        if pair.via != via(row):
            return None
        rate = row["sampling_rate"] if row["has"] & Has.SAMPLING else 1
        pair.octets += row["bytes"] * max(rate, 1)
        pair.seen += row["bytes"]
        self._counts.rows += 1
        few = rate > 1 and pair.seen < self._s.seen_octets
        if pair.fired or pair.octets < self._s.pair_octets or few:
            return None
        pair.fired = True
        self._counts.pushes += 1
        return Push(src, dst, server, at_ms, pair.octets, bool(quality(row) & Quality.KNOWN))

    def _east_west(self, one: bytes, other: bytes) -> bool:
        near = one[:15] == other[:15] if is_v4(one) else one[:8] == other[:8]
        return near or (one in self._internal and other in self._internal)
