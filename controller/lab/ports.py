"""Ports for servers that cannot be asked which one they have taken."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack
from pathlib import Path

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST, TRIES = 10_000, 1000


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """So many different ports that are free on 127.0.0.1 now, below those that the system gives to connections: none of them
    is taken by a client before the server comes, nor while it is away to be started again."""
    above = _first_of_clients()
    with ExitStack() as held:
        found: list[int] = []
        for _ in range(TRIES):
            if len(found) == count:
                break
            probe = held.enter_context(socket.socket(socket.AF_INET, kind))
            try:
                probe.bind(("127.0.0.1", random.randrange(LOWEST, above) if above > 2 * LOWEST else 0))
            except OSError:
                continue
            found.append(int(probe.getsockname()[1]))
        else:
            raise OSError(f"no {count} ports are free")
    return found


def _first_of_clients() -> int:
    try:
        return int(RANGE.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
