"""Rows on their way to the columns: begun in the block, which is flushed when it is full."""

from __future__ import annotations

from typing import Any

from . import columns as c
from .compiled import inlined, kernel

# Of the cursor: datagram, place in it (0 = not begun), sets, rows in the columns, rows wanted, sets given up, rows in the
# block, the digest of the set of templates that is asked about, sets of templates that were noted (see told).
D, AT, SETS, ROWS, NEED, GIVEN, PENDING, DIGEST, LOGGED = range(9)
CURSOR = 9


@inlined
def room(out: Any, cursor: Any, count: int) -> bool:
    """Whether so many more rows fit; if not the cursor says what is needed."""
    cursor[NEED] = count + c.BLOCK
    return bool(cursor[ROWS] + cursor[PENDING] + count <= len(out[1]))


@inlined
def begin(bulk: Any, memory: Any, out: Any, cursor: Any) -> int:
    """A new row of the cursor's datagram; its place in the block. There must be room."""
    _, _, _, exporters, _, received_ms = bulk
    w, a, _, _ = memory
    if cursor[PENDING] == c.BLOCK:
        flush(w, a, out[0], cursor)
    d, r = cursor[D], cursor[PENDING] & (c.BLOCK - 1)  # so that the compiler knows it is no negative index
    out[1][cursor[ROWS] + r] = d
    w[c.RECEIVED_MS + r] = received_ms[d]
    a[c.EXPORTER + 2 * r], a[c.EXPORTER + 2 * r + 1] = exporters[d, 0], exporters[d, 1]
    cursor[PENDING] = r + 1
    return int(r)


@kernel
def flush(w: Any, a: Any, columns: Any, cursor: Any) -> None:
    """What is in the block to the columns."""
    c.flush(w, a, cursor[PENDING], columns, cursor[ROWS])
    cursor[ROWS] += cursor[PENDING]
    cursor[PENDING] = 0


@kernel
def take_back(memory: Any, cursor: Any) -> None:
    """The last row is none after all."""
    w, a, _, _ = memory
    cursor[PENDING] -= 1
    c.forget(w, a, cursor[PENDING])
