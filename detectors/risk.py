"""Risk: one score for each endpoint. Findings add to it, time takes away from it, and its height says what may be asked for.

A part is what one detector holds against the endpoint: points by severity, times the detector's weight, less where the sampling
rate is not known. The same detector again refreshes its part and does not add to it: a habit is not new evidence, another kind
of behaviour is. Each part halves every half-life of event time.

A score alone never does what no detector behind it may do: for each response, detectors that may ask for it and know what they
saw have to hold a share of its threshold themselves, for `auto` all of it. So alert-only detectors recommend at most, whatever
their number, and exporters of unknown sampling never act. What an earlier episode was answered for counts as medium in the next:
nobody is closed off for the same thing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from .alert import Response, RiskPart, Severity, stronger, weaker
from .state import BoundedTable

LEVELS = (Response.AUTO, Response.APPROVE, Response.RECOMMEND)
OTHER = "other"
Key = TypeVar("Key")
Held = tuple[str, bool]  # detector, whether the sampling was known: what is not known never takes the place of what is


@dataclass(frozen=True, slots=True)
class Standing:
    """What a detector's word counts: `weight` times its points; `most` that it may ask for."""

    weight: float
    most: Response


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """See catalog.yaml for reasons. `thresholds` are points; `shares` of them have to be held by those who may ask."""

    half_life_ms: int
    points: Mapping[Severity, float]
    detectors: Mapping[str, Standing]
    thresholds: Mapping[Response, float]
    shares: Mapping[Response, float]
    unknown_sampling: float
    forget_below: float

    def standing(self, detector: str) -> Standing:
        """Of this detector, or of one that the catalog does not name."""
        return self.detectors.get(detector) or self.detectors[OTHER]


def settings(data: Mapping[str, Any]) -> RiskSettings:
    """Settings of the catalog; KeyError or ValueError name what is missing or wrong."""
    detectors = {
        str(name): Standing(float(entry["weight"]), Response(str(entry["most"])))
        for name, entry in data["detectors"].items()
    }
    found = RiskSettings(
        half_life_ms=int(data["half_life_s"]) * 1000,
        points={severity: float(data["points"][severity]) for severity in Severity},
        detectors=detectors,
        thresholds={level: float(data["thresholds"][level]) for level in LEVELS},
        shares={level: float(data["shares"][level]) for level in LEVELS[:-1]},
        unknown_sampling=float(data["unknown_sampling"]),
        forget_below=float(data["forget_below"]),
    )
    ordered = [found.thresholds[level] for level in LEVELS]
    if ordered != sorted(ordered, reverse=True) or ordered[-1] <= 0 or found.half_life_ms <= 0:
        raise ValueError("risk: 0 < recommend <= approve <= auto, and half_life_s above 0")
    if not all(0 < share <= 1 for share in found.shares.values()):
        raise ValueError("risk.shares: above 0, at most 1")
    if OTHER not in detectors:
        raise ValueError(f"risk.detectors: {OTHER} is missing")
    return found


@dataclass(frozen=True, slots=True)
class Assessment:
    """The score at a time, what it asks for, and what it is made of, the largest part first."""

    score: float
    response: Response
    parts: tuple[RiskPart, ...]


class RiskLedger(Generic[Key]):
    """Scores of all endpoints; bounded, the one longest untouched is forgotten, counted by the table."""

    def __init__(self, of: RiskSettings, most: int) -> None:
        self._s = of
        self._parts: BoundedTable[Key, dict[Held, RiskPart]] = BoundedTable(most)
        self._kept: BoundedTable[Key, list[RiskPart]] = BoundedTable(most)  # of an earlier run; not reached yet

    @property
    def evictions(self) -> int:
        """Endpoints forgotten for want of room."""
        return self._parts.evictions

    def add(
        self, key: Key, detector: str, severity: Severity, at_ms: int, *, known: bool, most: Response = Response.AUTO
    ) -> None:
        """A detector said something about an endpoint. `most`: what its role leaves this detector to ask for."""
        standing = self._s.standing(detector)
        points = self._s.points[severity] * standing.weight * (1.0 if known else self._s.unknown_sampling)
        self._recall(key, at_ms)
        self._put(key, RiskPart(detector, points, at_ms, severity, known=known, most=weaker(most, standing.most)))

    def settle(self, key: Key, at_ms: int) -> None:
        """A new episode begins: what came before was answered, and counts as medium."""
        self._recall(key, at_ms)
        parts = self._parts.peek(key) or {}
        for held, part in parts.items():
            most = self._s.points[Severity.MEDIUM] * self._s.standing(part.detector).weight
            if self._left(part, at_ms) > most:
                parts[held] = replace(part, points=most, at_ms=at_ms)

    def items(self) -> Iterator[tuple[Key, tuple[RiskPart, ...]]]:
        """All parts, also those of an earlier run; the endpoint longest untouched first."""
        for key, kept in self._kept.items():
            if self._parts.peek(key) is None:
                yield key, tuple(kept)
        for key, parts in self._parts.items():
            yield key, (*(self._kept.peek(key) or ()), *parts.values())

    def restore(self, key: Key, part: RiskPart) -> None:
        """Take a part that an earlier run left. It counts from its own time on, and for no more than today's catalog allows."""
        standing = self._s.standing(part.detector)
        points = min(part.points, self._s.points[Severity.CRITICAL] * standing.weight)
        self._kept.ensure(key, list).append(replace(part, points=points, most=weaker(part.most, standing.most)))

    def assess(self, key: Key, at_ms: int) -> Assessment:
        """The score now; what has faded is forgotten."""
        self._recall(key, at_ms)
        kept = self._parts.peek(key) or {}
        left = {held: self._left(part, at_ms) for held, part in kept.items()}
        for held in [held for held, points in left.items() if points < self._s.forget_below]:
            del kept[held], left[held]
        leading = sorted(left, key=lambda held: (-left[held], held))
        largest = {held[0]: held for held in reversed(leading)}  # of each detector one part counts
        parts = tuple(kept[held] for held in leading if largest[held[0]] == held)
        score = sum(left[held] for held in largest.values())
        return Assessment(round(score, 1), self._response(score, kept, left), parts)

    def _put(self, key: Key, part: RiskPart) -> None:
        """Unless more is left of what this detector said before."""
        parts = self._parts.ensure(key, dict)
        before = parts.get((part.detector, part.known))
        latest_ms = max(part.at_ms, before.at_ms) if before is not None else part.at_ms
        if before is None or self._left(before, latest_ms) <= self._left(part, latest_ms):
            parts[part.detector, part.known] = part

    def _recall(self, key: Key, at_ms: int) -> None:
        """Parts of an earlier run whose time has come."""
        kept = self._kept.peek(key)
        if not kept:
            return
        for part in [part for part in kept if part.at_ms <= at_ms]:
            kept.remove(part)
            self._put(key, part)
        if not kept:
            self._kept.pop(key)

    def _response(self, score: float, kept: Mapping[Held, RiskPart], left: Mapping[Held, float]) -> Response:
        for level in LEVELS[:-1]:
            own = sum(left[held] for held, part in kept.items() if part.known and not stronger(level, part.most))
            if score >= self._s.thresholds[level] and own >= self._s.thresholds[level] * self._s.shares[level]:
                return level
        return Response.RECOMMEND if score >= self._s.thresholds[Response.RECOMMEND] else Response.NONE

    def _left(self, part: RiskPart, at_ms: int) -> float:
        return float(part.points * 0.5 ** (max(at_ms - part.at_ms, 0) / self._s.half_life_ms))
