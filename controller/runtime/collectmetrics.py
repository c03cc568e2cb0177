"""Prometheus families of the collector that are more than a number: by exporter, gauges and histograms."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from controller.collector import Collector
from controller.collector.flowset import TemplateStore
from controller.collector.ledger import Ledger, Stream
from controller.collector.silence import SilenceWatch
from controller.core.histogram import Histogram
from detectors.address import text

from .metrics import MOST_LABELS, OTHER

MOST_SHOWN = MOST_LABELS  # exporters with lines of their own; the rest is one line, `other`
BY_EXPORTER = {
    "datagrams": "Datagrams received from an exporter",
    "records": "Data records in them, options included",
    "octets": "Octets of UDP payload",
    "lost": "What never arrived by the sequence numbers: datagrams of sFlow and v9, records of v5 and IPFIX",
    "gaps": "Places in the sequence where something was missing",
    "late": "Datagrams that came after later ones",
    "restarts": "Times an exporter began to count anew",
}


def exporter_metrics(ledger: Ledger, watch: SilenceWatch) -> list[Metric]:
    """Counters by exporter and version; the first MOST_SHOWN exporters by name."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(BY_EXPORTER))
    last: dict[str, int] = defaultdict(int)
    shown: dict[bytes, str] = {}
    for stream in ledger.lines():
        name = _name(stream, shown)
        found = sums[name, stream.version]
        for place, what in enumerate(BY_EXPORTER):
            found[place] += getattr(stream, what)
        last[name] = max(last[name], stream.last_ms)
    families: list[Metric] = []
    for place, (what, says) in enumerate(BY_EXPORTER.items()):
        family = CounterMetricFamily(f"cordon_exporter_{what}", says, labels=["exporter", "version"])
        for labels, found in sums.items():
            family.add_metric(labels, found[place])
        families.append(family)
    heard = GaugeMetricFamily(
        "cordon_exporter_heard_seconds", "When its last datagram came (epoch)", labels=["exporter"]
    )
    for name, at_ms in last.items():
        heard.add_metric([name], at_ms / 1000)
    silent = GaugeMetricFamily("cordon_exporter_silent", "1 = used to send and is not heard of", labels=["exporter"])
    for address in list(watch.silent)[:MOST_SHOWN]:
        silent.add_metric([text(address)], 1)
    alarms = CounterMetricFamily("cordon_exporter_silence_alarms", "Times an exporter fell silent", value=watch.alarms)
    hidden = len({stream.agent for stream in ledger.lines()} - set(shown))
    return [
        *families,
        heard,
        silent,
        alarms,
        GaugeMetricFamily("cordon_exporters", "Exporters heard of", value=len(shown) + hidden),
        GaugeMetricFamily("cordon_exporters_not_shown", f"Exporters in the line `{OTHER}`", value=hidden),
        CounterMetricFamily(
            "cordon_exporter_not_followed",
            "Datagrams of exporters beyond the number followed",
            value=ledger.not_followed,
        ),
    ]


def collector_metrics(collector: Collector, templates: TemplateStore, latency: Histogram, now_ms: int) -> list[Metric]:
    """What is so now, and how batches and times are spread."""
    interfaces, oldest_ms = collector.refiner.interfaces, templates.oldest_ms()
    gauges = {
        "cordon_collector_granted_buffer_bytes": (
            "Kernel buffer of a socket, as granted",
            collector.granted_buffer_bytes,
        ),
        "cordon_collector_queued_datagrams": ("Datagrams that wait for the decoder", collector.queued),
        "cordon_templates_kept": ("Templates known", len(templates)),
        "cordon_templates_oldest_age_seconds": (
            "Age of the template that was not sent again for longest",
            max(now_ms - oldest_ms, 0) / 1000 if oldest_ms is not None else 0,
        ),
        "cordon_templates_waiting_bytes": ("Data that waits for its template", templates.waiting_octets),
    }
    counters = {
        "cordon_collector_kernel_drops": ("Datagrams the kernel dropped for want of buffer", collector.kernel_drops()),
        "cordon_collector_thinned_rows": ("Rows left out by a limit of an exporter", collector.refiner.thinner.dropped),
        "cordon_interfaces_proven_rows": ("Rows whose input was marked as a proven ifIndex", interfaces.proven),
        "cordon_interfaces_rewritten_rows": ("Rows whose input was another number when it came", interfaces.rewritten),
        "cordon_interfaces_no_port_rows": ("Rows whose number is no port of the switch", interfaces.no_port),
    }
    return [
        *(GaugeMetricFamily(name, says, value=value) for name, (says, value) in gauges.items()),
        *(CounterMetricFamily(name, says, value=value) for name, (says, value) in counters.items()),
        _histogram("cordon_collector_batch_datagrams", "Datagrams decoded in one go", collector.batches),
        _histogram(
            "cordon_publish_latency_seconds",
            "From receipt of a datagram until its rows are on the bus",
            latency,
        ),
    ]


def _name(stream: Stream, shown: dict[bytes, str]) -> str:
    if stream.agent in shown:
        return shown[stream.agent]
    if len(shown) >= MOST_SHOWN:
        return OTHER
    shown[stream.agent] = text(stream.agent)
    return shown[stream.agent]


def _histogram(name: str, says: str, histogram: Histogram) -> Metric:
    bounds = [*(f"{bound:g}" for bound in histogram.bounds), "+Inf"]
    totals = list(accumulate(histogram.counts))
    return HistogramMetricFamily(name, says, buckets=list(zip(bounds, totals, strict=True)), sum_value=histogram.sum)
