"""Spread: an endpoint that begins to do to others what was just done to it. Joins findings, not flows.

Whom an attacker reached is remembered; when one of them fails towards a few machines itself, it is not waited for the full
evidence: that it was reached shortly before is evidence too. Each alert then names the whole chain up to patient zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from .address import text
from .catalog import Catalog
from .contact import ARP, FAILED, ICMP, Contact, Service, Source
from .finding import Crossing
from .state import BoundedTable

NAME = "spread"
SourceKey = tuple[bytes, int]  # address, twin


@dataclass(frozen=True, slots=True)
class Touch:
    """An attacker reached this victim on this service."""

    attacker: SourceKey
    service: Service
    at_ms: int


class Victims:
    """Who was reached by whom; bounded, the latest touch of each victim and service."""

    def __init__(self, most: int, memory_ms: int) -> None:
        self._touches: BoundedTable[tuple[bytes, Service], Touch] = BoundedTable(most)
        self._first: BoundedTable[bytes, Touch] = BoundedTable(most)
        self._memory_ms = memory_ms

    def note(self, attacker: SourceKey, contact: Contact) -> bool:
        """Remember a contact of an attacker; True if its target was not known as a victim before."""
        if contact.outcome in FAILED or contact.outside or contact.key[0] in (ARP, ICMP):
            return False
        touch = Touch(attacker, contact.service, contact.at_ms)
        key = (contact.target, contact.service)
        before = self._touches.peek(key)
        if before is None or contact.at_ms - before.at_ms > self._memory_ms:
            self._touches.put(key, touch)
        known = self._first.peek(contact.target)
        if known is not None and contact.at_ms - known.at_ms <= self._memory_ms:
            return False
        self._first.put(contact.target, touch)
        return True

    def of(self, address: bytes, contact: Contact) -> Touch | None:
        """Who did to `address` on this service what it now does itself; a bare ARP request or ping may be of any service."""
        key = contact.service
        found = self._first.peek(address) if key[0] in (ARP, ICMP) else self._touches.peek((address, key))
        if found is None or found.attacker[0] == address:
            return None
        return found if 0 <= contact.at_ms - found.at_ms <= self._memory_ms else None


def on_outcome(catalog: Catalog, victims: Victims, source: Source, contact: Contact) -> tuple[Touch, Crossing] | None:
    """A contact failed: was its source reached just before, and are these enough?"""
    if contact.outcome not in FAILED or contact.outside or not contact.known:
        return None
    touch = victims.of(source.address, contact)
    if touch is None:
        return None
    # What it fails at otherwise, when servers are away, is not what was done to it; a bare ARP request may be of any service.
    same = {contact.service, touch.service, (ARP, 0), (ICMP, 0)}
    began_ms = max(touch.at_ms, contact.at_ms - catalog.spread_window_ms)
    since = [c for c in source.contacts.values() if c.outcome in FAILED and not c.outside and c.at_ms >= began_ms]
    since = [c for c in since if c.service in same]
    if len({c.target for c in since}) < catalog.spread_targets:
        return None
    measure = f"failed targets after {text(touch.attacker[0])} had reached it"
    targets = len({c.target for c in since})
    # Everybody asks for neighbours that are switched off, victims too: only the very service it was reached on is strong.
    repeated = len({c.target for c in since if c.key[0] not in (ARP, ICMP)})
    return touch, Crossing(
        NAME, measure, catalog.spread_targets, targets, lambda: since, repeated < catalog.spread_targets
    )
