"""Episodes: all findings of one endpoint are one alert. It is raised once, and raised again under the same id only when the
evidence has become strong enough to ask for more."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from .alert import Alert, Endpoint, Finding, Response, Severity
from .catalog import Catalog

BUCKET_MS = 600_000
ORDER = (Response.NONE, Response.RECOMMEND, Response.APPROVE, Response.AUTO)
MOST_FINDINGS = 20


@dataclass(slots=True)
class Episode:
    """One endpoint's episode."""

    alert_id: str
    response: Response
    last_ms: int
    findings: list[Finding] = field(default_factory=list)


def alert_id(endpoint: Endpoint, first_flow_ms: int, *, twin: bool = False) -> str:
    """The same for the same episode, in any replay: the address, and the ten minutes in which its first flow falls.

    Port and MAC are left out: which exporter's rows come first depends on how partitions are read, and must not make two
    alerts of one. `twin`: another machine with the same address has this id already (networks of two sites may overlap).
    """
    who = f"{endpoint.src_ip}|{first_flow_ms // BUCKET_MS}"
    return hashlib.sha256(f"{who}|{endpoint.src_mac}".encode() if twin else who.encode()).hexdigest()[:24]


def response_of(*, strong: bool) -> Response:
    """Strong evidence asks for an action; weak evidence, or evidence of unknown sampling, asks a person to look."""
    return Response.AUTO if strong else Response.RECOMMEND


def severity_of(response: Response) -> Severity:
    """High if it could act, medium otherwise."""
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
        "service": ", ".join(f"port {p}" for p in finding.ports[:5]) or "ARP",
        "measure": finding.measure,
        "value": finding.value,
        "threshold": finding.threshold,
    }
    return Alert(
        alert_id=episode.alert_id,
        detector=finding.detector,
        technique=finding.technique,
        severity=severity_of(episode.response),
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


def stronger(one: Response, other: Response) -> bool:
    """`one` asks for more than `other`."""
    return ORDER.index(one) > ORDER.index(other)
