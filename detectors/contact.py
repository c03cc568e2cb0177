"""First contacts and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from .address import text
from .alert import Proof
from .event import Kind

ARP, TCP, ICMP, UDP = "arp", "syn", "icmp", "udp"
KINDS: dict[int, str] = {Kind.ARP: ARP, Kind.TCP: TCP, Kind.ICMP: ICMP, Kind.UDP: UDP}
WITH_PORTS = (TCP, UDP)
Service = tuple[str, int]  # ("syn", 445), ("arp", 0), ("icmp", 0)
ContactKey = tuple[str, int, bytes]  # service and target


class Outcome(IntEnum):
    """What became of a first contact. UNKNOWN: the exporter samples, so that no answer seen proves nothing. DARK: the same, but
    the inventory knows that nobody has the address."""

    PENDING = 0
    ANSWERED = 1
    REFUSED = 2
    UNANSWERED = 3
    UNKNOWN = 4
    DARK = 5


FAILED = (Outcome.REFUSED, Outcome.UNANSWERED, Outcome.DARK)


@dataclass(slots=True)
class Contact:
    """One first contact; `at_ms` event time. `known`: seen by an exporter whose sampling rate is known. `rate`: one packet in
    so many was exported; 0 = unknown. `outside`: the target is no address of ours."""

    key: ContactKey
    at_ms: int
    known: bool = True
    outcome: Outcome = Outcome.PENDING
    rate: int = 1
    outside: bool = False
    sport: int = 0  # the client's port; 0 = not known
    size: int = 0  # quarter octaves of the bytes of the whole connection; 0 = not known

    @property
    def service(self) -> Service:
        """What was contacted."""
        return self.key[0], self.key[1]

    @property
    def target(self) -> bytes:
        """Who was contacted."""
        return self.key[2]

    def proof(self) -> Proof:
        """As evidence in an alert."""
        return Proof(self.at_ms, text(self.target), self.key[1], self.key[0], self.outcome.name.lower())


@dataclass(frozen=True, slots=True)
class Burst:
    """Connections of one pair that came faster than its bucket leaks; `level` is what the bucket held, in connections;
    `alike`: by how many tenths those of one size outnumber the others; `fresh`: the pair is new."""

    count: int
    level: float
    at_ms: int
    alike: int = 0
    fresh: bool = False
