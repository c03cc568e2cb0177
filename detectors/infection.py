"""Who infected whom: attackers' victims, and the victims that went on. Kept apart from judging, so that a chain can be named."""

from __future__ import annotations

from collections.abc import Iterator

from .address import text
from .alert import Link
from .catalog import Catalog
from .contact import ARP, ICMP, TCP, UDP, Contact, Service
from .finding import Crossing
from .source import Source
from .spread import on_outcome
from .state import BoundedTable
from .victims import PlainVictims, SourceKey, Touch, Victims, counts

LONGEST_CHAIN = 16
MOST_SERVICES = 64  # of one attacker that are remembered


class Infections:
    """Bounded: one origin of each infected endpoint, and `victims`, by default of its own."""

    def __init__(self, catalog: Catalog, victims: Victims | None = None) -> None:
        self._catalog = catalog
        self._victims = victims or PlainVictims(catalog.watch.most_victims, catalog.memory_ms)
        self._origins: BoundedTable[SourceKey, Touch] = BoundedTable(catalog.most_sources)
        self._earliest: BoundedTable[tuple[bytes, Service], Touch] = BoundedTable(catalog.watch.most_victims)
        self._began: BoundedTable[SourceKey, dict[Service, int]] = BoundedTable(catalog.most_sources)  # attackers
        self._touched: list[bytes] = []
        self._corrected: set[SourceKey] = set()

    def touch(self, attacker: SourceKey, contact: Contact) -> None:
        """An attacker contacted somebody."""
        if self._victims.note(attacker, contact):
            self._touched.append(contact.target)
        if contact.key[0] in (ARP, ICMP) or contact.outside:
            return
        if counts(contact):
            self._note_earliest(Touch(attacker, contact.service, contact.at_ms), contact.target)
        began = self._began.ensure(attacker, dict)
        at_ms = began.get(contact.service, None if len(began) < MOST_SERVICES else 0)
        if at_ms is None or contact.at_ms < at_ms:
            began[contact.service] = contact.at_ms
            self._trace(attacker, contact.service)
        if counts(contact):
            self._trace((contact.target, 0), contact.service)

    def _note_earliest(self, touch: Touch, target: bytes) -> None:
        """Who reached it first, of all that is known by now; what is long past is another story."""
        before = self._earliest.peek((target, touch.service))
        if before is None or not 0 <= touch.at_ms - before.at_ms <= self._catalog.memory_ms:
            self._earliest.put((target, touch.service), touch)

    def newly_corrected(self) -> list[SourceKey]:
        """Endpoints whose chain has become another one, those further down included."""
        if not self._corrected:
            return []
        changed, self._corrected = self._corrected, set()
        return [key for key, _ in self._origins.items() if changed.intersection(self._way_to(key))]

    def _trace(self, key: SourceKey, service: Service) -> None:
        """Is it known by now who reached an attacker, before it began to do the same, or earlier than was known?"""
        known, began_ms = self._origins.peek(key), (self._began.peek(key) or {}).get(service)
        if began_ms is None and known is not None and known.service == service:
            began_ms = known.at_ms  # it was infected by then
        found = self._earliest.peek((key[0], service))
        if found is None or began_ms is None or not 0 <= began_ms - found.at_ms <= self._catalog.memory_ms:
            return
        if found.attacker[0] == key[0] or (known is not None and known.at_ms <= found.at_ms):
            return
        if key not in self._way_to(found.attacker):  # who infected others was not infected by them later
            self._origins.put(key, found)
            self._corrected.add(key)

    def _way_to(self, key: SourceKey) -> Iterator[SourceKey]:
        """This endpoint, who infected it, and so on up to patient zero."""
        seen: set[SourceKey] = set()
        while key not in seen and len(seen) < LONGEST_CHAIN:
            yield key
            seen.add(key)
            touch = self._origins.peek(key)
            key = touch.attacker if touch is not None else key

    @property
    def news(self) -> bool:
        """Somebody is newly touched, or a chain is another one now."""
        return bool(self._touched or self._corrected)

    def newly_touched(self) -> bytes | None:
        """A victim that was not known before; from now on it is worth a closer look."""
        return self._touched.pop() if self._touched else None

    def judge(self, key: SourceKey, source: Source, contact: Contact) -> Crossing | None:
        """A contact's outcome is known: does its source do what was just done to it?"""
        joined = on_outcome(self._catalog, self._victims, source, contact)
        if joined is None:
            return None
        known = self._origins.peek(key)
        if known is None or not 0 <= joined[0].at_ms - known.at_ms <= self._catalog.memory_ms:
            self._origins.put(key, joined[0])
            self._trace(key, joined[0].service)
            self._corrected.discard(key)  # nothing was said before
        return joined[1]

    def chain(self, key: SourceKey) -> tuple[str, ...]:
        """Patient zero first, this endpoint last."""
        links = self.links(key)
        return (links[0].attacker, *(link.victim for link in links)) if links else (text(key[0]),)

    def links(self, key: SourceKey) -> tuple[Link, ...]:
        """How it came to this endpoint, step by step, patient zero's step first."""
        found: list[Link] = []
        seen = {key}
        while (touch := self._origins.peek(key)) is not None and touch.attacker not in seen:
            found.append(Link(text(touch.attacker[0]), text(key[0]), service_name(touch.service), touch.at_ms))
            key = touch.attacker
            seen.add(key)
            if len(seen) == LONGEST_CHAIN:
                break
        return tuple(reversed(found))


def service_name(service: Service) -> str:
    """As an engineer says it: `445/tcp`, `ARP`."""
    names = {TCP: "tcp", UDP: "udp"}
    return f"{service[1]}/{names[service[0]]}" if service[0] in names else service[0].upper()
