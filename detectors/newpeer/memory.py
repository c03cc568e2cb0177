"""What newpeer remembers of machines beside their edges: whom they reached lately, who reached them, and what is ordinary.

All of it is bounded, and rebuilt from the edges when these are learned again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .settings import NewPeerSettings, Service

RECENT = 64  # new edges kept of one machine
PEERS = 64  # peers counted of one machine


class Opened(NamedTuple):
    """A new edge of a machine. `ordinary`: many others use this server."""

    at_ms: int
    target: bytes
    port: int
    group: str
    ordinary: bool


@dataclass(slots=True)
class Host:
    """One machine, as the one who opens and the one who is reached."""

    opened: tuple[Opened, ...] = ()  # the latest RECENT; most machines have none
    peers: dict[tuple[bytes, str], int] = field(default_factory=dict)  # machine and service it uses, since when
    reached_ms: int = -1  # somebody new reached it
    reached_by: bytes = b""

    def note_opened(self, opened: Opened) -> None:
        """It newly opened this."""
        self.opened = (*self.opened, opened)[-RECENT:]

    def note_peer(self, key: tuple[bytes, str], at_ms: int) -> None:
        """It uses this service of this machine."""
        since = self.peers.get(key)
        if at_ms < since if since is not None else len(self.peers) < PEERS:
            self.peers[key] = at_ms

    def old_peers(self, at_ms: int, age_ms: int) -> list[tuple[bytes, str]]:
        """What it has used for so long."""
        return [key for key, since_ms in self.peers.items() if at_ms - since_ms >= age_ms]

    def groups(self, target: bytes, at_ms: int, window_ms: int) -> list[Opened]:
        """What it newly opened to one machine, one of each kind of service."""
        found = {
            o.group: o
            for o in self.opened
            if o.target == target and not o.ordinary and abs(at_ms - o.at_ms) <= window_ms
        }
        return list(found.values())

    def targets(self, at_ms: int, window_ms: int) -> list[Opened]:
        """Whom it newly reached, one edge of each."""
        found = {o.target: o for o in self.opened if not o.ordinary and abs(at_ms - o.at_ms) <= window_ms}
        return list(found.values())


@dataclass(slots=True)
class Server:
    """One service of one machine: who uses it, and who began lately."""

    clients: dict[bytes, int] = field(default_factory=dict)
    fresh: tuple[tuple[int, bytes], ...] = ()  # the latest RECENT

    def note_fresh(self, source: bytes, at_ms: int) -> None:
        """This one began to use it after others were learned."""
        self.fresh = (*self.fresh, (at_ms, source))[-RECENT:]

    def note_client(self, source: bytes, at_ms: int, most: int) -> None:
        """This one uses it."""
        since = self.clients.get(source)
        if at_ms < since if since is not None else len(self.clients) < most:
            self.clients[source] = at_ms

    def is_ordinary(self, s: NewPeerSettings, at_ms: int) -> bool:
        """Many have used it for a while: a domain controller, a file or print server."""
        old = sum(1 for since in self.clients.values() if at_ms - since >= s.server_age_ms)
        return old >= s.server_clients

    def newcomers(self, at_ms: int, window_ms: int) -> int:
        """Machines that used it for the first time within the window."""
        return len({source for since, source in self.fresh if abs(at_ms - since) <= window_ms})


@dataclass(slots=True)
class Pair:
    """What was said of one pair."""

    first_ms: int
    rank: int = -1  # severity shown; -1 = none
    ports: dict[int, Service] = field(default_factory=dict)
