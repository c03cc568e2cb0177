"""What rows to come will look for, fetched while others are read: most of what a row costs is waiting for memory."""

from __future__ import annotations

from detectors.compiled import inlined

from .parts import ZERO, Words, service_of, swap
from .reading import EITHER, NOTHING, OPEN, UDP, Rows, read
from .state import State
from .tables import contact_key, expect_contact

AHEAD = 12  # rows; a row takes some 30 ns without waiting, memory answers after 100 and more


@inlined
def expect(rows: Rows, state: State, i: int) -> None:
    """Have the contact fetched that a row is about."""
    reading = read(rows, i)
    verb, kind, port, sport = reading[0], reading[1], reading[2], reading[3]
    if verb == NOTHING:
        return
    ends = ends_of(rows, i)
    if verb == OPEN or verb == EITHER:
        expect_contact(state, contact_key(ends[0], ends[1], ends[2], ends[3], service_of(kind, port, ZERO)))
    if verb != OPEN or kind == UDP:
        theirs = port if verb != OPEN and verb != EITHER else sport
        expect_contact(state, contact_key(ends[2], ends[3], ends[0], ends[1], service_of(kind, theirs, ZERO)))


@inlined
def ends_of(rows: Rows, i: int) -> Words:
    """Source and destination of a row."""
    return (
        swap(rows.src_addr[2 * i]),
        swap(rows.src_addr[2 * i + 1]),
        swap(rows.dst_addr[2 * i]),
        swap(rows.dst_addr[2 * i + 1]),
    )
