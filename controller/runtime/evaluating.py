"""`cordon detector evaluate DIR`: labelled recordings through the engine, and what came of it.

Recall and delay are of each attack by itself, among its scenario's other traffic; false alerts are of the scenario as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from detectors.alert import Severity
from detectors.catalog import Catalog
from detectors.engine import Engine
from detectors.evaluate import Raised, Verdict, collect, false_rates, judge, recall
from detectors.flow import FlowBatch
from detectors.truth import LATERAL

from .captures import Told, quiet
from .catalog import load_catalog
from .labelled import Scenario, scenarios
from .observing import after_learning, of_recording

AFTER_END_MS = 5_000


@dataclass(slots=True)
class Outcome:
    """One scenario: verdicts of its units, false alerts, and alerts on what nobody labelled."""

    name: str
    host_days: float
    verdicts: list[Verdict] = field(default_factory=list)
    false: list[Raised] = field(default_factory=list)
    unknown: int = 0
    edges: list[Raised] = field(default_factory=list)  # single new ones, of nobody's attacker
    edge_host_days: float = 0.0  # after learning; 0 where nothing could be learned

    def to_json(self) -> dict[str, Any]:
        """A row of the scenario table."""
        return {
            "scenario": self.name,
            "units": len(self.verdicts),
            "found": sum(v.found for v in self.verdicts),
            "could_act": sum(v.could_act for v in self.verdicts),
            "flows_worst": max((v.flows for v in self.verdicts if v.flows is not None), default=None),
            "missed": [f"{v.unit.family} {v.unit.attack_type}" for v in self.verdicts if not v.found],
            "false_could_act": sorted(a.src_ip for a in self.false if a.could_act),
            "false_alert_only": sorted(a.src_ip for a in self.false if not a.could_act),
            "unknown": self.unknown,
            "new_edges": sorted(f"{a.src_ip} > {', '.join(sorted(a.targets))}" for a in self.edges),
            "new_edge_host_days": round(self.edge_host_days, 3),
            "host_days": round(self.host_days, 3),
        }


def listen(engine: Engine, batches: Iterable[FlowBatch]) -> list[Raised]:
    """Everything an engine says about batches and the quiet after them."""
    raised: dict[str, Raised] = {}
    last_ms = 0
    for batch in batches:
        if len(batch):
            last_ms = max(last_ms, int(batch["received_ms"].max()))
        collect(engine.feed(batch), raised)
    collect(engine.flush(last_ms + AFTER_END_MS), raised)
    return list(raised.values())


def evaluate(folder: Path, catalog: Catalog | None = None, *, told: Told = quiet) -> Iterator[Outcome]:
    """Each scenario of a folder, as it is done; `told` of each capture as it was read."""
    chosen = catalog or load_catalog()
    for scenario in scenarios(folder, told):
        yield outcome(scenario, chosen)


def outcome(scenario: Scenario, catalog: Catalog) -> Outcome:
    """One scenario."""
    found = Outcome(scenario.name, scenario.host_hours / 24)
    found.edge_host_days = scenario.late_host_hours / 24 if scenario.half_ms else 0.0
    for raised in listen(_engine(scenario, catalog, scenario.half_ms), scenario.rows(None)):
        if _overlaps(raised, scenario.attack):
            continue
        if _overlaps(raised, scenario.unknown):
            found.unknown += 1
        elif raised.is_novelty:
            found.edges.append(raised)
        else:
            found.false.append(raised)
    for unit in scenario.units:
        learn_until_ms = min(scenario.half_ms, int(unit.at_ms[0])) if scenario.half_ms else None
        alerts = listen(_engine(scenario, catalog, learn_until_ms), scenario.rows(unit))
        found.verdicts.append(judge(unit, alerts, pair=unit.family == LATERAL))
    return found


def summary(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """All scenarios together."""
    kept = list(outcomes)
    return {
        "recall": recall(v for o in kept for v in o.verdicts),
        "false": false_rates([a for o in kept for a in o.false], sum(o.host_days for o in kept)),
        "unknown": sum(o.unknown for o in kept),
        "new_edges": _new_edges(kept),
    }


def _new_edges(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """How often something is new that nobody labelled an attack: after learning, and in files too short to learn anything."""
    learned = [o for o in outcomes if o.edge_host_days]
    count, host_days = sum(len(o.edges) for o in learned), sum(o.edge_host_days for o in learned)
    return {
        "after_learning": count,
        "host_days": round(host_days, 2),
        "per_host_day": round(count / host_days, 2) if host_days else None,
        "unlearned": sum(len(o.edges) for o in outcomes) - count,
    }


def _engine(scenario: Scenario, catalog: Catalog, learn_until_ms: int | None) -> Engine:
    """`learn_until_ms`: None where the file is too short to learn from."""
    roles, internal = scenario.roles, scenario.internal
    if learn_until_ms is None:
        observers = of_recording(catalog, internal, scenario.declared)
    else:
        observers = after_learning(
            catalog,
            internal,
            learn_until_ms - scenario.begin_ms,
            host_roles=scenario.declared,
            show=Severity.INFO,
            started_ms=scenario.begin_ms,
        )
    return Engine(
        catalog,
        internal=internal,
        roles=roles,
        host_roles=scenario.declared,
        routers=roles.routers,
        observers=observers,
    )


def _overlaps(raised: Raised, labels: Any) -> bool:
    """Did the accused have a flow with this label in the time the alert speaks of?"""
    at_ms = labels.get(raised.src_ip)
    if at_ms is None:
        return False
    low, high = np.searchsorted(at_ms, [raised.first_flow_ms - 1, raised.alerted_ms + 1])
    return bool(high > low)
