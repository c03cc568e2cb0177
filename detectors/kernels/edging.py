"""Edges of administration, compiled: the rules of newpeer/plain.py over the columns of a batch.

Open addressing as for contacts (tables.py): PROBES slots from where a hash points; if all are taken the one longest unused makes
room, counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from detectors.compiled import inlined, kernel
from detectors.event import ACK, EPHEMERAL, FLAGS, RST, SYN, WELL_KNOWN

from .parts import KNOWN, Words, near, quality_of, swap
from .reading import ANSWER, GOT, H_ADDRESSES, H_FLAGS, H_PORTS, H_REVERSE, OPEN, V_SFLOW, V_TABLE, ZERO, Rows, read
from .state import PROBES
from .tables import contact_key, is_inside

RPC_MAPPER, DYNAMIC = 135, 49_152
SLOT = np.dtype(
    [
        ("key", "u8"),  # 0 = free
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("first_ms", "i8"),
        ("last_ms", "i8"),
        ("count", "u4"),
        ("port", "u2"),
    ],
    align=True,
)
FOUND = np.dtype(  # addresses as they lie in memory
    [
        ("src_0", "u8"),
        ("src_1", "u8"),
        ("dst_0", "u8"),
        ("dst_1", "u8"),
        ("agent_0", "u8"),
        ("agent_1", "u8"),
        ("at_ms", "i8"),
        ("port", "u2"),
        ("known", "u1"),
        ("proven", "u1"),
    ],
    align=True,
)
PACKED = "=16s16s16sqHBB4x"  # the same, for struct
FORGET, DYNAMIC_MS, OUT, SEEN, NEW, LOST = range(6)  # places in `numbers`


class EdgeTable(NamedTuple):
    """Everything the kernel remembers, and what it was told."""

    slots: Any
    ports: Any  # 1 for each listed port
    ranges: Any
    numbers: Any
    out: Any


@kernel
def edges(rows: Rows, table: EdgeTable, start: int) -> Any:
    """Take rows from `start` until the room for new edges ends; gives the row to go on with."""
    for i in range(start, rows.has.size):
        if rows.proto[i] != 6:
            continue
        has = rows.has[i]
        if not has & H_PORTS or not has & H_ADDRESSES:
            continue
        port = answered(rows, table, i, has)
        if port == 0:
            continue
        # Positive: the row's destination is the client. Negative: the row's source is.
        if port > 0:
            client_hi, client_lo = swap(rows.dst_addr[2 * i]), swap(rows.dst_addr[2 * i + 1])
            server_hi, server_lo = swap(rows.src_addr[2 * i]), swap(rows.src_addr[2 * i + 1])
        else:
            client_hi, client_lo = swap(rows.src_addr[2 * i]), swap(rows.src_addr[2 * i + 1])
            server_hi, server_lo = swap(rows.dst_addr[2 * i]), swap(rows.dst_addr[2 * i + 1])
        ends = (client_hi, client_lo, server_hi, server_lo)
        note(rows, table, i, ends, abs(port))
        if table.numbers[OUT] == table.out.size:
            return i + 1
    return rows.has.size


@inlined
def answered(rows: Rows, table: EdgeTable, i: int, has: Any) -> Any:
    """The service that a row proves to be used, negative if its source is the client; 0 if it proves nothing."""
    src, dst = np.int64(rows.src_port[i]), np.int64(rows.dst_port[i])
    flags = np.int64(rows.tcp_flags[i]) & FLAGS
    if has & H_FLAGS and not flags & (SYN | RST):
        # The middle of a connection: the side of a listed port speaks to one that only clients have.
        return src if flags & ACK and table.ports[src] and below(src, dst) else 0
    if not (table.ports[src] or table.ports[dst] or src >= DYNAMIC or dst >= DYNAMIC):
        return 0
    verb, _kind, port, _sport, hint, _size = read(rows, i)
    if not (table.ports[port] or port >= DYNAMIC):
        return 0
    if verb == ANSWER:
        return port
    return -port if verb == OPEN and hint == GOT else 0


@inlined
def below(server: int, client: int) -> Any:
    """Ranked as a server's port and a client's (initiator.py)."""
    return (server < WELL_KNOWN and client >= WELL_KNOWN) or (server < EPHEMERAL and client >= EPHEMERAL)


@inlined
def note(rows: Rows, table: EdgeTable, i: int, ends: Words, port: int) -> None:
    """An edge was used; hand it over if it is new."""
    client_hi, client_lo, server_hi, server_lo = ends
    if client_hi == server_hi and client_lo == server_lo:
        return
    if not near(client_hi, client_lo, server_hi, server_lo) and not (
        is_inside(table, client_hi, client_lo) and is_inside(table, server_hi, server_lo)
    ):
        return
    at_ms, numbers = rows.received_ms[i], table.numbers
    if not table.ports[port]:
        mapper = find(table, contact_key(client_hi, client_lo, server_hi, server_lo, np.uint64(RPC_MAPPER)))
        if mapper < 0 or at_ms - table.slots[mapper].last_ms > numbers[DYNAMIC_MS]:
            return
        port = DYNAMIC
    numbers[SEEN] += 1
    key = contact_key(client_hi, client_lo, server_hi, server_lo, np.uint64(port))
    slot = find(table, key)
    if slot >= 0 and at_ms - table.slots[slot].last_ms <= numbers[FORGET]:
        held = table.slots[slot]
        held.count = held.count + np.uint32(1)
        held.last_ms = max(held.last_ms, at_ms)
        if at_ms > held.first_ms:
            return
        held.first_ms = at_ms  # it began no later than we knew: out of order, or read again after a restart
    else:
        slot = place(table, key)
        put(table.slots[slot], key, ends, port, at_ms)
        numbers[NEW] += 1
    found = table.out[np.int64(numbers[OUT])]
    found.src_0, found.src_1, found.dst_0, found.dst_1 = swap(ends[0]), swap(ends[1]), swap(ends[2]), swap(ends[3])
    found.agent_0, found.agent_1 = rows.agent[2 * i], rows.agent[2 * i + 1]
    found.at_ms, found.port = at_ms, port
    found.known = 1 if quality_of(rows, i) & KNOWN else 0
    found.proven = 1 if proven(rows, i) else 0
    numbers[OUT] += 1


@inlined
def proven(rows: Rows, i: int) -> Any:
    """The row shows who began: a SYN or SYN/ACK by itself, or both directions."""
    has, flags, version = rows.has[i], np.int64(rows.tcp_flags[i]) & FLAGS, np.int64(rows.version[i])
    if not has & H_FLAGS or not flags & SYN:
        return False
    packet = version == V_SFLOW or version == V_TABLE or not flags & ACK or flags == SYN | ACK
    return packet or (has & H_REVERSE) != ZERO


@inlined
def put(slot: Any, key: Any, ends: Words, port: int, at_ms: Any) -> None:
    """A fresh edge."""
    slot.key, slot.port, slot.first_ms, slot.last_ms, slot.count = key, port, at_ms, at_ms, np.uint32(1)
    slot.src_hi, slot.src_lo, slot.dst_hi, slot.dst_lo = ends


@inlined
def find(table: EdgeTable, key: Any) -> Any:
    """Slot of an edge, -1 if it is not there."""
    slots, mask = table.slots, np.uint64(table.slots.size - 1)
    base = key >> np.uint64(20)
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        if slots[slot].key == key:
            return slot
        if slots[slot].key == ZERO:
            return -1
    return -1


@inlined
def place(table: EdgeTable, key: Any) -> Any:
    """A slot for a new edge: its own, a free one, or that of the one longest unused near by."""
    slots, mask = table.slots, np.uint64(table.slots.size - 1)
    base = key >> np.uint64(20)
    oldest: Any = -1
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        if slots[slot].key == key or slots[slot].key == ZERO:
            return slot
        if oldest < 0 or slots[slot].last_ms < slots[oldest].last_ms:
            oldest = slot
    table.numbers[LOST] += 1
    return oldest


@kernel
def learn(table: EdgeTable, known: Any) -> None:
    """Take slots of a saved table as known."""
    for at in range(known.size):
        held = known[at]
        ends = (held.src_hi, held.src_lo, held.dst_hi, held.dst_lo)
        key = contact_key(held.src_hi, held.src_lo, held.dst_hi, held.dst_lo, np.uint64(held.port))
        slot = place(table, key)
        put(table.slots[slot], key, ends, held.port, held.first_ms)
        table.slots[slot].last_ms, table.slots[slot].count = held.last_ms, held.count
