"""The engine: batches in, alerts out. Pure and deterministic: event time only, row by row, bounded tables, counted evictions."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from . import spread
from .address import Networks, text
from .alert import Alert, Finding, Response
from .catalog import Catalog
from .contact import Burst, Contact, Outcome, Source
from .episode import Episode, alert, alert_id, stronger, strongest
from .event import Hint, Quality, Verb, octets
from .exception import Exceptions, HostException
from .finding import Crossing, finding
from .flow import FlowBatch
from .happening import HINTED, Event, contact_of, endpoint_of, plain
from .plainwatch import PlainWatch
from .registry import DETECTORS
from .spread import SourceKey, Touch, Victims
from .state import BoundedTable
from .watch import Events, PortRoles, Watch, WatchSettings

EXCEPTED_ROLES = frozenset({"nms", "scanner"})
REORDERING_MS = 2_000  # how far behind the newest row an older one may come and still move nothing
LONGEST_CHAIN = 16
Dark = Callable[[bytes], bool | None]  # address -> nobody has it, somebody has it, or it is not known


@dataclass(slots=True)
class EngineCounts:
    """What the engine did and what it had to forget."""

    rows: int = 0
    contacts: int = 0
    alerts: int = 0
    excepted: int = 0
    suspicious: int = 0
    forwarded: int = 0
    evicted_sources: int = 0
    evicted_contacts: int = 0
    forgotten_contacts: int = 0


class Engine:
    """Detects attacks between machines.

    `roles` says which ports are uplinks, `host_roles` which addresses are declared (`nms`, `scanner`: never accused), `routers`
    MACs known to forward, `dark` which addresses nobody has, `exceptions` what a person allowed. `slow` takes the plain watch.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        internal: Networks,
        roles: PortRoles = lambda _agent, _port: None,
        host_roles: Mapping[bytes, str] | None = None,
        routers: frozenset[int] = frozenset(),
        dark: Dark = lambda _address: None,
        exceptions: Sequence[HostException] = (),
        slow: bool = False,
    ) -> None:
        self._catalog, self._dark = catalog, dark
        self._watch: Watch = _watch(slow=slow)(catalog.watch, internal, roles, routers)
        self._host_roles = dict(host_roles or {})
        self._exceptions = Exceptions(exceptions)
        self._sources: BoundedTable[SourceKey, Source] = BoundedTable(catalog.most_sources)
        self._episodes: BoundedTable[SourceKey, Episode] = BoundedTable(catalog.most_sources)
        self._holders: BoundedTable[str, SourceKey] = BoundedTable(catalog.most_sources)  # alert id -> whose
        self._origins: BoundedTable[SourceKey, Touch] = BoundedTable(catalog.most_sources)  # who infected whom
        self._victims = Victims(catalog.most_victims, catalog.memory_ms)
        self._touched: list[bytes] = []
        self._waiting: list[tuple[int, int, SourceKey, Contact]] = []
        self._sequence = 0
        self._now_ms = 0
        self._counts = EngineCounts()

    @property
    def counts(self) -> EngineCounts:
        """Counters up to now."""
        watched, counts = self._watch.counts, self._counts
        counts.rows, counts.contacts, counts.suspicious = watched.rows, watched.contacts, watched.suspicious
        counts.forwarded, counts.evicted_contacts = watched.forwarded, watched.evicted_contacts
        counts.evicted_sources = watched.evicted_sources + self._sources.evictions
        return counts

    def feed(self, batch: FlowBatch) -> list[Alert]:
        """Take a batch; gives the alerts it raised, and alerts raised before that now ask for more."""
        alerts = [alert for events in self._watch.take(batch) for alert in self._take(events)]
        alerts.extend(self.tick(self._watch.now_ms))
        return alerts

    def tick(self, now_ms: int) -> list[Alert]:
        """Let time pass though no flow arrived: contacts that nobody answered become failures."""
        return [*self._pass_time(now_ms), *self._look_closer()]

    flush = tick

    def _take(self, events: Events) -> list[Alert]:
        alerts: list[Alert] = []
        for event in plain(events):
            alerts.extend(self._pass_time(event["now_ms"]))
            alerts.extend(self._event(event))
            alerts.extend(self._look_closer())
        return alerts

    def _look_closer(self) -> Iterator[Alert]:
        """Whom an attacker has just reached is suspicious from now on."""
        while self._touched:
            for earlier in plain(self._watch.suspect(self._touched.pop())):
                yield from self._event(earlier)

    def _event(self, event: Event) -> Iterable[Alert]:
        if event["verb"] in (Verb.OPEN, Verb.LOGINS):
            return self._contact(event)
        return self._answer(event)

    def _pass_time(self, at_ms: int) -> Iterator[Alert]:
        self._now_ms = max(self._now_ms, at_ms)
        while self._waiting and self._waiting[0][0] <= self._now_ms:
            due_ms, _, key, contact = heapq.heappop(self._waiting)
            source = self._sources.peek(key)
            if source is not None and contact.outcome is Outcome.PENDING:
                contact.outcome = Outcome.UNANSWERED
                # It was known then, however late time has moved on: a finding belongs to the episode it was in.
                yield from self._judge(key, source, contact, due_ms)

    def _contact(self, event: Event) -> Iterable[Alert]:
        address = octets(event["src_hi"], event["src_lo"])
        if self._host_roles.get(address) in EXCEPTED_ROLES:
            self._counts.excepted += 1
            return
        key = (address, event["twin"])
        source = self._source(key, event)
        contact = contact_of(event)
        episode = self._episodes.peek(key)
        if episode is not None and episode.response is Response.AUTO and self._is_open(episode, contact.at_ms):
            episode.go_on(contact.at_ms)
            self._touch(key, contact)
            return
        if event["verb"] == Verb.LOGINS:
            yield from self._burst(key, source, contact, event)
            return
        added = source.add(contact)
        if added is None:
            return
        yield from self._added(key, source, added, Hint(event["hint"]), exact=bool(event["quality"] & Quality.EXACT))

    def _added(self, key: SourceKey, source: Source, contact: Contact, hint: Hint, *, exact: bool) -> Iterable[Alert]:
        for detector in DETECTORS:
            for crossing in detector.on_contact(self._catalog, source, contact, self._now_ms):
                yield from self._found(key, source, crossing, self._now_ms)
        if contact.outcome not in (Outcome.PENDING, Outcome.UNKNOWN):
            yield from self._more(key, source, self._now_ms)
            return
        if hint in HINTED:
            contact.outcome = HINTED[hint]
        elif not contact.outside and self._dark(contact.target):
            contact.outcome = Outcome.UNANSWERED
        if contact.outcome not in (Outcome.PENDING, Outcome.UNKNOWN):
            yield from self._judge(key, source, contact, self._now_ms)
            return
        contact.outcome = Outcome.PENDING if exact else Outcome.UNKNOWN
        if exact:
            self._sequence += 1
            due_ms = max(contact.at_ms, self._now_ms - REORDERING_MS) + self._catalog.answer_timeout_ms
            heapq.heappush(self._waiting, (due_ms, self._sequence, key, contact))
        yield from self._more(key, source, self._now_ms)

    def _answer(self, event: Event) -> Iterable[Alert]:
        key = (octets(event["src_hi"], event["src_lo"]), event["twin"])
        source = self._sources.peek(key)
        contact = source.contacts.get(contact_of(event).key) if source else None
        if source is None or contact is None or contact.outcome is not Outcome.PENDING:
            return
        late = event["at_ms"] - contact.at_ms > self._catalog.answer_timeout_ms
        answered = Outcome.REFUSED if event["verb"] == Verb.REFUSE else Outcome.ANSWERED
        contact.outcome = Outcome.UNANSWERED if late else answered
        yield from self._judge(key, source, contact, self._now_ms)

    def _burst(self, key: SourceKey, source: Source, contact: Contact, event: Event) -> Iterable[Alert]:
        known = source.contacts.get(contact.key)
        contact = known or source.add(contact) or contact
        source.bursts[contact.key] = Burst(event["count"], round(event["level"] / 1000, 1), event["at_ms"])
        for detector in DETECTORS:
            for crossing in detector.on_burst(self._catalog, source, contact, self._now_ms):
                yield from self._found(key, source, crossing, self._now_ms)
        yield from self._more(key, source, self._now_ms)

    def _judge(self, key: SourceKey, source: Source, contact: Contact, at_ms: int) -> Iterable[Alert]:
        joined = spread.on_outcome(self._catalog, self._victims, source, contact)
        if joined is not None:
            self._origins.put(key, joined[0])
            yield from self._found(key, source, joined[1], at_ms)
        for detector in DETECTORS:
            for crossing in detector.on_outcome(self._catalog, source, contact, at_ms):
                yield from self._found(key, source, crossing, at_ms)
        yield from self._more(key, source, at_ms)

    def _source(self, key: SourceKey, event: Event) -> Source:
        source = self._sources.get(key)
        if source is None:
            source = Source(key[0], endpoint_of(key, event), self._catalog.most_contacts)
            self._sources.put(key, source)
        if event["in_if"] or (event["mac"] and source.endpoint.src_mac is None):
            source.endpoint = endpoint_of(key, event, source.endpoint)
        if source.last_ms and event["at_ms"] - source.last_ms > self._catalog.memory_ms:
            source.restart()
        return source

    def _is_open(self, episode: Episode, at_ms: int) -> bool:
        return at_ms - episode.last_ms <= self._catalog.quiet_ms

    def _found(self, key: SourceKey, source: Source, crossing: Crossing, at_ms: int) -> Iterable[Alert]:
        if self._exceptions.hold(source.address, crossing.detector, at_ms):
            self._counts.excepted += 1
            return
        episode = self._episodes.get(key)
        if episode is not None and self._is_open(episode, at_ms):
            episode.last_ms = max(episode.last_ms, at_ms)
            if crossing.detector not in {f.detector for f in episode.findings}:
                episode.findings.append(self._finding(key, source, crossing, at_ms))
            return
        found = self._finding(key, source, crossing, at_ms)
        episode = Episode(self._id(key, found), self._asks(source, found), at_ms, [found])
        self._episodes.put(key, episode)
        self._counts.alerts += 1
        self._touch_all(key, source, episode)
        yield alert(self._catalog, episode, found)

    def _finding(self, key: SourceKey, source: Source, crossing: Crossing, at_ms: int) -> Finding:
        found = finding(self._catalog, source, crossing, at_ms)
        return replace(found, chain=self._chain(key)) if crossing.detector == spread.NAME else found

    def _chain(self, key: SourceKey) -> tuple[str, ...]:
        """Patient zero first, this endpoint last."""
        chain = [key]
        while (touch := self._origins.peek(chain[-1])) is not None and touch.attacker not in chain:
            chain.append(touch.attacker)
            if len(chain) == LONGEST_CHAIN:
                break
        return tuple(text(address) for address, _ in reversed(chain))

    def _id(self, key: SourceKey, found: Finding) -> str:
        plain = alert_id(found.endpoint, found.first_flow_ms)
        twin = self._holders.ensure(plain, lambda: key) != key
        return alert_id(found.endpoint, found.first_flow_ms, twin=True) if twin else plain

    def _more(self, key: SourceKey, source: Source, at_ms: int) -> Iterable[Alert]:
        """The open episode of this source asks for more than it did: the same alert again, with the stronger response."""
        episode = self._episodes.peek(key)
        if episode is None or not self._is_open(episode, at_ms):
            return
        latest = episode.findings[-1]
        response = self._asks(source, latest)
        if stronger(response, episode.response):
            episode.response = response
            # What makes it strong was seen by exporters of known sampling, and may name the port that was missing before.
            latest = episode.findings[-1] = replace(latest, endpoint=source.endpoint, sampling_known=True)
            self._touch_all(key, source, episode)
            yield alert(self._catalog, episode, latest)

    def _asks(self, source: Source, latest: Finding) -> Response:
        if latest.chain and latest.sampling_known:
            return Response.AUTO
        return strongest(detector.asks(self._catalog, source) for detector in DETECTORS)

    def _touch_all(self, key: SourceKey, source: Source, episode: Episode) -> None:
        if episode.response is Response.AUTO:
            for contact in source.contacts.values():
                self._touch(key, contact)

    def _touch(self, key: SourceKey, contact: Contact) -> None:
        if self._victims.note(key, contact):
            self._touched.append(contact.target)


def _watch(*, slow: bool) -> Callable[[WatchSettings, Networks, PortRoles, frozenset[int]], Watch]:
    """The compiled watch, if it can be had."""
    if slow:
        return PlainWatch
    from .fastwatch import FastWatch  # noqa: PLC0415 numba takes half a second, and is not wanted where nothing is detected

    return FastWatch
