"""Flows that another program collected, onto the bus: interop's readers, the publisher of the collector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, BinaryIO

from controller.bus.connect import open_bus
from controller.collector.interop import Damaged, goflow2, nfdump
from controller.core.clock import Clock, SystemClock
from controller.core.errors import CordonError, UsageError
from detectors.flow import FlowBatch, from_rows

from .publish import FlowPublisher
from .settings import Settings

GOFLOW2, NFDUMP = "goflow2", "nfdump"
FORMATS = (GOFLOW2, NFDUMP)
WRITER = "import"


@dataclass(slots=True)
class Imported:
    """What became of a file: rows taken, rows left out by reason, and what ended it before its end, if anything did."""

    format: str
    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    ended_by: CordonError | None = None

    def to_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        ended_by = str(self.ended_by) if self.ended_by else None
        return {"format": self.format, "rows": self.rows, "skipped": dict(self.skipped), "ended_by": ended_by}


class Source:
    """A file of flows, read once. `result` counts along."""

    def __init__(
        self,
        stream: BinaryIO,
        format_: str | None = None,
        *,
        exporter: bytes | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        self._stream, self._exporter, self._zone = stream, exporter, zone
        self.result = Imported(format_ or format_of(stream))
        if self.result.format not in FORMATS:
            raise UsageError(f"{format_!r} is no format of flows", do=f"one of {', '.join(FORMATS)}")

    def batches(self) -> Iterator[FlowBatch]:
        """Batches up to the end of the file or to where it is damaged; `result.ended_by` says which."""
        skipped = self.result.skipped
        if self.result.format == GOFLOW2:
            rows = goflow2.read(self._stream, skipped, exporter=self._exporter)
        else:
            rows = nfdump.read(self._stream, skipped, exporter=self._exporter, zone=self._zone)
        try:
            yield from map(from_rows, rows)
        except Damaged as damage:
            self.result.ended_by = damage


def format_of(stream: BinaryIO) -> str:
    """The format by how a file begins: csv is text from its first octet, a message has its length and a tag."""
    peek = getattr(stream, "peek", None)
    head = bytes(peek(2)[:2]) if peek else b""
    return NFDUMP if head and head.isascii() and head.decode("ascii").isprintable() else GOFLOW2


def publish(source: Source, settings: Settings, *, clock: Clock | None = None) -> Imported:
    """Every batch of a source onto the bus of a configuration. A bus that does not take one ends the import there."""
    from controller.bus.codec import encode

    bus = open_bus(settings.bus, settings.data_dir, clock or SystemClock(), settings.bus_options)
    try:
        publisher = FlowPublisher(bus, encode, writer=WRITER)
        try:
            _send(source.batches(), publisher, source.result)
        finally:
            publisher.close()
    finally:
        bus.close()
    return source.result


def _send(batches: Iterable[FlowBatch], publisher: FlowPublisher, result: Imported) -> None:
    for batch in batches:
        publisher(batch)
        result.rows = publisher.counts.rows
        if publisher.last_error is not None:  # the collector goes on without these rows; a file can be imported again
            result.ended_by = publisher.last_error
            return
