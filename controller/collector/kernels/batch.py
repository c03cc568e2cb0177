"""A batch of datagrams, compiled. It runs until all is read, or until something has to be asked of Python: a template, an
option, a set nobody has described, room for more rows. It is then called again and goes on where it was."""

from __future__ import annotations

from typing import Any

from . import columns as c
from .compiled import kernel
from .flowset import records
from .netflow5 import datagram as v5_datagram
from .octets import prefetch, u8, u16, u32
from .plans import EMPTY, GIVEN_UP, HOPELESS, PLAN, SESSION, SINCE_MS, find, key_of
from .sflow import datagram as sflow_datagram

ALL_READ, ASK_SET, ASK_DATAGRAM, ASK_ROOM = 0, 1, 2, 3
D, AT, SETS, ROWS, NEED, GIVEN = range(
    6
)  # of the cursor: datagram, place in it (0 = not begun), sets, rows, rows wanted, sets given up
MOST_SETS = 4096
LINE = 64  # octets the processor fetches at once
FINE, TRUNCATED, BAD_LENGTH, UNKNOWN_VERSION = 0, 1, 2, 6


@kernel
def run(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, limits: Any) -> int:
    """`bulk` = data, starts, ends, exporters as words, ports, received_ms. `known` = table, plans, ops, sessions, rates.
    `memory` = words, addresses, fields, origin. `out` = columns, dgram, agents, notices, trouble. Gives why it stopped."""
    data, starts, ends, exporters, _, received_ms = bulk
    w, a, _, _ = memory
    columns, dgram, agents, notices, trouble = out
    while cursor[D] < len(ends):
        d = cursor[D]
        at, end = starts[d], ends[d]
        if d + 1 < len(ends):
            for line in range(starts[d + 1], ends[d + 1], LINE):
                prefetch(data, line)
        version = u16(data, at) if end - at >= 2 else 0
        count = 0
        if end - at >= 4 and u32(data, at) == 5:
            notices[d, :] = 0
            count, trouble[d] = sflow_datagram(data, at, end, w, a, agents, notices, d)
        elif version == 5:
            count, trouble[d] = v5_datagram(data, at, end, w, a, exporters[d])
        elif version == 9 or version == 10:
            stopped = message(bulk, known, memory, out, cursor, limits, at)
            if stopped != ALL_READ:
                return int(stopped)
        elif version == 1:
            return ASK_DATAGRAM
        else:
            trouble[d] = UNKNOWN_VERSION
        if count:
            if not room(columns, cursor, count):
                return ASK_ROOM
            put(w, a, count, columns, dgram, cursor, received_ms[d], exporters[d])
        cursor[D] += 1
        cursor[AT] = 0
    return ALL_READ


@kernel
def room(columns: Any, cursor: Any, count: int) -> bool:
    """Whether so many rows fit; if not the cursor says what is needed."""
    cursor[NEED] = count
    return bool(cursor[ROWS] + count <= columns[0].shape[1])


@kernel
def put(w: Any, a: Any, count: int, columns: Any, dgram: Any, cursor: Any, received_ms: int, exporter: Any) -> None:
    """Rows of the scratch to the columns."""
    first = cursor[ROWS]
    c.spread(w, a, count, columns, first, received_ms, exporter)
    dgram[first : first + count] = cursor[D]
    cursor[ROWS] = first + count


@kernel
def message(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, limits: Any, start: int) -> int:
    """One v9 or IPFIX message, from where the cursor is."""
    data, _, ends, exporters, ports, received_ms = bulk
    table, heads, ops, sessions, rates = known
    w, a, f, origin = memory
    columns, dgram, _, notices, trouble = out
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
    if cursor[AT] == 0:
        cursor[AT], cursor[SETS] = start + head, 0
    while cursor[SETS] < MOST_SETS and cursor[AT] + 4 <= whole:
        at = cursor[AT]
        number, length = u16(data, at), u16(data, at + 2)
        if length < 4 or at + length > whole:
            if any_left(data, at, whole):
                trouble[d] = BAD_LENGTH
                return ALL_READ
            break
        if number < 256:
            return ASK_SET
        place = find(table, exporter[0], exporter[1], key_of(version, origin[1], number), ports[d])
        plan, age = table[place, PLAN], now_ms - table[place, SINCE_MS]
        if plan == HOPELESS and age <= limits[1]:
            table[place, GIVEN_UP] += 1
            cursor[GIVEN] += 1
            notices[d, 2] += 1
        elif plan <= EMPTY or age > limits[0]:
            return ASK_SET
        else:
            for n in range(4):
                origin[4 + n] = sessions[table[place, SESSION], n]
            count, wrong, silent = records(data, at + 4, at + length, heads[plan - 1], ops, origin, rates, w, a, f)
            if not room(columns, cursor, count):
                return ASK_ROOM
            notices[d, 3] += silent
            if wrong != FINE:
                trouble[d] = wrong
            for r in range(count):
                a[r, c.AGENT], a[r, c.AGENT + 1] = exporter[0], exporter[1]
            put(w, a, count, columns, dgram, cursor, now_ms, exporter)
        cursor[AT] = at + length
        cursor[SETS] += 1
    if trouble[d] == FINE and declared > end:
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
