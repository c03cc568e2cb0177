"""Pushes, compiled: the rules of transfer/plain.py over the columns of a batch."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from detectors.compiled import inlined, kernel

from .edging import below
from .parts import H_RATE, KNOWN, WORD32, near, quality_of, swap, via_of
from .reading import H_ADDRESSES, H_BYTES, H_PORTS, ZERO, Rows
from .state import PROBES
from .tables import contact_key, is_inside

PAIR = np.dtype(
    [
        ("key", "u8"),  # 0 = free
        ("since_ms", "i8"),
        ("last_ms", "i8"),
        ("octets", "i8"),
        ("seen", "i8"),
        ("via", "u4"),
        ("fired", "u1"),
    ],
    align=True,
)
PUSH = np.dtype(
    [
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("at_ms", "i8"),
        ("octets", "i8"),
        ("port", "u2"),
        ("known", "u1"),
    ],
    align=True,
)
LEAST, SEEN, WINDOW, OUT, ROWS, FIRED, LOST = range(7)  # places in `numbers`


class PushTable(NamedTuple):
    """Everything the kernel remembers, and what it was told."""

    pairs: Any
    ports: Any
    ranges: Any
    numbers: Any
    out: Any


@kernel
def pushes(rows: Rows, table: PushTable, start: int) -> Any:
    """Take rows from `start` until the room for pushes ends; gives the row to go on with."""
    wanted = H_PORTS | H_ADDRESSES | H_BYTES
    for i in range(start, rows.has.size):
        if not table.ports[rows.dst_port[i]] or rows.proto[i] != 6 or rows.has[i] & wanted != wanted:
            continue
        if not below(np.int64(rows.dst_port[i]), np.int64(rows.src_port[i])):
            continue
        add(rows, table, i)
        if table.numbers[OUT] == table.out.size:
            return i + 1
    return rows.has.size


@inlined
def add(rows: Rows, table: PushTable, i: int) -> None:
    """Octets from a client to a service that takes files; hand the pair over if that makes it a push."""
    src_hi, src_lo = swap(rows.src_addr[2 * i]), swap(rows.src_addr[2 * i + 1])
    dst_hi, dst_lo = swap(rows.dst_addr[2 * i]), swap(rows.dst_addr[2 * i + 1])
    if src_hi == dst_hi and src_lo == dst_lo:
        return
    if not near(src_hi, src_lo, dst_hi, dst_lo) and not (
        is_inside(table, src_hi, src_lo) and is_inside(table, dst_hi, dst_lo)
    ):
        return
    numbers, at_ms, via = table.numbers, rows.received_ms[i], np.uint32(via_of(rows, i) & WORD32)
    key = contact_key(src_hi, src_lo, dst_hi, dst_lo, ZERO)
    pair = table.pairs[place(table, key)]
    if pair.key != key or at_ms - pair.since_ms > numbers[WINDOW]:
        pair.key, pair.since_ms, pair.last_ms, pair.octets = key, at_ms, at_ms, 0
        pair.seen, pair.via, pair.fired = 0, via, 0
    if pair.via != via:
        return
    rate = np.int64(rows.sampling_rate[i]) if rows.has[i] & H_RATE else 1
    pair.octets += np.int64(rows.bytes[i]) * max(rate, 1)
    pair.seen += np.int64(rows.bytes[i])
    pair.last_ms = max(pair.last_ms, at_ms)
    numbers[ROWS] += 1
    if pair.fired or pair.octets < numbers[LEAST] or (rate > 1 and pair.seen < numbers[SEEN]):
        return
    pair.fired = 1
    numbers[FIRED] += 1
    found = table.out[np.int64(numbers[OUT])]
    found.src_hi, found.src_lo, found.dst_hi, found.dst_lo = src_hi, src_lo, dst_hi, dst_lo
    found.at_ms, found.octets, found.port = at_ms, pair.octets, rows.dst_port[i]
    found.known = 1 if quality_of(rows, i) & KNOWN else 0
    numbers[OUT] += 1


@inlined
def place(table: PushTable, key: Any) -> Any:
    """The slot of a pair: its own, a free one, or that of the one longest unused near by."""
    pairs, mask = table.pairs, np.uint64(table.pairs.size - 1)
    base = key >> np.uint64(20)
    oldest: Any = -1
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        if pairs[slot].key == key or pairs[slot].key == ZERO:
            return slot
        if oldest < 0 or pairs[slot].last_ms < pairs[oldest].last_ms:
            oldest = slot
    table.numbers[LOST] += 1
    return oldest
