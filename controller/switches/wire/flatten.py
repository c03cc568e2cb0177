"""What a walk has read, out of its arrays by one call: each slice of them that becomes a list by itself costs more than most
columns do."""

from __future__ import annotations

import numba

from .layout import ARCS, COUNT, FILLED, FIRST, KIND, KINDS, LAST, NUMBER, STRING, TAG, WIDTH, Ints


@numba.njit(cache=True, inline="always")
def _alike(arcs: Ints, state: Ints, one: int, other: int) -> bool:
    """Whether two columns have the same instances, each of as many arcs."""
    size, width = state[one, FILLED], state[one, WIDTH]
    if width == 0 or width != state[other, WIDTH] or size != state[other, FILLED]:
        return False
    found = True
    for i in range(size):
        if arcs[one, i] != arcs[other, i]:
            found = False
            break
    return found


@numba.njit(cache=True, inline="always")
def _copied(rows: Ints, c: int, count: int, what: int, flat: Ints, at: int) -> int:
    for i in range(count):
        flat[at + i] = rows[c, i, what]
    return at + count


@numba.njit(cache=True)
def flatten(columns: int, arcs: Ints, rows: Ints, state: Ints, flat: Ints) -> int:
    """All that was read, one behind the other, and how many numbers that is: for each column whether its instances are those of
    the last one before it that has rows (1) or not (0); then column by column the arcs of instances that are not, their number by
    row where it is uneven, and the values: numbers, or first octets and octets behind the last of strings, or those and kinds and
    tags of a mixture.
    """
    at, before = columns, -1
    for c in range(columns):
        flat[c] = 0
        count = state[c, COUNT]
        if count == 0:
            continue
        if before >= 0 and _alike(arcs, state, c, before):
            flat[c] = 1
        else:
            for i in range(state[c, FILLED]):
                flat[at + i] = arcs[c, i]
            at += state[c, FILLED]
            if state[c, WIDTH] == 0:
                at = _copied(rows, c, count, ARCS, flat, at)
        before = c
        kind = state[c, KINDS]
        at = _copied(rows, c, count, FIRST, flat, at)
        if kind != NUMBER:
            at = _copied(rows, c, count, LAST, flat, at)
        if kind not in (NUMBER, STRING):
            at = _copied(rows, c, count, KIND, flat, at)
            at = _copied(rows, c, count, TAG, flat, at)
    return at
