"""A capture read to its end, and what is to be said about it then: nothing that is missing from a file is missing in silence."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from controller.collector import Capture, Datagram, Decoded, ReferenceDecoder
from detectors.flow import FlowBatch

from .tables import TableReading

CHUNK = 256


class CaptureReading:
    """One pass over a capture. Afterwards: how much was read, and what was left out by reason."""

    what = "packets"

    def __init__(self, path: Path) -> None:
        self.path, self._capture = path, Capture(path)
        self.datagrams = self.rows = 0
        self.trouble: Counter[str] = Counter()  # datagrams that could not be read to their end, by kind

    def chunks(self, size: int = CHUNK) -> Iterator[list[Datagram]]:
        """Datagrams in file order."""
        datagrams = iter(self._capture)
        while chunk := list(itertools.islice(datagrams, size)):
            self.datagrams += len(chunk)
            yield chunk

    def note(self, decoded: Decoded) -> None:
        """Count what became of a chunk."""
        self.rows += len(decoded.batch)
        for (kind, _), count in decoded.trouble.items():
            self.trouble[kind] += count

    @property
    def cut_off(self) -> str | None:
        """Why the file was not read to its end, as a sentence; None: it was."""
        return self._capture.cut_off

    @property
    def skipped(self) -> Counter[str]:
        """Packets that are no export datagram, and datagrams with trouble, by reason."""
        return self._capture.skipped + self.trouble


Told = Callable[[CaptureReading | TableReading], object]


def quiet(_: CaptureReading | TableReading) -> None:
    """For callers that have nobody to tell."""


def capture_batches(path: Path, told: Told = quiet, chunk: int = CHUNK) -> Iterator[FlowBatch]:
    """Rows of a capture of export datagrams; `told` is called at the end of every pass."""
    reading, decoder = CaptureReading(path), ReferenceDecoder()
    for datagrams in reading.chunks(chunk):
        decoded = decoder.decode(datagrams)
        reading.note(decoded)
        yield decoded.batch
    told(reading)
