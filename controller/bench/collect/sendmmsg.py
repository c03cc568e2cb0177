"""Sending in bulk on loopback: one sendmmsg(2) a bulk, so that the sender takes as little of the machine as it can."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import time
from collections.abc import Callable, Sequence

from controller.collector.bulk import _Iovec, _Message

VLEN = 64
_LIBC = ctypes.CDLL(None, use_errno=True)


class BulkSender:
    """Sends the same payloads round and round from one socket that is connected to its target."""

    def __init__(
        self, payloads: Sequence[bytes], target: tuple[str, int], source: tuple[str, int] = ("127.0.0.1", 0)
    ) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(source)
        self.sock.connect(target)
        count = len(payloads)
        self._kept = [ctypes.create_string_buffer(payload, len(payload)) for payload in payloads]
        self._iovecs, self._messages = (_Iovec * count)(), (_Message * count)()
        for n, payload in enumerate(payloads):
            self._iovecs[n].base, self._iovecs[n].length = ctypes.addressof(self._kept[n]), len(payload)
            self._messages[n].header.iovecs, self._messages[n].header.iovec_count = ctypes.addressof(self._iovecs[n]), 1
        self._count, self._next = count, 0

    def send(self, most: int) -> int:
        """The next ones, at most so many; how many were sent. What nobody listens to is sent into the void, and counted."""
        some = min(most, VLEN, self._count - self._next)
        at = ctypes.byref(self._messages, self._next * ctypes.sizeof(_Message))
        sent = int(_LIBC.sendmmsg(self.sock.fileno(), at, some, 0))
        if sent < 0:
            number = ctypes.get_errno()
            if number != errno.ECONNREFUSED:  # the answer to an earlier one
                raise OSError(number, os.strerror(number))
            sent = 1
        self._next = (self._next + sent) % self._count
        return sent


def paced(send: Callable[[int], int], count: int, rate: float) -> float:
    """Send so many datagrams at so many a second, evenly; the seconds it took."""
    start, sent = time.monotonic(), 0
    while sent < count:
        due = int((time.monotonic() - start) * rate) + 1
        if due > sent:
            sent += send(min(due - sent, count - sent))
        else:
            time.sleep(0.0005)
    return time.monotonic() - start
