"""Sets of templates that say nothing new, compiled: most exporters send theirs every few seconds."""

from __future__ import annotations

from typing import Any

from .compiled import kernel
from .octets import number as number_of
from .octets import u64
from .plans import EPOCH, PLAN, SESSION, TOLD, find, key_of
from .rows import AT, DIGEST, LOGGED, D

U32 = 0xFFFF_FFFF
MIX, MIX2 = 0x2545_F491_4F6C_DD1D, 0x1E37_79B9_7F4A_7C15


@kernel
def nothing_new(bulk: Any, known: Any, cursor: Any, origin: Any, number: int, end: int) -> int:
    """Whether the set at the cursor was taken before, as it is, and no template of its session changed since: the trouble in it
    then, or 0, and it is noted for the store. Else -1, and its digest is left in the cursor for whoever takes it."""
    data, _, _, exporters, ports, received_ms = bulk
    table, _, sessions, _, log = known
    d = cursor[D]
    cursor[DIGEST] = sign = digest(data, cursor[AT] + 4, end, ports[d])
    place = find(table, exporters[d, 0], exporters[d, 1], key_of(origin[0], origin[1], number), sign)
    plan, session = table[place, PLAN], table[place, SESSION]
    if plan > TOLD or sessions[session & U32, EPOCH] != session >> 32 or cursor[LOGGED] == len(log):
        return -1
    log[cursor[LOGGED], 0], log[cursor[LOGGED], 1] = place, received_ms[d]
    cursor[LOGGED] += 1
    return int(TOLD - plan)


@kernel
def digest(data: Any, at: int, end: int, port: int) -> int:
    """64 bits of the octets of a set and its source port: two different ones are the same by chance only."""
    found = port * MIX + (end - at)
    while at + 8 <= end:
        found = (found ^ u64(data, at)) * MIX
        found ^= (found >> 29) & 0x7_FFFF_FFFF
        at += 8
    if at < end:
        found = (found ^ number_of(data, at, end - at)) * MIX
    found = (found ^ ((found >> 32) & U32)) * MIX2
    return int(found ^ ((found >> 29) & 0x7_FFFF_FFFF))
