"""Data records of NetFlow v9 and IPFIX, compiled: the twin of collector/flowset/{template,normal,times}.py.

A record is walked by its plan (see plans.py): each field that matters goes to a slot, and `finish` weighs the slots.
`f` is the memory of a record: f[0, slot] the number or the place of a field, f[1, slot] its size.
"""

from __future__ import annotations

from typing import Any

from controller.collector.flowset.template import VARIABLE
from controller.collector.flowset.times import NTP_EPOCH_S
from detectors.flow import Has, Version

from . import columns as c
from . import elements as e
from .compiled import inlined, kernel
from .header import ethernet
from .octets import address4, address16, lowest, number, u8, u16, u64
from .rows import AT, begin, take_back
from .sampling import sampling

FINE, BAD_RECORD = 0, 7
V9 = int(Version.V9)
SANE = 1 << 62
ODID, PORTS, ADDRESSES, BYTES, PACKETS = (
    int(Has.ODID),
    int(Has.PORTS),
    int(Has.ADDRESSES),
    int(Has.BYTES),
    int(Has.PACKETS),
)
REVERSE, TIMES, NO_LAST, ICMP, SECTION = (
    int(Has.REVERSE),
    int(Has.TIMES),
    int(Has.NO_LAST),
    int(Has.ICMP),
    int(Has.SECTION),
)
COLUMN, MASK, BIT = e.COLUMN, e.MASK, e.BIT
DIRECT, PLACED = e.DIRECT, e.PLACED


@inlined
def records(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, head: Any, end: int) -> Any:
    """All records of the set at the cursor: (trouble, records that gave no row). `head` is of a plan: see plans."""
    if head[3]:
        return fixed_records(bulk, known, memory, out, cursor, head, end)
    return varying_records(bulk, known, memory, out, cursor, head, end)


@kernel
def varying_records(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, head: Any, end: int) -> tuple[int, int]:
    """Of records with lengths inside them."""
    data = bulk[0]
    _, _, ops, _, rates = known
    w, a, f, origin = memory
    at, silent = cursor[AT] + 4, 0
    while end - at >= head[2]:
        r = start(bulk, memory, out, cursor)
        mask, found, at = read_variable(data, at, end, head, ops, w, f, r)
        if at < 0:
            take_back(memory, cursor)
            return BAD_RECORD, silent
        found |= finish(data, mask, found, f, origin, rates, w, a, r)
        w[c.HAS + r] |= found
        if found == ODID:
            take_back(memory, cursor)
            silent += 1
    return FINE, silent


@kernel
def fixed_records(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, head: Any, end: int) -> tuple[int, int]:
    """The same for records that are all of one size: what they have is known before the first is read, and so is what
    `finish` makes of it, for the compiler takes out of the loop what does not change in it."""
    first, least, size, mask = head[0], head[2], head[3], head[4]
    direct = first + head[5]
    weighed, last, bits = direct + head[6], first + head[1], head[7] | ODID
    data = bulk[0]
    _, _, ops, _, rates = known
    w, a, f, origin = memory
    at, silent = cursor[AT] + 4, 0
    while end - at >= least:
        r = start(bulk, memory, out, cursor)
        for k in range(first, direct):
            w[ops[k, 2] + r] = field(data, at + ops[k, 0], ops[k, 1], ops[k, 3])
        for k in range(direct, weighed):
            f[0, ops[k, 2]] = field(data, at + ops[k, 0], ops[k, 1], ops[k, 3])
        for k in range(weighed, last):
            f[0, ops[k, 2]] = at + ops[k, 0]
            f[1, ops[k, 2]] = ops[k, 1]
        found = bits | finish(data, mask, bits, f, origin, rates, w, a, r)
        w[c.HAS + r] |= found
        if found == ODID:
            take_back(memory, cursor)
            silent += 1
        at += size
    return FINE, silent


@inlined
def field(data: Any, place: int, shift: int, mask: int) -> int:
    """A number of 1 to 8 octets: one load whatever its size, shifted and masked. Near the end of all data the load begins
    earlier (a message has more than 8 octets), so that nothing behind it is read."""
    begin = min(place, len(data) - 8)
    return int((u64(data, begin) >> (shift - 8 * (place - begin))) & mask)


@inlined
def start(bulk: Any, memory: Any, out: Any, cursor: Any) -> Any:
    """Begin a row. The agent is the exporter."""
    w, a, _, origin = memory
    r = begin(bulk, memory, out, cursor)
    a[c.AGENT + 2 * r], a[c.AGENT + 2 * r + 1] = a[c.EXPORTER + 2 * r], a[c.EXPORTER + 2 * r + 1]
    w[c.VERSION + r] = origin[0]
    w[c.ODID + r] = origin[1]
    return r


@inlined
def read_variable(data: Any, at: int, end: int, head: Any, ops: Any, w: Any, f: Any, r: int) -> Any:
    """A record with lengths inside it: an op is (octets to skip, length, slot). Gives
    (slots found, what is known by plain numbers, where it ends; -1 = it does not)."""
    mask, known = 0, ODID
    for k in range(head[0], head[0] + head[1]):
        at += ops[k, 0]
        size, slot = ops[k, 1], ops[k, 2]
        if size == VARIABLE:
            if at >= end:
                return mask, known, -1
            size, at = u8(data, at), at + 1
            if size == 255:
                if at + 2 > end:
                    return mask, known, -1
                size, at = u16(data, at), at + 2
        if at + size > end:
            return mask, known, -1
        if slot >= 0 and size > 0:
            if slot < DIRECT:
                w[COLUMN[slot] + r] = number(data, at, size) & MASK[slot]
                known |= BIT[slot]
            else:
                mask |= 1 << slot
                f[1, slot] = size
                f[0, slot] = at if slot >= PLACED else number(data, at, size)
        at += size
    return mask, known, at


@inlined
def finish(data: Any, mask: int, known: int, f: Any, origin: Any, rates: Any, w: Any, a: Any, r: int) -> int:
    """From slots to columns; gives what is known of the record by now, as bits of `has`. They are gathered in a register: a
    place in memory that each step reads and writes again costs more than the steps."""
    src = first_of(mask, e.SRC_PORTS, 3)
    dst = first_of(mask, e.DST_PORTS, 3)
    if src >= 0 and dst >= 0:
        w[c.SRC_PORT + r] = f[0, src] & 0xFFFF
        w[c.DST_PORT + r] = f[0, dst] & 0xFFFF
        known |= PORTS
    known |= addresses(data, mask, f, a, r)
    found = first_of(mask, e.BYTES, 5)
    if found >= 0:
        w[c.BYTES + r] = f[0, found]
        known |= BYTES
    found = first_of(mask, e.PACKETS, 4)
    if found >= 0:
        w[c.PACKETS + r] = f[0, found]
        known |= PACKETS
    if has(mask, e.REVERSE_BYTES) or has(mask, e.REVERSE_PACKETS):
        w[c.REVERSE_BYTES + r] = f[0, e.REVERSE_BYTES] if has(mask, e.REVERSE_BYTES) else 0
        w[c.REVERSE_PACKETS + r] = f[0, e.REVERSE_PACKETS] if has(mask, e.REVERSE_PACKETS) else 0
        known |= REVERSE
    known |= times(mask, f, origin, w, r)
    known |= sampling(mask, f, origin, rates, w, r)
    known |= icmp(mask, f, w, r)
    if has(mask, e.SECTION) and not known & ADDRESSES:
        place = f[0, e.SECTION]
        ethernet(data, place, place + f[1, e.SECTION], w, a, r)
        known |= SECTION
    return known


@inlined
def has(mask: int, slot: int) -> bool:
    """Whether the record has that element."""
    return (mask >> slot) & 1 == 1


@inlined
def first_of(mask: int, slot: int, count: int) -> int:
    """The first of so many slots that the record has; -1 for none."""
    some = (mask >> slot) & ((1 << count) - 1)
    return slot + lowest(some) if some else -1  # type: ignore[call-arg]


@inlined
def addresses(data: Any, mask: int, f: Any, a: Any, r: int) -> int:
    """Both or none; see `normal._address` for records that have both families."""
    four = family(data, mask, f, e.SRC4, e.SRC6), family(data, mask, f, e.DST4, e.DST6)
    if four[0] == 0 or four[1] == 0:
        return 0
    for n in range(2):
        place = c.DST if n else c.SRC
        if four[n] == 4:
            address4(a, r, place, data, f[0, e.SRC4 + n])
        else:
            address16(a, r, place, data, f[0, e.SRC6 + n])
    return ADDRESSES


@inlined
def family(data: Any, mask: int, f: Any, v4: int, v6: int) -> int:
    """4 or 16: the octets of the address that holds; 0 for none."""
    has6 = has(mask, v6)
    if has(mask, v4) and f[1, v4] == 4:
        place = f[0, v6]
        if not has6 or number(data, f[0, v4], 4) != 0:
            return 4
        if f[1, v6] == 16 and number(data, place, 8) == 0 and number(data, place + 8, 8) == 0:
            return 4
    return 16 if has6 and f[1, v6] == 16 else 0


@inlined
def icmp(mask: int, f: Any, w: Any, r: int) -> int:
    """Type and code, in one element or in two; only of ICMP."""
    if w[c.PROTO + r] not in (1, 58):
        return 0
    both = first_of(mask, e.ICMP_BOTH, 2)
    kind, code = first_of(mask, e.ICMP_TYPES, 2), first_of(mask, e.ICMP_CODES, 2)
    if kind >= 0:
        w[c.ICMP_TYPE + r] = f[0, kind] & 0xFF
        w[c.ICMP_CODE + r] = f[0, code] & 0xFF if code >= 0 else 0
    elif both >= 0:
        w[c.ICMP_TYPE + r] = (f[0, both] >> 8) & 0xFF
        w[c.ICMP_CODE + r] = f[0, both] & 0xFF
    else:
        return 0
    return ICMP


@inlined
def times(mask: int, f: Any, origin: Any, w: Any, r: int) -> int:
    """first_ms and last_ms, as far as they can be known."""
    known, first = moment(mask, f, origin, 0)
    if not known:
        return 0
    both, last = moment(mask, f, origin, 1)
    w[c.FIRST_MS + r] = first
    w[c.LAST_MS + r] = last if both else first
    return TIMES if both else TIMES | NO_LAST


@inlined
def moment(mask: int, f: Any, origin: Any, place: int) -> tuple[bool, int]:
    """Start (place 0) or end (1) in epoch ms, and whether it is known."""
    if has(mask, e.MILLISECONDS + place):
        value = f[0, e.MILLISECONDS + place]
        return 0 <= value < SANE, value
    if has(mask, e.SECONDS + place):
        value = f[0, e.SECONDS + place]
        return 0 <= value <= (SANE - 1) // 1000, value * 1000
    for slot in (e.MICROSECONDS + place, e.NANOSECONDS + place):
        if has(mask, slot):
            seconds, fraction = (f[0, slot] >> 32) & 0xFFFF_FFFF, f[0, slot] & 0xFFFF_FFFF
            return True, (seconds - NTP_EPOCH_S) * 1000 + (fraction * 1000 >> 32)
    if not has(mask, e.UPTIME + place):
        return False, 0
    uptime = f[0, e.UPTIME + place]
    if origin[0] == V9:
        low = (origin[3] - uptime) & 0xFFFF_FFFF
        return True, origin[2] - (low - 0x1_0000_0000 if low & 0x8000_0000 else low)
    started = f[0, e.SYSTEM_INIT] if has(mask, e.SYSTEM_INIT) else 0
    if started == 0:
        started = origin[4]
    if started < 0 or started >= SANE or uptime < 0 or uptime >= SANE:
        return False, 0
    return started + uptime < SANE, started + uptime
