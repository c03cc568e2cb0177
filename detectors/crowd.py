"""Who else fails where: a target at which several others fail too is a server that is away, and nobody's sweep."""

from __future__ import annotations

from .contact import FAILED, Contact, Service
from .habits import Habits
from .state import BoundedTable

MOST = 16_384  # failed targets, and services, that are remembered
MOST_NAMED = 8  # sources of each
ANYWHERE = b""  # the service itself, whatever the target


class Crowd:
    """Failed contacts of all suspicious sources; bounded, the target longest untouched is forgotten, counted."""

    def __init__(self, memory_ms: int) -> None:
        self._memory_ms = memory_ms
        self._failed: BoundedTable[tuple[Service, bytes], dict[bytes, int]] = BoundedTable(MOST)
        self.habits = Habits()

    @property
    def evictions(self) -> int:
        """Targets forgotten for want of room."""
        return self._failed.evictions

    def note(self, address: bytes, contact: Contact) -> None:
        """This source failed at a target of ours. Of more than MOST_NAMED sources the first ones are named."""
        if contact.outcome not in FAILED or contact.outside or not contact.known:
            return
        for target in (contact.target, ANYWHERE):
            sources = self._failed.ensure((contact.service, target), dict)
            if address in sources or len(sources) < MOST_NAMED:
                sources[address] = contact.at_ms
            else:
                oldest = min(sources, key=lambda known: (sources[known], known))
                if contact.at_ms - sources[oldest] > self._memory_ms:
                    del sources[oldest]
                    sources[address] = contact.at_ms

    def others(self, address: bytes, service: Service, target: bytes, at_ms: int) -> int:
        """How many other sources failed there (ANYWHERE: at the service) not long before or after."""
        sources = self._failed.peek((service, target)) or {}
        return sum(known != address and abs(at_ms - seen_ms) <= self._memory_ms for known, seen_ms in sources.items())
