"""Windows of all machines whose turn it is: rows in, records of windows that are over out. Event time, bounded.

A machine's turn comes once in `every` windows: the same machines in any replay, other ones in the next window. A row belongs to
the window in which it was received, in whatever order rows come; one that comes when its window is over is counted as late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.address import Networks
from detectors.event import ACK, ARP_REQUEST, ECHO, ECHO6, RST, SYN
from detectors.flow import FlowBatch, Has, Version, empty
from detectors.watch import PortRoles, ranges

from . import counting
from .features import WINDOW_MS
from .record import KNOWN, MIX, PROBES, RECORD, SPREAD

GRACE_MS = 2_000  # a row may come so long after its window's end
ADMIN = (22, 23, 135, 139, 445, 1433, 3306, 3389, 5432, 5900, 5985, 5986)
Words = NDArray[np.uint64]


@dataclass(slots=True)
class WindowCounts:
    """Windows that were over, rows counted, and what was not counted."""

    windows: int = 0
    rows: int = 0
    late: int = 0
    no_room: int = 0  # rows of machines that found no room
    evicted_known: int = 0  # machines whose known peers were forgotten


class Windows:
    """Two tables, of the window that is open and of the one before it while it may still get rows."""

    def __init__(self, internal: Networks, roles: PortRoles, *, every: int, most: int = 16_384) -> None:
        size = 1 << (most - 1).bit_length()
        self._ranges, self._roles, self._every = ranges(internal), roles, np.uint64(every)
        self._tables = [np.zeros(size, dtype=RECORD) for _ in range(2)]
        self._known = np.zeros(size, dtype=KNOWN)
        self._lost = np.zeros(2, dtype=np.int64)
        self._now_ms = 0
        self._open: set[int] = set()
        self._counts = WindowCounts()

    @property
    def counts(self) -> WindowCounts:
        """Counters up to now."""
        self._counts.no_room, self._counts.evicted_known = self._lost.tolist()
        return self._counts

    def take(self, batch: FlowBatch) -> Iterator[NDArray[Any]]:
        """Records of windows that this batch ended, one array a window, the machines in order of address."""
        if not len(batch):
            return
        window = batch["received_ms"] // WINDOW_MS
        now = np.maximum.accumulate(np.maximum(batch["received_ms"], self._now_ms))
        self._now_ms = int(now[-1])
        src, dst = _words(batch["src_addr"]), _words(batch["dst_addr"])
        chosen, turn = np.empty(len(batch), dtype=np.int64), np.empty(len(batch), dtype=np.uint8)
        found = counting.pick(src, dst, window, self._every, self._ranges, chosen, turn)
        chosen, turn = chosen[:found], turn[:found]
        in_time = now[chosen] < (window[chosen] + 1) * WINDOW_MS + GRACE_MS
        self._counts.late += int(found - in_time.sum())
        chosen, turn = chosen[in_time], turn[in_time]
        counted = _is_counted(batch, chosen, self._roles)
        chosen, turn = chosen[counted], turn[counted]
        rows = _rows(batch, chosen, window, src, dst)
        for number in np.unique(rows.window).tolist():
            yield from self._over(number - 1)
            self._count(rows, turn, number)
        yield from self._over((self._now_ms - GRACE_MS) // WINDOW_MS)

    def flush(self) -> Iterator[NDArray[Any]]:
        """Windows that are still open; for recordings, which end."""
        yield from self._over(max(self._open, default=0) + 1)

    def _count(self, rows: counting.Rows, turn: NDArray[np.uint8], number: int) -> None:
        mine = rows.window == number
        part = counting.Rows(*(column[mine] for column in rows))
        counting.count(part, turn[mine], self._tables[number & 1], self._known, self._lost)
        self._open.add(number)
        self._counts.rows += len(part.window)

    def _over(self, before: int) -> Iterator[NDArray[Any]]:
        """Windows with a smaller number than this are over."""
        for number in sorted(n for n in self._open if n < before):
            self._open.discard(number)
            table = self._tables[number & 1]
            found = table[table["window"] == number]
            table.fill(0)
            self._counts.windows += len(found)
            yield found[np.lexsort((found["lo"], found["hi"]))]


def warm() -> None:
    """Compile the counting, or load it from the cache: never at the first flow."""
    batch = empty(1)
    batch["has"][:] = int(Has.ADDRESSES)
    batch["received_ms"][:] = WINDOW_MS
    running = Windows(Networks(("::/0",)), lambda _agent, _port: None, every=1, most=PROBES)
    list(running.take(batch))
    list(running.flush())


def _words(addresses: NDArray[np.uint8]) -> Words:
    return np.ascontiguousarray(addresses).view(">u8").astype(np.uint64)


def _is_counted(batch: FlowBatch, chosen: NDArray[np.int64], roles: PortRoles) -> NDArray[np.bool_]:
    """Rows with addresses that did not enter at an uplink: they were counted where they entered the network."""
    has = batch["has"][chosen]
    real = (has & np.uint64(Has.ADDRESSES | Has.ARP)) != 0
    proven = (batch["version"][chosen] == Version.SFLOW5) | ((has & np.uint64(Has.PORT_PROVEN)) != 0)
    ported = np.flatnonzero(real & proven & ((has & np.uint64(Has.IN_IF)) != 0))
    agents = _words(batch["agent"][chosen[ported]])
    # One number of 64 bits for agent and port: unique rows of three columns cost twice as much in all.
    places = ((agents[:, 0] * np.uint64(MIX)) ^ agents[:, 1]) * np.uint64(SPREAD) ^ batch["in_if"][chosen[ported]]
    kept, first, which = np.unique(places, return_index=True, return_inverse=True)
    uplink = np.zeros(len(kept), dtype=bool)
    for at, row in enumerate(chosen[ported[first]].tolist()):
        uplink[at] = roles(batch["agent"][row].tobytes(), int(batch["in_if"][row])) == "uplink"
    real[ported] &= ~uplink[which]
    return np.asarray(real)


def _rows(batch: FlowBatch, at: NDArray[np.int64], window: Words, src: Words, dst: Words) -> counting.Rows:
    has, proto, flags = batch["has"][at], batch["proto"][at], batch["tcp_flags"][at]
    sport, dport = batch["src_port"][at], batch["dst_port"][at]
    packet = (batch["version"][at] == Version.SFLOW5) | (batch["version"][at] == Version.TABLE)
    tcp, udp = proto == 6, proto == 17
    # A record of a whole connection has the flags of all its packets: there the lower port says who was asked.
    syn = tcp & ((flags & SYN) != 0) & (((flags & ACK) == 0) | (~packet & (dport <= sport)))
    echo = np.isin(proto, (1, 58)) & np.isin(batch["icmp_type"][at], (ECHO, ECHO6))
    asks = ((has & np.uint64(Has.ARP)) != 0) & (batch["arp_op"][at] == ARP_REQUEST)
    opens = syn | (udp & (dport < sport)) | echo | asks
    return counting.Rows(
        window=window[at],
        src=src[at],
        dst=dst[at],
        service=np.where(tcp | udp, dport, 0).astype(np.int64),
        opens=opens,
        refuses=tcp & ((flags & RST) != 0),
        admin=syn & np.isin(dport, ADMIN),
        packets=batch["packets"][at],
        bytes=batch["bytes"][at],
        back_packets=batch["reverse_packets"][at],
        back_bytes=batch["reverse_bytes"][at],
    )
