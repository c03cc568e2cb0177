"""The latest first contacts of a source, kept until it is suspicious."""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.compiled import inlined
from detectors.watch import ECHO_FEWER, RING

from .parts import H_MAC, ZERO, Words, fill_via
from .reading import ICMP, OPEN, Reading, Rows
from .state import CALM, NOW, OUT, S_TARGETS, S_WINDOW, TARGETS, WINDOW, State


@inlined
def keep(rows: Rows, state: State, i: int, reading: Reading, ends: Words, which: int, outside: int) -> Any:
    """Keep a first contact in place of the oldest; gives its place. The hint of `reading` is what is known of it."""
    source = state.sources[which]
    where = which * RING + source.next
    kept, at_ms = state.rings[where], rows.received_ms[i]
    fill_via(rows, i, kept)
    kept.at_ms, kept.late = at_ms, np.uint32(state.numbers[NOW] - at_ms)
    kept.dst_hi, kept.dst_lo, kept.outside = ends[2], ends[3], outside
    kept.mac = 1 if rows.has[i] & H_MAC and rows.src_mac[i] != ZERO else 0
    _, kept.kind, kept.port, kept.sport, kept.hint, kept.size = reading
    source.next, source.kept = (source.next + 1) % RING, min(source.kept + 1, RING)
    return where


@inlined
def is_of(kept: Any, kind: int, port: int, hi: Any, lo: Any) -> Any:
    """A kept contact is one with this target and service."""
    return kept.kind == kind and kept.port == port and kept.dst_lo == lo and kept.dst_hi == hi


@inlined
def many(state: State, which: int, kind: int, port: int, at_ms: Any, exact: int) -> Any:
    """Many new targets of this service among the latest first contacts."""
    window = state.numbers[WINDOW] if exact else state.numbers[S_WINDOW]
    same = 0
    for at in range(which * RING, which * RING + state.sources[which].kept):
        kept = state.rings[at]
        if kept.kind == kind and kept.port == port and at_ms - kept.at_ms <= window:
            same += 1
    fewer = ECHO_FEWER if kind == ICMP else 0
    return same >= (state.numbers[TARGETS] - fewer if exact else state.numbers[S_TARGETS])


@inlined
def copy(state: State, which: int, where: int) -> None:
    """Hand a kept contact over."""
    kept, source = state.rings[where], state.sources[which]
    event = state.out[np.int64(state.numbers[OUT])]
    event.at_ms, event.now_ms = kept.at_ms, kept.at_ms + np.int64(kept.late)
    event.src_hi, event.src_lo, event.dst_hi, event.dst_lo = source.hi, source.lo, kept.dst_hi, kept.dst_lo
    event.agent_hi, event.agent_lo, event.in_if, event.rate = kept.agent_hi, kept.agent_lo, kept.in_if, kept.rate
    event.twin = source.twin
    event.mac = ZERO if not kept.mac else source.mac if source.twin == ZERO else source.twin
    event.count, event.level, event.alike = np.uint32(0), np.uint32(0), 0
    event.verb, event.kind, event.port, event.sport = OPEN, kept.kind, kept.port, kept.sport
    event.hint, event.quality, event.outside, event.size = kept.hint, kept.quality, kept.outside, kept.size
    state.numbers[OUT] += 1


@inlined
def hand_over(state: State, which: int) -> None:
    """Hand all kept contacts of a source over, oldest first."""
    source = state.sources[which]
    start = (np.int64(source.next) + RING - np.int64(source.kept)) % RING
    for step in range(np.int64(source.kept)):
        copy(state, which, which * RING + (start + step) % RING)


@inlined
def watched_from(state: State, source: Any, at_ms: Any) -> None:
    """A source is looked at from now on for a while, however well it behaves."""
    source.until_ms, source.bad_then = max(source.until_ms, at_ms + state.numbers[CALM]), source.bad
