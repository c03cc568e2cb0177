"""Cordon's collector without a bus, as a process of its own: prints its port, and at the end (SIGTERM) what came in."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import Counter
from dataclasses import fields
from pathlib import Path

from controller.collector import Collector, ReferenceDecoder
from controller.collector.config import CollectorConfig
from controller.collector.flowset import KeepingDecoder, TemplateStore
from controller.collector.kernels import KernelDecoder, warm_enter
from controller.core.clock import SystemClock
from detectors.flow import FlowBatch


class Counting:
    """A sink that only counts: the figure is from the socket to the FlowBatch."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, batch: FlowBatch) -> None:
        """Count."""
        self.rows += len(batch)


def main(templates_file: str | None, port: int = 0) -> None:
    """Run until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store, clock, sink = TemplateStore(), SystemClock(), Counting()
    decoder = KernelDecoder(ReferenceDecoder(store))
    keeping = KeepingDecoder(decoder, store, Path(templates_file), clock) if templates_file else None
    config = CollectorConfig(listen=(f"127.0.0.1:{port}",))
    collector = Collector(config, keeping or decoder, sink, clock, enter=warm_enter())
    collector.start()
    sys.stdout.write(f"{collector.addresses[0][1]}\n")
    sys.stdout.flush()
    stop.wait()
    drops = collector.kernel_drops()
    collector.stop()
    if keeping:
        keeping.save()
    counts = {f.name: getattr(collector.counts, f.name) for f in fields(collector.counts) if f.name != "trouble"}
    trouble = Counter[str]()
    for (kind, _), number in collector.counts.trouble.items():
        trouble[kind] += number
    undecodable, waiting = sum(store.counts.undecodable.values()), sum(store.waiting().values())
    told = {**counts, "rows": sink.rows, "kernel_drops": drops, "undecodable": undecodable, "waiting": waiting}
    sys.stdout.write(json.dumps({**told, "trouble": trouble}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] != "-" else None, *map(int, sys.argv[2:3]))
