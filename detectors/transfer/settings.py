"""What transfer is told; catalog.yaml has the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detectors.alert import Severity

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class PushSettings:
    """What the tables of pairs are told. Times in ms, octets estimated for all packets."""

    ports: frozenset[int]
    pair_octets: int
    seen_octets: int  # so many were really seen, where not every packet is exported
    window_ms: int
    most_pairs: int


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """Thresholds. `peers` new ones in a push window; `usual` is what a host did before, times so much."""

    pushes: PushSettings
    peers: int
    usual_times: int
    usual_age_ms: int
    forget_ms: int
    learn_ms: int
    show: Severity
    technique: str
    most_hosts: int


def settings(data: Mapping[str, Any]) -> TransferSettings:
    """Of the section `transfer`; KeyError or ValueError say what is missing or wrong."""
    pair, usual = data["pair"], data["usual"]
    return TransferSettings(
        pushes=PushSettings(
            ports=frozenset(int(port) for port in data["ports"]),
            pair_octets=int(pair["octets"]),
            seen_octets=int(pair["seen"]),
            window_ms=int(data["window_s"]) * 1000,
            most_pairs=int(data["most_pairs"]),
        ),
        peers=int(data["peers"]),
        usual_times=int(usual["times"]),
        usual_age_ms=int(usual["age_s"]) * 1000,
        forget_ms=int(usual["forget_days"]) * DAY_MS,
        learn_ms=round(float(data["learn_days"]) * DAY_MS),
        show=Severity(data["show"]),
        technique=str(data["technique"]),
        most_hosts=int(data["most_hosts"]),
    )
