"""Episodes: all findings of one endpoint are one alert. It is raised once, and raised again under the same id only when the
evidence has become strong enough to ask for more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from .alert import Alert, Endpoint, Finding, Response, Severity
from .catalog import Catalog

BUCKET_MS = 600_000
ORDER = (Response.NONE, Response.RECOMMEND, Response.APPROVE, Response.AUTO)
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


def alert(catalog: Catalog, episode: Episode, finding: Finding) -> Alert:
    """The alert of an episode, as of `finding`."""
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
        "measure": finding.measure,
        "value": finding.value,
        "threshold": finding.threshold,
    }
    return Alert(
        alert_id=episode.alert_id,
        detector=finding.detector,
        technique=finding.technique,
        severity=severity_of(episode.response, spreads=any(f.chain for f in episode.findings)),
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
        explanation={lang: text.format(**values) for lang, text in catalog.texts[finding.detector].items()},
        findings=tuple(episode.findings[-MOST_FINDINGS:]),
    )


def strongest(responses: Iterable[Response]) -> Response:
    """The one that asks for most."""
    return max(responses, key=ORDER.index, default=Response.NONE)


def stronger(one: Response, other: Response) -> bool:
    """`one` asks for more than `other`."""
    return ORDER.index(one) > ORDER.index(other)
