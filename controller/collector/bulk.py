"""Receiving in bulk: one recvmmsg(2) takes hundreds of datagrams, and Python touches none of them one by one."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .datagram import Arrivals

MOST = 1024  # datagrams a call
SLOT = 9216  # octets kept of one: export datagrams fit an Ethernet frame, and a jumbo frame is the most there is
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


# What the kernel writes, seen by numpy: only flags and length are of interest.
_LAYOUT = np.dtype(
    {
        "names": ["name_length", "flags", "length"],
        "formats": [np.uint32, np.int32, np.uint32],
        "offsets": [_Header.name_length.offset, _Header.flags.offset, _Message.length.offset],
        "itemsize": ctypes.sizeof(_Message),
    }
)
_LIBC = ctypes.CDLL(None, use_errno=True)


class BulkReceiver:
    """Takes what waits at one UDP socket. `oversize` counts datagrams that were longer than a slot, which are dropped."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._is_v6 = sock, sock.family == socket.AF_INET6
        self._slots = np.empty((MOST, SLOT), dtype=np.uint8)
        self._names = np.zeros((MOST, 28), dtype=np.uint8)  # sockaddr_in6; sockaddr_in is shorter
        self._iovecs = (_Iovec * MOST)()
        self._messages = (_Message * MOST)()
        for n in range(MOST):
            self._iovecs[n].base, self._iovecs[n].length = self._slots[n].ctypes.data, SLOT
            header = self._messages[n].header
            header.name, header.iovecs = self._names[n].ctypes.data, ctypes.addressof(self._iovecs[n])
            header.iovec_count = 1
        self._seen = np.frombuffer(cast("Any", self._messages), dtype=_LAYOUT)
        self.oversize = 0

    def receive(self, now_ms: int) -> Arrivals | None:
        """What is there now, at most MOST; None if nothing is. OSError for a broken socket."""
        self._seen["name_length"] = 28
        count = _LIBC.recvmmsg(self._sock.fileno(), self._messages, MOST, socket.MSG_DONTWAIT, None)
        if count < 0:
            number = ctypes.get_errno()
            if number in (errno.EAGAIN, errno.EINTR, errno.ECONNREFUSED):
                return None
            raise OSError(number, os.strerror(number))
        return self._arrivals(count, now_ms)

    def _arrivals(self, count: int, now_ms: int) -> Arrivals | None:
        lengths = self._seen["length"][:count].astype(np.int64)
        cut = (self._seen["flags"][:count] & MSG_TRUNC) != 0
        kept = np.arange(count)
        if cut.any():
            self.oversize += int(cut.sum())
            kept = np.flatnonzero(~cut)
            lengths = lengths[kept]
        exporters, ports = self._sources(self._names[kept])
        data = np.concatenate(
            [self._slots[n, :size] for n, size in zip(kept.tolist(), lengths.tolist(), strict=True)] or [_NONE]
        )
        return Arrivals(data, np.cumsum(lengths), exporters, ports, np.full(len(kept), now_ms, dtype=np.int64))

    def _sources(self, names: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """Addresses and ports out of sockaddr_in (family, port, address) or sockaddr_in6 (family, port, flow, address)."""
        exporters = np.empty((len(names), 16), dtype=np.uint8)
        if self._is_v6:
            exporters[:] = names[:, 8:24]
        else:
            exporters[:, :12] = V4_MAPPED
            exporters[:, 12:] = names[:, 4:8]
        ports = (names[:, 2].astype(np.uint16) << 8) | names[:, 3]
        return exporters, ports.astype(np.uint16)


_NONE = np.empty(0, dtype=np.uint8)
