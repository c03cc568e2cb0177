"""Receiving in bulk: one recvmmsg(2) takes hundreds of datagrams, and Python touches none of them one by one."""

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

MOST = 512
SLOT = 9216  # octets kept of one: export datagrams fit an Ethernet frame, and a jumbo frame is the most there is
USUAL = 1500  # octets of a datagram, to make room by
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
Gather = Callable[..., int]  # plain_gather, or its compiled twin


class Pile:
    """Room for datagrams of several bulks, one behind the other; `arrivals` is what is in it."""

    def __init__(self, datagrams: int) -> None:
        octets = max(datagrams * USUAL, SLOT)
        self.room: tuple[NDArray[Any], ...] = (
            np.full(octets, 0, dtype=np.uint8),  # written to: a page must not be asked for in the middle of traffic
            np.empty(datagrams, dtype=np.int64),
            np.empty((datagrams, 16), dtype=np.uint8),
            np.empty(datagrams, dtype=np.uint16),
            np.empty(datagrams, dtype=np.int64),
        )
        self.used = np.zeros(3, dtype=np.int64)  # datagrams, octets, datagrams that were longer than a slot

    def __len__(self) -> int:
        return int(self.used[0])

    def arrivals(self) -> Arrivals:
        """What is in it: views, so the pile must not be used again before they are done with."""
        (data, *columns), count = self.room, len(self)
        ends, exporters, ports, received_ms = (column[:count] for column in columns)
        return Arrivals(data[: int(self.used[1])], ends, exporters, ports, received_ms)


class BulkReceiver:
    """Takes what waits at one UDP socket into slots, and from them to a pile."""

    def __init__(self, sock: socket.socket, gather: Gather) -> None:
        self._sock, self._is_v6, self._gather = sock, sock.family == socket.AF_INET6, gather
        self._slots = np.empty((MOST, SLOT), dtype=np.uint8)
        self._names = np.zeros((MOST, 28), dtype=np.uint8)  # sockaddr_in6; sockaddr_in is shorter
        self._iovecs = (_Iovec * MOST)()
        self._messages = (_Message * MOST)()
        for n in range(MOST):
            self._iovecs[n].base, self._iovecs[n].length = self._slots[n].ctypes.data, SLOT
            header = self._messages[n].header
            header.name, header.iovecs = self._names[n].ctypes.data, ctypes.addressof(self._iovecs[n])
            header.iovec_count = 1
        self._seen = np.frombuffer(cast("Any", self._messages), dtype=np.int32).reshape(MOST, -1)
        self._seen[:, NAME_LENGTH] = self._names.shape[
            1
        ]  # the kernel writes the same length each time: one family a socket
        self._count = self._done = 0

    def receive(self) -> int:
        """Take what is there now, at most MOST; how many. OSError for a broken socket. All of the last must be moved before."""
        count = _LIBC.recvmmsg(self._sock.fileno(), self._messages, MOST, socket.MSG_DONTWAIT, None)
        self._count, self._done = max(count, 0), 0
        if count < 0:
            number = ctypes.get_errno()
            if number not in (errno.EAGAIN, errno.EINTR, errno.ECONNREFUSED):
                raise OSError(number, os.strerror(number))
        return self._count

    @property
    def left(self) -> int:
        """Datagrams of the last bulk that are still in their slots."""
        return self._count - self._done

    def move(self, pile: Pile, now_ms: int) -> None:
        """As many to a pile as it has room for."""
        what = self._slots, self._names, self._seen, self._done, self._count, self._is_v6, now_ms
        self._done += self._gather(*what, pile.room, pile.used)


def plain_gather(  # noqa: PLR0913, PLR0917 the shape of its compiled twin
    slots: NDArray[Any],
    names: NDArray[Any],
    seen: NDArray[Any],
    first: int,
    count: int,
    six: bool,
    now_ms: int,
    into: tuple[NDArray[Any], ...],
    used: NDArray[Any],
) -> int:
    """Messages `first` to `count` out of their slots into a pile's arrays; gives how many were taken: fewer if there is no room.
    `seen` = the messages as words, `used` = (datagrams, octets, datagrams cut) in the pile."""
    data, ends, exporters, ports, received_ms = into
    for n in range(first, count):
        size, d, at = int(seen[n, LENGTH]), int(used[0]), int(used[1])
        if seen[n, FLAGS] & MSG_TRUNC:
            used[2] += 1
            continue
        if d >= len(ends) or at + size > len(data):
            return n - first
        data[at : at + size] = slots[n, :size]
        if six:
            exporters[d] = names[n, 8:24]
        else:
            exporters[d, :12], exporters[d, 12:] = V4_MAPPED, names[n, 4:8]
        ports[d] = int(names[n, 2]) << 8 | int(names[n, 3])
        received_ms[d], ends[d] = now_ms, at + size
        used[0], used[1] = d + 1, at + size
    return count - first
