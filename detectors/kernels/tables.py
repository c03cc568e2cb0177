"""State of the compiled watch: tables of fixed size, open addressing, and what happens when they are full.

Contacts, MACs and port roles probe PROBES slots from where their hash points; if all are taken the oldest makes room, counted.
Sources are dense records found through an index; when there is no room, the longest silent of a few makes way.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from detectors.compiled import inlined
from detectors.event import EVENT
from detectors.watch import RING

PROBES = 16
HAND = 16  # sources looked at to find one that makes way

CONTACT = np.dtype(
    [
        ("key", "u8"),  # 0 = free
        ("at_ms", "i8"),
        ("last_ms", "i8"),
        ("level_ms", "i8"),
        ("level", "i4"),
        ("via", "u4"),
        ("count", "u4"),
        ("votes", "i2"),
        ("tag", "u2"),  # of the MAC it was opened with, by the first machine of that address
        ("p0", "u2"),
        ("p1", "u2"),
        ("p2", "u2"),
        ("p3", "u2"),
        ("candidate", "u1"),
        ("state", "u1"),
        ("opened", "u1"),
        ("quality", "u1"),
        ("fired", "u1"),
    ],
    align=True,
)
SOURCE = np.dtype(
    [
        ("hi", "u8"),
        ("lo", "u8"),
        ("twin", "u8"),
        ("mac", "u8"),
        ("last_ms", "i8"),
        ("bad_ms", "i8"),
        ("bad", "i4"),
        ("suspicious", "u1"),
        ("kept", "u1"),  # events in its ring
        ("next", "u1"),  # where the next goes
    ],
    align=True,
)
MAC = np.dtype([("mac", "u8"), ("low", "u8"), ("at_ms", "i8"), ("until_ms", "i8")])
ROLE = np.dtype([("key", "u8"), ("uplink", "u8")])

# Places in `numbers`.
NOW, TIMEOUT, MEMORY, SILENT, TARGETS, WINDOW, S_TARGETS, S_WINDOW, ROUTER, MOST_SIZE = range(10)
BUCKETS = 10  # other, blind, login, session, sampled: full and leak each
(
    OUT,
    SOURCES,
    CONTACTS,
    FORWARDED,
    SUSPICIOUS,
    LOST_CONTACTS,
    LOST_SOURCES,
    LOST_MACS,
    CLOCK,
    NEED,
    ROWS,
    DELIVERED,
    WANTED,
) = range(20, 33)
NUMBERS = 40


class State(NamedTuple):
    """Everything the kernel remembers, and what it was told."""

    contacts: Any
    sources: Any
    rings: Any
    index: Any
    macs: Any
    roles: Any
    ranges: Any
    routers: Any
    classes: Any
    web: Any
    numbers: Any
    out: Any


def make(*, sources: int, contacts: int, macs: int, out: int, told: dict[str, Any]) -> State:
    """Zeroed tables; memory is only taken as it is used."""
    return State(
        contacts=np.zeros(_power(contacts), dtype=CONTACT),
        sources=np.zeros(sources, dtype=SOURCE),
        rings=np.zeros(sources * RING, dtype=EVENT),
        index=np.zeros(_power(2 * sources), dtype=np.uint32),
        macs=np.zeros(_power(2 * macs), dtype=MAC),
        roles=np.zeros(1 << 16, dtype=ROLE),
        numbers=np.zeros(NUMBERS, dtype=np.int64),
        out=np.zeros(out, dtype=EVENT),
        **told,
    )


def _power(least: int) -> Any:
    return max(1 << (least - 1).bit_length(), 2 * PROBES)


@inlined
def mix(one: Any, other: Any) -> Any:
    """A 64-bit hash of two words (the finaliser of MurmurHash3 after a multiply)."""
    h = (one * np.uint64(0x9E3779B97F4A7C15)) ^ (other + np.uint64(0x7F4A7C15))
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@inlined
def contact_key(src_hi: Any, src_lo: Any, dst_hi: Any, dst_lo: Any, service: Any) -> Any:
    """Identity of a contact; two that differ share one of 2^64 keys by chance only. `service`: kind, port and twin, mixed."""
    found = mix(mix(src_lo ^ (src_hi * np.uint64(3)), dst_lo ^ (dst_hi * np.uint64(5))), service)
    return found | np.uint64(1)


@inlined
def find_contact(state: State, key: Any) -> Any:
    """Slot of a contact, -1 if it is not there."""
    contacts, mask = state.contacts, np.uint64(state.contacts.size - 1)
    base = key >> np.uint64(20)
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        held = contacts[slot].key
        if held == key:
            return slot
        if held == np.uint64(0):
            return -1
    return -1


@inlined
def place_contact(state: State, key: Any) -> Any:
    """A slot for a new contact: free, or that of the one longest unused near by."""
    contacts, mask = state.contacts, np.uint64(state.contacts.size - 1)
    base = key >> np.uint64(20)
    oldest: Any = -1
    oldest_ms = np.int64(0)
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        held = contacts[slot].key
        if held == key or held == np.uint64(0):
            return slot
        if oldest < 0 or contacts[slot].last_ms < oldest_ms:
            oldest, oldest_ms = slot, contacts[slot].last_ms
    if state.numbers[NOW] - oldest_ms <= state.numbers[MEMORY]:
        state.numbers[LOST_CONTACTS] += 1  # one that still mattered
    return oldest


@inlined
def find_source(state: State, hi: Any, lo: Any, twin: Any) -> Any:
    """Record of a source, -1 if it is not there."""
    mask = np.uint64(state.index.size - 1)
    at = mix(lo ^ (hi * np.uint64(3)), twin) & mask
    while True:
        found = np.int64(state.index[np.int64(at)])
        if found == 0:
            return -1
        held = state.sources[found - 1]
        if held.lo == lo and held.hi == hi and held.twin == twin:
            return found - 1
        at = (at + np.uint64(1)) & mask


@inlined
def make_source(state: State, hi: Any, lo: Any, twin: Any) -> Any:
    """A fresh record for a source that is not there."""
    numbers, sources = state.numbers, state.sources
    which: Any = -1
    if numbers[SOURCES] < sources.size:
        which = np.int64(numbers[SOURCES])
        numbers[SOURCES] += 1
    else:
        for step in range(min(HAND, sources.size)):
            other = np.int64((numbers[CLOCK] + step) % sources.size)
            if which < 0 or sources[other].last_ms < sources[which].last_ms:
                which = other
        numbers[CLOCK] = (numbers[CLOCK] + HAND) % sources.size
        numbers[LOST_SOURCES] += 1
        _unindex(state, which)
    mask = np.uint64(state.index.size - 1)
    at = mix(lo ^ (hi * np.uint64(3)), twin) & mask
    while state.index[np.int64(at)] != 0:
        at = (at + np.uint64(1)) & mask
    state.index[np.int64(at)] = which + 1
    record = sources[which]
    record.hi, record.lo, record.twin, record.mac = hi, lo, twin, np.uint64(0)
    record.last_ms, record.bad_ms, record.bad = np.int64(0), np.int64(0), 0
    record.suspicious, record.kept, record.next = 0, 0, 0
    return which


@inlined
def _unindex(state: State, which: int) -> None:
    """Take a record out of the index; those behind it move up, so that no search ends too early (Knuth 6.4, algorithm R)."""
    index, sources, mask = state.index, state.sources, np.uint64(state.index.size - 1)
    gone = sources[which]
    hole = mix(gone.lo ^ (gone.hi * np.uint64(3)), gone.twin) & mask
    while np.int64(index[np.int64(hole)]) != which + 1:
        hole = (hole + np.uint64(1)) & mask
    at = hole
    while True:
        at = (at + np.uint64(1)) & mask
        found = np.int64(index[np.int64(at)])
        if found == 0:
            break
        other = sources[found - 1]
        home = mix(other.lo ^ (other.hi * np.uint64(3)), other.twin) & mask
        if ((at - home) & mask) >= ((at - hole) & mask):
            index[np.int64(hole)] = found
            hole = at
    index[np.int64(hole)] = 0


@inlined
def find_mac(state: State, mac: Any) -> Any:
    """Slot of a MAC: its own, or one that it may take, whose `mac` then differs."""
    macs, mask = state.macs, np.uint64(state.macs.size - 1)
    base = mix(mac, np.uint64(7))
    oldest: Any = -1
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        if macs[slot].mac == mac or macs[slot].mac == np.uint64(0):
            return slot
        if oldest < 0 or macs[slot].at_ms < macs[oldest].at_ms:
            oldest = slot
    state.numbers[LOST_MACS] += 1
    return oldest


@inlined
def find_role(state: State, key: Any) -> Any:
    """0 = not asked yet, 1 = no uplink, 2 = uplink."""
    mask = np.uint64(state.roles.size - 1)
    for step in range(PROBES):
        slot = np.int64((key + np.uint64(step)) & mask)
        if state.roles[slot].key == key:
            return np.int64(state.roles[slot].uplink) + 1
        if state.roles[slot].key == np.uint64(0):
            return 0
    return 0


@inlined
def keep_role(state: State, key: Any, uplink: bool) -> Any:
    """Remember the answer; False if there is no room."""
    mask = np.uint64(state.roles.size - 1)
    for step in range(PROBES):
        slot = np.int64((key + np.uint64(step)) & mask)
        if state.roles[slot].key == key or state.roles[slot].key == np.uint64(0):
            state.roles[slot].key, state.roles[slot].uplink = key, np.uint64(1 if uplink else 0)
            return True
    return False


@inlined
def is_inside(state: State, hi: Any, lo: Any) -> Any:
    """An address (words, big end first) in one of the ranges."""
    ranges = state.ranges
    low, high = 0, ranges.shape[0]
    while low < high:
        middle = (low + high) >> 1
        if ranges[middle, 0] < hi or (ranges[middle, 0] == hi and ranges[middle, 1] <= lo):
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return False
    last_hi, last_lo = ranges[low - 1, 2], ranges[low - 1, 3]
    return hi < last_hi or (hi == last_hi and lo <= last_lo)
