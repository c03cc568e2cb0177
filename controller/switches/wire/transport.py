"""A UDP socket to one agent. Connected: the kernel lets through only what comes from that address and port."""

from __future__ import annotations

import random
import socket
import struct

from controller.core.errors import Unreachable

LARGEST = 65535
RECEIVE_BUFFER = 1 << 18
INEXACT = 0.15  # of a time-out that is as good as another: each change of it is a call of the kernel


class UdpPath:
    """Opened by the first datagram. One thread at a time."""

    def __init__(self, name: str, address: str, port: int) -> None:
        self._where, self._place = f"{name} ({address})", (address, port)
        self._socket: socket.socket | None = None
        self._patience_s = 0.0  # as the socket has it

    def send(self, datagram: bytes) -> None:
        """Unreachable if the address is none or there is no route."""
        try:
            if self._socket is None:
                self._socket = self._open()
            self._socket.send(datagram)
        except ConnectionRefusedError:
            return  # about an earlier datagram: this one may fare better, and its answer is waited for
        except OSError as error:
            raise Unreachable(f"cannot be sent to: {error.strerror or error}", where=self._where) from error

    def receive(self, left_s: float) -> bytes | None:
        """What comes within so many seconds, or None. ConnectionRefusedError: nobody listens there."""
        if self._socket is None or left_s <= 0:
            return None
        if not left_s * (1 - INEXACT) < self._patience_s < left_s * (1 + INEXACT):
            self._set_patience(self._socket, left_s)
        try:
            return self._socket.recv(LARGEST)
        except BlockingIOError:  # the time is up, more or less
            return None
        except ConnectionRefusedError:
            raise
        except OSError as error:
            raise Unreachable(f"cannot be heard: {error.strerror or error}", where=self._where) from error

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket, self._patience_s = None, 0.0

    def _set_patience(self, sock: socket.socket, seconds: float) -> None:
        """By the kernel: Python's own time-outs cost a further call for each datagram."""
        micros = max(1, int(seconds * 1e6))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", *divmod(micros, 1_000_000)))
        self._patience_s = seconds

    def _open(self) -> socket.socket:
        family, kind, proto, _, place = socket.getaddrinfo(*self._place, type=socket.SOCK_DGRAM)[0]
        sock = socket.socket(family, kind, proto)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            sock.connect(place)
        except OSError:
            sock.close()
            raise
        return sock


def patience_s(timeout_s: float, attempt: int) -> float:
    """How long attempt 0, 1, ... is waited for: half as long again each time, and a tenth either way, so that the retries
    to many devices behind one congested link do not come together."""
    return timeout_s * 1.5**attempt * random.uniform(0.9, 1.1)  # noqa: S311 no secret
