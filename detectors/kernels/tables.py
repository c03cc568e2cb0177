"""Finding and placing in the arrays of the compiled watch: open addressing, and what happens when they are full.

Contacts, MACs and port roles probe PROBES slots from where their hash points; if all are taken the oldest makes room, counted.
Sources are dense records found through an index; when there is no room, the longest silent of a few makes way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.compiled import inlined, kernel

from .state import (
    CLOCK,
    LONGEST,
    LOST_CONTACTS,
    LOST_MACS,
    LOST_SOURCES,
    MEMORY,
    NOW,
    PROBES,
    SOURCES,
    State,
)
from .views import fetch

HAND = 16  # sources looked at to find one that makes way


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
    keys, mask = state.keys, np.uint64(state.keys.size - 1)
    base = key >> np.uint64(20)
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        held = keys[slot]
        if held == key:
            return slot
        if held == np.uint64(0):
            return -1
    return -1


@inlined
def expect_contact(state: State, key: Any) -> None:
    """This contact will be looked for soon: most of what a row costs is waiting for memory."""
    slot = np.int64((key >> np.uint64(20)) & np.uint64(state.keys.size - 1))
    fetch(state.keys, slot)
    fetch(state.contacts, slot)
    fetch(state.contacts, slot + 1)  # most lie in two lines


@inlined
def expect_role(state: State, via: Any) -> None:
    """The role of this port will be looked for soon."""
    fetch(state.roles, np.int64((via >> np.uint64(32)) & np.uint64(state.roles.size - 1)))


@inlined
def last_of(contact: Any) -> Any:
    """When a contact was used last."""
    return contact.at_ms + np.int64(contact.idle)


@inlined
def use(contact: Any, at_ms: Any) -> None:
    """A contact was used at a time."""
    idle = at_ms - contact.at_ms
    if idle > LONGEST:
        contact.at_ms, contact.idle, contact.level_idle = at_ms, 0, 0
    elif idle > np.int64(contact.idle):
        contact.idle = idle


@inlined
def place_contact(state: State, key: Any) -> Any:
    """A slot for a new contact: free, or that of the one longest unused near by."""
    keys, mask = state.keys, np.uint64(state.keys.size - 1)
    base = key >> np.uint64(20)
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        if keys[slot] == key or keys[slot] == np.uint64(0):
            return slot
    oldest: Any = -1
    oldest_ms = np.int64(0)
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        last_ms = last_of(state.contacts[slot])
        if oldest < 0 or last_ms < oldest_ms:
            oldest, oldest_ms = slot, last_ms
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
        if sources[which].acting:
            state.acting[np.int64(sources[which].acting) - 1].which = 0
    mask = np.uint64(state.index.size - 1)
    at = mix(lo ^ (hi * np.uint64(3)), twin) & mask
    while state.index[np.int64(at)] != 0:
        at = (at + np.uint64(1)) & mask
    state.index[np.int64(at)] = which + 1
    record = sources[which]
    record.hi, record.lo, record.twin, record.mac = hi, lo, twin, np.uint64(0)
    record.last_ms, record.bad_ms, record.until_ms, record.bad = np.int64(0), np.int64(0), np.int64(0), 0
    record.suspicious, record.kept, record.next, record.bad_then, record.acting = 0, 0, 0, 0, 0
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
def find_role(state: State, via: Any) -> Any:
    """0 = not asked yet, 1 = no uplink, 2 = uplink. The lowest bit of what is kept is the answer, that of `via` is free."""
    mask, base = np.uint64(state.roles.size - 1), via >> np.uint64(32)
    for step in range(PROBES):
        held = state.roles[np.int64((base + np.uint64(step)) & mask)]
        if held & ~np.uint64(1) == via:
            return np.int64(held & np.uint64(1)) + 1
        if held == np.uint64(0):
            return 0
    return 0


@kernel
def keep_role(roles: Any, via: Any, uplink: Any) -> None:
    """Remember an answer; where there is no room, the first of those in the way is forgotten, and asked again."""
    mask, base = np.uint64(roles.size - 1), via >> np.uint64(32)
    free = np.int64(base & mask)
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        if roles[slot] == np.uint64(0):
            free = slot
            break
    roles[free] = via | uplink


@inlined
def is_inside(state: State, hi: Any, lo: Any) -> Any:
    """An address (words, big end first) in one of the ranges."""
    ranges = state.ranges
    low, high = 0, ranges.size >> 2
    while low < high:
        middle = (low + high) >> 1
        first_hi, first_lo = ranges[4 * middle], ranges[4 * middle + 1]
        if first_hi < hi or (first_hi == hi and first_lo <= lo):
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return False
    last_hi, last_lo = ranges[4 * low - 2], ranges[4 * low - 1]
    return hi < last_hi or (hi == last_hi and lo <= last_lo)
