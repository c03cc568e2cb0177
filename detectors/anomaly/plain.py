"""Counting in plain Python: what `counting.py` has to do, and the oracle of its tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .counting import SOURCE, TARGET, Rows
from .record import BUCKETS, FULL_BITS, KNOWN_WORDS, MIX, PEER_WORDS, PORT_WORDS, RECORD, SPREAD

WORD = (1 << 64) - 1
Pair = tuple[int, int]


def mixed(high: int, low: int) -> int:
    """A hash of two words (splitmix64's finish)."""
    x = (high * MIX & WORD) ^ low
    x = (x ^ (x >> 30)) * SPREAD & WORD
    x = (x ^ (x >> 32)) * MIX & WORD
    return x ^ (x >> 31)


class PlainCounting:
    """Sets instead of bitmaps of known peers are not enough: the twin keeps the same bits, so that collisions are the same."""

    def __init__(self) -> None:
        self.records: dict[tuple[int, Pair], dict[str, Any]] = {}
        self._known: dict[Pair, list[set[int]]] = {}
        self._ages: dict[Pair, tuple[int, int]] = {}  # window in which it was counted last, and in how many

    def count(self, rows: Rows, turn: NDArray[np.uint8]) -> None:
        """Count rows of machines whose turn it is. There is always room."""
        for i, window in enumerate(rows.window.tolist()):
            src, dst = tuple(rows.src[i].tolist()), tuple(rows.dst[i].tolist())
            if turn[i] & SOURCE:
                self._sent(rows, i, self._record(window, src), src, mixed(*dst))
            if turn[i] & TARGET:
                record = self._record(window, dst)
                self._add(record, rows, i, "in", "out")
                record["refused"] += int(rows.refuses[i])
                record["heard"].add(mixed(*src) % (PEER_WORDS * 64))

    def _record(self, window: int, host: Pair) -> dict[str, Any]:
        empty = {"peers": set(), "heard": set(), "ports": set(), "bucket": [0] * BUCKETS}
        numbers = dict.fromkeys([n for n in RECORD.names or () if n not in empty], 0)
        return self.records.setdefault((window, host), {**numbers, **empty})

    def _add(self, record: dict[str, Any], rows: Rows, i: int, there: str, back: str) -> None:
        record["rows"] += 1
        record[f"packets_{there}"] += int(rows.packets[i])
        record[f"bytes_{there}"] += int(rows.bytes[i])
        record[f"packets_{back}"] += int(rows.back_packets[i])
        record[f"bytes_{back}"] += int(rows.back_bytes[i])

    def _sent(self, rows: Rows, i: int, record: dict[str, Any], host: Pair, peer: int) -> None:
        self._add(record, rows, i, "out", "in")
        member = peer % (PEER_WORDS * 64)
        if rows.back_packets[i]:
            record["heard"].add(member)
        if member not in record["peers"]:
            record["peers"].add(member)
            used, age = self._ages.get(host, (0, 0))
            self._ages[host] = (window := int(rows.window[i])), age + (used != window)
            record["age"] = self._ages[host][1]
            record["fresh"] += self._is_fresh(host, peer % (KNOWN_WORDS * 64))
        if rows.opens[i]:
            record["opens"] += 1
            record["admin"] += int(rows.admin[i])
            port = mixed(int(rows.service[i]), 1)
            record["ports"].add(port % (PORT_WORDS * 64))
            record["bucket"][port % BUCKETS] += 1

    def _is_fresh(self, host: Pair, member: int) -> bool:
        now, before = self._known.setdefault(host, [set(), set()])
        if member in now:
            return False
        now.add(member)
        if len(now) > FULL_BITS:
            self._known[host] = [set(), now]
        return member not in before
