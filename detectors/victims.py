"""Whom attackers reached, and who it was that did: what `spread` joins findings by.

Kept by the watch, because whom an attacker has just reached is looked at closer from the next row on. `PlainVictims` is the
rules, readable; kernels/victims.py is the same, compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .contact import ARP, FAILED, ICMP, Contact, Service
from .state import BoundedTable

SourceKey = tuple[bytes, int]  # address, twin


@dataclass(frozen=True, slots=True)
class Touch:
    """An attacker reached this victim on this service."""

    attacker: SourceKey
    service: Service
    at_ms: int


class Victims(Protocol):
    """Who was reached by whom; bounded, the latest touch of each victim and service, and the first of each victim."""

    def note(self, attacker: SourceKey, contact: Contact) -> bool:
        """Remember a contact of an attacker; True if its target was not known as a victim before."""
        ...

    def of(self, address: bytes, contact: Contact) -> Touch | None:
        """Who did to `address` on this service what it now does itself; a bare ARP request or ping may be of any service."""
        ...


class PlainVictims:
    """See Victims."""

    def __init__(self, most: int, memory_ms: int) -> None:
        self._touches: BoundedTable[tuple[bytes, Service], Touch] = BoundedTable(most)
        self._first: BoundedTable[bytes, Touch] = BoundedTable(most)
        self._memory_ms = memory_ms

    @property
    def evictions(self) -> int:
        """Touches that made room for others."""
        return self._touches.evictions + self._first.evictions

    def note(self, attacker: SourceKey, contact: Contact) -> bool:
        """See Victims."""
        if not counts(contact):
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
        """See Victims."""
        found = self._first.peek(address) if any_service(contact) else self._touches.peek((address, contact.service))
        return found if found is not None and holds(found, address, contact, self._memory_ms) else None


def counts(contact: Contact) -> bool:
    """A contact by which an attacker reached somebody."""
    return contact.outcome not in FAILED and not contact.outside and contact.key[0] not in (ARP, ICMP)


def any_service(contact: Contact) -> bool:
    """It may be the beginning of anything."""
    return contact.key[0] in (ARP, ICMP)


def holds(touch: Touch, address: bytes, contact: Contact, memory_ms: int) -> bool:
    """This contact of `address` may follow from the touch: another one reached it, not long before."""
    return touch.attacker[0] != address and 0 <= contact.at_ms - touch.at_ms <= memory_ms
