"""A capture file of export datagrams, whatever its form."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from controller.collector.datagram import Datagram
from controller.core.errors import UsageError
from controller.core.files import unreadable

from . import classic, pcapng
from .packet import CutOff, Packet
from .payload import datagram

GZIP = b"\x1f\x8b"


class Capture:
    """A capture file, read once from start to end. `skipped` counts packets that held no export datagram, by reason;
    `cut_off` is a sentence where the file ended before its end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.skipped: Counter[str] = Counter()
        self.cut_off: str | None = None

    def __iter__(self) -> Iterator[Datagram]:
        """Datagrams in file order, `received_ms` = capture time. UsageError if the file is no capture."""
        try:
            stream = self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error
        with stream:
            try:
                for packet in self._packets(stream):
                    found = datagram(packet)
                    if isinstance(found, Datagram):
                        yield found
                    else:
                        self.skipped[found] += 1
            except CutOff as cut:
                self.cut_off = str(cut)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                self.cut_off = "the file ends, or is damaged, in the middle of what gzip packed"

    def _packets(self, stream: BufferedReader) -> Iterator[Packet]:
        if stream.peek(2)[:2] == GZIP:
            stream = BufferedReader(gzip.GzipFile(fileobj=stream))
        magic, where = stream.peek(4)[:4], str(self.path)
        if magic == pcapng.MAGIC:
            return pcapng.packets(cast("BinaryIO", stream), self.skipped)
        if magic not in classic.MAGIC:
            raise UsageError("is no pcap file", where=where)
        return classic.packets(cast("BinaryIO", stream), where)
