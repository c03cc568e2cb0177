"""The collector of one process with all that belongs to it: decoder, templates on the disk, publisher, and the look at its
exporters every few seconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import structlog

from controller.bus.codec import encode
from controller.bus.port import EVENTS, Bus, partition_of
from controller.collector import Collector
from controller.collector.flowset import KeepingDecoder, TemplateStore
from controller.collector.silence import Silence, SilenceWatch
from controller.core.clock import Clock
from controller.core.errors import CordonError
from controller.core.precedence import nobody
from controller.core.sites import SwitchFile
from controller.inventory import Inventory
from detectors.address import text

from .collectmetrics import collector_metrics, exporter_metrics
from .decoding import best_decoder
from .portbooks import PortBooks
from .publish import FlowPublisher
from .settings import Settings

log = structlog.get_logger(__name__)
MOST_TOLD = 10  # silent exporters named in one sentence
FAMILY = "templates"


class Collecting:
    """Inert until `start`; `look` is called by a loop."""

    def __init__(
        self,
        settings: Settings,
        bus: Bus,
        file: SwitchFile,
        inventory: Inventory,
        clock: Clock,
        *,
        give_way: Callable[[], None] = nobody,
    ) -> None:
        config = settings.collector
        self._bus, self._clock = bus, clock
        self.templates = TemplateStore()
        self.publisher = FlowPublisher(bus, encode, writer=config.name, clock=clock)
        own = f"{FAMILY}.json" if config.name == "collector" else f"{FAMILY}-{config.name}.json"
        path = settings.data_dir / own
        others = (
            [p for p in sorted(settings.data_dir.glob(f"{FAMILY}*.json")) if p != path] if config.share_port else []
        )
        fast, enter = best_decoder(self.templates)
        self.decoder = KeepingDecoder(fast, self.templates, path, clock, others=others)
        self.collector = Collector(config, self.decoder, self.publisher, clock, enter=enter, give_way=give_way)
        self.watch = SilenceWatch(config.silence_s)
        self._books = PortBooks(file, inventory)
        self._events = bus.producer(f"{config.name}-events")

    def start(self) -> None:
        """Begin to receive. ConfigError if an address cannot be bound."""
        self.collector.start()

    def stop(self) -> None:
        """Receive no more; what was received is decoded, published, and the templates are kept."""
        self.collector.stop()
        self.publisher.close()
        self._events.close()
        self.decoder.save()

    def look(self) -> None:
        """Ports anew if the inventory has read any, and exporters that fell silent or are heard again."""
        self.publisher.settle()
        book = self._books.newer()
        if book is not None:
            self.collector.refiner.interfaces.book = book
        changes = self.watch.look(self.collector.ledger.lines(), self._clock.now_ms())
        for change in changes:
            log.warning(
                "exporter is silent" if change.silent else "exporter is heard again", exporter=text(change.exporter)
            )
        if changes:
            self._tell(changes)

    def warnings(self) -> list[str]:
        """What people should know, in sentences."""
        found = []
        if silent := sorted(map(text, list(self.watch.silent))):
            more = f" and {len(silent) - MOST_TOLD} more" if len(silent) > MOST_TOLD else ""
            verb = "exporter is" if len(silent) == 1 else "exporters are"
            found.append(f"{len(silent)} {verb} silent: {', '.join(silent[:MOST_TOLD])}{more}")
        if drops := self.collector.kernel_drops():
            found.append(f"the kernel dropped {drops} datagrams for want of buffer: raise net.core.rmem_max")
        return found

    def counters(self) -> dict[str, Callable[[], Any]]:
        """For metrics, by part."""
        return {
            "collector": lambda: self.collector.counts,
            "publish": lambda: self.publisher.counts,
            "templates": lambda: self.templates.counts,
            "template_file": lambda: self.decoder.counts,
            "exporters": lambda: exporter_metrics(self.collector.ledger, self.watch),
            "collecting": lambda: collector_metrics(
                self.collector, self.templates, self.publisher.latency, self._clock.now_ms()
            ),
        }

    def _tell(self, changes: list[Silence]) -> None:
        """Onto the bus; a bus that is away costs the event, and the next look goes on."""
        for change in changes:
            kind = "exporter-silent" if change.silent else "exporter-heard"
            event = {
                "kind": kind,
                "exporter": text(change.exporter),
                "last_ms": change.last_ms,
                "at_ms": self._clock.now_ms(),
            }
            try:
                partition = partition_of(change.exporter, self._bus.partitions)
                self._events.send(EVENTS, partition, json.dumps(event).encode(), {"schema": "1", "kind": kind})
                self._events.flush()
            except CordonError as error:
                log.warning("event not published", kind=kind, error=str(error))
