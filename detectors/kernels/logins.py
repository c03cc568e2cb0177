"""Connections of one pair, counted in a leaking bucket."""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.compiled import inlined
from detectors.event import Verb
from detectors.watch import LOGIN, MOST_COUNTED, MOST_VOTES, OTHER, QUIET, UNIT

from .marks import fired_of, set_fired
from .parts import EXACT, Words, emit, quality_of
from .reading import Rows
from .state import BUCKETS, LONGEST, MOST_SIZE, State

LOGINS = int(Verb.LOGINS)
B_OTHER, B_BLIND, B_LOGIN, B_SESSION, B_SAMPLED = range(5)


@inlined
def logins(
    rows: Rows,
    state: State,
    i: int,
    what: tuple[int, int, int, int, int],
    ends: Words,
    slot: int,
    twin: Any,
    outside: int,
) -> None:
    """One more connection of an answered contact."""
    kind, port, sport, hint, size = what
    contact, numbers = state.contacts[slot], state.numbers
    which, exact = np.int64(state.classes[port]), quality_of(rows, i) & EXACT
    if which == QUIET or (which == OTHER and (outside or not exact)):
        return
    if sport == contact.p0 or sport == contact.p1 or sport == contact.p2 or sport == contact.p3:
        return
    contact.p3, contact.p2, contact.p1, contact.p0 = contact.p2, contact.p1, contact.p0, sport
    bucket = BUCKETS + 2 * bucket_of(which, size, exact)
    full, leak, at_ms = numbers[bucket], numbers[bucket + 1], rows.received_ms[i]
    filled, since = np.int64(contact.level_idle), min(at_ms - contact.at_ms, LONGEST)
    gone = max(0, since - filled) * leak // 1000
    contact.level_idle = max(filled, since)
    if gone >= contact.level:
        contact.count, contact.votes = 0, 0
        set_fired(contact, 0)
    contact.level = max(0, contact.level - gone) + UNIT
    contact.count = min(np.int64(contact.count) + 1, MOST_COUNTED)
    vote(contact, size, np.int64(numbers[MOST_SIZE]))
    alike = which != OTHER or size == 0 or np.int64(contact.votes) * 10 >= np.int64(contact.count) * 3
    reached = 2 if contact.level >= 5 * full // 2 else 1 if contact.level >= full else 0
    if reached > fired_of(contact) and alike:
        set_fired(contact, reached)
        place = emit(rows, state, i, (LOGINS, kind, port, sport, hint, size), ends, twin)
        event = state.out[place]
        event.count, event.level, event.outside = np.uint32(contact.count), np.uint32(contact.level), outside
        event.alike = np.int64(contact.votes) * 10 // np.int64(contact.count)


@inlined
def bucket_of(which: int, size: int, exact: int) -> Any:
    """Which bucket counts connections of this class."""
    if not exact:
        return B_SAMPLED
    if which == OTHER:
        return B_OTHER if size else B_BLIND
    return B_LOGIN if which == LOGIN else B_SESSION


@inlined
def vote(contact: Any, size: int, most: int) -> None:
    """Majority vote on the size of connections."""
    if size == 0:
        return
    if contact.votes == 0 and size <= most:
        contact.candidate, contact.votes = size, 1
    elif abs(np.int64(contact.candidate) - size) <= 1 and size <= most:
        contact.votes = min(np.int64(contact.votes) + 1, MOST_VOTES)
    else:
        contact.votes = max(0, np.int64(contact.votes) - 1)
