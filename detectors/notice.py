"""Notices: what is worth a person's look by itself, and acts only where a site's own rule says so. Observers make them, the
engine says who and where.

Where the source has no open episode a notice is an alert of its own: its severity is the observer's, its response is `none`
unless a site's rule says otherwise, and it is raised again under the same id only when it has become more severe.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from .address import text
from .alert import Alert, Endpoint, Finding, Response, Severity
from .catalog import Catalog
from .correlation import Correlation
from .flow import FlowBatch
from .happening import endpoint_of, plain
from .watch import Watch

DAY_MS = 86_400_000
SEVERITIES = tuple(Severity)  # in order


@dataclass(frozen=True, slots=True)
class Notice:
    """`source` is accused of `finding`; `scope` tells its notices of one day apart; `text` is the key of its sentence."""

    source: bytes
    finding: Finding
    severity: Severity
    scope: str
    text: str
    response: Response = Response.NONE
    words: Mapping[str, object] = field(default_factory=dict)


class Observer(Protocol):
    """Looks at all rows by itself, beside the watch."""

    @property
    def NAME(self) -> str:  # noqa: N802 a constant of a class
        """In alerts, in the catalog's texts and in exceptions."""
        ...

    def take(self, batch: FlowBatch) -> Iterable[Notice]:
        """What a batch gives cause to say, in the order of its rows."""
        ...


def at_least(one: Severity, other: Severity) -> bool:
    """`one` is as bad as `other`, or worse."""
    return SEVERITIES.index(one) >= SEVERITIES.index(other)


def notice_id(notice: Notice) -> str:
    """The same for the same thing on the same day, in any replay."""
    finding = notice.finding
    who = f"{finding.endpoint.src_ip}|{finding.detector}|{notice.scope}|{finding.first_flow_ms // DAY_MS}"
    return hashlib.sha256(who.encode()).hexdigest()[:24]


def explained(catalog: Catalog, notice: Notice) -> dict[str, str]:
    """Its sentence in each language; a word that is a mapping has one for each."""
    finding = notice.finding
    words = {
        "src": finding.endpoint.src_ip,
        "target": finding.targets[0] if finding.targets else "-",
        "targets": finding.target_count,
        "service": finding.service,
        "measure": finding.measure,
        "value": finding.value,
        "threshold": finding.threshold,
        **notice.words,
    }
    return {
        language: text.format(**{n: w[language] if isinstance(w, Mapping) else w for n, w in words.items()})
        for language, text in catalog.texts[notice.text].items()
    }


def notice_alert(notice: Notice, finding: Finding) -> Alert:
    """The alert of a notice by itself; `finding` says where the source is."""
    return Alert(
        alert_id=notice_id(notice),
        detector=finding.detector,
        technique=finding.technique,
        severity=notice.severity,
        response=notice.response,
        endpoint=finding.endpoint,
        first_flow_at=finding.first_flow_ms,
        alerted_at=finding.found_ms,
        attack_flows=finding.attack_flows,
        targets=finding.targets,
        target_count=finding.target_count,
        ports=finding.ports,
        port_count=finding.port_count,
        threshold=finding.threshold,
        value=finding.value,
        measure=finding.measure,
        explanation=finding.text,
        findings=(finding,),
    )


class Observed:
    """Observers together, for the engine. A notice adds to the risk of its source and joins an open episode; what belongs to none
    becomes an alert of its own, at the place of the source as the watch knows it."""

    def __init__(self, catalog: Catalog, observers: Sequence[Observer], correlation: Correlation) -> None:
        self._catalog, self._observers, self._correlation = catalog, tuple(observers), correlation
        self.alerts = 0

    def take(self, batch: FlowBatch, watch: Watch) -> Iterator[Alert]:
        """Alerts of a batch that the watch has taken already."""
        for observer in self._observers:
            for notice in observer.take(batch):
                yield from self._noticed(notice, _whereabouts(watch, notice.source))

    def _noticed(self, notice: Notice, endpoint: Endpoint) -> Iterator[Alert]:
        found = replace(notice.finding, endpoint=endpoint)
        asked = self._correlation.leaves(notice.source, found.detector, notice.response, found.found_ms)
        sentence = explained(self._catalog, notice)
        joined, is_said = self._correlation.notice(notice.source, found, notice.severity, sentence, asked)
        yield from joined
        if not is_said:
            self.alerts += 1
            yield notice_alert(replace(notice, response=asked), replace(found, text=sentence))


def _whereabouts(watch: Watch, address: bytes) -> Endpoint:
    found = Endpoint(text(address))
    for event in plain(watch.latest(address)):
        if event["mac"] or event["in_if"]:
            found = endpoint_of((address, 0), event, found)
    return found
