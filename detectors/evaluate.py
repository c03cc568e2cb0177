"""How good are the detectors? Truth and alerts in, figures out: recall, delay, false alerts with host-days and bounds.

A unit is one thing that should have been found: one source's attack of one type. An alert that accuses nobody's attacker is
false; one on a source whose flows are labelled `unknown` is neither hit nor false.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .alert import Alert, Response, Severity

AFTER_MS = (
    60_000  # an alert may come so long after an attack's last flow (time-outs, flow caches) and still be its alert
)
NOVELTY = "newpeer"
ACTS = (Response.APPROVE, Response.AUTO)


@dataclass(slots=True)
class Raised:
    """One alert as it ended: `response` is the strongest it asked for, `detectors` are all whose findings it joins."""

    alert_id: str
    src_ip: str
    response: str
    first_flow_ms: int
    alerted_ms: int
    detectors: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    severity: str = Severity.MEDIUM

    @property
    def is_novelty(self) -> bool:
        """Only that something is new: no proof of an attack, whoever it is."""
        return self.detectors == {NOVELTY}

    @property
    def could_act(self) -> bool:
        """approve or auto."""
        return self.response in ACTS


@dataclass(frozen=True, slots=True)
class Unit:
    """One attack of one source. `at_ms` are the start times of its flows, in order; `targets` its victims; `rows` the labels of
    its rows in their table, where it has one."""

    scenario: str
    family: str
    attack_type: str
    src_ip: str
    at_ms: NDArray[np.int64]
    targets: frozenset[str] = frozenset()
    rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a unit; flows and seconds up to the first alert are None if there was none."""

    unit: Unit
    found: bool
    could_act: bool
    detectors: tuple[str, ...] = ()
    flows: int | None = None
    seconds: float | None = None


def collect(alerts: Iterable[Alert], into: dict[str, Raised]) -> None:
    """Note alerts as the engine gives them; one that is raised again asks for more."""
    for alert in alerts:
        known = into.setdefault(
            alert.alert_id,
            Raised(alert.alert_id, alert.endpoint.src_ip, alert.response, alert.first_flow_at, alert.alerted_at),
        )
        known.response, known.severity = str(alert.response), str(alert.severity)
        known.detectors |= {alert.detector, *(f.detector for f in alert.findings)}
        known.targets |= set(alert.targets).union(*(f.targets for f in alert.findings))


def judge(unit: Unit, raised: Iterable[Raised], *, pair: bool = False) -> Verdict:
    """The unit's verdict. `pair`: the alert has to name one of the victims (lateral movement, where the pair is the finding);
    else that something is new is no find."""
    first, last = int(unit.at_ms[0]), int(unit.at_ms[-1])
    fitting = [
        alert
        for alert in raised
        if alert.src_ip == unit.src_ip
        and first <= alert.alerted_ms <= last + AFTER_MS
        and (alert.targets & unit.targets if pair else not alert.is_novelty)
    ]
    if not fitting:
        return Verdict(unit, found=False, could_act=False)
    earliest = min(fitting, key=lambda alert: alert.alerted_ms)
    return Verdict(
        unit,
        found=True,
        could_act=any(alert.could_act for alert in fitting),
        detectors=tuple(sorted({name for alert in fitting for name in alert.detectors})),
        flows=int(np.searchsorted(unit.at_ms, earliest.alerted_ms, side="right")),
        seconds=round((earliest.alerted_ms - first) / 1000, 3),
    )


def recall(verdicts: Iterable[Verdict], *, by: str = "family") -> list[dict[str, Any]]:
    """A row for each family (or attack type): units, found, of these could act, delay to the first alert."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(getattr(verdict.unit, by), []).append(verdict)
    return [{by: name, **_counts(found)} for name, found in groups.items()]


def _counts(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    flows = [v.flows for v in verdicts if v.flows is not None]
    seconds = [v.seconds for v in verdicts if v.seconds is not None]
    found = sum(v.found for v in verdicts)
    return {
        "units": len(verdicts),
        "found": found,
        "recall": round(found / len(verdicts), 4),
        "could_act": sum(v.could_act for v in verdicts),
        "flows_median": median(flows) if flows else None,
        "flows_worst": max(flows, default=None),
        "seconds_median": round(median(seconds), 3) if seconds else None,
        "seconds_worst": max(seconds, default=None),
        "detectors": sorted({name for v in verdicts for name in v.detectors}),
    }


def false_rates(false: Sequence[Raised], host_days: float) -> dict[str, Any]:
    """False alerts, those that could act and those for people's eyes only, per 1000 hosts and day, with 95 % upper bounds."""
    acting = sum(alert.could_act for alert in false)
    found: dict[str, Any] = {"host_days": round(host_days, 2)}
    for name, count in (("could_act", acting), ("alert_only", len(false) - acting)):
        found[name] = count
        found[f"{name}_per_1000_per_day"] = rate(count, host_days)
        found[f"{name}_bound_95"] = rate(upper_bound(count), host_days)
    return found


def rate(count: float, host_days: float) -> float | None:
    """Per 1000 hosts and day; None where nothing was watched."""
    return round(count / host_days * 1000, 3) if host_days > 0 else None


def upper_bound(count: int, confidence: float = 0.95) -> float:
    """Exact one-sided upper bound of a Poisson mean after `count` events; 2.996 for none ("rule of three")."""
    low, high = 0.0, count + 10.0 * math.sqrt(count + 1.0) + 10.0
    for _ in range(80):
        middle = (low + high) / 2
        if _at_most(count, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return round((low + high) / 2, 3)


def _at_most(count: int, mean: float) -> float:
    """Probability of at most `count` events."""
    logs = [n * math.log(mean) - mean - math.lgamma(n + 1) for n in range(count + 1)] if mean > 0 else [0.0]
    return math.fsum(math.exp(log) for log in logs)
