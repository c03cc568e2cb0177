"""Receiving in bulk: one recvmmsg(2) puts hundreds of datagrams where they are decoded, and Python touches none singly."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .datagram import Arrivals

MOST = 1024
LARGEST = 9216  # octets kept of one: export datagrams fit an Ethernet frame, and a jumbo frame is the most there is
SLOT = 1600  # octets in a pile for each: what a usual frame holds, and an odd number of cache lines, so that the first lines of
# all of them do not want the same few places of a cache
MSG_TRUNC = 0x20
V4_MAPPED = np.frombuffer(b"\0" * 10 + b"\xff\xff", dtype=np.uint8)


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("iovecs", ctypes.c_void_p),
        ("iovec_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("header", _Header), ("length", ctypes.c_uint))


# What the kernel writes into a message, as places of 32-bit words of it.
NAME_LENGTH, FLAGS, LENGTH = (
    offset // 4 for offset in (_Header.name_length.offset, _Header.flags.offset, _Message.length.offset)
)
_LIBC = ctypes.CDLL(None, use_errno=True)
Enter = Callable[..., None]  # plain_enter, or its compiled twin
DATAGRAMS, SLOTS, TAIL, CUT = range(4)  # of what is used of a pile; CUT = datagrams that were longer than the largest


class Pile:
    """Room for the datagrams of several bulks. The kernel writes each into a slot of its own; those that are longer than a slot
    go whole to the tail behind them."""

    def __init__(self, datagrams: int) -> None:
        self.data = np.empty(datagrams * SLOT + MOST * LARGEST, dtype=np.uint8)
        self.data[: datagrams * SLOT] = 0  # written to: a page must not be asked for in the middle of traffic
        self.address = self.data.ctypes.data
        self.columns: tuple[NDArray[Any], ...] = (
            np.empty(datagrams, dtype=np.int64),
            np.empty(datagrams, dtype=np.int64),
            np.empty((datagrams, 16), dtype=np.uint8),
            np.empty(datagrams, dtype=np.uint16),
            np.empty(datagrams, dtype=np.int64),
        )
        self.used = np.zeros(4, dtype=np.int64)

    def __len__(self) -> int:
        return int(self.used[DATAGRAMS])

    @property
    def room(self) -> int:
        """How many more it can take, whatever their size; 0 = it is full."""
        slots, large = len(self.columns[0]) - int(self.used[SLOTS]), MOST - -(-int(self.used[TAIL]) // LARGEST)
        return min(slots, large) if large >= MOST // 2 else 0

    def arrivals(self) -> Arrivals:
        """What is in it: views, so the pile must not be used again before they are done with."""
        count = len(self)
        starts, ends, exporters, ports, received_ms = (column[:count] for column in self.columns)
        return Arrivals(self.data, starts, ends, exporters, ports, received_ms)


class BulkReceiver:
    """Takes what waits at one UDP socket into a pile."""

    def __init__(self, sock: socket.socket, enter: Enter) -> None:
        self._sock, self._is_v6, self._enter = sock, sock.family == socket.AF_INET6, enter
        self._spill = np.empty((MOST, LARGEST - SLOT), dtype=np.uint8)  # the rest of those that are longer than a slot
        self._names = np.zeros((MOST, 28), dtype=np.uint8)  # sockaddr_in6; sockaddr_in is shorter
        self._iovecs = (_Iovec * (2 * MOST))()
        self._messages = (_Message * MOST)()
        for n in range(MOST):
            self._iovecs[2 * n].length = SLOT
            rest = self._iovecs[2 * n + 1]
            rest.base, rest.length = self._spill[n].ctypes.data, LARGEST - SLOT
            header = self._messages[n].header
            header.name, header.iovecs = self._names[n].ctypes.data, ctypes.addressof(self._iovecs[2 * n])
            header.iovec_count = 2
        self._aims = np.frombuffer(cast("Any", self._iovecs), dtype=np.uint64).reshape(MOST, 4)[:, 0]
        self._steps = np.arange(MOST, dtype=np.uint64) * np.uint64(SLOT)
        self._seen = np.frombuffer(cast("Any", self._messages), dtype=np.int32).reshape(MOST, -1)
        # The kernel writes the same length each time: one family a socket.
        self._seen[:, NAME_LENGTH] = self._names.shape[1]

    def receive(self, pile: Pile, now_ms: int) -> tuple[int, bool]:
        """Take what is there now into a pile that has room: how many, and whether there may be more. OSError for a broken
        socket."""
        most = min(MOST, pile.room)
        np.add(self._steps, np.uint64(pile.address + int(pile.used[SLOTS]) * SLOT), out=self._aims)
        count = _LIBC.recvmmsg(self._sock.fileno(), self._messages, most, socket.MSG_DONTWAIT, None)
        if count < 0:
            number = ctypes.get_errno()
            if number not in (errno.EAGAIN, errno.EINTR, errno.ECONNREFUSED):
                raise OSError(number, os.strerror(number))
            return 0, False
        what = self._spill, self._names, self._seen, count, self._is_v6, now_ms
        self._enter(*what, pile.data, pile.columns, pile.used)
        return count, count == most


def plain_enter(  # noqa: PLR0913, PLR0917 the shape of its compiled twin
    spill: NDArray[Any],
    names: NDArray[Any],
    seen: NDArray[Any],
    count: int,
    six: bool,
    now_ms: int,
    data: NDArray[Any],
    columns: tuple[NDArray[Any], ...],
    used: NDArray[Any],
) -> None:
    """Note what the kernel left in the next `count` slots of a pile. `seen` = its messages as words, `spill` = what did not fit
    the slots, `used` = (datagrams, slots, octets of the tail, datagrams cut) of the pile."""
    starts, ends, exporters, ports, received_ms = columns
    tail = len(starts) * SLOT
    for n in range(count):
        size, d, start = int(seen[n, LENGTH]), int(used[DATAGRAMS]), int(used[SLOTS]) * SLOT
        used[SLOTS] += 1
        if seen[n, FLAGS] & MSG_TRUNC:
            used[CUT] += 1
            continue
        if size > SLOT:
            slot, start = start, tail + int(used[TAIL])
            data[start : start + SLOT] = data[slot : slot + SLOT]
            data[start + SLOT : start + size] = spill[n, : size - SLOT]
            used[TAIL] += size
        starts[d], ends[d] = start, start + size
        if six:
            exporters[d] = names[n, 8:24]
        else:
            exporters[d, :12], exporters[d, 12:] = V4_MAPPED, names[n, 4:8]
        ports[d] = int(names[n, 2]) << 8 | int(names[n, 3])
        received_ms[d] = now_ms
        used[DATAGRAMS] += 1
