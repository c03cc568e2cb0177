"""anomaly: a window of a machine is less ordinary than any of the site's clean windows was. A notice; it never acts.

It says so once a day and machine, and names the features that stand out with the values that are usual at this site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.address import text
from detectors.alert import Endpoint, Finding, Severity
from detectors.event import octets
from detectors.flow import FlowBatch
from detectors.notice import Notice
from detectors.state import BoundedTable

from .features import FEATURES, WINDOW_MS, busy, features, scaled
from .model import AnomalyModel
from .windows import Windows

DAY_MS = 86_400_000
FAR = 0.05  # this much above the threshold is medium
NAMED = 3  # features in the explanation
MOST_SAID = 16_384
Texts = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class AnomalyCounts:
    """Windows scored, those above the threshold, notices, and repetitions on the same day that were not said again."""

    scored: int = 0
    above: int = 0
    shown: int = 0
    repeated: int = 0


class Anomaly:
    """Scores windows that are over."""

    NAME = "anomaly"

    def __init__(self, model: AnomalyModel, windows: Windows, *, technique: str, texts: Texts) -> None:
        self._model, self._windows, self._technique, self._texts = model, windows, technique, texts
        self._said: BoundedTable[bytes, int] = BoundedTable(MOST_SAID)
        self.counts = AnomalyCounts()

    @property
    def windows(self) -> Windows:
        """What is counted."""
        return self._windows

    def take(self, batch: FlowBatch) -> Iterable[Notice]:
        """Notices of the windows that this batch ended."""
        for records in self._windows.take(batch):
            yield from self._judge(busy(records))

    def flush(self) -> Iterable[Notice]:
        """Notices of windows that are still open; for recordings, which end."""
        for records in self._windows.flush():
            yield from self._judge(busy(records))

    def _judge(self, records: NDArray[Any]) -> Iterator[Notice]:
        if not len(records):
            return
        values = features(records)
        scores = self._model.scores(values)
        self.counts.scored += len(records)
        for at in np.flatnonzero(scores > self._model.threshold).tolist():
            self.counts.above += 1
            record = records[at]
            source, start_ms = octets(int(record["hi"]), int(record["lo"])), int(record["window"]) * WINDOW_MS
            if self._said.get(source) == start_ms // DAY_MS:
                self.counts.repeated += 1
                continue
            self._said.put(source, start_ms // DAY_MS)
            self.counts.shown += 1
            yield self._notice(source, start_ms, values[at], float(scores[at]))

    def _notice(self, source: bytes, start_ms: int, values: NDArray[np.float64], score: float) -> Notice:
        by_name = dict(zip(FEATURES, values.tolist(), strict=True))
        finding = Finding(
            detector=self.NAME,
            technique=self._technique,
            endpoint=Endpoint(text(source)),
            first_flow_ms=start_ms,
            found_ms=start_ms + WINDOW_MS,
            attack_flows=int(by_name["opens"]),
            targets=(),
            ports=(),
            target_count=round(by_name["peers"]),
            port_count=round(by_name["ports"]),
            measure="isolation score of 5 minutes",
            threshold=round(self._model.threshold, 3),
            value=round(score, 3),
            sampling_known=False,  # counted over all exporters; it must not vouch for any
        )
        severity = Severity.MEDIUM if score >= self._model.threshold + FAR else Severity.LOW
        words = {"features": self._features(values)}
        return Notice(source, finding, severity, scope="", text=self.NAME, words=words)

    def _features(self, values: NDArray[np.float64]) -> dict[str, str]:
        """What stands out, in each language: how far outside the usual range, on the scale that the forest sees."""
        low, middle, high = scaled(self._model.usual)
        here = scaled(values.reshape(1, -1))[0]
        beyond = np.maximum(here - high, low - here) / np.maximum(high - low, 0.1)
        ordinary = np.abs(here - middle) * 1e-6  # where nothing is outside: what is furthest from the middle
        names = [FEATURES[n] for n in np.argsort(-(np.maximum(beyond, 0) + ordinary), kind="stable")[:NAMED].tolist()]
        usual = dict(zip(FEATURES, self._model.usual[[0, 2]].T.tolist(), strict=True))
        found = dict(zip(FEATURES, values.tolist(), strict=True))
        numbers = {
            n: {"value": _short(found[n]), "low": _short(usual[n][0]), "high": _short(usual[n][1])} for n in names
        }
        return {
            language: join.join(self._texts[f"anomaly-{name}"][language].format(**numbers[name]) for name in names)
            for language, join in (("en", ", "), ("zh", "、"))
        }


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 2 and value != round(value) else f"{value:.0f}"
