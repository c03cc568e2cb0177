"""Measuring from inside: what a victim really receives, and whether the innocent lose anything.

The kernel stamps each packet as it arrives in the victim's namespace, so that a busy machine makes nothing look later.
"""

from __future__ import annotations

import selectors
import socket
import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType

from .namespace import Namespaces
from .topology import Host

ETH_P_ALL, ETH_P_IP = 3, 0x0800
SO_TIMESTAMPNS = 35
PROBE_PORT = 9  # discard: the answer, or the refusal, both prove that the way is open


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


class Sniffer:
    """Arrival times (epoch seconds, by the kernel) of frames that come in at a host's eth0 from a MAC or an IPv4 address."""

    def __init__(self, namespaces: Namespaces, host: Host, *, mac: str | None = None, ip: str | None = None) -> None:
        self._mac, self._ip = _mac(mac) if mac else None, socket.inet_aton(ip) if ip else None
        self.times: list[float] = []
        self._sock = namespaces.socket(host.name, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        namespaces.inside(host.name, lambda: self._sock.bind(("eth0", ETH_P_ALL)))
        self._sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self._sock.settimeout(0.1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cordon-sniffer", daemon=True)
        self._thread.start()

    @property
    def last(self) -> float | None:
        """When the last one came."""
        return self.times[-1] if self.times else None

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        self._thread.join(5)
        self._sock.close()

    def __enter__(self) -> Sniffer:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                frame, control, _, address = self._sock.recvmsg(128, 64)
            except TimeoutError:
                continue
            if address[2] == socket.PACKET_OUTGOING or not self._is_wanted(frame):
                continue
            seconds, nanoseconds = struct.unpack("qq", control[0][2][:16])
            self.times.append(seconds + nanoseconds / 1e9)

    def _is_wanted(self, frame: bytes) -> bool:
        if self._mac is not None and frame[6:12] != self._mac:
            return False
        return self._ip is None or (frame[12:14] == b"\x08\x00" and frame[26:30] == self._ip)


@dataclass
class Tally:
    """Probes of one pair: sent, answered, and the longest silence."""

    sent: int = 0
    answered: int = 0
    open: dict[int, float] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Probes that were not answered in time."""
        return self.sent - self.answered - len(self.open)


class Pings:
    """Steady echo requests between pairs of hosts; `lost` counts those without an answer within `patience_s`."""

    def __init__(
        self,
        namespaces: Namespaces,
        pairs: Iterable[tuple[Host, Host]],
        *,
        every_s: float = 0.05,
        patience_s: float = 5.0,  # a busy machine answers late: that is no loss
    ) -> None:
        self._every_s, self._patience_s = every_s, patience_s
        self.tallies: dict[tuple[str, str], Tally] = {}
        self._socks: dict[tuple[str, str], socket.socket] = {}
        for source, target in pairs:
            sock = namespaces.socket(source.name, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            sock.setblocking(False)
            sock.connect((target.ip, 0))
            self._socks[source.name, target.name] = sock
            self.tallies[source.name, target.name] = Tally()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cordon-pings", daemon=True)

    def __enter__(self) -> Pings:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self.close()

    @property
    def lost(self) -> dict[tuple[str, str], int]:
        """Pairs that lost something, and how much."""
        return {pair: tally.lost for pair, tally in self.tallies.items() if tally.lost}

    @property
    def sent(self) -> int:
        """Of all pairs."""
        return sum(tally.sent for tally in self.tallies.values())

    def close(self) -> None:
        """Stop sending, wait for the last answers."""
        self._stop.set()
        self._thread.join(self._patience_s + 30)
        for sock in self._socks.values():
            sock.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for pair, sock in self._socks.items():
                selector.register(sock, selectors.EVENT_READ, pair)
            number, due = 0, time.monotonic()
            while not self._stop.is_set():
                if time.monotonic() >= due:
                    number, due = number + 1, due + self._every_s
                    self._receive_all(selector)  # before any is given up: this thread may have slept for long
                    for place, pair in enumerate(self._socks):
                        self._send(place, pair, number)
                self._receive(selector, max(due - time.monotonic(), 0))
            end = time.monotonic() + self._patience_s
            while time.monotonic() < end and any(tally.open for tally in self.tallies.values()):
                self._receive(selector, 0.05)
            self._receive_all(selector)
        for tally in self.tallies.values():
            tally.open.clear()

    def _send(self, place: int, pair: tuple[str, str], number: int) -> None:
        tally, now = self.tallies[pair], time.monotonic()
        for old, sent_s in list(tally.open.items()):
            if now - sent_s > self._patience_s:
                del tally.open[old]
        tally.sent += 1
        tally.open[number & 0xFFFF] = now
        try:
            self._socks[pair].send(_echo(0x4300 + place, number & 0xFFFF))
        except OSError:
            tally.open.pop(number & 0xFFFF, None)  # no route to it now: as good as lost

    def _receive_all(self, selector: selectors.BaseSelector) -> None:
        """What has come by now."""
        while self._receive(selector, 0):
            pass

    def _receive(self, selector: selectors.BaseSelector, wait_s: float) -> bool:
        """One packet of each who has one; whether there was any."""
        places, ready = list(self._socks), selector.select(wait_s)
        for key, _ in ready:
            try:
                packet = key.fileobj.recv(256)  # type: ignore[union-attr]
            except OSError:
                continue
            head = (packet[0] & 15) * 4
            kind, _, _, who, number = struct.unpack_from("!BBHHH", packet, head)
            if kind == 0 and who == 0x4300 + places.index(key.data) and self.tallies[key.data].open.pop(number, None):
                self.tallies[key.data].answered += 1
        return bool(ready)


def _echo(who: int, number: int) -> bytes:
    body = struct.pack("!BBHHH", 8, 0, 0, who, number) + b"cordon-lab-probe"
    total = sum(struct.unpack(f"!{len(body) // 2}H", body))
    total = (total >> 16) + (total & 0xFFFF)
    return struct.pack("!BBHHH", 8, 0, ~(total + (total >> 16)) & 0xFFFF, who, number) + body[8:]
