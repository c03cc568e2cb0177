"""Data records of NetFlow v9 and IPFIX, compiled: the twin of collector/flowset/template.py.

A record is walked by its plan (see plans.py): each field that matters goes to its column or to a slot, and `finish` weighs the
slots (see weigh.py).
"""

from __future__ import annotations

from typing import Any

from controller.collector.flowset.template import VARIABLE
from detectors.flow import Has

from . import columns as c
from . import elements as e
from .columns import BLOCK
from .compiled import inlined, kernel
from .octets import number, u8, u16, u64
from .plans import HEAD, KNOWN, OPS, SHORTEST, SLOTS, TO_COLUMN, TO_SLOT
from .plans import SIZE as PLAN_SIZE
from .rows import AT, begin, take_back
from .weigh import SIZE, finish

FINE, BAD_RECORD = 0, 7
ODID = int(Has.ODID)
SMALL = 0xFFFF  # an index that is masked with it is no negative one, which the compiler then need not look for
COLUMN, MASK, BIT = e.COLUMN, e.MASK, e.BIT
DIRECT, PLACED = e.DIRECT, e.PLACED


@inlined
def records(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, plan: int, end: int) -> Any:
    """All records of the set at the cursor; gives trouble. `plan` is where their plan begins: see plans."""
    if known[1][plan + PLAN_SIZE]:
        return fixed_records(bulk, known, memory, out, cursor, plan, end)
    return varying_records(bulk, known, memory, out, cursor, plan, end)


@kernel
def varying_records(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, plan: int, end: int) -> int:
    """Of records with lengths inside them."""
    data = bulk[0]
    _, plans, _, rates, _ = known
    w, a, f, origin = memory
    at = cursor[AT] + 4
    while end - at >= plans[plan + SHORTEST]:
        r = start(bulk, memory, out, cursor)
        mask, found, at = read_variable(data, at, end, plan, plans, w, f, r)
        if at < 0:
            take_back(memory, cursor)
            return BAD_RECORD
        found |= finish(data, mask, found, f, origin, rates, w, a, r)
        w[c.HAS + r] |= found
    return FINE


@kernel
def fixed_records(bulk: Any, known: Any, memory: Any, out: Any, cursor: Any, plan: int, end: int) -> int:
    """The same for records that are all of one size: many of them at once, field by field, so that what a field needs stays in
    registers. What they have is known before the first is read."""
    data = bulk[0]
    w, a, f, origin = memory
    plans, rates = known[1], known[3]
    size, mask, bits = plans[plan + PLAN_SIZE], plans[plan + SLOTS], plans[plan + KNOWN] | ODID
    at, left = cursor[AT] + 4, (end - cursor[AT] - 4) // size
    while left > 0:
        first = start(bulk, memory, out, cursor)
        count = min(left, BLOCK - first)
        for _ in range(1, count):
            start(bulk, memory, out, cursor)
        fields(data, at, size, count, plan, plans, w, f, first)
        for r in range(first, first + count):
            found = bits | finish(data, mask, bits, f, origin, rates, w, a, r)
            w[c.HAS + r] |= found  # apart: what `finish` itself wrote there must be read after it
        at += count * size
        left -= count
    return FINE


@inlined
def fields(data: Any, at: int, size: int, count: int, plan: int, plans: Any, w: Any, f: Any, first: int) -> None:
    """Every field of `count` records, to rows `first` on: plain numbers to their columns, what is weighed to `f`."""
    ops = plan + HEAD
    direct = ops + plans[plan + TO_COLUMN]
    weighed, last = direct + plans[plan + TO_SLOT], ops + plans[plan + OPS]
    whole = max(0, min(count, (len(data) - 8 - at) // size))  # so many have eight octets behind each field's first
    for k in range(ops, direct):
        offset, shift, column, mask = parts(plans[k])
        place, column = at + offset, column + first
        for n in range(whole):
            w[(column & SMALL) + (n & SMALL)] = (u64(data, place + n * size) >> shift) & mask
        for n in range(whole, count):
            w[column + n] = field(data, place + n * size, shift, mask)
    for k in range(direct, weighed):
        offset, shift, slot, mask = parts(plans[k])
        place = at + offset
        for n in range(whole):
            f[slot, (first & SMALL) + (n & SMALL)] = (u64(data, place + n * size) >> shift) & mask
        for n in range(whole, count):
            f[slot, first + n] = field(data, place + n * size, shift, mask)
    for k in range(weighed, last):
        offset, length, slot, _ = parts(plans[k])
        f[slot, SIZE] = length
        for n in range(count):
            f[slot, first + n] = at + offset + n * size


@inlined
def parts(op: int) -> Any:
    """Of an op: place or octets to skip, shift or length, where it goes, and the mask of its bits (see plans.op)."""
    return op & SMALL, (op >> 16) & SMALL, (op >> 32) & SMALL, (2 << ((op >> 48) & 63)) - 1


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
def read_variable(data: Any, at: int, end: int, plan: int, plans: Any, w: Any, f: Any, r: int) -> Any:
    """A record with lengths inside it: an op is (octets to skip, length, slot + 1). Gives
    (slots found, what is known by plain numbers, where it ends; -1 = it does not)."""
    mask, known = 0, ODID
    for k in range(plan + HEAD, plan + HEAD + plans[plan + OPS]):
        skip, size, slot, _ = parts(plans[k])
        at, slot = at + skip, slot - 1
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
                f[slot, SIZE] = size
                f[slot, r] = at if slot >= PLACED else number(data, at, size)
        at += size
    return mask, known, at
