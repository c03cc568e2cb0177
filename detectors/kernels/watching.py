"""The rules of plainwatch.py, compiled: rows in, events out, until the rows or the room for events end."""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.compiled import inlined, kernel
from detectors.event import Verb
from detectors.watch import MOST_HELD, RING

from .ahead import AHEAD, ends_of, look
from .further import counted, hides
from .logins import logins
from .marks import OPENED, QUALITY_AT, add_quality, is_open, quality_kept, set_state
from .marks import state_of as outcome_of
from .parts import (
    EXACT,
    H_DST_MAC,
    H_MAC,
    WORD32,
    ZERO,
    Words,
    blank,
    emit,
    fill_via,
    forwards,
    fresh,
    is_group,
    near,
    quality_of,
    service_of,
    tag_of,
    via_of,
)
from .reading import (
    ANSWER,
    EITHER,
    GOT,
    NO_HINT,
    NOTHING,
    OPEN,
    REFUSED,
    SILENT,
    TCP,
    UDP,
    WENT,
    Reading,
    Rows,
    rows_at,
)
from .ring import copy, hand_over, is_of, keep, many, watched_from
from .state import CONTACTS, HELD, KEEPS, MEMORY, NEED, NOW, OUT, SUSPICIOUS, TIMEOUT, WAKE, WANTED, State, state_of
from .state import SILENT as MOST_SILENT
from .tables import contact_key, find_role, find_source, is_inside, make_source, place_contact, use

CALMED = int(Verb.CALM)
What = tuple[int, int, int, int, int]  # kind, port, sport, hint, size


@kernel
def watch(row_words: Any, state_words: Any, start: int) -> Any:
    """Take rows from `start` until one has something to say; gives the row to go on with. NEED: a port's role is wanted."""
    rows, state = rows_at(row_words), state_of(state_words)
    numbers = state.numbers
    numbers[NEED] = 0
    for i in range(start, min(start + AHEAD, rows.has.size)):
        look(rows, state, i)
    for i in range(start, rows.has.size):
        if i + AHEAD < rows.has.size:
            look(rows, state, i + AHEAD)
        numbers[NOW] = max(numbers[NOW], rows.received_ms[i])
        found = state.ahead[i % KEEPS]
        if found.verb == NOTHING:
            continue
        told = numbers[OUT]
        if not take(rows, state, i, found):
            numbers[NEED], numbers[WANTED] = 1, np.int64(found.via)
            return i
        if numbers[OUT] > told and looks_now(state):
            return i + 1
    return rows.has.size


@inlined
def looks_now(state: State) -> Any:
    """The detectors look before the next row: they may make another source suspicious. Not because of answers in time."""
    numbers = state.numbers
    return numbers[OUT] > numbers[HELD] or numbers[NOW] >= numbers[WAKE] or numbers[OUT] >= MOST_HELD


@inlined
def take(rows: Rows, state: State, i: int, found: Any) -> Any:
    """What one row says; False if the role of its port must be known first. Nothing was changed then."""
    verb, kind = np.int64(found.verb), np.int64(found.kind)
    port, sport = np.int64(found.port), np.int64(found.sport)
    if verb == EITHER or (verb == OPEN and kind == UDP):
        if fresh(state, found.back, rows.received_ms[i]) >= 0:
            verb, port, sport = np.int64(ANSWER), sport, port
        elif verb == EITHER:
            return True
    if verb == OPEN:
        return open_(rows, state, i, found, (kind, port, sport, np.int64(found.hint), np.int64(found.size)))
    ends = ends_of(found)
    if verb == WENT:  # only of what is open and waits: its own packets say what the answer would have said
        slot = fresh(state, found.back, rows.received_ms[i])
        if slot < 0 or outcome_of(state.contacts[slot]) != 0 or not is_open(state.contacts[slot]):
            return True
        verb, ends = np.int64(ANSWER), (ends[2], ends[3], ends[0], ends[1])
    answer(rows, state, i, found.back, verb, kind, port, sport, ends)
    return True


@inlined
def answer(
    rows: Rows, state: State, i: int, key: Any, verb: int, kind: int, port: int, sport: int, ends: Words
) -> None:
    """The row's source answered or refused what its destination had opened."""
    their_hi, their_lo, own_hi, own_lo = ends
    if not (is_inside(state, own_hi, own_lo) or near(own_hi, own_lo, their_hi, their_lo)):
        return
    at_ms, twin = rows.received_ms[i], ZERO
    slot = fresh(state, key, at_ms)
    settled = slot < 0 or outcome_of(state.contacts[slot]) != 0
    if settled and rows.has[i] & H_DST_MAC and state.twins[tag_of(rows.dst_mac[i])]:
        service = service_of(kind, port, rows.dst_mac[i])
        other = fresh(state, contact_key(own_hi, own_lo, their_hi, their_lo, service), at_ms)
        if other >= 0:
            slot, twin = other, rows.dst_mac[i]
    new = GOT if verb == ANSWER else REFUSED
    if slot < 0:
        early(state, key, at_ms, new)
        return
    contact = state.contacts[slot]
    if outcome_of(contact) != 0:
        return
    set_state(contact, new)
    which = find_source(state, own_hi, own_lo, twin)
    if which < 0:
        return
    source, late = state.sources[which], at_ms - contact.at_ms > state.numbers[TIMEOUT]
    if new == GOT and not late:
        source.bad = max(0, source.bad - (2 if quality_kept(contact) & EXACT else 1))
    if source.suspicious:
        if not hides(state, source, contact.at_ms):
            emit(rows, state, i, (verb, kind, port, sport, NO_HINT, 0), (own_hi, own_lo, their_hi, their_lo), twin)
            state.numbers[HELD] += 1 if new == GOT and not late else 0
        return
    for at in range(which * RING, which * RING + source.kept):
        kept = state.rings[at]
        if is_of(kept, kind, port, their_hi, their_lo):
            kept.hint = SILENT if late else new


@inlined
def early(state: State, key: Any, at_ms: Any, new: int) -> None:
    """An answer overtook what it answers."""
    blank(state, place_contact(state, key), key, at_ms, new)


@inlined
def open_(rows: Rows, state: State, i: int, found: Any, what: What) -> Any:
    """The row's source opened something."""
    kind, port, _sport, _hint, _size = what
    ends = ends_of(found)
    src_hi, src_lo, dst_hi, dst_lo = ends
    if (src_hi == dst_hi and src_lo == dst_lo) or is_group(src_hi, src_lo) or is_group(dst_hi, dst_lo):
        return True
    close = near(src_hi, src_lo, dst_hi, dst_lo)
    if not (close or is_inside(state, src_hi, src_lo)):
        return True
    outside = 0 if close or is_inside(state, dst_hi, dst_lo) else 1
    if outside and (kind != TCP or state.web[port]):
        return True
    mac = rows.src_mac[i] if rows.has[i] & H_MAC else ZERO
    at_ms, twin, tag = rows.received_ms[i], ZERO, tag_of(mac)
    slot = fresh(state, found.key, at_ms)
    if mac != ZERO and (slot < 0 or state.contacts[slot].tag != tag):
        which = find_source(state, src_hi, src_lo, ZERO)
        if which >= 0 and slot >= 0 and state.sources[which].mac == mac:
            state.contacts[slot].tag = tag
        if which >= 0 and state.sources[which].mac != ZERO and state.sources[which].mac != mac:
            twin = mac
            state.twins[tag] = 1
            slot = fresh(state, contact_key(src_hi, src_lo, dst_hi, dst_lo, service_of(kind, port, mac)), at_ms)
    if slot >= 0 and is_open(state.contacts[slot]):
        return again(rows, state, i, found, what, ends, slot, twin, outside)
    via, role = found.via, 1
    if via != ZERO:
        role = find_role(state, via)
        if role == 0:
            return False
    if role == 1 and not forwards(state, mac, src_hi, src_lo, at_ms):
        first(rows, state, i, what, ends, slot, twin, outside, mac)
    return True


@inlined
def again(
    rows: Rows, state: State, i: int, found: Any, what: What, ends: Words, slot: int, twin: Any, outside: int
) -> Any:
    """A contact that is known: seen by a better exporter, or one more connection."""
    kind, port, sport, hint, size = what
    contact, quality, via = state.contacts[slot], np.int64(found.quality), found.via
    use(contact, rows.received_ms[i])
    short = np.uint32(via & WORD32)
    if short != contact.via:
        if via == ZERO:
            return True
        role = find_role(state, via)
        if role != 1:
            return role != 0
        contact.via = short
    if quality & ~np.int64(quality_kept(contact)):
        add_quality(contact, quality)
        better(rows, state, i, (OPEN, kind, port, sport, hint, size), ends, twin, outside)
    if outcome_of(contact) == GOT and kind == TCP and (hint == NO_HINT or hint == GOT):
        logins(rows, state, i, what, ends, slot, twin, outside)
    return True


@inlined
def better(rows: Rows, state: State, i: int, reading: Reading, ends: Words, twin: Any, outside: int) -> None:
    """Hand over, or keep, what a better exporter shows of a contact; in a kept event time and outcome stay."""
    which = find_source(state, ends[0], ends[1], twin)
    if which < 0:
        return
    if state.sources[which].suspicious:
        if not counted(rows, state, i, reading[1:], ends, which, outside):
            event = emit(rows, state, i, reading, ends, twin)
            state.out[event].outside = outside
        return
    for at in range(which * RING, which * RING + state.sources[which].kept):
        kept = state.rings[at]
        if is_of(kept, reading[1], reading[2], ends[2], ends[3]):
            fill_via(rows, i, kept)
            if rows.has[i] & H_MAC and rows.src_mac[i] != ZERO:
                kept.mac = 1


@inlined
def first(
    rows: Rows,
    state: State,
    i: int,
    what: What,
    ends: Words,
    early_slot: int,
    twin: Any,
    outside: int,
    mac: Any,
) -> None:
    """A first contact: note it, and see whether its source has become suspicious."""
    kind, port, sport, hint, size = what
    at_ms, quality, numbers = rows.received_ms[i], quality_of(rows, i), state.numbers
    exact = quality & EXACT
    outcome = np.int64(outcome_of(state.contacts[early_slot])) if early_slot >= 0 else hint if exact else 0
    key = contact_key(ends[0], ends[1], ends[2], ends[3], service_of(kind, port, twin))
    contact = blank(state, place_contact(state, key), key, at_ms, outcome | OPENED | quality << QUALITY_AT)
    contact.via = np.uint32(via_of(rows, i) & WORD32)
    contact.tag = tag_of(mac) if twin == ZERO else 0
    which = find_source(state, ends[0], ends[1], twin)
    if which < 0:
        which = make_source(state, ends[0], ends[1], twin)
        state.sources[which].last_ms = at_ms
    source = state.sources[which]
    if source.mac == ZERO:
        source.mac = mac
    if at_ms - source.last_ms > numbers[MEMORY]:
        source.bad, source.suspicious, source.kept, source.next = 0, 0, 0, 0
    source.last_ms = max(source.last_ms, at_ms)
    numbers[CONTACTS] += 1
    if source.suspicious and exact and at_ms > source.until_ms:
        if source.bad - source.bad_then <= 2:
            source.suspicious, source.bad = 0, 0
            emit(rows, state, i, (CALMED, kind, port, sport, outcome, size), ends, twin)
        else:
            watched_from(state, source, at_ms)
    if outcome != GOT:
        if at_ms - source.bad_ms > numbers[MEMORY]:
            source.bad = 0
        source.bad += 2 if exact else 1
        source.bad_ms = max(source.bad_ms, at_ms)
    where = keep(rows, state, i, (OPEN, kind, port, sport, outcome, size), ends, which, outside)
    looks = many(state, which, kind, port, at_ms, exact)
    if source.suspicious:
        if not counted(rows, state, i, what, ends, which, outside):
            copy(state, which, where)
    elif looks or source.bad >= 2 * numbers[MOST_SILENT]:
        source.suspicious, looks = 1, True
        numbers[SUSPICIOUS] += 1
        hand_over(state, which)
    if looks:
        watched_from(state, source, at_ms)
