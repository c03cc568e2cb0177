"""Send the datagrams of a capture again, at the pace they were recorded or faster."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from controller.core.clock import Clock

from .datagram import Datagram


def replay(
    datagrams: Iterable[Datagram], to: tuple[str, int], clock: Clock, *, speed: float = 1.0, most: int = 1_000_000
) -> int:
    """Send up to `most` payloads over UDP, `speed` times as fast as recorded; gives how many were sent."""
    family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
    sent, begun_s, first_ms = 0, clock.monotonic_s(), None
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        for datagram in datagrams:
            if sent >= most:
                break
            first_ms = datagram.received_ms if first_ms is None else first_ms
            ahead_s = (datagram.received_ms - first_ms) / 1000 / speed - (clock.monotonic_s() - begun_s)
            if ahead_s > 0:
                clock.sleep(ahead_s)
            out.sendto(datagram.payload, to)
            sent += 1
    return sent
