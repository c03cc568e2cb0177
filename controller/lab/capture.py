"""What the switches of a lab export, kept as a pcap: every datagram as it came to the collector's address.

The ports are bound while it runs: an exporter that is answered "port unreachable" leaves out templates and flows.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from pathlib import Path
from types import TracebackType

from controller.core.errors import CordonError

from .namespace import Namespaces
from .topology import COLLECTOR

PORTS = (6343, 2055, 2056, 4739)
MOST_BYTES = 64 * 1024 * 1024
ETH_P_IP, SO_TIMESTAMPNS = 0x0800, 35
FILE_HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)  # microseconds, Ethernet


class Recorder:
    """Writes export datagrams from `with` to its end; `packets` and `bytes` tell how much. Stops writing at `most_bytes`."""

    def __init__(self, namespaces: Namespaces, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.packets, self.bytes = 0, len(FILE_HEAD)
        self._namespaces, self._path, self._most_bytes = namespaces, path, most_bytes
        self._stop = threading.Event()
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, name="cordon-recorder", daemon=True)

    def __enter__(self) -> Recorder:
        for port in PORTS:
            self._held.append(self._bound(port))
        self._sock = self._namespaces.socket("ctl", socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        self._namespaces.inside("ctl", lambda: self._sock.bind(("mgmt0", ETH_P_IP)))
        self._sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        self._sock.settimeout(0.1)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(5)
        for sock in (self._sock, *self._held):
            sock.close()

    def _bound(self, port: int) -> socket.socket:
        sock = self._namespaces.socket("ctl", socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._namespaces.inside("ctl", lambda: sock.bind((COLLECTOR, port)))
        except OSError as error:
            raise CordonError(
                f"UDP {port} is taken: {error.strerror}", where=COLLECTOR, do="end the `cordon lab serve` of this lab"
            ) from error
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # nobody reads it: what does not fit is dropped
        return sock

    def _run(self) -> None:
        with self._path.open("wb") as out:
            out.write(FILE_HEAD)
            while not self._stop.is_set() and self.bytes < self._most_bytes:
                with contextlib.suppress(TimeoutError):
                    frame, control, _, address = self._sock.recvmsg(65535, 64)
                    if address[2] != socket.PACKET_OUTGOING and is_export(frame):
                        seconds, nanoseconds = struct.unpack("qq", control[0][2][:16])
                        out.write(struct.pack("<IIII", seconds, nanoseconds // 1000, len(frame), len(frame)) + frame)
                        self.packets, self.bytes = self.packets + 1, self.bytes + 16 + len(frame)


def is_export(frame: bytes) -> bool:
    """An IPv4 UDP datagram to one of the collector's ports."""
    head = 14 + (frame[14] & 15) * 4
    if frame[23] != socket.IPPROTO_UDP or len(frame) < head + 8:
        return False
    return int.from_bytes(frame[head + 2 : head + 4], "big") in PORTS
