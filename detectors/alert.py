"""What detection says: a Finding of one detector, and the Alert that joins the findings of one endpoint's episode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MOST_LISTED = 100  # targets and ports in an alert; the counts beside them are of all


class Severity(StrEnum):
    """How bad, in the words of the console."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Response(StrEnum):
    """What an alert asks for. `approve` and `auto` could act; the site's mode and the guard still decide."""

    NONE = "none"
    RECOMMEND = "recommend"
    APPROVE = "approve"
    AUTO = "auto"


ORDER = tuple(Response)  # by how much is asked for


def stronger(one: Response, other: Response) -> bool:
    """`one` asks for more than `other`."""
    return ORDER.index(one) > ORDER.index(other)


def worst(one: Severity, other: Severity) -> Severity:
    """The one that is worse."""
    return max(one, other, key=tuple(Severity).index)


def weaker(one: Response, other: Response) -> Response:
    """The one that asks for less."""
    return other if stronger(one, other) else one


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The accused: address, and where its packets enter. Fields are None where the export does not say."""

    src_ip: str
    src_mac: str | None = None
    exporter: str | None = None  # agent address
    in_if: int | None = None  # ifIndex, only where proven by the export (sFlow); never an OpenFlow port


@dataclass(frozen=True, slots=True)
class Proof:
    """One flow that proves a finding."""

    at_ms: int
    dst_ip: str
    dst_port: int
    kind: str  # arp | syn | udp | icmp
    outcome: str  # unanswered | refused | answered | pending | unknown


@dataclass(frozen=True, slots=True)
class Link:
    """`attacker` reached `victim` on `service`, and `victim` then did the same to others."""

    attacker: str
    victim: str
    service: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class RiskPart:
    """What one detector holds against an endpoint: `points` as they were at `at_ms`, and the most that it may ask for."""

    detector: str
    points: float
    at_ms: int
    severity: Severity
    known: bool
    most: Response


@dataclass(frozen=True, slots=True)
class Finding:
    """What one detector saw of one endpoint. `value` crossed `threshold` in the unit that `measure` names."""

    detector: str
    technique: str  # ATT&CK id
    endpoint: Endpoint
    first_flow_ms: int
    found_ms: int
    attack_flows: int  # distinct connections or ARP targets of the source up to now
    targets: tuple[str, ...]
    ports: tuple[int, ...]
    target_count: int
    port_count: int
    measure: str
    threshold: float
    value: float
    sampling_known: bool
    service: str = ""  # "445/tcp", "ARP"
    weak: bool = False  # an innocent machine may well do the same: nothing is done for this alone
    chain: tuple[str, ...] = ()  # who infected whom, patient zero first, this endpoint last
    links: tuple[Link, ...] = ()  # the same with times, this endpoint's own infection last
    text: Mapping[str, str] = field(default_factory=dict)  # language -> sentence
    proof: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One endpoint's episode. `alert_id` is deterministic: a replay raises nothing twice."""

    alert_id: str
    detector: str
    technique: str
    severity: Severity
    response: Response
    endpoint: Endpoint
    first_flow_at: int  # epoch ms
    alerted_at: int  # epoch ms, event time
    attack_flows: int
    targets: tuple[str, ...]
    target_count: int
    ports: tuple[int, ...]
    port_count: int
    threshold: float
    value: float
    measure: str
    explanation: Mapping[str, str]  # language -> sentence
    findings: tuple[Finding, ...] = field(default=())
    score: float = 0.0  # of the endpoint, when this was said; see risk.py
    parts: tuple[RiskPart, ...] = ()  # what it is made of, the largest first
    risk: Mapping[str, str] = field(default_factory=dict)  # language -> sentence

    @property
    def chain(self) -> tuple[str, ...]:
        """How it came to this endpoint, patient zero first; empty if nobody is known to have attacked it."""
        return next((found.chain for found in self.findings if found.chain), ())

    def to_json(self) -> dict[str, Any]:
        """The stable object of `cordon detector replay --json` and of the topic cordon.alerts."""
        return {
            "alert_id": self.alert_id,
            "detector": self.detector,
            "technique": self.technique,
            "severity": str(self.severity),
            "response": str(self.response),
            "src_ip": self.endpoint.src_ip,
            "src_mac": self.endpoint.src_mac,
            "exporter": self.endpoint.exporter,
            "in_if": self.endpoint.in_if,
            "first_flow_at": self.first_flow_at,
            "alerted_at": self.alerted_at,
            "attack_flows": self.attack_flows,
            "targets": list(self.targets[:MOST_LISTED]),
            "target_count": self.target_count,
            "ports": list(self.ports[:MOST_LISTED]),
            "port_count": self.port_count,
            "measure": self.measure,
            "threshold": self.threshold,
            "value": self.value,
            "chain": list(self.chain),
            "patient_zero": self.chain[0] if self.chain else None,
            "sampling_known": any(f.sampling_known for f in self.findings),
            "explanation": dict(self.explanation),
            "risk": {
                "score": self.score,
                "explanation": dict(self.risk),
                "parts": [_part_json(part) for part in self.parts],
            },
            "findings": [_finding_json(f) for f in self.findings],
        }


def _part_json(part: RiskPart) -> dict[str, Any]:
    return {
        "detector": part.detector,
        "points": part.points,
        "at_ms": part.at_ms,
        "severity": str(part.severity),
        "known": part.known,
        "most": str(part.most),
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "detector": finding.detector,
        "technique": finding.technique,
        "found_ms": finding.found_ms,
        "attack_flows": finding.attack_flows,
        "service": finding.service,
        "measure": finding.measure,
        "threshold": finding.threshold,
        "value": finding.value,
        "targets": list(finding.targets[:MOST_LISTED]),
        "target_count": finding.target_count,
        "explanation": dict(finding.text),
        "links": [{"from": k.attacker, "to": k.victim, "service": k.service, "at_ms": k.at_ms} for k in finding.links],
        "proof": [
            {"at_ms": p.at_ms, "dst_ip": p.dst_ip, "dst_port": p.dst_port, "kind": p.kind, "outcome": p.outcome}
            for p in finding.proof
        ],
    }
