"""Correlation: findings become one alert for each endpoint's episode, and the endpoint's risk score says what it asks for.

A finding opens an episode or joins the open one, whatever detector it comes from. The alert is raised when the episode opens,
and again under the same id when another detector joins or when it asks for more; it never asks for less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from . import spread
from .alert import Alert, Finding, Response, Severity, stronger, weaker, worst
from .catalog import Catalog
from .contact import Source
from .episode import MOST_FINDINGS, Episode, alert, alert_id, explain, severity_of, strongest
from .finding import Crossing, finding
from .infection import Infections
from .leniency import Leniency
from .registry import DETECTORS
from .risk import RiskLedger
from .spread import SourceKey
from .state import BoundedTable

JOINS_AFTER_MS = 2_000  # a notice that comes as the episode opens may be read before it: it is raised by itself as well


@dataclass(slots=True)
class CorrelationCounts:
    """Alerts raised, findings that joined one, findings that nobody is accused of, endpoints forgotten."""

    alerts: int = 0
    joined: int = 0
    excepted: int = 0
    evicted_risks: int = 0


class Correlation:
    """Episodes, alert ids and risk of all endpoints; bounded, in event time."""

    def __init__(self, catalog: Catalog, leniency: Leniency, infections: Infections) -> None:
        self._catalog, self._leniency, self._infections = catalog, leniency, infections
        self._episodes: BoundedTable[SourceKey, Episode] = BoundedTable(catalog.most_sources)
        self._holders: BoundedTable[str, SourceKey] = BoundedTable(catalog.most_sources)  # alert id -> whose
        self._ledger: RiskLedger[SourceKey] = RiskLedger(catalog.risk, catalog.most_sources)
        self._counts = CorrelationCounts()

    @property
    def counts(self) -> CorrelationCounts:
        """Counters up to now."""
        self._counts.evicted_risks = self._ledger.evictions
        return self._counts

    @property
    def ledger(self) -> RiskLedger[SourceKey]:
        """The endpoints' scores."""
        return self._ledger

    def is_open(self, key: SourceKey, at_ms: int) -> bool:
        """An episode of this endpoint goes on."""
        return self._open(key, at_ms) is not None

    def acting(self, key: SourceKey, at_ms: int) -> Episode | None:
        """The open episode, if it already asks for all there is: more contacts change nothing."""
        episode = self._open(key, at_ms)
        return episode if episode is not None and episode.response is Response.AUTO else None

    def found(self, key: SourceKey, source: Source, crossing: Crossing, at_ms: int) -> Iterable[Alert]:
        """A detector's threshold was crossed."""
        if self._leniency.most(source.address, crossing.detector, at_ms) is Response.NONE:
            self._counts.excepted += 1
            return
        episode = self._open(key, at_ms)
        if episode is not None:
            episode.last_ms = max(episode.last_ms, at_ms)
            if not episode.holds(crossing.detector):
                yield self._join(key, source, episode, self._finding(key, source, crossing, at_ms))
            return
        found = self._finding(key, source, crossing, at_ms)
        asked = self._asks(source, found, at_ms)
        self._ledger.settle(key, at_ms)
        self._score(key, source, (found,), asked, at_ms)
        response = strongest((*asked.values(), self._ledger.assess(key, at_ms).response))
        episode = Episode(self._id(key, found), response, at_ms, [found], opened_ms=at_ms)
        self._episodes.put(key, episode)
        self._counts.alerts += 1
        self._touch_all(key, source, episode)
        yield self._alert(key, episode, found, at_ms)

    def more(self, key: SourceKey, source: Source, at_ms: int) -> Iterable[Alert]:
        """More is known of this source: its open episode may ask for more than it did."""
        episode = self._open(key, at_ms)
        if episode is None or episode.response is Response.AUTO:
            return
        asked = self._asks(source, episode.findings[-1], at_ms)
        if not stronger(strongest(asked.values()), episode.response):
            return
        self._score(key, source, (), asked, at_ms)
        episode.response = strongest((*asked.values(), self._ledger.assess(key, at_ms).response))
        # What makes it strong was seen by exporters of known sampling, and may name the port that was missing before.
        latest = episode.findings[-1] = replace(episode.findings[-1], endpoint=source.endpoint, sampling_known=True)
        self._touch_all(key, source, episode)
        yield self._alert(key, episode, latest, at_ms)

    def leaves(self, address: bytes, detector: str, asked: Response, at_ms: int) -> Response:
        """What a host's role and exceptions leave of what a detector asks for."""
        return self._leniency.soften(address, detector, asked, at_ms)

    def notice(
        self,
        address: bytes,
        found: Finding,
        severity: Severity,
        sentence: Mapping[str, str],
        asked: Response = Response.NONE,
    ) -> tuple[list[Alert], bool]:
        """Something worth a look; `asked` is what a site's own rule asks for, as far as `leaves` left it. It adds to the
        endpoint's risk and joins the open episode; gives the updated alert, if any, and whether that says it all (else it is to
        be raised by itself)."""
        key, at_ms = (address, 0), found.found_ms
        most = self._leniency.most(address, found.detector, at_ms)
        if most is Response.NONE:
            self._counts.excepted += 1
            return [], True
        most = weaker(most, strongest((asked, Response.RECOMMEND)))
        self._ledger.add(key, found.detector, severity, at_ms, known=found.sampling_known, most=most)
        episode = self._open(key, at_ms)
        if episode is None:
            return [], False
        settled = at_ms - episode.opened_ms > JOINS_AFTER_MS
        if not stronger(asked, episode.response) and any(
            (f.detector, f.targets) == (found.detector, found.targets) for f in episode.findings
        ):
            return [], settled
        if len(episode.findings) >= MOST_FINDINGS:
            return [], False
        assessed = self._ledger.assess(key, at_ms)
        episode.response = strongest((episode.response, asked, assessed.response))
        episode.severity = worst(episode.severity, severity)
        episode.findings.append(replace(found, text=sentence))
        self._counts.joined += 1
        return [self._alert(key, episode, episode.findings[0], at_ms)], settled

    def _join(self, key: SourceKey, source: Source, episode: Episode, found: Finding) -> Alert:
        asked = self._asks(source, found, found.found_ms)
        self._score(key, source, (found,), asked, found.found_ms)
        assessed = self._ledger.assess(key, found.found_ms).response
        own, before = strongest(asked.values()), episode.response
        episode.response = strongest((before, own, assessed))
        if stronger(own, before):
            found = replace(found, sampling_known=True)  # see more()
        episode.findings.append(found)
        self._counts.joined += 1
        if stronger(episode.response, before):
            self._touch_all(key, source, episode)
        return self._alert(key, episode, found, found.found_ms)

    def _asks(self, source: Source, latest: Finding, at_ms: int) -> dict[str, Response]:
        """What each detector's own evidence asks for, as far as the host's role and exceptions leave it."""
        asked = {d.NAME: d.asks(self._catalog, source) for d in DETECTORS}
        if latest.chain and latest.sampling_known:
            asked[spread.NAME] = Response.RECOMMEND if latest.weak else Response.AUTO
        return {name: self._leniency.soften(source.address, name, response, at_ms) for name, response in asked.items()}

    def _score(
        self, key: SourceKey, source: Source, fresh: Sequence[Finding], asked: Mapping[str, Response], at_ms: int
    ) -> None:
        """Parts of what was just found, and of what the evidence has become strong enough for."""
        for found in fresh:
            most = self._leniency.most(source.address, found.detector, at_ms)
            severity = severity_of(Response.RECOMMEND)
            self._ledger.add(key, found.detector, severity, at_ms, known=found.sampling_known, most=most)
        for name, response in asked.items():
            if stronger(response, Response.RECOMMEND):  # only what was seen by exporters of known sampling gets so far
                # `response` is within what the host's role leaves; points never ask for more than the evidence behind them.
                self._ledger.add(key, name, severity_of(response), at_ms, known=True, most=response)

    def _finding(self, key: SourceKey, source: Source, crossing: Crossing, at_ms: int) -> Finding:
        found = finding(self._catalog, source, crossing, at_ms)
        if crossing.detector == spread.NAME:
            found = replace(found, chain=self._infections.chain(key), links=self._infections.links(key))
        return replace(found, text=explain(self._catalog, found))

    def _alert(self, key: SourceKey, episode: Episode, found: Finding, at_ms: int) -> Alert:
        return alert(self._catalog, episode, found, self._ledger.assess(key, at_ms))

    def _id(self, key: SourceKey, found: Finding) -> str:
        plain = alert_id(found.endpoint, found.first_flow_ms)
        twin = self._holders.ensure(plain, lambda: key) != key
        return alert_id(found.endpoint, found.first_flow_ms, twin=True) if twin else plain

    def _open(self, key: SourceKey, at_ms: int) -> Episode | None:
        episode = self._episodes.get(key)
        return episode if episode is not None and at_ms - episode.last_ms <= self._catalog.quiet_ms else None

    def _touch_all(self, key: SourceKey, source: Source, episode: Episode) -> None:
        if episode.response is Response.AUTO:
            for contact in source.contacts.values():
                self._infections.touch(key, contact)
