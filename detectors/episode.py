"""Episodes: all findings of one endpoint are one alert. It is raised once, and raised again under the same id only when another
detector joins or the evidence has become strong enough to ask for more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from .alert import ORDER, Alert, Endpoint, Finding, Response, Severity, worst
from .catalog import Catalog
from .measure import measure_in
from .registry import ON_CONTACTS
from .risk import Assessment

BUCKET_MS = 600_000
MOST_FINDINGS = 20
GO_ON, GO_ON_MS = 5, 60_000  # so many new contacts within so long are the attack going on


@dataclass(slots=True)
class Episode:
    """One endpoint's episode."""

    alert_id: str
    response: Response
    last_ms: int
    findings: list[Finding] = field(default_factory=list)
    fresh: int = 0  # new contacts since fresh_ms
    fresh_ms: int = 0
    severity: Severity = Severity.INFO  # of what joined; the response may make it worse

    def listens_to(self, detector: str, *, weak: bool) -> bool:
        """A finding of this detector says something new: the first one, or the first that is strong."""
        held = [found for found in self.findings if found.detector == detector]
        return not held or (not weak and all(found.weak for found in held))

    @property
    def on_contacts(self) -> bool:
        """It rests on what the endpoint did to many, not on notices alone."""
        return any(found.detector in ON_CONTACTS for found in self.findings)

    @property
    def headline(self) -> int:
        """Where the finding is that the alert is told by: the first on contacts, else the first."""
        return next((n for n, found in enumerate(self.findings) if found.detector in ON_CONTACTS), 0)

    def strongest_of(self, detector: str) -> int:
        """Where this detector's latest finding is, or the headline."""
        held = [n for n, found in enumerate(self.findings) if found.detector == detector]
        return held[-1] if held else self.headline

    def go_on(self, at_ms: int) -> None:
        """The endpoint made one more new contact: it keeps the episode open if it is one of several, not a lone one."""
        if at_ms - self.fresh_ms > GO_ON_MS:
            self.fresh, self.fresh_ms = 0, at_ms
        self.fresh += 1
        if self.fresh >= GO_ON:
            self.last_ms = max(self.last_ms, at_ms)


def alert_id(endpoint: Endpoint, first_flow_ms: int, *, twin: bool = False) -> str:
    """The same for the same episode, in any replay: the address, and the ten minutes in which its first flow falls.

    Port and MAC are left out: which exporter's rows come first depends on how partitions are read, and must not make two
    alerts of one. `twin`: another machine with the same address has this id already (networks of two sites may overlap).
    """
    who = f"{endpoint.src_ip}|{first_flow_ms // BUCKET_MS}"
    return hashlib.sha256(f"{who}|{endpoint.src_mac}".encode() if twin else who.encode()).hexdigest()[:24]


def severity_of(response: Response, *, spreads: bool = False) -> Severity:
    """High if it could act, critical if it goes from machine to machine, medium otherwise."""
    if spreads and response is Response.AUTO:
        return Severity.CRITICAL
    return Severity.HIGH if response in (Response.APPROVE, Response.AUTO) else Severity.MEDIUM


def explain(catalog: Catalog, finding: Finding) -> dict[str, str]:
    """What a finding says, in each language."""
    seconds = max(round((finding.found_ms - finding.first_flow_ms) / 1000, 1), 0.1)
    values = {
        "src": finding.endpoint.src_ip,
        "targets": finding.target_count,
        "target": finding.targets[0] if finding.targets else "-",
        "ports": finding.port_count,
        "seconds": seconds,
        "flows": finding.attack_flows,
        "service": finding.service,
        "chain": " > ".join(finding.chain),
        "zero": finding.chain[0] if finding.chain else "-",
        "attacker": finding.chain[-2] if len(finding.chain) > 1 else "-",
        "value": finding.value,
        "threshold": finding.threshold,
    }
    return {
        language: text.format(**values, measure=measure_in(catalog.measures, finding.measure, language))
        for language, text in catalog.texts[finding.detector].items()
    }


def explain_risk(catalog: Catalog, src: str, assessed: Assessment) -> dict[str, str]:
    """What the score is made of, in each language."""
    parts = ", ".join(f"{part.detector} {part.points:g}" for part in assessed.parts)
    values = {"src": src, "score": assessed.score, "parts": parts, "half_life": catalog.risk.half_life_ms // 60_000}
    return {lang: text.format(**values) for lang, text in catalog.texts["risk"].items()}


def alert(catalog: Catalog, episode: Episode, finding: Finding, assessed: Assessment) -> Alert:
    """The alert of an episode, as of `finding`, with the endpoint's risk as assessed then."""
    return Alert(
        alert_id=episode.alert_id,
        detector=finding.detector,
        technique=finding.technique,
        severity=worst(episode.severity, severity_of(episode.response, spreads=any(f.chain for f in episode.findings))),
        response=episode.response,
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
        findings=tuple(episode.findings[-MOST_FINDINGS:]),
        score=assessed.score,
        parts=assessed.parts,
        risk=explain_risk(catalog, finding.endpoint.src_ip, assessed),
    )


def strongest(responses: Iterable[Response]) -> Response:
    """The one that asks for most."""
    return max(responses, key=ORDER.index, default=Response.NONE)
