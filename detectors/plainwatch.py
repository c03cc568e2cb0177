"""The watch in plain Python: the rules, readable, and the oracle of the compiled one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .address import Networks
from .event import Hint, Kind, Quality, Verb, is_v4
from .flow import FlowBatch, Has
from .initiator import Reading, read
from .plainacting import ActingSources, on
from .plainlogins import logins
from .plainparts import (
    ANSWERED,
    PENDING,
    REFUSED,
    SILENT,
    Event,
    MacState,
    PairState,
    SourceState,
    better,
    event_of,
    is_group,
    is_link_local,
    many,
    quality,
    via,
)
from .state import BoundedTable
from .victims import SourceKey, Victims
from .watch import MOST_HELD, Events, Going, PortRoles, WatchCounts, WatchSettings, pack

STATE_OF = {Hint.NONE: PENDING, Hint.ANSWERED: ANSWERED, Hint.REFUSED: REFUSED, Hint.UNANSWERED: SILENT}
HINT_OF = {state: hint for hint, state in STATE_OF.items()}


Key = tuple[bytes, int, int, int, bytes]  # source, twin, kind, port, target


class PlainWatch:
    """See watch.py."""

    def __init__(self, settings: WatchSettings, internal: Networks, roles: PortRoles, routers: frozenset[int]) -> None:
        self._s, self._internal, self._roles, self._routers = settings, internal, roles, routers
        self._contacts: BoundedTable[Key, PairState] = BoundedTable(settings.most_contacts)
        self._sources: BoundedTable[tuple[bytes, int], SourceState] = BoundedTable(settings.most_sources)
        self._macs: BoundedTable[int, MacState] = BoundedTable(settings.most_macs)
        self._acting = ActingSources(settings)
        self.counts = WatchCounts()
        self.now_ms = 0
        self._in_time = False  # the row was an answer in time, and nothing else

    def touch(self) -> None:
        """Its tables take memory as they grow."""

    @property
    def victims(self) -> Victims:
        """Whom acting sources reached."""
        return self._acting.victims

    def take(self, batch: FlowBatch) -> Iterator[Events]:
        """Events of a batch, in the order of its rows."""
        held: list[Event] = []
        for row in batch.rows():
            self.counts.rows += 1
            self._in_time = False
            found = list(self._row(row))
            held.extend(found)
            self.counts.delivered += len(found)
            self._count()
            waits = self._in_time and not self._acting.waits(self.now_ms) and len(held) < MOST_HELD
            if found and not waits:
                yield pack(held)
                held.clear()
        if held:
            yield pack(held)

    def _count(self) -> None:
        self.counts.evicted_contacts, self.counts.evicted_sources = self._contacts.evictions, self._sources.evictions
        self.counts.evicted_macs = self._macs.evictions
        self.counts.further, self.counts.evicted_victims = self._acting.further, self._acting.victims.evictions

    def suspect(self, address: bytes) -> Events:
        """From now on this address is suspicious; gives its latest events."""
        return pack(self._closer(address))

    def acting(self, key: SourceKey, episode: Going) -> None:
        """Its further contacts are only counted, while this goes on."""
        if self._sources.peek(key) is not None:
            self._acting.hold(key, episode, self.now_ms)

    def went_on(self) -> list[SourceKey]:
        """Acting sources that did since this was asked last."""
        return self._acting.went_on()

    def wake(self, at_ms: int) -> None:
        """Something waits for this time."""
        self._acting.wake_ms = at_ms

    def _closer(self, address: bytes) -> list[Event]:
        """From now on this address is suspicious; gives its latest events, if it was not."""
        source = self._sources.ensure((address, 0), lambda: SourceState(0, self.now_ms))
        source.until_ms = max(source.until_ms, self.now_ms + self._s.memory_ms)
        if source.suspicious:
            return []
        source.suspicious = True
        self.counts.suspicious += 1
        return list(source.ring)

    def _told(self, key: SourceKey, row: Mapping[str, Any], event: Event) -> Iterator[Event]:
        """A contact of a suspicious source: as it is, or, of one that acts, only counted."""
        if not self._acting.counts(key, row, event):
            yield event
            return
        target = row["dst_addr"]
        earlier = self._closer(target) if self._acting.reaches(key, event, target) else []
        if earlier or self._acting.waits(self.now_ms):
            yield on(event)
        yield from earlier

    def latest(self, address: bytes) -> Events:
        """Its latest events."""
        source = self._sources.peek((address, 0))
        return pack(source.ring if source is not None else ())

    def _row(self, row: Mapping[str, Any]) -> Iterator[Event]:
        self.now_ms = max(self.now_ms, row["received_ms"])
        reading = read(row)
        if reading.verb == Verb.NOTHING:
            return
        if reading.verb == Verb.EITHER or (reading.verb == Verb.OPEN and reading.kind == Kind.UDP):
            theirs = self._fresh((row["dst_addr"], 0, reading.kind, reading.sport, row["src_addr"]), row["received_ms"])
            if theirs is not None:
                reading = Reading(Verb.ANSWER, reading.kind, reading.sport, reading.port)
            elif reading.verb == Verb.EITHER:
                return
        if reading.verb == Verb.OPEN:
            yield from self._open(row, reading)
        elif reading.verb == Verb.WENT:
            yield from self._went(row, reading)
        else:
            yield from self._answer(row, reading, row["dst_addr"], row["src_addr"])

    def _went(self, row: Mapping[str, Any], reading: Reading) -> Iterator[Event]:
        """Only of what is open and waits: its own packets say what the answer would have said, had it been exported."""
        owner, target = row["src_addr"], row["dst_addr"]
        contact = self._fresh((owner, 0, reading.kind, reading.port, target), row["received_ms"])
        if contact is not None and contact.state == PENDING and contact.opened:
            yield from self._answer(row, replace(reading, verb=Verb.ANSWER), owner, target)

    def _fresh(self, key: Key, at_ms: int) -> PairState | None:
        contact = self._contacts.get(key)
        return contact if contact is not None and at_ms - contact.last_ms <= self._s.memory_ms else None

    def _answer(self, row: Mapping[str, Any], reading: Reading, owner: bytes, target: bytes) -> Iterator[Event]:
        at_ms = row["received_ms"]
        if not self._ours(owner, target):
            return
        twin = 0
        contact = self._fresh((owner, 0, reading.kind, reading.port, target), at_ms)
        if (contact is None or contact.state != PENDING) and row["has"] & Has.DST_MAC:
            other = self._fresh((owner, row["dst_mac"], reading.kind, reading.port, target), at_ms)
            if other is not None:
                contact, twin = other, row["dst_mac"]
        state = ANSWERED if reading.verb == Verb.ANSWER else REFUSED
        if contact is None:  # it overtook what it answers
            early = PairState(at_ms, at_ms, state, opened=False)
            self._contacts.put((owner, 0, reading.kind, reading.port, target), early)
            return
        if contact.state != PENDING:
            return
        contact.state = state
        source = self._sources.peek((owner, twin))
        if source is None:
            return
        if state == ANSWERED and at_ms - contact.at_ms <= self._s.answer_timeout_ms:
            source.bad = max(0, source.bad - (2 if contact.quality & Quality.EXACT else 1))
        event = event_of(row, reading, (owner, target), now_ms=self.now_ms, twin=twin)
        late = at_ms - contact.at_ms > self._s.answer_timeout_ms
        if source.suspicious:
            if not self._acting.hides((owner, twin), contact.at_ms):
                self._in_time = state == ANSWERED and not late
                yield event
            return
        for kept in source.ring:
            if all(kept[name] == event[name] for name in ("kind", "port", "dst_hi", "dst_lo")):
                kept["hint"] = int(Hint.UNANSWERED if late else HINT_OF[state])

    def _open(self, row: Mapping[str, Any], reading: Reading) -> Iterator[Event]:
        source, target, at_ms = row["src_addr"], row["dst_addr"], row["received_ms"]
        if source == target or is_group(source) or is_group(target) or not self._ours(source, target):
            return
        outside = not self._ours(target, source)
        if outside and (reading.kind != Kind.TCP or reading.port in self._s.web):
            return
        mac = row["src_mac"] if row["has"] & Has.SRC_MAC else 0
        twin = self._twin(source, mac)
        key = (source, twin, int(reading.kind), reading.port, target)
        contact = self._fresh(key, at_ms)
        if contact is not None and contact.opened:
            yield from self._again(row, reading, contact, twin)
        elif not self._is_uplink(row) and not self._forwards(mac, source, at_ms):
            yield from self._first(row, reading, key, contact, outside=outside)

    def _again(self, row: Mapping[str, Any], reading: Reading, contact: PairState, twin: int) -> Iterator[Event]:
        seen, where = quality(row), via(row)
        source = self._sources.peek((row["src_addr"], twin))
        contact.last_ms = max(contact.last_ms, row["received_ms"])
        outside = not self._ours(row["dst_addr"], row["src_addr"])
        if where != contact.via:
            if where is None or self._is_uplink(row):
                return
            contact.via = where
        if seen & ~contact.quality:
            contact.quality |= seen
            event = event_of(
                row, reading, (row["src_addr"], row["dst_addr"]), now_ms=self.now_ms, twin=twin, outside=outside
            )
            if source is not None and source.suspicious:
                yield from self._told((row["src_addr"], twin), row, event)
            elif source is not None:
                better(source.ring, event)
        if contact.state == ANSWERED and reading.kind == Kind.TCP and reading.hint in (Hint.NONE, Hint.ANSWERED):
            yield from logins(self._s, row, reading, contact, now_ms=self.now_ms, twin=twin, outside=outside)

    def _first(
        self, row: Mapping[str, Any], reading: Reading, key: Key, early: PairState | None, *, outside: bool
    ) -> Iterator[Event]:
        at_ms, seen = row["received_ms"], quality(row)
        exact = bool(seen & Quality.EXACT)
        state = early.state if early is not None else STATE_OF[reading.hint] if exact else PENDING
        contact = PairState(at_ms, at_ms, state, quality=seen, via=via(row))
        contact.level_ms = at_ms
        self._contacts.put(key, contact)
        mac = row["src_mac"] if row["has"] & Has.SRC_MAC else 0
        if self._sources.peek(key[:2]) is None:
            self._acting.release(key[:2])
        source = self._sources.ensure(key[:2], lambda: SourceState(mac, at_ms))
        source.mac = source.mac or mac
        if at_ms - source.last_ms > self._s.memory_ms:
            source.bad, source.suspicious = 0, False
            source.ring.clear()
        source.last_ms = max(source.last_ms, at_ms)
        self.counts.contacts += 1
        event = event_of(row, reading, (key[0], key[4]), now_ms=self.now_ms, twin=key[1], outside=outside)
        if source.suspicious and exact and at_ms > source.until_ms:
            if source.bad - source.bad_then <= 2:  # at most one more without an answer
                source.suspicious, source.bad = False, 0
                yield {**event, "verb": int(Verb.CALM), "hint": int(HINT_OF[state]), "outside": 0}
            else:
                source.look(at_ms, self._s.calm_ms)
        if state != ANSWERED:
            if at_ms - source.bad_ms > self._s.memory_ms:
                source.bad = 0
            source.bad += 2 if exact else 1
            source.bad_ms = max(source.bad_ms, at_ms)
        event["hint"] = int(HINT_OF[state])
        source.ring.append(event)
        looks = many(self._s, source.ring, event, exact=exact)
        if source.suspicious:
            yield from self._told(key[:2], row, event)
        elif looks or source.bad >= 2 * self._s.suspicious_silent:
            source.suspicious = looks = True
            self.counts.suspicious += 1
            yield from source.ring
        if looks:
            source.look(at_ms, self._s.calm_ms)

    def _ours(self, one: bytes, other: bytes) -> bool:
        """Inside, or a neighbour: two public addresses of one /24 (or /64) are one network."""
        near = one[:15] == other[:15] if is_v4(one) else one[:8] == other[:8]
        return one in self._internal or near

    def _twin(self, address: bytes, mac: int) -> int:
        source = self._sources.peek((address, 0))
        return mac if source is not None and mac and source.mac and source.mac != mac else 0

    def _is_uplink(self, row: Mapping[str, Any]) -> bool:
        where = via(row)
        return where is not None and self._roles(*where) == "uplink"

    def _forwards(self, mac: int, source: bytes, at_ms: int) -> bool:
        """This MAC sends for several IPv4 addresses at a time, or for more IPv6 ones than a host has: a router, or forged
        sources."""
        if mac in self._routers:
            self.counts.forwarded += 1
            return True
        if not mac or is_link_local(source):
            return False
        seen = self._macs.ensure(mac, lambda: MacState(b"", at_ms, six_ms=at_ms))
        if seen.several(source, at_ms, self._s.router_window_ms):
            seen.until_ms = at_ms + self._s.memory_ms
        forwards = at_ms <= seen.until_ms
        self.counts.forwarded += forwards
        return forwards
