"""Small parts of the compiled watch."""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.compiled import inlined
from detectors.event import LINK_LOCAL, MOST_ADDRESSES, MOST_NETS, PHI, Quality
from detectors.flow import NO_INTERFACE, Has, InterfaceFormat

from .reading import V_SFLOW, V_TABLE, Reading, Rows
from .state import FORWARDED, MEMORY, NOW, OUT, ROUTER, State
from .tables import find_contact, find_mac, last_of, mix

PORT, KNOWN, EXACT = Quality.PORT, Quality.KNOWN, Quality.EXACT
H_IN_IF, H_MAC, H_RATE = np.uint64(Has.IN_IF), np.uint64(Has.SRC_MAC), np.uint64(Has.SAMPLING)
H_DST_MAC, H_PROVEN = np.uint64(Has.DST_MAC), np.uint64(Has.PORT_PROVEN)
IFINDEX = int(InterfaceFormat.IFINDEX)
ZERO, TWO, THREE, BYTE, WORD32 = (np.uint64(word) for word in (0, 2, 3, 0xFF, 0xFFFFFFFF))
EIGHT, V4, WORD = np.uint64(8), np.uint64(0xFFFF), np.uint64(32)
Words = tuple[Any, Any, Any, Any]  # source and destination, big end first


@inlined
def swap(word: Any) -> Any:
    """The other byte order."""
    word = ((word & np.uint64(0x00FF00FF00FF00FF)) << EIGHT) | ((word >> EIGHT) & np.uint64(0x00FF00FF00FF00FF))
    sixteen = np.uint64(16)
    word = ((word & np.uint64(0x0000FFFF0000FFFF)) << sixteen) | ((word >> sixteen) & np.uint64(0x0000FFFF0000FFFF))
    return (word << WORD) | (word >> WORD)


@inlined
def is_v4(hi: Any, lo: Any) -> Any:
    """An IPv4 address, mapped."""
    return hi == ZERO and lo >> WORD == V4


@inlined
def near(hi: Any, lo: Any, other_hi: Any, other_lo: Any) -> Any:
    """Neighbours: one /24, or one /64."""
    if is_v4(hi, lo):
        return hi == other_hi and lo >> EIGHT == other_lo >> EIGHT
    return hi == other_hi


@inlined
def is_group(hi: Any, lo: Any) -> Any:
    """Multicast, broadcast, or nobody."""
    if is_v4(hi, lo):
        return (lo & WORD32) >= np.uint64(0xE0000000) or (lo & WORD32) == ZERO
    return hi >> np.uint64(56) == BYTE or (hi == ZERO and lo == ZERO)


@inlined
def tag_of(mac: Any) -> Any:
    """16 bits of a MAC; 0 only of none."""
    if mac == ZERO:
        return 0
    return np.int64((mac ^ (mac >> np.uint64(16)) ^ (mac >> WORD)) & V4) | 1


@inlined
def service_of(kind: int, port: int, twin: Any) -> Any:
    """A service, and the second machine of an address if it is one, as a word."""
    return np.uint64(kind << 16 | port) ^ (twin << np.uint64(18))


@inlined
def via_of(rows: Rows, i: int) -> Any:
    """Agent and ingress ifIndex as an even word, where the export or the collector proves them. 0 = not proven."""
    has = rows.has[i]
    if not has & H_IN_IF or rows.in_if_format[i] != IFINDEX or not (rows.version[i] == V_SFLOW or has & H_PROVEN):
        return ZERO
    number = rows.in_if[i]
    if number == 0 or number == NO_INTERFACE:
        return ZERO
    return mix(rows.agent[2 * i] ^ rows.agent[2 * i + 1], np.uint64(number)) & ~THREE | TWO


@inlined
def quality_of(rows: Rows, i: int) -> Any:
    """See event.Quality."""
    return quality_by(rows, i, via_of(rows, i))


@inlined
def quality_by(rows: Rows, i: int, via: Any) -> Any:
    """The same of a row whose port is known already."""
    rate = rows.sampling_rate[i] if rows.has[i] & H_RATE else np.uint32(0)
    found = PORT if via != ZERO else 0
    if rows.version[i] == V_TABLE or rate == 1:
        return found | EXACT | KNOWN
    return found | KNOWN if rate > 1 else found


@inlined
def fresh(state: State, key: Any, at_ms: Any) -> Any:
    """Slot of a contact that is not forgotten yet, -1 if there is none."""
    slot = find_contact(state, key)
    if slot >= 0 and at_ms - last_of(state.contacts[slot]) > state.numbers[MEMORY]:
        return -1
    return slot


@inlined
def blank(state: State, slot: int, key: Any, at_ms: Any, marks: int) -> Any:
    """A contact as new."""
    state.keys[slot] = key
    contact = state.contacts[slot]
    contact.at_ms, contact.idle, contact.level_idle, contact.level = at_ms, 0, 0, 0
    contact.via, contact.count, contact.votes, contact.tag = 0, 0, 0, 0
    contact.p0, contact.p1, contact.p2, contact.p3 = 0, 0, 0, 0
    contact.candidate, contact.marks = 0, marks
    return contact


@inlined
def bits(word: Any) -> Any:
    """How many are set."""
    found = 0
    while word:
        word &= word - np.uint64(1)
        found += 1
    return found


@inlined
def six(state: State, seen: Any, hi: Any, lo: Any, at_ms: Any) -> None:
    """plainparts.MacState.six: an IPv6 address that this MAC sent for."""
    if at_ms - seen.six_ms > state.numbers[ROUTER]:
        seen.six_ms, seen.addresses, seen.nets = at_ms, ZERO, ZERO
    phi, top, one = np.uint64(PHI), np.uint64(58), np.uint64(1)
    seen.addresses |= one << (((hi ^ lo) * phi) >> top)
    seen.nets |= one << ((hi * phi) >> top)
    if bits(seen.nets) > MOST_NETS or bits(seen.addresses) > MOST_ADDRESSES:
        seen.until_ms = at_ms + state.numbers[MEMORY]


@inlined
def forwards(state: State, mac: Any, hi: Any, lo: Any, at_ms: Any) -> Any:
    """This MAC sends for several IPv4 addresses at a time, or for more IPv6 ones than a host has: a router, or forged sources."""
    low, high = 0, state.routers.size
    while low < high:
        middle = (low + high) >> 1
        if state.routers[middle] < mac:
            low = middle + 1
        else:
            high = middle
    if low < state.routers.size and state.routers[low] == mac:
        state.numbers[FORWARDED] += 1
        return True
    if mac == ZERO or hi >> np.uint64(54) == LINK_LOCAL:
        return False
    seen = state.macs[find_mac(state, mac)]
    if seen.mac != mac:
        seen.mac, seen.low, seen.at_ms, seen.until_ms = mac, ZERO, at_ms, np.int64(-1)
        seen.six_ms, seen.addresses, seen.nets = at_ms, ZERO, ZERO
    if not is_v4(hi, lo):
        six(state, seen, hi, lo, at_ms)
    elif seen.low != lo:
        if seen.low != ZERO and at_ms - seen.at_ms <= state.numbers[ROUTER]:
            seen.until_ms = at_ms + state.numbers[MEMORY]
        seen.low = lo
    if is_v4(hi, lo) or seen.low == ZERO:
        seen.at_ms = max(seen.at_ms, at_ms)
    if at_ms <= seen.until_ms:
        state.numbers[FORWARDED] += 1
        return True
    return False


@inlined
def fill_via(rows: Rows, i: int, event: Any) -> None:
    """How well a row was seen, and where."""
    known = via_of(rows, i) != ZERO
    event.agent_hi, event.agent_lo = swap(rows.agent[2 * i]), swap(rows.agent[2 * i + 1])
    event.in_if = rows.in_if[i] if known else np.uint32(0)
    event.rate = rows.sampling_rate[i] if rows.has[i] & H_RATE else np.uint32(0)
    event.quality = quality_of(rows, i)


@inlined
def emit(rows: Rows, state: State, i: int, reading: Reading, ends: Words, twin: Any) -> Any:
    """Hand an event over; gives its place."""
    place = np.int64(state.numbers[OUT])
    event = state.out[place]
    event.at_ms, event.now_ms = rows.received_ms[i], state.numbers[NOW]
    event.src_hi, event.src_lo, event.dst_hi, event.dst_lo = ends
    fill_via(rows, i, event)
    event.mac = rows.src_mac[i] if rows.has[i] & H_MAC else ZERO
    event.twin = twin
    event.count, event.level, event.outside = np.uint32(0), np.uint32(0), 0
    event.alike = 0
    event.verb, event.kind, event.port, event.sport, event.hint, event.size = reading
    if not event.quality & EXACT:
        event.hint = 0
    state.numbers[OUT] += 1
    return place
