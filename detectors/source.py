"""One endpoint as an initiator: its first contacts, and what detectors ask of them, kept up to date."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field

from .alert import Endpoint
from .contact import ARP, Burst, Contact, ContactKey, Service
from .crowd import Crowd


@dataclass(slots=True)
class Source:
    """One endpoint as an initiator. Bounded: beyond `most` contacts the oldest is forgotten, counted, with all it led to.

    Every contact costs the same, however many there were: what detectors ask for is kept up to date, never searched.
    """

    address: bytes
    endpoint: Endpoint
    most: int
    crowd: Crowd | None = None  # where others fail
    place: tuple[int, int, int, int] = (0, 0, 0, 0)  # what `endpoint` was made of: MAC, agent (two words), ifIndex
    contacts: OrderedDict[ContactKey, Contact] = field(default_factory=OrderedDict)
    recent: dict[Service, deque[Contact]] = field(default_factory=dict)  # of each service, as far as its window reaches
    evidence: dict[object, tuple[float, int]] = field(default_factory=dict)  # log likelihood ratio, last failure
    judged: set[bytes] = field(default_factory=set)  # targets that had an outcome
    ports: dict[bytes, deque[Contact]] = field(default_factory=dict)  # latest contacts with ports of each target
    failed_ports: Counter[bytes] = field(default_factory=Counter)  # by target
    most_failed_ports: int = 0
    latest: dict[Service, deque[Contact]] = field(default_factory=dict)  # whose outcome is known; as many as matter
    is_proven: bool = False  # enough of the latest failed
    is_astray: bool = False  # enough of the latest went to addresses that nobody has
    shared: set[bytes] = field(default_factory=set)  # targets at which others fail too; as many as matter
    failed_outside: set[bytes] = field(default_factory=set)  # as many as matter
    bursts: dict[ContactKey, Burst] = field(default_factory=dict)
    is_reached: bool = False  # an attacker reached it, and it began to fail
    first_ms: int = 0
    last_ms: int = 0
    forgotten: int = 0

    def restart(self) -> None:
        """Forget everything but who it is."""
        for kept in (
            self.contacts,
            self.recent,
            self.evidence,
            self.judged,
            self.failed_ports,
            self.ports,
            self.bursts,
            self.latest,
        ):
            kept.clear()
        self.shared.clear()
        self.failed_outside.clear()
        self.first_ms = self.most_failed_ports = 0
        self.is_proven = self.is_astray = self.is_reached = False

    def add(self, contact: Contact) -> Contact | None:
        """A first contact, or one that is now seen by a better exporter; None if there is nothing new about it."""
        before = self.contacts.get(contact.key)
        if before is not None:
            better = (contact.known and not before.known) or (contact.rate == 1 and before.rate != 1)
            before.known = before.known or contact.known
            before.rate = 1 if contact.rate == 1 else before.rate
            return before if better else None
        self.contacts[contact.key] = contact
        recent = self.recent.get(contact.service)
        if recent is None:
            recent = self.recent[contact.service] = deque()
        recent.append(contact)
        self.first_ms = self.first_ms or contact.at_ms
        self.last_ms = max(self.last_ms, contact.at_ms)
        if len(self.contacts) > self.most:
            self._forget(self.contacts.popitem(last=False)[1])
        return contact

    def within(self, service: Service, since_ms: int) -> deque[Contact]:
        """Contacts of a service since then; what is older is not looked at again."""
        found = self.recent.get(service)
        if found is None:
            return deque()
        while found and found[0].at_ms < since_ms:
            found.popleft()
        return found

    def weigh(self, key: object, step: float, at_ms: int, memory_ms: int) -> float:
        """Add to the evidence under `key`, held at zero; it lapses when nothing failed for so long."""
        value, failed_ms = self.evidence.get(key, (0.0, at_ms))
        if at_ms - failed_ms > memory_ms:
            value = 0.0
        value = max(0.0, value + step)
        self.evidence[key] = (value, max(failed_ms, at_ms) if step > 0 else failed_ms)
        return value

    def attack_flows(self) -> int:
        """Distinct connections, and ARP targets that no connection went to."""
        connected = {key[2] for key in self.contacts if key[0] != ARP}
        lone = sum(1 for key in self.contacts if key[0] == ARP and key[2] not in connected)
        again = sum(burst.count - (key in self.contacts) for key, burst in self.bursts.items())
        return lone + again + sum(1 for key in self.contacts if key[0] != ARP)

    def of_service(self, service: Service) -> list[Contact]:
        """Contacts of one service, in order."""
        return [c for c in self.contacts.values() if c.service == service]

    def _forget(self, contact: Contact) -> None:
        self.forgotten += 1
        recent = self.recent.get(contact.service)
        if recent and recent[0] is contact:
            recent.popleft()
        if not recent:
            self.recent.pop(contact.service, None)
            self.evidence.pop(contact.service, None)
            self.latest.pop(contact.service, None)
        self.bursts.pop(contact.key, None)
        self.judged.discard(contact.target)
        self.evidence.pop(contact.target, None)
        self.failed_ports.pop(contact.target, None)
        self.ports.pop(contact.target, None)
