"""Who infected whom: attackers' victims, and the victims that went on. Kept apart from judging, so that a chain can be named."""

from __future__ import annotations

from .address import text
from .alert import Link
from .catalog import Catalog
from .contact import TCP, UDP, Contact, Service, Source
from .finding import Crossing
from .spread import on_outcome
from .state import BoundedTable
from .victims import PlainVictims, SourceKey, Touch, Victims

LONGEST_CHAIN = 16


class Infections:
    """Bounded: one origin of each infected endpoint, and `victims`, by default of its own."""

    def __init__(self, catalog: Catalog, victims: Victims | None = None) -> None:
        self._catalog = catalog
        self._victims = victims or PlainVictims(catalog.watch.most_victims, catalog.memory_ms)
        self._origins: BoundedTable[SourceKey, Touch] = BoundedTable(catalog.most_sources)
        self._touched: list[bytes] = []

    def touch(self, attacker: SourceKey, contact: Contact) -> None:
        """An attacker contacted somebody."""
        if self._victims.note(attacker, contact):
            self._touched.append(contact.target)

    def newly_touched(self) -> bytes | None:
        """A victim that was not known before; from now on it is worth a closer look."""
        return self._touched.pop() if self._touched else None

    def judge(self, key: SourceKey, source: Source, contact: Contact) -> Crossing | None:
        """A contact's outcome is known: does its source do what was just done to it?"""
        joined = on_outcome(self._catalog, self._victims, source, contact)
        if joined is None:
            return None
        self._origins.put(key, joined[0])
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
