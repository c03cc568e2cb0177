"""Rows are read some time before they are taken, so that memory has fetched by then what they look for: waiting for it is most of
what a row costs. What was read is kept till then, in a ring that stays in the nearest cache."""

from __future__ import annotations

from typing import Any

from detectors.compiled import inlined

from .parts import ZERO, Words, quality_by, service_of, swap, via_of
from .reading import EITHER, NOTHING, OPEN, UDP, WENT, Rows, read
from .state import KEEPS, State
from .tables import contact_key, expect_contact, expect_role

AHEAD = 12  # rows; a row takes some 30 ns without waiting, memory answers after 100 and more


@inlined
def look(rows: Rows, state: State, i: int) -> None:
    """Read a row, and have fetched what it is about."""
    verb, kind, port, sport, hint, size = read(rows, i)
    found = state.ahead[i % KEEPS]
    found.verb = verb
    if verb == NOTHING:
        return
    found.kind, found.port, found.sport, found.hint, found.size = kind, port, sport, hint, size
    src_hi, src_lo = swap(rows.src_addr[2 * i]), swap(rows.src_addr[2 * i + 1])
    dst_hi, dst_lo = swap(rows.dst_addr[2 * i]), swap(rows.dst_addr[2 * i + 1])
    found.src_hi, found.src_lo, found.dst_hi, found.dst_lo = src_hi, src_lo, dst_hi, dst_lo
    if verb == OPEN:
        key, via = contact_key(src_hi, src_lo, dst_hi, dst_lo, service_of(kind, port, ZERO)), via_of(rows, i)
        found.key, found.via, found.quality = key, via, quality_by(rows, i, via)
        expect_contact(state, key)
        expect_role(state, via)
    if verb == WENT:
        found.back = contact_key(src_hi, src_lo, dst_hi, dst_lo, service_of(kind, port, ZERO))
        expect_contact(state, found.back)
    elif verb != OPEN or kind == UDP:
        theirs = port if verb != OPEN and verb != EITHER else sport
        found.back = contact_key(dst_hi, dst_lo, src_hi, src_lo, service_of(kind, theirs, ZERO))
        expect_contact(state, found.back)


@inlined
def ends_of(found: Any) -> Words:
    """Source and destination of a row that was looked at."""
    return found.src_hi, found.src_lo, found.dst_hi, found.dst_lo
