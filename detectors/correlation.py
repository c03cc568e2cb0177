"""Correlation: findings become one alert for each endpoint's episode, and the endpoint's risk score says what it asks for.

A finding opens an episode or joins the open one, whatever detector it comes from; so does a notice that asks for something. The
alert is raised when the episode opens, and again under the same id when another detector joins or when it asks for more; it
never asks for less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from . import spread
from .alert import ORDER, Alert, Finding, Response, RiskPart, Severity, stronger, weaker, worst
from .catalog import Catalog
from .episode import MOST_FINDINGS, Episode, alert, alert_id, explain, strongest
from .finding import Crossing, finding
from .infection import Infections
from .leniency import Leniency
from .risk import Assessment, RiskLedger
from .source import Source
from .spread import SourceKey
from .state import BoundedTable
from .weighing import Weighing

MOST_REMARKS = 5  # notices said by themselves that an episode is begun with


@dataclass(slots=True)
class CorrelationCounts:
    """Alerts raised, findings that joined one, alerts whose chain was corrected, findings that found the list of one full,
    findings that nobody is accused of, endpoints forgotten."""

    alerts: int = 0
    joined: int = 0
    corrected: int = 0
    unlisted: int = 0
    excepted: int = 0
    evicted_risks: int = 0


class Correlation:
    """Episodes, alert ids and risk of all endpoints; bounded, in event time."""

    def __init__(self, catalog: Catalog, leniency: Leniency, infections: Infections) -> None:
        self._catalog, self._leniency, self._infections = catalog, leniency, infections
        self._episodes: BoundedTable[SourceKey, Episode] = BoundedTable(catalog.most_sources)
        self._holders: BoundedTable[str, SourceKey] = BoundedTable(catalog.most_sources)  # alert id -> whose
        self._remarks: BoundedTable[SourceKey, list[Finding]] = BoundedTable(catalog.most_sources)
        self._ledger: RiskLedger[SourceKey] = RiskLedger(catalog.risk, catalog.most_sources)
        self._weighing = Weighing(catalog, leniency, self._ledger)
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

    def knows(self, key: SourceKey) -> bool:
        """There was an episode of this endpoint, open or not. Where there was none, nobody asks for more."""
        return key in self._episodes

    def acting(self, key: SourceKey, at_ms: int) -> Episode | None:
        """The open episode, if it already asks for all there is and says what the endpoint does to others: more contacts change
        nothing."""
        episode = self._open(key, at_ms)
        return episode if episode is not None and episode.response is Response.AUTO and episode.on_contacts else None

    def found(self, key: SourceKey, source: Source, crossing: Crossing, at_ms: int) -> Iterable[Alert]:
        """A detector's threshold was crossed."""
        if self._leniency.most(source.address, crossing.detector, at_ms) is Response.NONE:
            self._counts.excepted += 1
            return
        episode = self._open(key, at_ms)
        if episode is not None:
            episode.last_ms = max(episode.last_ms, at_ms)
            if episode.listens_to(crossing.detector, weak=crossing.weak):
                yield self._join(key, source, episode, self._finding(key, source, crossing, at_ms))
            return
        found = self._finding(key, source, crossing, at_ms)
        asked = self._weighing.asks(source, (found,), at_ms)
        self._ledger.settle(key, at_ms)
        self._weighing.score(key, source, (found,), asked, at_ms)
        response = strongest((*asked.values(), self._ledger.assess(key, at_ms).response))
        episode = self._begin(key, found, response, at_ms)
        self._touch_all(key, source, episode)
        yield self._alert(key, episode, found, at_ms)

    def more(self, key: SourceKey, source: Source, at_ms: int) -> Iterable[Alert]:
        """More is known of this source: its open episode may ask for more than it did."""
        episode = self._open(key, at_ms)
        if episode is None or episode.response is Response.AUTO:
            return
        asked = self._weighing.asks(source, episode.findings, at_ms)
        detector, most = max(asked.items(), key=lambda item: ORDER.index(item[1]))
        if not stronger(most, episode.response):
            return
        self._weighing.score(key, source, (), asked, at_ms)
        episode.response = strongest((most, self._ledger.assess(key, at_ms).response))
        # What makes it strong was seen by exporters of known sampling, and may name the port that was missing before.
        at = episode.strongest_of(detector)
        found = episode.findings[at] = replace(episode.findings[at], endpoint=source.endpoint, sampling_known=True)
        self._touch_all(key, source, episode)
        yield self._alert(key, episode, found, at_ms)

    def corrected(self, at_ms: int) -> Iterator[Alert]:
        """An earlier infector has become known: alerts whose chain is another one now are raised again."""
        for key in self._infections.newly_corrected():
            episode, chain = self._episodes.peek(key), self._infections.chain(key)
            if episode is None or not episode.on_contacts:
                continue
            held = [n for n, found in enumerate(episode.findings) if found.chain] or [episode.headline]
            if all(episode.findings[at].chain == chain for at in held):
                continue
            for at in held:
                found = replace(episode.findings[at], chain=chain, links=self._infections.links(key))
                episode.findings[at] = replace(found, text=explain(self._catalog, found))
            self._counts.corrected += 1
            yield self._alert(key, episode, episode.findings[held[-1]], at_ms)

    def restore(self, key: SourceKey, part: RiskPart) -> None:
        """Take a part of the score that an earlier run left, as far as the host's role and exceptions leave it now."""
        most = self._leniency.most(key[0], part.detector, part.at_ms)
        if most is not Response.NONE:
            self._ledger.restore(key, replace(part, most=weaker(part.most, most)))

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
    ) -> tuple[list[Alert], Assessment | None]:
        """Something worth a look; `asked` is what a site's own rule asks for, as far as `leaves` left it. It adds to the
        endpoint's risk and joins the open episode; one that asks for something opens an episode where there is none. Gives the
        alert, if any; else the endpoint's risk, where the notice is to be said by itself."""
        key, at_ms = (address, 0), found.found_ms
        most = self._leniency.most(address, found.detector, at_ms)
        if most is Response.NONE:
            self._counts.excepted += 1
            return [], None
        found, episode = replace(found, text=sentence), self._open(key, at_ms)
        opens = episode is None and asked is not Response.NONE
        if opens:
            self._ledger.settle(key, at_ms)
        most = weaker(most, strongest((asked, Response.RECOMMEND)))
        self._ledger.add(key, found.detector, severity, at_ms, known=found.sampling_known, most=most)
        assessed = self._ledger.assess(key, at_ms)
        if episode is not None:
            if asked is not Response.NONE:
                episode.last_ms = max(episode.last_ms, at_ms)
            return self._take_in(key, episode, found, severity, strongest((asked, assessed.response))), None
        if not opens:
            self._remarks.put(key, [*self._recent(key, at_ms), found])
            return [], assessed
        episode = self._begin(key, found, strongest((asked, assessed.response)), at_ms)
        episode.severity = severity
        return [self._alert(key, episode, found, at_ms)], None

    def _take_in(
        self, key: SourceKey, episode: Episode, found: Finding, severity: Severity, asked: Response
    ) -> list[Alert]:
        """A notice joins. The same once more says nothing, unless it asks for more."""
        said = any((f.detector, f.targets) == (found.detector, found.targets) for f in episode.findings)
        if said and not stronger(asked, episode.response):
            return []
        is_full = len(episode.findings) >= MOST_FINDINGS
        self._counts.unlisted += is_full
        worse = worst(episode.severity, severity)
        if is_full and worse is episode.severity and not stronger(asked, episode.response):
            return []
        episode.response, episode.severity = strongest((episode.response, asked)), worse
        if not is_full:
            episode.findings.append(found)
            self._counts.joined += 1
        return [self._alert(key, episode, episode.findings[episode.headline], found.found_ms)]

    def _begin(self, key: SourceKey, found: Finding, response: Response, at_ms: int) -> Episode:
        episode = Episode(self._id(key, found), response, at_ms, [*self._recent(key, at_ms), found])
        self._remarks.pop(key)
        self._episodes.put(key, episode)
        self._counts.alerts += 1
        return episode

    def _recent(self, key: SourceKey, at_ms: int) -> list[Finding]:
        """What was said of it by itself not long ago, and has become part of the story when an episode begins."""
        since_ms = at_ms - self._catalog.quiet_ms
        return [found for found in self._remarks.peek(key) or () if found.found_ms >= since_ms][-MOST_REMARKS:]

    def _join(self, key: SourceKey, source: Source, episode: Episode, found: Finding) -> Alert:
        asked = self._weighing.asks(source, (*episode.findings, found), found.found_ms)
        self._weighing.score(key, source, (found,), asked, found.found_ms)
        assessed = self._ledger.assess(key, found.found_ms).response
        own, before = strongest(asked.values()), episode.response
        is_first = not episode.on_contacts
        episode.response = strongest((before, own, assessed))
        if stronger(own, before):
            found = replace(found, sampling_known=True)  # see more()
        episode.findings.append(found)
        self._counts.joined += 1
        if is_first or stronger(episode.response, before):
            self._touch_all(key, source, episode)
        return self._alert(key, episode, found, found.found_ms)

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
