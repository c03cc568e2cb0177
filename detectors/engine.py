"""The engine: batches in, alerts out. Pure and deterministic: event time only, row by row, bounded tables, counted evictions."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from .address import Networks
from .alert import Alert, Endpoint
from .catalog import Catalog
from .contact import Burst, Contact, Outcome
from .correlation import Correlation
from .counts import EngineCounts
from .crowd import Crowd
from .event import Quality, Verb, octets
from .exception import HostException
from .flow import FlowBatch
from .happening import HINTED, Event, contact_of, endpoint_of, key_of, place_of, plain
from .infection import Infections
from .keeping import KeptRisk
from .leniency import Leniency
from .notice import Observed, Observer
from .registry import DETECTORS, ON_CONTACTS
from .source import Source
from .state import BoundedTable
from .sweep import look_up
from .victims import SourceKey
from .watch import NEVER, Events, PortRoles, Watch
from .watching import watch_class

MOST_WAITING = (
    262_144  # contacts of which it is not known yet whether they are answered; beyond that it is never known, counted
)
MOST_NEARING = 64  # told of at a time
REORDERING_MS = 2_000  # how far behind the newest row an older one may come and still move nothing
OPEN, LOGINS, CALM, ON, REFUSE = (int(verb) for verb in (Verb.OPEN, Verb.LOGINS, Verb.CALM, Verb.ON, Verb.REFUSE))
OPEN_ENDED = (Outcome.PENDING, Outcome.UNKNOWN)
Dark = Callable[[bytes], bool | None]  # address -> nobody has it, somebody has it, or it is not known


class Engine:
    """Detects attacks between machines.

    `roles` says which ports are uplinks, `host_roles` which addresses are declared (see roles in catalog.yaml), `routers`
    MACs known to forward, `dark` which addresses nobody has (asked only of contacts without outcome), `exceptions` what a person
    allowed, `observers` what looks at all rows beside the watch. `slow` takes the plain watch.
    """

    def __init__(  # noqa: PLR0913 what the engine depends on, each by its name
        self,
        catalog: Catalog,
        *,
        internal: Networks,
        roles: PortRoles = lambda _agent, _port: None,
        host_roles: Mapping[bytes, str] | None = None,
        routers: frozenset[int] = frozenset(),
        dark: Dark = lambda _address: None,
        exceptions: Sequence[HostException] = (),
        observers: Sequence[Observer] = (),
        slow: bool = False,
    ) -> None:
        self._catalog, self._dark = catalog, dark
        self._watch: Watch = watch_class(slow=slow)(catalog.watch, internal, roles, routers)
        self._leniency = Leniency(catalog.roles, host_roles or {}, exceptions)
        self._crowd = Crowd(catalog.memory_ms)
        self._infections = Infections(catalog, self._watch.victims)
        self._correlation = Correlation(catalog, self._leniency, self._infections)
        self._observed = Observed(catalog, observers, self._correlation)
        self._sources: BoundedTable[SourceKey, Source] = BoundedTable(catalog.most_sources)
        self._nearing: list[Endpoint] = []
        self._waiting: list[tuple[int, int, SourceKey, Contact]] = []
        self._sequence = 0
        self._now_ms = 0
        self._woken_ms: float = NEVER
        self._dropped = 0
        self._counts = EngineCounts()

    @property
    def counts(self) -> EngineCounts:
        """Counters up to now."""
        watched, counts = self._watch.counts, self._counts
        counts.rows, counts.contacts, counts.suspicious = watched.rows, watched.contacts, watched.suspicious
        counts.forwarded, counts.evicted_contacts = watched.forwarded, watched.evicted_contacts
        counts.further, counts.evicted_victims = watched.further, watched.evicted_victims
        counts.evicted_failures, counts.evicted_habits = self._crowd.evictions, self._crowd.habits.evictions
        counts.evicted_sources = watched.evicted_sources + self._sources.evictions
        joined = self._correlation.counts
        counts.alerts, counts.joined, counts.evicted_risks = joined.alerts, joined.joined, joined.evicted_risks
        counts.unlisted, counts.corrected = joined.unlisted, joined.corrected
        counts.excepted = self._dropped + joined.excepted
        return counts

    @property
    def risk(self) -> KeptRisk:
        """The endpoints' scores, to be kept across restarts."""
        return KeptRisk(self._correlation)

    def touch(self) -> None:
        """Take the memory of its tables now: what runs for long needs it soon."""
        self._watch.touch()

    def nearing(self) -> list[Endpoint]:
        """Sources that have become suspicious since this was asked last, and are accused of nothing; not all of very many."""
        found, self._nearing = self._nearing, []
        return found

    def feed(self, batch: FlowBatch) -> list[Alert]:
        """Take a batch; gives the alerts it raised, and alerts raised before that now ask for more."""
        self._observed.take(batch)
        self._rest()
        alerts = [alert for events in self._watch.take(batch) for alert in self._take(events)]
        alerts.extend(self.tick(self._watch.now_ms))
        for key in self._watch.went_on():  # these were in use
            self._sources.get(key)
            self._correlation.is_open(key, self._now_ms)
        return alerts

    def tick(self, now_ms: int) -> list[Alert]:
        """Let time pass though no flow arrived: contacts that nobody answered become failures, and notices are said."""
        alerts = [*self._pass_time(now_ms), *self._look_closer()]
        self._rest()
        return alerts

    flush = tick

    def finish(self) -> list[Alert]:
        """Say what still waits for event time to pass: nobody knows when the next flow comes."""
        return list(self._observed.say_all(self._watch))

    def end(self, now_ms: int) -> list[Alert]:
        """A recording is over: what its last windows show is said, too."""
        self._observed.end()
        return [*self.tick(now_ms), *self.finish()]

    def _take(self, events: Events) -> list[Alert]:
        alerts: list[Alert] = []
        for event in plain(events):
            self._now_ms = max(self._now_ms, event.now_ms)
            if self._is_due:
                alerts.extend(self._pass_time(self._now_ms))
            alerts.extend(self._event(event))
            if self._infections.news:
                alerts.extend(self._look_closer())
        self._rest()
        return alerts

    def _rest(self) -> None:
        """Until an event comes, or what waits is due: an answer, or a notice once its time is over."""
        due_ms = min(self._waiting[0][0] if self._waiting else NEVER, self._observed.due_ms + 1)
        if due_ms != self._woken_ms:
            self._woken_ms = due_ms
            self._watch.wake(int(max(0, due_ms)))

    def _look_closer(self) -> Iterator[Alert]:
        """Whom an attacker has just reached is suspicious from now on."""
        while (victim := self._infections.newly_touched()) is not None:
            for earlier in plain(self._watch.suspect(victim)):
                yield from self._event(earlier)
        yield from self._correlation.corrected(self._now_ms)

    def _event(self, event: Event) -> Iterable[Alert]:
        if event.verb in (OPEN, LOGINS):
            return self._contact(event)
        if event.verb == CALM:
            return self._calm(event)
        if event.verb == ON:
            return ()
        return self._answer(event)

    def _calm(self, event: Event) -> Iterable[Alert]:
        """What was held against this source is forgotten; one that stands accused is looked at further."""
        key = (octets(event.src_hi, event.src_lo), event.twin)
        if not self._correlation.is_open(key, event.at_ms):
            self._sources.pop(key)
            return
        for earlier in plain(self._watch.suspect(key[0])):
            yield from self._event(earlier)

    @property
    def _is_due(self) -> bool:
        """Something waits no longer."""
        return (bool(self._waiting) and self._waiting[0][0] <= self._now_ms) or self._observed.due_ms < self._now_ms

    def _pass_time(self, at_ms: int) -> Iterator[Alert]:
        self._now_ms = max(self._now_ms, at_ms)
        while True:
            due_ms = self._waiting[0][0] if self._waiting else math.inf
            if self._observed.due_ms < min(due_ms, self._now_ms):
                yield from self._observed.say(self._watch)
                continue
            if due_ms > self._now_ms:
                return
            due_ms, _, key, contact = heapq.heappop(self._waiting)
            source = self._sources.peek(key)
            if source is not None and contact.outcome is Outcome.PENDING:
                contact.outcome = Outcome.UNANSWERED
                # It was known then, however late time has moved on: a finding belongs to the episode it was in.
                yield from self._judge(key, source, contact, due_ms)

    def _contact(self, event: Event) -> Iterable[Alert]:
        address = octets(event.src_hi, event.src_lo)
        if self._leniency.excuses(address, ON_CONTACTS):
            self._dropped += 1
            return ()
        key = (address, event.twin)
        source = self._source(key, event)
        contact = contact_of(event)
        episode = self._correlation.acting(key, contact.at_ms)
        if episode is not None:
            episode.go_on(contact.at_ms)
            self._infections.touch(key, contact)
            self._watch.acting(key, episode)
            return ()
        if event.verb == LOGINS:
            return self._burst(key, source, contact, event)
        before = source.forgotten
        added = source.add(contact)
        self._counts.forgotten_contacts += source.forgotten - before
        if added is None:
            return ()
        return self._added(key, source, added, event.hint, exact=bool(event.quality & Quality.EXACT))

    def _added(self, key: SourceKey, source: Source, contact: Contact, hint: int, *, exact: bool) -> list[Alert]:
        alerts: list[Alert] = []
        for detector in DETECTORS:
            for crossing in detector.on_contact(self._catalog, source, contact, self._now_ms):
                alerts.extend(self._correlation.found(key, source, crossing, self._now_ms))
        if contact.outcome in OPEN_ENDED:
            if hint in HINTED:
                contact.outcome = HINTED[hint]
            elif not (exact or contact.outside):  # silence proves nothing; perhaps it is known whether anybody is there
                look_up(self._catalog, source, contact, self._dark(contact.target), self._now_ms)
                self._counts.dark += contact.outcome is Outcome.DARK
            if contact.outcome not in OPEN_ENDED:
                alerts.extend(self._judge(key, source, contact, self._now_ms))
                return alerts
            self._wait(key, contact, exact=exact)
        if self._correlation.knows(key):
            alerts.extend(self._correlation.more(key, source, self._now_ms))
        return alerts

    def _wait(self, key: SourceKey, contact: Contact, *, exact: bool) -> None:
        """For what comes back, where silence would mean something."""
        contact.outcome = Outcome.PENDING if exact else Outcome.UNKNOWN
        if exact and len(self._waiting) >= MOST_WAITING:
            contact.outcome = Outcome.UNKNOWN
            self._counts.forgotten_contacts += 1
        elif exact:
            self._sequence += 1
            due_ms = max(contact.at_ms, self._now_ms - REORDERING_MS) + self._catalog.answer_timeout_ms
            heapq.heappush(self._waiting, (due_ms, self._sequence, key, contact))

    def _answer(self, event: Event) -> Iterable[Alert]:
        key = (octets(event.src_hi, event.src_lo), event.twin)
        source = self._sources.peek(key)
        contact = source.contacts.get(key_of(event)) if source else None
        if source is None or contact is None or contact.outcome is not Outcome.PENDING:
            return ()
        late = event.at_ms - contact.at_ms > self._catalog.answer_timeout_ms
        answered = Outcome.REFUSED if event.verb == REFUSE else Outcome.ANSWERED
        contact.outcome = Outcome.UNANSWERED if late else answered
        return self._judge(key, source, contact, self._now_ms)

    def _burst(self, key: SourceKey, source: Source, contact: Contact, event: Event) -> Iterable[Alert]:
        known = source.contacts.get(contact.key)
        contact = known or source.add(contact) or contact
        level, fresh = round(event.level / 1000, 1), bool(event.quality & Quality.FRESH)
        source.bursts[contact.key] = Burst(event.times, level, event.at_ms, event.alike, fresh)
        for detector in DETECTORS:
            for crossing in detector.on_burst(self._catalog, source, contact, self._now_ms):
                yield from self._correlation.found(key, source, crossing, self._now_ms)
        yield from self._correlation.more(key, source, self._now_ms)

    def _judge(self, key: SourceKey, source: Source, contact: Contact, at_ms: int) -> list[Alert]:
        alerts: list[Alert] = []
        self._crowd.note(key[0], contact)
        infected = self._infections.judge(key, source, contact)
        if infected is not None:
            alerts.extend(self._correlation.found(key, source, infected, at_ms))
        for detector in DETECTORS:
            for crossing in detector.on_outcome(self._catalog, source, contact, at_ms):
                alerts.extend(self._correlation.found(key, source, crossing, at_ms))
        if self._correlation.knows(key):
            alerts.extend(self._correlation.more(key, source, at_ms))
        return alerts

    def _source(self, key: SourceKey, event: Event) -> Source:
        source = self._sources.get(key)
        if source is None:
            source = Source(key[0], endpoint_of(key, event), self._catalog.most_contacts, self._crowd, place_of(event))
            self._sources.put(key, source)
            if len(self._nearing) < MOST_NEARING:
                self._nearing.append(source.endpoint)
        place = place_of(event)
        if place != source.place and (event.in_if or (event.mac and source.endpoint.src_mac is None)):
            source.endpoint, source.place = endpoint_of(key, event, source.endpoint), place
        if source.last_ms and event.at_ms - source.last_ms > self._catalog.memory_ms:
            source.restart()
        return source
