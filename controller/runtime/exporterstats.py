"""What each exporter of a recording, or of a running collector, sends: counts, losses, sampling, and what its numbers may be."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from controller.collector import ReferenceDecoder
from controller.collector.datagram import arrivals_of
from controller.collector.ledger import Ledger, Stream
from controller.core.errors import Unreachable, UsageError
from detectors.address import text
from detectors.flow import NO_INTERFACE, FlowBatch, Has

from .captures import CaptureReading, Told, quiet

CHUNK = 512
MOST_RATES = 4
FROM_METRICS = ("datagrams", "records", "octets", "lost", "gaps", "late", "restarts")


@dataclass(slots=True)
class Seen:
    """What the rows of one stream had in common."""

    rows: int = 0
    rates: Counter[int | None] = field(default_factory=Counter)  # None: no rate was sent
    ways: Counter[tuple[int, int]] = field(default_factory=Counter)  # input, output
    sources: Counter[int] = field(default_factory=Counter)  # sFlow data sources that are ifIndexes
    macs: int = 0

    def add(self, batch: FlowBatch) -> None:
        """Take in rows."""
        self.rows += len(batch)
        known = batch.carries(Has.SAMPLING)
        self.rates.update(batch["sampling_rate"][known].tolist())
        self.rates[None] += int((~known).sum())
        named = batch.carries(Has.IN_IF)
        self.ways.update(zip(batch["in_if"][named].tolist(), batch["out_if"][named].tolist(), strict=True))
        self.sources.update(batch["ds_index"][batch.carries(Has.DATA_SOURCE) & (batch["ds_class"] == 0)].tolist())
        self.macs += int(batch.carries(Has.SRC_MAC).sum())

    def sampling(self) -> str:
        """`1:512`, several of them, `unknown`, or both. 0 is unknown too."""
        known = sorted(rate for rate in self.rates if rate)
        found = [f"1:{rate}" for rate in known[:MOST_RATES]] + ["..."] * (len(known) > MOST_RATES)
        unknown = self.rates[None] + self.rates[0]
        return ", ".join(found + ["unknown"] * (unknown > 0)) or "-"


def of_capture(path: Path, told: Told = quiet) -> Iterator[dict[str, Any]]:
    """One object a stream of a capture; `told` once it was read. UsageError if the file is none."""
    ledger, decoder, seen = Ledger(), ReferenceDecoder(), defaultdict[int, Seen](Seen)
    reading = CaptureReading(path)
    for chunk in reading.chunks(CHUNK):
        arrivals = arrivals_of(chunk)
        decoded = decoder.decode(arrivals)
        reading.note(decoded)
        stream = (
            ledger.note(arrivals, decoded)[decoded.dgram] if len(decoded.batch) else ledger.note(arrivals, decoded)[:0]
        )
        for number in np.unique(stream).tolist():
            seen[number].add(decoded.batch.take(stream == number))
    told(reading)
    ledger.settle()
    ledger.settle()
    waiting = Counter[bytes]()
    for (exporter, *_), count in decoder.templates.waiting().items():
        waiting[exporter] += count
    undecodable = decoder.templates.counts.undecodable
    for number, line in enumerate(ledger.lines()):
        unread = undecodable.get(line.exporter, 0) + waiting[line.exporter] if line.version in ("9", "10") else 0
        yield _row(line, seen[number], unread)


def of_service(url: str) -> Iterator[dict[str, Any]]:
    """The same of a running collector, by its metrics: exporter and version. Unreachable if it does not answer."""
    place = url.rstrip("/").removesuffix("/metrics") + "/metrics"
    if not place.startswith(("http://", "https://")):
        raise UsageError(f"{url!r} is no address", do="--url http://127.0.0.1:8443")
    try:
        with urllib.request.urlopen(place, timeout=10) as answer:  # noqa: S310 http and https alone, see above
            page = answer.read().decode()
    except (urllib.error.URLError, OSError) as error:
        raise Unreachable("no metrics", where=place, do=str(getattr(error, "reason", error))) from error
    found: dict[tuple[str, str], dict[str, int]] = {}
    silent, undecodable = set[str](), dict[str, int]()
    for family in text_string_to_metric_families(page):
        what = family.name.removeprefix("cordon_exporter_")
        for sample in family.samples:
            if what in FROM_METRICS and sample.name.endswith("_total"):
                key = sample.labels["exporter"], sample.labels["version"]
                found.setdefault(key, {})[what] = int(sample.value)
            elif what == "silent" and sample.value:
                silent.add(sample.labels["exporter"])
            elif family.name == "cordon_templates_undecodable" and sample.name.endswith("_total"):
                undecodable[sample.labels["name"]] = int(sample.value)
    for (exporter, version), counts in found.items():
        unread = undecodable.get(exporter, 0) if version in ("9", "10") else 0
        yield {"exporter": exporter, "version": version, **counts, "undecodable": unread, "silent": exporter in silent}


def proposal(version: str, seen: Seen) -> str:
    """A word for `collector.interfaces`, and why: from the rows alone, so it is never more than a proposal."""
    total = sum(seen.ways.values())
    if not seen.rows or version == "unknown":
        return "-"
    inputs = Counter[int]()
    for (into, _), count in seen.ways.items():
        inputs[into] += count
    if inputs[0] + inputs[NO_INTERFACE] == total:
        if version == "sflow5" and any(seen.sources):
            return "data-source: no row names its input"
        return "none: no row names its input"
    if version == "sflow5":
        return "ifindex"
    if total >= 20 and sum(n for (into, out), n in seen.ways.items() if into == out) > 0.9 * total:
        return "none: input and output are the same, so one of the directions is wrong"
    return "auto: not provable by the rows alone; with the switch's tables it is found out"


def _row(line: Stream, seen: Seen, unread: int) -> dict[str, Any]:
    return {
        "exporter": text(line.agent),
        "from": text(line.exporter),
        "version": line.version,
        "number": line.number,
        "datagrams": line.datagrams,
        "records": line.records,
        "rows": seen.rows,
        "lost": line.lost,
        "gaps": line.gaps,
        "late": line.late,
        "restarts": line.restarts,
        "sequence": line.meaning or "not proven",
        "undecodable": unread,
        "sampling": seen.sampling(),
        "inputs": len({into for into, _ in seen.ways} - {0, NO_INTERFACE}),
        "macs": bool(seen.macs),
        "interfaces": proposal(line.version, seen),
    }
