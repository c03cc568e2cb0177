"""What the next datagrams will need is asked of memory before it is needed, compiled: the places, plans and sessions of thousands
of exporters are in no cache, and each is found only by what stands in the one before it."""

from __future__ import annotations

from typing import Any

from .compiled import inlined, kernel
from .octets import prefetch, u16, u32
from .plans import LINE, PLAN, SESSION, SESSION_WIDTH, find, key_of, slot_of

HEAD9, HEAD10 = 20, 16
LINES = 4  # of a plan: head, and about twenty ops
NONE = -1
U32 = 0xFFFF_FFFF


@kernel
def foresee(bulk: Any, known: Any, d: int) -> None:
    """Ahead of datagram `d`: the first octets of one, the place in the table of the next, plan and session of the nearest."""
    data, starts, ends, exporters, ports, _ = bulk
    table, plans, sessions, _, _ = known
    if d + 3 >= len(ends):
        return
    prefetch(data, starts[d + 3])
    key = key_at(data, starts[d + 2], ends[d + 2])
    if key != NONE:
        prefetch(table, slot_of(len(table) - 1, exporters[d + 2, 0], exporters[d + 2, 1], key, ports[d + 2]) * 8)
    key = key_at(data, starts[d + 1], ends[d + 1])
    if key != NONE:
        place = find(table, exporters[d + 1, 0], exporters[d + 1, 1], key, ports[d + 1])
        plan = table[place, PLAN] - 1
        if plan >= 0:
            for n in range(LINES):
                prefetch(plans, plan + n * LINE)
            prefetch(sessions, (table[place, SESSION] & U32) * SESSION_WIDTH)


@inlined
def key_at(data: Any, at: int, end: int) -> int:
    """The key (see plans.key_of) of the data set that a message begins with; NONE if it begins with another, or is none."""
    if end - at < HEAD9 + 4:
        return NONE
    version = u16(data, at)
    if version == 9:
        number, domain = u16(data, at + HEAD9), u32(data, at + 16)
    elif version == 10:
        number, domain = u16(data, at + HEAD10), u32(data, at + 12)
    else:
        return NONE
    return int(key_of(version, domain, number)) if number >= 256 else NONE
