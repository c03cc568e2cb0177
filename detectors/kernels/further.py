"""Sources whose open episode already asks for all there is: their further contacts are counted here.

plainacting.py has the rules. Under a sweep nearly every row is one: handed over one by one they cost a hundred times what they do
here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.compiled import inlined, kernel
from detectors.event import Verb
from detectors.watch import NEVER, TELL_MS

from .parts import H_MAC, WORD32, ZERO, Words, emit, via_of
from .reading import NO_HINT, TCP, UDP, Rows
from .ring import hand_over
from .state import (
    ACTING_HAND,
    CHANGED,
    FURTHER,
    GO_ON,
    GO_ON_MS,
    MEMORY,
    NOW,
    QUIET,
    SUSPICIOUS,
    WAKE,
    State,
    state_of,
)
from .tables import find_source, make_source
from .victims import reach

WENT_ON = int(Verb.ON)
What = tuple[int, int, int, int, int]  # kind, port, sport, hint, size
HAND = 16  # acting sources looked at to find one that makes way


@kernel
def hold(words: Any, hi: Any, lo: Any, twin: Any, last_ms: int, fresh: int, fresh_ms: int) -> Any:
    """A source acts from now on, with this much of its episode; gives its place, -1 if the watch does not know it."""
    state = state_of(words)
    which = find_source(state, hi, lo, twin)
    if which < 0:
        return -1
    source = state.sources[which]
    if source.acting == 0:
        place = _free(state)
        acting = state.acting[place]
        source.acting = place + 1
        acting.which, acting.since_ms, acting.told_ms = which + 1, state.numbers[NOW], -NEVER
        acting.via, acting.has_mac = 0, 0
    place = np.int64(source.acting) - 1
    acting = state.acting[place]
    acting.last_ms, acting.fresh, acting.fresh_ms = last_ms, fresh, fresh_ms
    return place


@inlined
def _free(state: State) -> Any:
    """A place that is free, or that of the one quiet for longest of a few."""
    numbers, size = state.numbers, state.acting.size
    found: Any = -1
    for step in range(min(HAND, size)):
        place = (numbers[ACTING_HAND] + step) % size
        if state.acting[place].which == 0:
            found = place
            break
        if found < 0 or state.acting[place].last_ms < state.acting[found].last_ms:
            found = place
    numbers[ACTING_HAND] = (found + 1) % size
    if state.acting[found].which != 0:
        state.sources[np.int64(state.acting[found].which) - 1].acting = 0
    return found


@inlined
def hides(state: State, source: Any, opened_ms: Any) -> Any:
    """What comes back to a contact of then is not told."""
    return source.acting != 0 and opened_ms > state.acting[np.int64(source.acting) - 1].since_ms


@inlined
def counted(rows: Rows, state: State, i: int, what: What, ends: Words, which: int, outside: int) -> Any:
    """A contact of a suspicious source is a further one, and only counted; False if it is to be told as any other."""
    return state.sources[which].acting != 0 and _counted(rows, state, i, what, ends, which, outside)


@kernel
def _counted(rows: Rows, state: State, i: int, what: What, ends: Words, which: int, outside: int) -> Any:
    """The same of an acting source; not inlined, as it is long and seldom."""
    source, at_ms = state.sources[which], rows.received_ms[i]
    place = np.int64(source.acting) - 1
    acting = state.acting[place]
    if at_ms - acting.last_ms > state.numbers[QUIET]:
        acting.which, source.acting = 0, 0
        return False
    if _is_elsewhere(rows, i, acting, at_ms):
        return False
    _go_on(state, acting, place, at_ms)
    kind, port, sport, _hint, size = what
    attacker, victim = (source.hi, source.lo, source.twin), -1
    reaches = not outside and (kind == TCP or kind == UDP)
    if reaches and reach(state, attacker, (ends[2], ends[3]), kind, port, at_ms):
        victim = _closer(state, ends[2], ends[3])
    if victim >= 0 or state.numbers[NOW] >= state.numbers[WAKE]:
        emit(rows, state, i, (WENT_ON, kind, port, sport, NO_HINT, size), ends, attacker[2])
    if victim >= 0:
        hand_over(state, victim)
    return True


@inlined
def _is_elsewhere(rows: Rows, i: int, acting: Any, at_ms: Any) -> Any:
    """It came in at another port than was told last, or with a MAC that was not told."""
    via, mac = np.uint32(via_of(rows, i) & WORD32), rows.src_mac[i] if rows.has[i] & H_MAC else ZERO
    elsewhere = via != 0 and via != acting.via and at_ms - acting.told_ms >= TELL_MS
    if not elsewhere and (mac == ZERO or acting.has_mac):
        return False
    acting.told_ms = at_ms
    if via != 0:
        acting.via = via
    if mac != ZERO:
        acting.has_mac = 1
    return True


@inlined
def _go_on(state: State, acting: Any, place: int, at_ms: Any) -> None:
    """Episode.go_on, and note that it did."""
    numbers = state.numbers
    if at_ms - acting.fresh_ms > numbers[GO_ON_MS]:
        acting.fresh, acting.fresh_ms = 0, at_ms
    acting.fresh += 1
    if acting.fresh >= numbers[GO_ON]:
        acting.last_ms = max(acting.last_ms, at_ms)
    numbers[FURTHER] += 1
    if not acting.changed:
        acting.changed = 1
        state.changed[np.int64(numbers[CHANGED])] = place
        numbers[CHANGED] += 1


@inlined
def _closer(state: State, hi: Any, lo: Any) -> Any:
    """Whom an acting source has just reached is suspicious from now on; gives its record if it has events to show, else -1."""
    which = look_at(state, hi, lo)
    return which if which >= 0 and state.sources[which].kept else -1


@inlined
def look_at(state: State, hi: Any, lo: Any) -> Any:
    """An address is suspicious from now on, as long as anything is remembered; gives its record if it was not, else -1."""
    which = find_source(state, hi, lo, ZERO)
    if which < 0:
        which = make_source(state, hi, lo, ZERO)
        state.sources[which].last_ms = state.numbers[NOW]
    source = state.sources[which]
    source.until_ms = max(source.until_ms, state.numbers[NOW] + state.numbers[MEMORY])
    if source.suspicious:
        return -1
    source.suspicious = 1
    state.numbers[SUSPICIOUS] += 1
    return which


@kernel
def mark(state_words: Any, hi: Any, lo: Any) -> None:
    """A source is suspicious from now on, as long as anything is remembered; its kept events are handed over."""
    state = state_of(state_words)
    which = look_at(state, hi, lo)
    if which >= 0:
        hand_over(state, which)


@kernel
def show(state_words: Any, hi: Any, lo: Any) -> None:
    """A source's kept events, oldest first."""
    state = state_of(state_words)
    which = find_source(state, hi, lo, ZERO)
    if which >= 0:
        hand_over(state, which)
