"""Connections of one pair, counted in a leaking bucket."""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.compiled import inlined
from detectors.event import Quality, Verb
from detectors.watch import LOGIN, MOST_COUNTED, MOST_VOTES, OTHER, QUIET, UNIT

from .marks import fired_of, set_fired
from .parts import EXACT, Words, emit, quality_of
from .reading import Rows
from .state import BUCKETS, FRESH, FRESH_ALIKE, FRESH_GAP, FRESH_MS, LONGEST, MOST_SIZE, State

LOGINS, FRESH_PAIR = int(Verb.LOGINS), Quality.FRESH
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
    at_ms = rows.received_ms[i]
    filled, since = np.int64(contact.level_idle), min(at_ms - contact.at_ms, LONGEST)
    fresh = which == OTHER and size != 0 and since <= numbers[FRESH_MS]
    bucket = FRESH if fresh else BUCKETS + 2 * bucket_of(which, size, exact)
    full, leak = numbers[bucket], numbers[bucket + 1]
    gone = max(0, since - filled) * leak // 1000
    contact.level_idle = max(filled, since)
    aged = which == OTHER and size != 0 and filled <= numbers[FRESH_MS] and not fresh
    if gone >= contact.level or aged:
        contact.level, contact.count, contact.votes = 0, 0, 0
        set_fired(contact, 0)
    contact.level = max(0, contact.level - gone) + UNIT
    contact.count = min(np.int64(contact.count) + 1, MOST_COUNTED)
    vote(contact, size, np.int64(numbers[MOST_SIZE]))
    reached = 2 if contact.level >= 5 * full // 2 else 1 if contact.level >= full else 0
    if reached > fired_of(contact) and guessed(state, contact, which, size, fresh):
        set_fired(contact, reached)
        place = emit(rows, state, i, (LOGINS, kind, port, sport, hint, size), ends, twin)
        event = state.out[place]
        event.count, event.level, event.outside = np.uint32(contact.count), np.uint32(contact.level), outside
        event.alike = np.int64(contact.votes) * 10 // np.int64(contact.count)
        event.quality |= FRESH_PAIR if fresh else 0


@inlined
def guessed(state: State, contact: Any, which: int, size: int, fresh: Any) -> Any:
    """plainlogins.guessed: of a full bucket, whether its connections look like guesses."""
    if which != OTHER or size == 0:
        return True
    count, votes, numbers = np.int64(contact.count), np.int64(contact.votes), state.numbers
    alike = votes * 10 >= count * 3
    if not fresh:
        return alike
    lost: Any = max(count * UNIT - np.int64(contact.level), 0)
    leak: Any = max(numbers[FRESH + 1], 1)
    other = BUCKETS + 2 * B_OTHER
    if alike and count * UNIT - lost * numbers[other + 1] // leak >= numbers[other]:
        return True
    return votes * 10 >= count * numbers[FRESH_ALIKE] and lost * 1000 <= leak * numbers[FRESH_GAP] * (count - 1)


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
