"""From what a record has to its columns, compiled: the twin of collector/flowset/{normal,times}.py.

`f` is the memory of a block of records: f[slot, r] the number or the place of a field of row r, f[slot, SIZE] its octets;
`mask` the slots that the record has.
"""

from __future__ import annotations

from typing import Any

from controller.collector.flowset.normal import ANY_ADDRESS as ADDRESS_BITS
from controller.collector.flowset.times import NTP_EPOCH_S
from detectors.flow import Has, Version

from . import columns as c
from . import elements as e
from .compiled import inlined, kernel
from .octets import address4, address16, lowest, number
from .sampling import sampling
from .section import ANY_OWN, section

SIZE = c.BLOCK
V9 = int(Version.V9)
SANE = 1 << 62
ANY_LAST = sum(1 << slot + 1 for slot in (e.MILLISECONDS, e.SECONDS, e.MICROSECONDS, e.NANOSECONDS, e.UPTIME))
ANY_ADDRESS = int(ADDRESS_BITS)
SRC_ADDR, DST_ADDR, SRC_PORT, DST_PORT = int(Has.SRC_ADDR), int(Has.DST_ADDR), int(Has.SRC_PORT), int(Has.DST_PORT)
PORTS, ADDRESSES, BYTES, PACKETS = int(Has.PORTS), int(Has.ADDRESSES), int(Has.BYTES), int(Has.PACKETS)
REVERSE, TIMES, NO_FIRST, NO_LAST = int(Has.REVERSE), int(Has.TIMES), int(Has.NO_FIRST), int(Has.NO_LAST)
ICMP = int(Has.ICMP)


@inlined
def finish(data: Any, mask: int, known: int, f: Any, origin: Any, rates: Any, w: Any, a: Any, r: int) -> int:
    """From slots to columns; gives what is known of the record by now, as bits of `has`. They are gathered in a register: a
    place in memory that each step reads and writes again costs more than the steps."""
    src = first_of(mask, e.SRC_PORTS, 3)
    dst = first_of(mask, e.DST_PORTS, 3)
    if src >= 0 and dst >= 0:
        w[c.SRC_PORT + r] = f[src, r] & 0xFFFF
        w[c.DST_PORT + r] = f[dst, r] & 0xFFFF
        known |= PORTS
    elif src >= 0 or dst >= 0:
        known |= one_port(src, dst, f, w, r)
    known |= addresses(data, mask, f, a, r)
    found = first_of(mask, e.BYTES, 5)
    if found >= 0:
        w[c.BYTES + r] = f[found, r]
        known |= BYTES
    found = first_of(mask, e.PACKETS, 4)
    if found >= 0:
        w[c.PACKETS + r] = f[found, r]
        known |= PACKETS
    if has(mask, e.REVERSE_BYTES) or has(mask, e.REVERSE_PACKETS):
        w[c.REVERSE_BYTES + r] = f[e.REVERSE_BYTES, r] if has(mask, e.REVERSE_BYTES) else 0
        w[c.REVERSE_PACKETS + r] = f[e.REVERSE_PACKETS, r] if has(mask, e.REVERSE_PACKETS) else 0
        known |= REVERSE
    known |= times(mask, f, origin, w, r)
    known |= sampling(mask, f, origin, rates, w, r)
    known |= icmp(mask, f, w, r)
    if has(mask, e.SECTION) and not known & ANY_ADDRESS:
        place = f[e.SECTION, r]
        known |= section(data, place, place + f[e.SECTION, SIZE], known & ANY_OWN, w, a, r)
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
    """Both, or the one there is; see `normal._address` for records that have both families."""
    four = family(data, mask, f, e.SRC4, e.SRC6, r), family(data, mask, f, e.DST4, e.DST6, r)
    if four[0] == 0 or four[1] == 0:
        return int(one_address(data, four[0], four[1], f, a, r)) if four[0] + four[1] else 0
    for n in range(2):
        place = c.DST if n else c.SRC
        if four[n] == 4:
            address4(a, r, place, data, f[e.SRC4 + n, r])
        else:
            address16(a, r, place, data, f[e.SRC6 + n, r])
    return ADDRESSES


@kernel
def one_address(data: Any, src: int, dst: int, f: Any, a: Any, r: int) -> int:
    """The other is not there; `src` and `dst` as `family` gives them. Apart, as all that is seldom."""
    n, place = (0, c.SRC) if src else (1, c.DST)
    if src + dst == 4:
        address4(a, r, place, data, f[e.SRC4 + n, r])
    else:
        address16(a, r, place, data, f[e.SRC6 + n, r])
    return SRC_ADDR if src else DST_ADDR


@kernel
def one_port(src: int, dst: int, f: Any, w: Any, r: int) -> int:
    """Slots of the ports, of which one is -1."""
    if src >= 0:
        w[c.SRC_PORT + r] = f[src, r] & 0xFFFF
        return SRC_PORT
    w[c.DST_PORT + r] = f[dst, r] & 0xFFFF
    return DST_PORT


@inlined
def family(data: Any, mask: int, f: Any, v4: int, v6: int, r: int) -> int:
    """4 or 16: the octets of the address that holds; 0 for none."""
    has6 = has(mask, v6)
    if has(mask, v4) and f[v4, SIZE] == 4:
        place = f[v6, r]
        if not has6 or number(data, f[v4, r], 4) != 0:
            return 4
        if f[v6, SIZE] == 16 and number(data, place, 8) == 0 and number(data, place + 8, 8) == 0:
            return 4
    return 16 if has6 and f[v6, SIZE] == 16 else 0


@inlined
def icmp(mask: int, f: Any, w: Any, r: int) -> int:
    """Type and code, in one element or in two; only of ICMP."""
    if w[c.PROTO + r] not in (1, 58):
        return 0
    both = first_of(mask, e.ICMP_BOTH, 2)
    kind, code = first_of(mask, e.ICMP_TYPES, 2), first_of(mask, e.ICMP_CODES, 2)
    if kind >= 0:
        w[c.ICMP_TYPE + r] = f[kind, r] & 0xFF
        w[c.ICMP_CODE + r] = f[code, r] & 0xFF if code >= 0 else 0
    elif both >= 0:
        w[c.ICMP_TYPE + r] = (f[both, r] >> 8) & 0xFF
        w[c.ICMP_CODE + r] = f[both, r] & 0xFF
    else:
        return 0
    return ICMP


@inlined
def times(mask: int, f: Any, origin: Any, w: Any, r: int) -> int:
    """first_ms and last_ms, as far as they can be known."""
    known, first = moment(mask, f, origin, 0, r)
    if not known:
        return int(only_last(mask, f, origin, w, r)) if mask & ANY_LAST else 0
    both, last = moment(mask, f, origin, 1, r)
    w[c.FIRST_MS + r] = first
    w[c.LAST_MS + r] = last if both else first
    return TIMES if both else TIMES | NO_LAST


@kernel
def only_last(mask: int, f: Any, origin: Any, w: Any, r: int) -> int:
    """The start is not known."""
    known, last = moment(mask, f, origin, 1, r)
    if not known:
        return 0
    w[c.FIRST_MS + r] = w[c.LAST_MS + r] = last
    return TIMES | NO_FIRST


@inlined
def moment(mask: int, f: Any, origin: Any, place: int, r: int) -> tuple[bool, int]:
    """Start (place 0) or end (1) in epoch ms, and whether it is known."""
    if has(mask, e.MILLISECONDS + place):
        value = f[e.MILLISECONDS + place, r]
        return 0 <= value < SANE, value
    if has(mask, e.SECONDS + place):
        value = f[e.SECONDS + place, r]
        return 0 <= value <= (SANE - 1) // 1000, value * 1000
    for slot in (e.MICROSECONDS + place, e.NANOSECONDS + place):
        if has(mask, slot):
            seconds, fraction = (f[slot, r] >> 32) & 0xFFFF_FFFF, f[slot, r] & 0xFFFF_FFFF
            return True, (seconds - NTP_EPOCH_S) * 1000 + (fraction * 1000 >> 32)
    if not has(mask, e.UPTIME + place):
        return False, 0
    uptime = f[e.UPTIME + place, r]
    if origin[0] == V9:
        low = (origin[3] - uptime) & 0xFFFF_FFFF
        return True, origin[2] - (low - 0x1_0000_0000 if low & 0x8000_0000 else low)
    started = f[e.SYSTEM_INIT, r] if has(mask, e.SYSTEM_INIT) else 0
    if started == 0:
        started = origin[4]
    if started < 0 or started >= SANE or uptime < 0 or uptime >= SANE:
        return False, 0
    return started + uptime < SANE, started + uptime
