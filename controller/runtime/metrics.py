"""Prometheus text of every part's counters: one gauge or counter a field, named after part and field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector as PrometheusCollector

from detectors.address import text

CountsOf = Callable[[], Any]


class PartCounters(PrometheusCollector):
    """Reads the counts of every part when it is asked; keeps nothing itself."""

    def __init__(self, parts: Mapping[str, CountsOf]) -> None:
        self._parts = dict(parts)

    def collect(self) -> list[Metric]:
        """Every number of every part."""
        metrics: list[Metric] = []
        for part, counts_of in sorted(self._parts.items()):
            counts = counts_of()
            if is_dataclass(counts):
                for field in fields(counts):
                    metrics += _metric(f"cordon_{part}_{field.name}", getattr(counts, field.name))
        return metrics


def render(parts: Mapping[str, CountsOf]) -> str:
    """The exposition text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(PartCounters(parts))
    return generate_latest(registry).decode()


def _metric(name: str, value: Any) -> list[Metric]:
    if isinstance(value, Counter):
        family = CounterMetricFamily(name, name.replace("_", " "), labels=["kind", "exporter"])
        for (kind, exporter), count in list(value.items()):
            family.add_metric([kind, text(exporter)], count)
        return [family]
    if isinstance(value, dict):
        family = CounterMetricFamily(name, name.replace("_", " "), labels=["name"])
        for key, count in list(value.items()):
            family.add_metric([text(key) if isinstance(key, bytes) and len(key) == 16 else str(key)], count)
        return [family]
    if isinstance(value, int):
        return [CounterMetricFamily(name, name.replace("_", " "), value=value)]
    return []
