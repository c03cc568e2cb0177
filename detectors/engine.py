"""The engine: batches in, alerts out. Pure and deterministic: event time only, row by row, bounded tables, counted evictions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import ModuleType

from . import portscan, sweep
from .address import Networks
from .alert import Alert, Finding
from .catalog import Catalog
from .contact import Contact, Outcome, Source
from .episode import Episode, alert, alert_id, response_of, stronger
from .finding import Crossing, finding
from .flow import FlowBatch
from .initiator import Answer, Initiation, PortRoles, Reader
from .state import BoundedTable

DETECTORS: tuple[ModuleType, ...] = (sweep, portscan)
EXCEPTED_ROLES = frozenset({"nms", "scanner"})
SourceKey = tuple[bytes, str | None]  # address, MAC
REORDERING_MS = 2_000  # how far behind the newest row an older one may come and still move nothing


@dataclass(slots=True)
class EngineCounts:
    """What the engine did and what it had to forget."""

    rows: int = 0
    contacts: int = 0
    alerts: int = 0
    excepted: int = 0
    evicted_sources: int = 0
    forgotten_contacts: int = 0


class Engine:
    """Detects sweeps and port scans. `roles` says which ports are uplinks, `host_roles` which addresses are declared
    (`nms`, `scanner`: never accused), `routers` MACs known to forward."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        internal: Networks,
        roles: PortRoles = lambda _agent, _port: None,
        host_roles: Mapping[bytes, str] | None = None,
        routers: frozenset[int] = frozenset(),
    ) -> None:
        self._catalog = catalog
        self._reader = Reader(roles, internal, routers, catalog.most_macs)
        self._host_roles = dict(host_roles or {})
        self._sources: BoundedTable[SourceKey, Source] = BoundedTable(catalog.most_sources)
        self._macs_of: BoundedTable[bytes, list[str | None]] = BoundedTable(catalog.most_sources)
        self._episodes: BoundedTable[SourceKey, Episode] = BoundedTable(catalog.most_sources)
        self._holders: BoundedTable[str, str] = BoundedTable(catalog.most_sources)  # alert id -> MAC
        self._waiting: deque[tuple[int, SourceKey, Contact]] = deque()
        self._now_ms = 0
        self._counts = EngineCounts()

    @property
    def counts(self) -> EngineCounts:
        """Counters up to now."""
        self._counts.evicted_sources = self._sources.evictions
        return self._counts

    def feed(self, batch: FlowBatch) -> list[Alert]:
        """Take a batch; gives the alerts it raised, and alerts raised before that now ask for more."""
        alerts: list[Alert] = []
        self._counts.rows += len(batch)
        for at_ms, event in self._reader.events(batch):
            alerts.extend(self._pass_time(at_ms))
            if isinstance(event, Initiation):
                alerts.extend(self._contact(event))
            elif isinstance(event, Answer):
                alerts.extend(self._answer(event))
        return alerts

    def flush(self, now_ms: int) -> list[Alert]:
        """Let event time pass up to `now_ms`: contacts that nobody answered become failures."""
        return list(self._pass_time(now_ms))

    def _pass_time(self, at_ms: int) -> Iterator[Alert]:
        self._now_ms = max(self._now_ms, at_ms)
        due_ms = self._now_ms - self._catalog.answer_timeout_ms
        while self._waiting and self._waiting[0][0] <= due_ms:
            asked_ms, key, contact = self._waiting.popleft()
            source = self._sources.peek(key)
            if source is not None and contact.outcome is Outcome.PENDING:
                contact.outcome = Outcome.UNANSWERED
                # It was known then, however late time has moved on: a finding belongs to the episode it was in.
                known_ms = asked_ms + self._catalog.answer_timeout_ms
                yield from self._judge_outcome(key, source, contact, known_ms)

    def _contact(self, event: Initiation) -> Iterable[Alert]:
        if self._host_roles.get(event.source) in EXCEPTED_ROLES:
            self._counts.excepted += 1
            return
        key, source = self._source(event)
        contact = source.add(event.key, event.at_ms, known=event.sampling_known)
        if contact is None:
            return
        self._counts.contacts += 1
        if event.unsampled:
            if contact.outcome is Outcome.UNKNOWN:  # a poorer exporter saw it first
                contact.outcome = Outcome.PENDING
            self._waiting.append((max(event.at_ms, self._now_ms - REORDERING_MS), key, contact))
        elif contact.outcome is Outcome.PENDING:
            contact.outcome = Outcome.UNKNOWN
        for detector in DETECTORS:
            crossing = detector.on_contact(self._catalog, source, contact, self._now_ms)
            yield from self._found(key, source, crossing, self._now_ms)
        yield from self._more(key, source, self._now_ms)

    def _answer(self, event: Answer) -> Iterable[Alert]:
        for mac in self._macs_of.peek(event.source) or ():
            key = (event.source, mac)
            source = self._sources.peek(key)
            contact = source.contacts.get(event.key) if source else None
            if source is not None and contact is not None and contact.outcome is Outcome.PENDING:
                contact.outcome = Outcome.REFUSED if event.refused else Outcome.ANSWERED
                yield from self._judge_outcome(key, source, contact, self._now_ms)

    def _judge_outcome(self, key: SourceKey, source: Source, contact: Contact, at_ms: int) -> Iterable[Alert]:
        for detector in DETECTORS:
            crossing = detector.on_outcome(self._catalog, source, contact, at_ms)
            yield from self._found(key, source, crossing, at_ms)
        yield from self._more(key, source, at_ms)

    def _source(self, event: Initiation) -> tuple[SourceKey, Source]:
        """The source of an initiation. A row that names no MAC belongs to the address's only known one."""
        macs = self._macs_of.ensure(event.source, list)
        mac = event.endpoint.src_mac
        if mac is None and len(macs) == 1:
            mac = macs[0]
        key = (event.source, mac)
        source = self._sources.get(key)
        if source is None and mac is not None and None in macs:
            source = self._name(event.source, mac)  # rows without a MAC came first
        if source is None:
            source = Source(event.source, event.endpoint, self._catalog.most_contacts)
            self._sources.put(key, source)
        if mac not in macs:
            macs.append(mac)
            del macs[:-8]
        if event.endpoint.in_if is not None:
            source.endpoint = event.endpoint
        if source.last_ms and event.at_ms - source.last_ms > self._catalog.memory_ms:
            source.restart()
        return key, source

    def _name(self, address: bytes, mac: str) -> Source | None:
        source = self._sources.pop((address, None))
        if source is not None:
            self._sources.put((address, mac), source)
            episode = self._episodes.pop((address, None))
            if episode is not None:
                self._episodes.put((address, mac), episode)
        macs = self._macs_of.peek(address)
        if macs and None in macs:
            macs.remove(None)
        return source

    def _found(self, key: SourceKey, source: Source, crossing: Crossing | None, at_ms: int) -> Iterable[Alert]:
        if crossing is None:
            return
        episode = self._episodes.get(key)
        if episode is not None and at_ms - episode.last_ms <= self._catalog.quiet_ms:
            episode.last_ms = max(episode.last_ms, at_ms)
            if crossing.detector not in {f.detector for f in episode.findings}:
                episode.findings.append(finding(self._catalog, source, crossing, at_ms))
            return
        found = finding(self._catalog, source, crossing, at_ms)
        response = response_of(strong=self._strong(source))
        episode = Episode(self._id(found), response, at_ms, [found])
        self._episodes.put(key, episode)
        self._counts.alerts += 1
        yield alert(self._catalog, episode, found)

    def _id(self, found: Finding) -> str:
        plain, mac = alert_id(found.endpoint, found.first_flow_ms), found.endpoint.src_mac
        holder = self._holders.ensure(plain, lambda: mac or "")
        twin = bool(mac and holder and holder != mac)
        return alert_id(found.endpoint, found.first_flow_ms, twin=True) if twin else plain

    def _more(self, key: SourceKey, source: Source, at_ms: int) -> Iterable[Alert]:
        """The open episode of this source asks for more than it did: the same alert again, with the stronger response."""
        episode = self._episodes.peek(key)
        if episode is None or at_ms - episode.last_ms > self._catalog.quiet_ms:
            return
        latest = episode.findings[-1]
        response = response_of(strong=self._strong(source))
        if stronger(response, episode.response):
            episode.response = response
            # What makes it strong was seen by exporters of known sampling, and may name the port that was missing before.
            latest = episode.findings[-1] = replace(latest, endpoint=source.endpoint, sampling_known=True)
            yield alert(self._catalog, episode, latest)

    def _strong(self, source: Source) -> bool:
        return any(detector.is_strong(self._catalog, source) for detector in DETECTORS)
