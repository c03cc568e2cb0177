"""The loop of `read_rows` compiled: the same answers for the same octets (tests/controller/switches/wire), a quarter of the time.

Loaded only by a process that reads many rows (quick.py): importing numba takes longer than reading one switch.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

Ints = Any  # arrays of int64 and of uint8; what indexing them gives is numba's to type
Octets = Any
Span = tuple[int, int]  # first octet, and the one behind the last
GOOD, MALFORMED, LOOPS = 0, 1, 2
# Columns of `rows`: how many arcs, kind of value, number or first octet, octet behind the last, tag.
ARCS, KIND, FIRST, LAST, TAG = 0, 1, 2, 3, 4
NUMBER, STRING, OTHER = 0, 1, 2
# Columns of `state`: rows, arcs, first octet of the last instance, octet behind it, ended, arcs of every row (0 = uneven),
# kind of every value (-1 = uneven), octets of the column's prefix.
COUNT, FILLED, TAIL, TAIL_END, ENDED, WIDTH, KINDS, SIZE = 0, 1, 2, 3, 4, 5, 6, 7
NEWS = 5  # the first so many columns of `state` are told after every message


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
        difference = arcs[c, begun + i] - arcs[c, begun - before + i]
        if difference != 0:
            found = difference > 0
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
def _tell(state: Ints, asked: Ints, news: Ints) -> None:
    for i in range(len(asked)):
        for j in range(NEWS):
            news[i, j] = state[asked[i], j]


@numba.njit(cache=True)
def decode(  # noqa: C901, PLR0911, PLR0912 one loop without calls, and arrays one by one
    data: Octets, span: Span, asked: Ints, prefixes: Octets, arcs: Ints, rows: Ints, state: Ints, news: Ints
) -> tuple[int, int]:
    """(GOOD or what is wrong, bindings read). Rows are put behind those of the messages before; there is room for them.

    `span`: of the bindings. `asked`: the columns that they are about, in this order. `news`: how those are then.
    """
    at, end = span
    count, open_columns = 0, len(asked)
    while at < end and open_columns > 0:
        for c in asked:
            if at >= end:
                break
            if data[at] != 0x30:
                return MALFORMED, count
            first, last = _length(data, at + 1, end)
            if first < 0 or first >= last or data[first] != 0x06:
                return MALFORMED, count
            name, name_end = _length(data, first + 1, last)
            if name < 0 or name_end >= last:
                return MALFORMED, count
            tag = data[name_end]
            value, value_end = _length(data, name_end + 1, last)
            if value < 0 or value_end != last:
                return MALFORMED, count
            at = last
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
            row, begun = state[c, COUNT], state[c, FILLED]
            filled = _arcs(data, name + size, name_end, arcs, c, begun)
            if filled < 0:
                return MALFORMED, count
            if row and not _further(arcs, c, begun, filled, rows[c, row - 1, ARCS]):
                return LOOPS, count
            kind = OTHER
            if tag == 0x02:
                if value_end - value < 1 or value_end - value > 8:
                    return MALFORMED, count
                kind = NUMBER
                rows[c, row, FIRST] = _signed(data, value, value_end)
            else:
                if tag in (0x04, 0x40, 0x44):
                    kind = STRING
                rows[c, row, FIRST] = value
            rows[c, row, LAST], rows[c, row, TAG] = value_end, tag
            rows[c, row, ARCS], rows[c, row, KIND] = filled - begun, kind
            _even(state, c, row, filled - begun, kind)
            state[c, COUNT], state[c, FILLED] = row + 1, filled
            state[c, TAIL], state[c, TAIL_END] = name + size, name_end
    _tell(state, asked, news)
    return GOOD, count
