"""Notices: what is worth a person's look by itself, and acts only where a site's own rule says so. Observers make them, the
engine says who and where.

Where the source has an open episode, or one that opens at the same time, a notice joins it; one that asks for something, as a
site's rule says, opens one. What is left is an alert of its own: its severity is the observer's, its response is `none`, and it
is raised again under the same id only when it has become more severe.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from .address import text
from .alert import Alert, Endpoint, Finding, Response, Severity
from .catalog import Catalog
from .correlation import Correlation
from .episode import explain_risk
from .flow import FlowBatch
from .happening import endpoint_of, plain
from .measure import measure_in
from .risk import Assessment
from .watch import Watch

DAY_MS = 86_400_000
HELD_MS = 2_000  # so long it is waited whether an episode opens at the same time, whichever of the two was read first
MOST_HELD = 65_536  # beyond that they are not waited with
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


@runtime_checkable
class Windowed(Protocol):
    """An observer that judges whole windows."""

    def flush(self) -> Iterable[Notice]:
        """What windows that are still open give cause to say."""
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
        "value": finding.value,
        "threshold": finding.threshold,
        **notice.words,
    }
    return {
        language: text.format(
            measure=measure_in(catalog.measures, finding.measure, language),
            **{name: word[language] if isinstance(word, Mapping) else word for name, word in words.items()},
        )
        for language, text in catalog.texts[notice.text].items()
    }


def notice_alert(catalog: Catalog, notice: Notice, finding: Finding, assessed: Assessment) -> Alert:
    """The alert of a notice by itself, with the risk of its source; `finding` says where that is."""
    return Alert(
        alert_id=notice_id(notice),
        detector=finding.detector,
        technique=finding.technique,
        severity=notice.severity,
        response=Response.NONE,
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
        score=assessed.score,
        parts=assessed.parts,
        risk=explain_risk(catalog, finding.endpoint.src_ip, assessed),
    )


class Observed:
    """Observers together, for the engine. What they say waits for its place in event time among the findings of the watch, so
    that alerts do not depend on how rows are cut into batches: a notice that asks for something until its millisecond is over,
    any other until an episode that opens at the same time is known."""

    def __init__(self, catalog: Catalog, observers: Sequence[Observer], correlation: Correlation) -> None:
        self._catalog, self._observers, self._correlation = catalog, tuple(observers), correlation
        self._held: list[tuple[int, int, int, Notice]] = []  # due, observer, in its order
        self._sequence = 0
        self.alerts = 0

    @property
    def due_ms(self) -> float:
        """The next notice is to be said once event time has passed this; infinity if there is none."""
        if not self._held:
            return math.inf
        return self._held[0][0] if len(self._held) <= MOST_HELD else -math.inf

    def take(self, batch: FlowBatch) -> None:
        """Hold what the observers say of a batch."""
        for place, observer in enumerate(self._observers):
            self._hold(place, observer.take(batch))

    def end(self) -> None:
        """Hold what those say now that wait for a window to be over."""
        for place, observer in enumerate(self._observers):
            if isinstance(observer, Windowed):
                self._hold(place, observer.flush())

    def say_all(self, watch: Watch) -> Iterator[Alert]:
        """The alerts of all that are held, in the order in which they would be said."""
        while self._held:
            yield from self.say(watch)

    def _hold(self, place: int, notices: Iterable[Notice]) -> None:
        for notice in notices:
            self._sequence += 1
            due_ms = notice.finding.found_ms + (HELD_MS if notice.response is Response.NONE else 0)
            heapq.heappush(self._held, (due_ms, place, self._sequence, notice))

    def say(self, watch: Watch) -> Iterator[Alert]:
        """The alerts of the next notice, at the place of its source as the watch knows it."""
        notice = heapq.heappop(self._held)[-1]
        found = replace(notice.finding, endpoint=_whereabouts(watch, notice.source))
        asked = self._correlation.leaves(notice.source, found.detector, notice.response, found.found_ms)
        sentence = explained(self._catalog, notice)
        joined, by_itself = self._correlation.notice(notice.source, found, notice.severity, sentence, asked)
        yield from joined
        if by_itself is not None:
            self.alerts += 1
            yield notice_alert(self._catalog, notice, replace(found, text=sentence), by_itself)


def _whereabouts(watch: Watch, address: bytes) -> Endpoint:
    found = Endpoint(text(address))
    for event in plain(watch.latest(address)):
        if event.mac or event.in_if:
            found = endpoint_of((address, 0), event, found)
    return found
