"""The catalog as typed values: thresholds and texts, checked when they are loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sequential:
    """Steps and boundary of the sequential test, in natural logarithms of the likelihood ratio."""

    failure: float
    success: float
    boundary: float


@dataclass(frozen=True, slots=True)
class Fanout:
    """So many distinct targets within so many milliseconds."""

    targets: int
    window_ms: int


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything the detectors can be told."""

    answer_timeout_ms: int
    memory_ms: int
    most_sources: int
    most_contacts: int
    most_macs: int
    sequential: Sequential
    fanout: Mapping[str, Fanout]
    lateral_ports: frozenset[int]
    act_dark_targets: int
    act_failed_lateral: int
    act_lateral: int
    act_failed_ports: int
    quiet_ms: int
    techniques: Mapping[str, str]
    texts: Mapping[str, Mapping[str, str]]


def load(data: Mapping[str, Any]) -> Catalog:
    """The catalog of a mapping as in catalog.yaml; KeyError or ValueError name what is missing or wrong."""
    engine, sweep, act = data["engine"], data["sweep"], data["sweep"]["act"]
    return Catalog(
        answer_timeout_ms=int(engine["answer_timeout_ms"]),
        memory_ms=int(engine["memory_s"]) * 1000,
        most_sources=int(engine["most_sources"]),
        most_contacts=int(engine["most_contacts"]),
        most_macs=int(engine["most_macs"]),
        sequential=_sequential(data["sequential"]),
        fanout={k: Fanout(int(v["targets"]), int(v["window_s"]) * 1000) for k, v in sweep["fanout"].items()},
        lateral_ports=frozenset(int(port) for port in sweep["lateral_ports"]),
        act_dark_targets=int(act["dark_targets"]),
        act_failed_lateral=int(act["failed_lateral_targets"]),
        act_lateral=int(act["lateral_targets"]),
        act_failed_ports=int(data["portscan"]["act"]["failed_ports"]),
        quiet_ms=int(data["episode"]["quiet_s"]) * 1000,
        techniques={name: str(entry["id"]) for name, entry in data["techniques"].items()},
        texts=data["texts"],
    )


def _sequential(data: Mapping[str, Any]) -> Sequential:
    benign, scanner = float(data["theta_benign"]), float(data["theta_scanner"])
    alpha, beta = float(data["false_positive"]), float(data["detection"])
    if not 0 < scanner < benign < 1 or not 0 < alpha < beta < 1:
        raise ValueError("sequential: 0 < theta_scanner < theta_benign < 1 and 0 < false_positive < detection < 1")
    return Sequential(
        failure=math.log((1 - scanner) / (1 - benign)),
        success=math.log(scanner / benign),
        boundary=math.log(beta / alpha),
    )
