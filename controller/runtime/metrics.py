"""Prometheus text of every part's counters: one gauge or counter a field, named after part and field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector as PrometheusCollector

from controller.core.errors import ConfigError
from detectors.address import text

MOST_LABELS, OTHER = 1000, "other"
CountsOf = Callable[[], Any]


class PartCounters(PrometheusCollector):
    """Reads the counts of every part when it is asked; keeps nothing itself. A part gives a dataclass of counts, or families."""

    def __init__(self, parts: Mapping[str, CountsOf]) -> None:
        self._parts = parts  # parts may still be added

    def collect(self) -> list[Metric]:
        """Every number of every part."""
        metrics: list[Metric] = []
        for part, counts_of in sorted(dict(self._parts).items()):
            counts = counts_of()
            if isinstance(counts, list):
                metrics += counts
            if is_dataclass(counts):
                for field in fields(counts):
                    metrics += _metric(f"cordon_{part}_{field.name}", getattr(counts, field.name))
        return metrics


def serve(listen: str, parts: Mapping[str, CountsOf]) -> Callable[[], None]:
    """Show them over HTTP, for a process without a web role; gives what ends it. ConfigError if it cannot listen there."""
    host, _, port = listen.rpartition(":")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(PartCounters(parts))
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except OSError as error:
        raise ConfigError(f"cannot listen on {listen}: {error.strerror}", where="collector.metrics_listen") from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


def render(parts: Mapping[str, CountsOf]) -> str:
    """The exposition text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(PartCounters(parts))
    return generate_latest(registry).decode()


def _metric(name: str, value: Any) -> list[Metric]:
    says = name.replace("_", " ")
    if isinstance(value, Counter):
        family = CounterMetricFamily(name, says, labels=["kind", "exporter"])
        for labels, count in _bounded(
            {(kind, text(exporter)): n for (kind, exporter), n in list(value.items())}
        ).items():
            family.add_metric(labels, count)
        return [family]
    if isinstance(value, dict):
        family = CounterMetricFamily(name, says, labels=["name"])
        for labels, count in _bounded({(_word(key),): n for key, n in list(value.items())}).items():
            family.add_metric(labels, count)
        return [family]
    if isinstance(value, int):
        return [CounterMetricFamily(name, says, value=value)]
    return []


def _word(key: Any) -> str:
    return text(key) if isinstance(key, bytes) and len(key) == 16 else str(key)


def _bounded(values: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    """The first MOST_LABELS by name; the rest together, under `other` in the place of the last label."""
    found: dict[tuple[str, ...], int] = {}
    for labels, count in values.items():
        key = labels if labels in found or len(found) < MOST_LABELS else (*labels[:-1], OTHER)
        found[key] = found.get(key, 0) + count
    return found
