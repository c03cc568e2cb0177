"""docs/metrics.md, made from the code: `python -m controller.runtime.metricdoc > docs/metrics.md`."""

from __future__ import annotations

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from prometheus_client.core import Metric

from controller.bus.segments import LogCounts
from controller.collector import Collector, CollectorConfig, ReferenceDecoder
from controller.collector.flowset import TemplateStore
from controller.collector.flowset.keep import KeepCounts
from controller.collector.flowset.store import StoreCounts
from controller.collector.silence import SilenceWatch
from controller.collector.udp import CollectorCounts
from controller.containment.parts import ContainmentCounts
from controller.containment.scout import ScoutCounts
from controller.core.clock import ManualClock
from controller.core.histogram import Histogram
from controller.core.precedence import PrecedenceCounts
from controller.inventory.reading import InventoryCounts
from controller.switches.traps.receiver import TrapCounts
from controller.web.intake import IntakeCounts
from detectors.anomaly.observer import AnomalyCounts
from detectors.anomaly.windows import WindowCounts
from detectors.counts import EngineCounts
from detectors.newpeer.edges import EdgeCounts
from detectors.newpeer.observer import NewPeerCounts
from detectors.policy.days import DayCounts
from detectors.policy.observer import PolicyCounts
from detectors.transfer.observer import TransferCounts
from detectors.transfer.pushes import PushCounts

from .baseline import BaselineCounts
from .collectmetrics import collector_metrics, exporter_metrics
from .dark import DarkCounts
from .detect import DetectCounts
from .publish import LATENCY_S, PublishCounts
from .respond import RespondCounts
from .sightings import SightingCounts
from .warm import WarmCounts

# Every part that runtime/services.py and what it calls register, by the name they give it.
PARTS: dict[str, type] = {
    "collector": CollectorCounts,
    "publish": PublishCounts,
    "bus": LogCounts,
    "templates": StoreCounts,
    "template_file": KeepCounts,
    "detect": DetectCounts,
    "engine": EngineCounts,
    "dark": DarkCounts,
    "anomaly": AnomalyCounts,
    "anomaly_windows": WindowCounts,
    "newpeer": NewPeerCounts,
    "newpeer_edges": EdgeCounts,
    "transfer": TransferCounts,
    "transfer_pushes": PushCounts,
    "policy": PolicyCounts,
    "policy_edges": DayCounts,
    "baseline": BaselineCounts,
    "respond": RespondCounts,
    "sightings": SightingCounts,
    "sessions": WarmCounts,
    "containment": ContainmentCounts,
    "inventory": InventoryCounts,
    "scout": ScoutCounts,
    "precedence": PrecedenceCounts,
    "traps": TrapCounts,
    "intake": IntakeCounts,
}
FAMILIES = ("exporters", "collecting")  # parts that give whole families
HEAD = """# Metrics

Made by `python -m controller.runtime.metricdoc > docs/metrics.md`; a test holds it in step with the code. `/metrics` of the web
role shows all of them; a process without that role shows its own at `collector.metrics_listen`. Counters begin at 0 with each
process.
At most 1000 values of a label are shown apart: the rest is counted together under `other`.
"""
ROW = "| `{}` | {} | {} | {} |"
TABLE = ("| metric | kind | labels | meaning |", "|---|---|---|---|")


def document() -> str:
    """The whole page."""
    lines = [HEAD]
    for part, counts in PARTS.items():
        lines += [f"## {part}", "", _sentence(counts), "", *TABLE, *_fields(part, counts), ""]
    lines += ["## The collector and its exporters", "", *TABLE, *map(_family, sorted(families(), key=_name)), ""]
    return "\n".join(lines)


def families() -> Iterator[Metric]:
    """The families of a collector that has seen nothing."""
    clock = ManualClock()
    collector = Collector(CollectorConfig(), ReferenceDecoder(), lambda _: None, clock)
    yield from exporter_metrics(collector.ledger, SilenceWatch(0))
    yield from collector_metrics(collector, TemplateStore(), Histogram(LATENCY_S), clock.now_ms())


def _sentence(counts: type) -> str:
    return " ".join((inspect.getdoc(counts) or "").split())


def _fields(part: str, counts: type) -> Iterable[str]:
    source, blank = inspect.getsource(counts), counts()
    for field in fields(counts):
        value: Any = getattr(blank, field.name)
        labels = "kind, exporter" if isinstance(value, Counter) else "name" if isinstance(value, dict) else ""
        if not isinstance(value, int | dict):
            continue
        comment = re.search(rf"^\s+{field.name}:[^#\n]*#\s*(.+)$", source, re.MULTILINE)
        says = comment[1] if comment else field.name.replace("_", " ")
        yield ROW.format(f"cordon_{part}_{field.name}_total", "counter", labels, says)


def _family(metric: Metric) -> str:
    name = f"{metric.name}_total" if metric.type == "counter" else metric.name
    return ROW.format(name, metric.type, ", ".join(getattr(metric, "_labelnames", ())), metric.documentation)


def _name(metric: Metric) -> str:
    return metric.name


if __name__ == "__main__":
    sys.stdout.write(document())
