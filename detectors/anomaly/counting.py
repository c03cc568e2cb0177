"""Counting, compiled. One file, so that numba's own cache knows when it is stale. The plain twin is plain.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from .record import BUCKETS, FULL_BITS, KNOWN_WORDS, MIX, PEER_WORDS, PORT_WORDS, PROBES, SPREAD

M, S = np.uint64(MIX), np.uint64(SPREAD)
R30, R31, R32, R6 = np.uint64(30), np.uint64(31), np.uint64(32), np.uint64(6)
ONE, LOW6 = np.uint64(1), np.uint64(63)
kernel: Callable[[Callable[..., Any]], Any] = njit(cache=True, nogil=True)
SOURCE, TARGET = 1, 2  # whose turn it is


class Rows(NamedTuple):
    """What counting reads of a row. Addresses are two words, big end first."""

    window: Any
    src: Any
    dst: Any
    service: Any  # port that was contacted; 0 = none
    opens: Any
    refuses: Any
    admin: Any
    packets: Any
    bytes: Any
    back_packets: Any
    back_bytes: Any


@kernel
def mixed(high: Any, low: Any) -> Any:
    """A hash of two words."""
    x = (high * M) ^ low
    x = (x ^ (x >> R30)) * S
    x = (x ^ (x >> R32)) * M
    return x ^ (x >> R31)


@kernel
def pick(src: Any, dst: Any, window: Any, every: Any, ranges: Any, chosen: Any, turn: Any) -> Any:
    """Rows with an inside machine whose turn it is in this window: how many; which rows in `chosen`, which side in `turn`."""
    found = 0
    for i in range(len(window)):
        sides = 0
        if (mixed(src[i, 0], src[i, 1]) + np.uint64(window[i])) % every == 0 and inside(src[i, 0], src[i, 1], ranges):
            sides |= SOURCE
        if (mixed(dst[i, 0], dst[i, 1]) + np.uint64(window[i])) % every == 0 and inside(dst[i, 0], dst[i, 1], ranges):
            sides |= TARGET
        if sides:
            chosen[found], turn[found] = i, sides
            found += 1
    return found


@kernel
def inside(high: Any, low: Any, ranges: Any) -> Any:
    """An address in one of the ranges (first high, first low, last high, last low)."""
    for n in range(len(ranges)):
        after = high > ranges[n, 0] or (high == ranges[n, 0] and low >= ranges[n, 1])
        if after and (high < ranges[n, 2] or (high == ranges[n, 2] and low <= ranges[n, 3])):
            return True
    return False


@kernel
def count(rows: Rows, turn: Any, records: Any, known: Any, lost: Any) -> None:
    """Count rows of one window for the sides whose turn it is. What finds no room is counted in `lost`."""
    for i in range(len(rows.window)):
        if turn[i] & SOURCE:
            at = slot(records, rows.src[i, 0], rows.src[i, 1], rows.window[i])
            if at < 0:
                lost[0] += 1
            else:
                _sent(rows, i, records, at, known, lost)
        if turn[i] & TARGET:
            at = slot(records, rows.dst[i, 0], rows.dst[i, 1], rows.window[i])
            if at < 0:
                lost[0] += 1
            else:
                _received(rows, i, records, at)


@kernel
def slot(records: Any, high: Any, low: Any, window: Any) -> Any:
    """The record of a machine and window; -1 if there is no room."""
    mask = np.uint64(len(records) - 1)
    start = mixed(high, low) + np.uint64(window)
    for step in range(PROBES):
        at = np.int64((start + np.uint64(step)) & mask)
        record = records[at]
        if record.window == 0:
            record.window, record.hi, record.lo = window, high, low
            return at
        if record.window == window and record.hi == high and record.lo == low:
            return at
    return -1


@kernel
def _sent(rows: Rows, i: Any, records: Any, at: Any, known: Any, lost: Any) -> None:
    record, peer = records[at], mixed(rows.dst[i, 0], rows.dst[i, 1])
    record.rows += 1
    record.packets_out += rows.packets[i]
    record.bytes_out += rows.bytes[i]
    record.packets_in += rows.back_packets[i]
    record.bytes_in += rows.back_bytes[i]
    if rows.back_packets[i]:
        record.heard[np.int64((peer >> R6) % np.uint64(PEER_WORDS))] |= ONE << (peer & LOW6)
    word, bit = np.int64((peer >> R6) % np.uint64(PEER_WORDS)), ONE << (peer & LOW6)
    if not record.peers[word] & bit:
        record.peers[word] |= bit
        host = known[_known(known, record.hi, record.lo, rows.window[i], lost)]
        record.age = host.age
        if _is_fresh(host, peer):
            record.fresh += 1
    if rows.opens[i]:
        record.opens += 1
        record.admin += rows.admin[i]
        port = mixed(np.uint64(rows.service[i]), ONE)
        record.ports[np.int64((port >> R6) % np.uint64(PORT_WORDS))] |= ONE << (port & LOW6)
        record.bucket[np.int64(port % np.uint64(BUCKETS))] += 1


@kernel
def _received(rows: Rows, i: Any, records: Any, at: Any) -> None:
    record, peer = records[at], mixed(rows.src[i, 0], rows.src[i, 1])
    record.rows += 1
    record.packets_in += rows.packets[i]
    record.bytes_in += rows.bytes[i]
    record.packets_out += rows.back_packets[i]
    record.bytes_out += rows.back_bytes[i]
    record.refused += rows.refuses[i]
    record.heard[np.int64((peer >> R6) % np.uint64(PEER_WORDS))] |= ONE << (peer & LOW6)


@kernel
def _known(known: Any, high: Any, low: Any, window: Any, lost: Any) -> Any:
    """Where it is kept what this machine knew; the one longest unused near by makes room."""
    mask, at, oldest = np.uint64(len(known) - 1), np.int64(-1), np.int64(0)
    start = mixed(high, low)
    for step in range(PROBES):
        here = np.int64((start + np.uint64(step)) & mask)
        if known[here].used == 0 or (known[here].hi == high and known[here].lo == low):
            at = here
            break
        if step == 0 or known[here].used < known[oldest].used:
            oldest = here
    if at < 0:
        at = oldest
        lost[1] += 1
    host = known[at]
    if host.used == 0 or host.hi != high or host.lo != low:
        host.hi, host.lo, host.used, host.age = high, low, 0, 0
        for n in range(KNOWN_WORDS):
            host.now[n] = host.before[n] = np.uint64(0)
    if host.used != window:
        host.age += 1
    host.used = window
    return at


@kernel
def _is_fresh(host: Any, peer: Any) -> Any:
    """This peer is in neither generation of what the machine knew; it is from now on."""
    word, bit = np.int64((peer >> R6) % np.uint64(KNOWN_WORDS)), ONE << (peer & LOW6)
    if host.now[word] & bit:
        return False
    fresh = not host.before[word] & bit
    host.now[word] |= bit
    if _bits(host.now) > FULL_BITS:
        for n in range(KNOWN_WORDS):
            host.before[n], host.now[n] = host.now[n], np.uint64(0)
    return fresh


@kernel
def _bits(words: Any) -> Any:
    found = 0
    for n in range(len(words)):
        rest = words[n]
        while rest:
            rest &= rest - ONE
            found += 1
    return found
