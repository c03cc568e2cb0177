"""A batch of datagrams, compiled. It runs until all is read, or until something has to be asked of Python: a template, an
option, a set nobody has described, room for more rows. It is then called again and goes on where it was."""

from __future__ import annotations

from typing import Any

from .compiled import kernel
from .flowset import records
from .foresee import foresee
from .netflow5 import RECORD
from .netflow5 import datagram as v5_datagram
from .octets import prefetch, u8, u16, u32
from .plans import COUNT, EMPTY, HOPELESS, PLAN, SESSION, SHORTEST, SINCE_MS, find, key_of
from .rows import AT, GIVEN, PENDING, SETS, D, flush, room
from .sflow import SMALLEST_SAMPLE
from .sflow import datagram as sflow_datagram
from .told import nothing_new

ALL_READ, ASK_SET, ASK_DATAGRAM, ASK_ROOM = 0, 1, 2, 3
MOST_SETS = 4096
LINE = 64  # octets the processor fetches at once
FINE, TRUNCATED, BAD_LENGTH, UNKNOWN_VERSION = 0, 1, 2, 6


@kernel
def run(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, limits: Any) -> int:
    """Until all is read or Python is asked; gives why it stopped (see `pass_over`)."""
    stopped = pass_over(bulk, known, memory, out, cursor, limits)
    if cursor[PENDING]:
        flush(memory[0], memory[1], out[0], cursor)
    return int(stopped)


@kernel
def pass_over(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, limits: Any) -> int:
    """`bulk` = data, starts, ends, exporters as words, ports, received_ms. `known` = table, plans, sessions, rates, log.
    `memory` = words, addresses, fields, origin. `out` = columns, dgram, agents, notices, trouble. Gives why it stopped."""
    data, starts, ends, _, _, _ = bulk
    trouble = out[4]
    while cursor[D] < len(ends):
        d = cursor[D]
        at, end = starts[d], ends[d]
        if d + 1 < len(ends):
            for line in range(starts[d + 1], ends[d + 1], LINE):
                prefetch(data, line)
        version = u16(data, at) if end - at >= 2 else 0
        if end - at >= 4 and u32(data, at) == 5:
            if not room(out, cursor, (end - at) // SMALLEST_SAMPLE):
                return ASK_ROOM
            trouble[d] = sflow_datagram(bulk, memory, out, cursor)
        elif version == 5:
            if not room(out, cursor, (end - at) // RECORD):
                return ASK_ROOM
            trouble[d] = v5_datagram(bulk, memory, out, cursor)
        elif version == 9 or version == 10:
            stopped = message(bulk, known, memory, out, cursor, limits, at)
            if stopped != ALL_READ:
                return int(stopped)
        elif version == 1:
            return ASK_DATAGRAM
        else:
            trouble[d] = UNKNOWN_VERSION
        cursor[D] += 1
        cursor[AT] = 0
    return ALL_READ


@kernel
def message(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, limits: Any, start: int) -> int:
    """One v9 or IPFIX message, from where the cursor is."""
    data, _, ends, exporters, ports, received_ms = bulk
    table, plans, sessions, _, _ = known
    origin = memory[3]
    _, _, _, notices, trouble = out
    d = cursor[D]
    exporter, now_ms, end = exporters[d], received_ms[d], ends[d]
    version = u16(data, start)
    head = 20 if version == 9 else 16
    if end - start < head or (version == 10 and u16(data, start + 2) < 16):
        trouble[d] = TRUNCATED if end - start < head else BAD_LENGTH
        return ALL_READ
    declared = end if version == 9 else start + u16(data, start + 2)
    whole = min(declared, end)
    begin(data, start, version, origin)
    foresee(bulk, known, d)
    if cursor[AT] == 0:
        cursor[AT], cursor[SETS] = start + head, 0
    while cursor[SETS] < MOST_SETS and cursor[AT] + 4 <= whole:
        at = cursor[AT]
        number, length = u16(data, at), u16(data, at + 2)
        if length < 4:
            cursor[AT] = whole + int(any_left(data, at, whole))
            break
        stop = min(at + length, whole)  # of a set that is cut off, what there is of it
        if number < 256:
            found = nothing_new(bulk, known, cursor, origin, number, stop)
            if found < 0:
                return ASK_SET
            if found != FINE:
                trouble[d] = found
            cursor[AT], cursor[SETS] = at + length, cursor[SETS] + 1
            continue
        place = find(table, exporter[0], exporter[1], key_of(version, origin[1], number), ports[d])
        plan, age = table[place, PLAN], now_ms - table[place, SINCE_MS]
        if plan == HOPELESS and age <= limits[1]:
            table[place, COUNT] += 1
            cursor[GIVEN] += 1
            notices[d, 2] += 1
        elif plan <= EMPTY or age > limits[0]:
            return ASK_SET
        else:
            if not room(out, cursor, length // max(plans[plan - 1 + SHORTEST], 1)):
                return ASK_ROOM
            for n in range(4):
                origin[4 + n] = sessions[table[place, SESSION], n]
            wrong = records(bulk, known, memory, out, cursor, plan - 1, stop)
            if wrong != FINE:
                trouble[d] = wrong
        cursor[AT], cursor[SETS] = at + length, cursor[SETS] + 1
    if cursor[AT] > whole:
        trouble[d] = BAD_LENGTH
    elif trouble[d] == FINE and declared > end:
        trouble[d] = TRUNCATED
    return ALL_READ


@kernel
def begin(data: Any, start: int, version: int, origin: Any) -> None:
    """What the header says, for all records of the message (see plans.ORIGIN)."""
    origin[0] = version
    if version == 9:
        origin[1], origin[2], origin[3] = u32(data, start + 16), u32(data, start + 8) * 1000, u32(data, start + 4)
    else:
        origin[1], origin[2], origin[3] = u32(data, start + 12), u32(data, start + 4) * 1000, 0


@kernel
def any_left(data: Any, at: int, end: int) -> bool:
    """Whether an octet that is not zero follows."""
    for n in range(at, end):
        if u8(data, n):
            return True
    return False
