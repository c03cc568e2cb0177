"""The loop of `read_rows` compiled: the same answers for the same octets (tests/controller/switches/wire), a quarter of the time.

Loaded only by a process that reads many rows (quick.py): importing numba takes longer than reading one switch.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from .layout import (
    ARCS,
    COUNT,
    ENDED,
    FILLED,
    FIRST,
    KIND,
    KINDS,
    LAST,
    LONGEST,
    LOOPS,
    MALFORMED,
    NUMBER,
    OTHER,
    SIZE,
    STRING,
    TAG,
    TAIL,
    TAIL_END,
    WIDTH,
    Ints,
    Octets,
)  # fmt: skip


@numba.njit(cache=True, inline="always")
def _length(data: Octets, at: int, end: int) -> Any:
    """(first octet, octet behind the last) of the element whose length begins at `at`; (-1, -1) if there is none."""
    if at >= end:
        return -1, -1
    size: Any = np.int64(data[at])
    at += 1
    if size >= 0x80:
        count = size & 0x7F
        if count < 1 or count > 4 or at + count > end:
            return -1, -1
        size = 0
        for _ in range(count):
            size = size << 8 | np.int64(data[at])
            at += 1
    if at + size > end:
        return -1, -1
    return at, at + size


@numba.njit(cache=True, inline="always")
def _begins(data: Octets, at: int, prefixes: Octets, c: int, size: int) -> bool:
    found = True
    for i in range(size):
        if data[at + i] != prefixes[c, i]:
            found = False
            break
    return found


@numba.njit(cache=True, inline="always")
def _arcs(data: Octets, at: int, end: int, arcs: Ints, c: int, filled: int) -> int:
    """Where the arcs of an instance end; -1 for an instance that is none."""
    arc: Any = 0
    good = data[end - 1] < 0x80
    for i in range(at, end):
        arc = arc << 7 | np.int64(data[i] & 0x7F)
        if data[i] < 0x80:
            arcs[c, filled] = arc
            filled += 1
            arc = 0
        elif arc > 0x1FFFFFF:
            good = False
    return filled if good else -1


@numba.njit(cache=True, inline="always")
def _further(arcs: Ints, c: int, begun: int, filled: int, before: int) -> bool:
    """Whether an instance comes behind the one in front of it, which has `before` arcs."""
    found = filled - begun > before
    for i in range(min(before, filled - begun)):
        one, other = arcs[c, begun + i], arcs[c, begun - before + i]
        if one != other:
            found = one > other
            break
    return found


@numba.njit(cache=True, inline="always")
def _signed(data: Octets, at: int, end: int) -> Any:
    number = np.int64(data[at])
    if number > 127:
        number -= 256
    for i in range(at + 1, end):
        number = number << 8 | np.int64(data[i])
    return number


@numba.njit(cache=True, inline="always")
def _even(state: Ints, c: int, row: int, width: int, kind: int) -> None:
    """Whether all rows have as many arcs, and values of one kind."""
    if row == 0:
        state[c, WIDTH], state[c, KINDS] = width, kind
    else:
        if state[c, WIDTH] != width:
            state[c, WIDTH] = 0
        if state[c, KINDS] != kind:
            state[c, KINDS] = -1


@numba.njit(cache=True, inline="always")
def _choose(width: int, state: Ints, columns: int, asked: Ints) -> int:
    """The first columns that have not ended, at most `width`; how many."""
    count = 0
    for c in range(columns):
        if state[c, ENDED] == 0 and count < width:
            asked[count] = c
            count += 1
    return count


@numba.njit(cache=True, inline="always")
def _ask(data: Octets, count: int, asked: Ints, prefixes: Octets, state: Ints, question: Octets) -> int:
    """Bindings that ask for what follows, and how many octets they are; 0 if one has to be written otherwise."""
    at = 0
    for k in range(count):
        c = asked[k]
        prefix, tail = state[c, SIZE], state[c, TAIL_END] - state[c, TAIL]
        size = prefix + tail
        if size > LONGEST:
            return 0
        question[at], question[at + 1], question[at + 2], question[at + 3] = 0x30, size + 4, 0x06, size
        at += 4
        for i in range(prefix):
            question[at + i] = prefixes[c, i]
        at += prefix
        for i in range(tail):
            question[at + i] = data[state[c, TAIL] + i]
        at += tail
        question[at], question[at + 1] = 0x05, 0
        at += 2
    return at


@numba.njit(cache=True, inline="always")
def _most(state: Ints, columns: int, what: int) -> int:
    found = 0
    for c in range(columns):
        found = max(found, state[c, what])
    return found


@numba.njit(cache=True, inline="always")
def _binding(data: Octets, at: int, end: int) -> tuple[Any, Any, Any, Any]:
    """(name, its end, value, its end) of the binding at `at`, each behind its header; -1 for a name if it is none."""
    good = data[at] == 0x30
    first, last = _length(data, at + 1, end)
    good = good and 0 <= first < last and data[first] == 0x06
    name, name_end, value, value_end = -1, -1, -1, -1
    if good:
        name, name_end = _length(data, first + 1, last)
        good = name >= 0 and name_end < last
    if good:
        value, value_end = _length(data, name_end + 1, last)
        good = value >= 0 and value_end == last
    return name if good else -1, name_end, value, value_end


@numba.njit(cache=True)
def decode(  # noqa: C901, PLR0912, PLR0913, PLR0917 one loop without calls, and arrays one by one
    data: Octets, begun: int, end: int, going_on: int, width: int, asked: Ints,
    prefixes: Octets, arcs: Ints, rows: Ints, state: Ints, question: Octets,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """(bindings read, columns to ask for next, most rows, most arcs of a column, octets of the next question). Instead of
    bindings: what is wrong. Rows are put behind those of the messages before; there is room for them.

    `data[begun:end]`: the bindings. `asked[:going_on]`: the columns that they are about, in this order; then those to ask for
    next, the first that have not ended, at most `width`. `question`: to be filled with what asks for them.
    """
    at = begun
    count, open_columns = 0, going_on
    while at < end and open_columns > 0:
        for k in range(going_on):
            if at >= end:
                break
            c = asked[k]
            name, name_end, value, value_end = _binding(data, at, end)
            if name < 0:
                return MALFORMED, 0, 0, 0, 0
            tag = data[name_end]
            at = value_end
            count += 1
            if state[c, ENDED]:
                continue
            size = state[c, SIZE]
            below = tag < 0x80 and name_end - name > size
            if below and not _begins(data, name, prefixes, c, size):
                below = False
            if not below:
                state[c, ENDED] = 1
                open_columns -= 1
                continue
            row, before = state[c, COUNT], state[c, FILLED]
            filled = _arcs(data, name + size, name_end, arcs, c, before)
            if filled < 0:
                return MALFORMED, 0, 0, 0, 0
            if row and not _further(arcs, c, before, filled, rows[c, row - 1, ARCS]):
                return LOOPS, 0, 0, 0, 0
            kind = OTHER
            if tag == 0x02:
                if value_end - value < 1 or value_end - value > 8:
                    return MALFORMED, 0, 0, 0, 0
                kind = NUMBER
                rows[c, row, FIRST] = _signed(data, value, value_end)
            else:
                if tag in (0x04, 0x40, 0x44):
                    kind = STRING
                rows[c, row, FIRST] = value
            rows[c, row, LAST], rows[c, row, TAG] = value_end, tag
            rows[c, row, ARCS], rows[c, row, KIND] = filled - before, kind
            _even(state, c, row, filled - before, kind)
            state[c, COUNT], state[c, FILLED] = row + 1, filled
            state[c, TAIL], state[c, TAIL_END] = name + size, name_end
    columns = len(prefixes)
    most_rows, most_arcs = _most(state, columns, COUNT), _most(state, columns, FILLED)
    chosen = _choose(width, state, columns, asked)
    return count, chosen, most_rows, most_arcs, _ask(data, chosen, asked, prefixes, state, question)
