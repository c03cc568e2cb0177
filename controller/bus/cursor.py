"""A reader's place in one partition: offset, file, and byte. It moves over whole records, and counts what it steps over."""

from __future__ import annotations

import os
import time
from pathlib import Path

from . import record
from .segments import Partition, opened

CHUNK = 4 * 1024 * 1024
SETTLED_NS = 1_000_000_000  # a folder that changed less long ago may change once more without a later time


class Cursor:
    """Reads a partition forward from an offset."""

    def __init__(self, partition: Partition, offset: int) -> None:
        self._partition = partition
        self.offset = offset
        self._path: Path | None = None
        self._at = 0
        self._idle: tuple[int, int] | None = None  # what the files looked like when there was nothing to read

    def read(self, most: int) -> list[record.Record]:
        """Up to `most` whole records that are there now."""
        look = self._look()
        if look is not None and look == self._idle:
            return []
        found = self._read(most)
        self._idle = look if not found else None
        return found

    def sync(self) -> None:
        """See to it that everything read is on the disk."""
        if self._path is not None:
            self._partition.sync(self._path, self._at)

    def _look(self) -> tuple[int, int] | None:
        """Two calls of the kernel that tell whether anything was written: size of the file, time of the last change of the
        folder. None = that does not tell: there is something unread, or the folder changed just now."""
        try:
            size = self._path.stat().st_size if self._path is not None else 0
            folder_ns = self._partition.folder.stat().st_mtime_ns
        except OSError:
            return None
        settled = time.time_ns() - folder_ns > SETTLED_NS
        return (size, folder_ns) if settled and size == self._at else None

    def _read(self, most: int) -> list[record.Record]:
        found: list[record.Record] = []
        while len(found) < most and (self._path is not None or self._place()):
            data = self._window()
            place = self._take(data, most, found)
            self._at += place
            if 0 < place == len(data) < CHUNK and not self._partition.named(self.offset).exists():
                break  # that was all; to look through the folder costs a turn for each file in it, see Partition
            if place == 0 and not self._step_over(data) and not self._next_file(bool(data)):
                break
        return found

    def seek(self, offset: int) -> None:
        """Go to an offset."""
        self.offset, self._path, self._at, self._idle = offset, None, 0, None

    def seek_time(self, to_ms: int) -> None:
        """Go to the first record at or after `to_ms`, or to the end."""
        paths = self._partition.segments()
        start = 0
        for index, path in enumerate(paths):
            data = _read(path, 0, CHUNK)
            first = record.find(data, 0)
            head = record.unpack(data, first) if first is not None else None
            if head is not None and head.timestamp_ms < to_ms:
                start = index
        self.seek(int(paths[start].stem) if paths else 0)
        while batch := self.read(256):
            for item in batch:
                if item.timestamp_ms >= to_ms:
                    self.seek(item.offset)
                    return

    def _take(self, data: bytes, most: int, found: list[record.Record]) -> int:
        place = 0
        while len(found) < most and (item := record.unpack(data, place)) is not None:
            place = item.end
            if item.offset >= self.offset:
                found.append(item)
                self.offset = item.offset + 1
        return place

    def _window(self) -> bytes:
        """What stands at the place now: a chunk, or the whole of a record that is larger."""
        assert self._path is not None  # noqa: S101 read has placed it
        data = _read(self._path, self._at, CHUNK)
        wanted = record.declared_size(data)
        return _read(self._path, self._at, wanted) if wanted > len(data) == CHUNK else data

    def _step_over(self, data: bytes) -> bool:
        """At something that is no whole record: damage if a whole one follows, else the end for now."""
        following = record.find(data, 1)
        if following is None:
            return False
        self._partition.counts.damaged_places += 1
        self._at += following
        return True

    def _next_file(self, rest: bool) -> bool:
        """Nothing more in this file: on to the next, if there is one. A rest that nobody will complete is damage."""
        later = [p for p in self._partition.segments() if self._path is None or p > self._path]
        if not later:
            return False
        counts = self._partition.counts
        counts.damaged_places += 1 if rest else 0
        if self._path is not None and not self._path.exists():
            counts.deleted_unread += max(0, int(later[0].stem) - self.offset)
        self._path, self._at = later[0], 0
        return True

    def _place(self) -> bool:
        """Find the file that holds `offset`. What was deleted unread is counted, and reading goes on behind it."""
        paths = self._partition.segments()
        if not paths:
            return False
        first = int(paths[0].stem)
        if self.offset < first:
            self._partition.counts.deleted_unread += first - self.offset
            self.offset = first
        self._path = max((p for p in paths if int(p.stem) <= self.offset), default=paths[0])
        self._at = 0
        return True


def _read(path: Path, at: int, size: int) -> bytes:
    try:
        with opened(path, os.O_RDONLY) as file:
            found = os.pread(file, size, at)
            # The kernel may give less than there is: what follows is not to be taken for the end.
            while len(found) < size and (more := os.pread(file, size - len(found), at + len(found))):
                found += more
            return found
    except FileNotFoundError:  # retention deleted it
        return b""
