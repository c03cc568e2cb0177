"""One partition of the embedded log: a folder of segment files, appended to under a lock, read without one.

A file is named by the offset of its first record. Several processes may append: each takes the partition's lock, looks at
what the others have written since, cuts a torn tail (nothing whole behind it), appends, and syncs.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from controller.core.errors import StoreError

from . import record
from .config import BusConfig

Outgoing = tuple[bytes, Mapping[str, str]]  # payload, headers


@dataclass(slots=True)
class LogCounts:
    """What happened to the embedded log in this process."""

    torn_bytes_cut: int = 0  # of writes that came to no end
    damaged_places: int = 0  # stepped over
    deleted_segments: int = 0  # by retention
    deleted_unread: int = 0  # messages that retention took from a reader here


class Partition:
    """Appends to, and reads, one partition."""

    def __init__(self, folder: Path, config: BusConfig) -> None:
        self.folder, self._config = folder, config
        folder.mkdir(parents=True, exist_ok=True)
        self._known: tuple[Path | None, int, int, int] = (
            None,
            0,
            0,
            0,
        )  # file, good bytes, next offset, last timestamp
        self._synced: tuple[Path | None, int] = (None, 0)
        self.counts = LogCounts()

    def append(
        self,
        messages: Sequence[Outgoing],
        now_ms: int,
        written: Callable[[], None] | None = None,
        *,
        durable: bool = True,
    ) -> int:
        """Append messages in order; gives the offset of the first. StoreError if the disk does not take them.

        `written` is called when they can be read, a flush of the disk before they are durable; unless they are to be, that is
        left to a later append or to `flush`.
        """
        try:
            with self._locked():
                return self._append(messages, now_ms, written, durable=durable)
        except OSError as error:
            raise self._unwritten(error) from error

    def flush(self) -> None:
        """See to it that everything this process appended is on the disk. StoreError if it cannot be."""
        path, size, *_ = self._known
        if path is not None:
            self.sync(path, size)

    def sync(self, path: Path, size: int) -> None:
        """See to it that a file is on the disk up to there: whoever wrote it may be about to. StoreError if it cannot be."""
        known, synced = self._synced
        if path == known and size <= synced:
            return
        try:
            with opened(path, os.O_RDONLY) as handle:
                os.fsync(handle)
        except FileNotFoundError:  # retention deleted it
            return
        except OSError as error:
            raise self._unwritten(error) from error
        self._synced = (path, size)

    def segments(self) -> list[Path]:
        """Segment files, the oldest first."""
        return sorted(path for path in self.folder.iterdir() if path.suffix == ".log")  # half the cost of glob

    def end(self) -> tuple[Path | None, int]:
        """The newest file and its size: a cheap look whether anything has come."""
        paths = self.segments()
        return (paths[-1], paths[-1].stat().st_size) if paths else (None, 0)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # Each has a handle of its own: threads that shared one would not lock each other out.
        with opened(self.folder / "lock", os.O_WRONLY | os.O_CREAT) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _append(
        self, messages: Sequence[Outgoing], now_ms: int, written: Callable[[], None] | None, *, durable: bool
    ) -> int:
        path, size, offset, last_ms = self._tail()
        at_ms = max(now_ms, last_ms)  # time never goes backwards inside a partition, so that it can be searched
        data = b"".join(
            record.pack(offset + n, at_ms, headers, payload) for n, (payload, headers) in enumerate(messages)
        )
        if path is None or size >= self._config.segment_bytes:
            self.flush()
            path, size = self.named(offset), 0
            self._delete_old(now_ms)
        self._write(path, size, data, written, durable=durable)
        self._known = (path, size + len(data), offset + len(messages), at_ms)
        if durable:
            self._synced = (path, size + len(data))
        return offset

    def _write(self, path: Path, size: int, data: bytes, written: Callable[[], None] | None, *, durable: bool) -> None:
        """What was written when it fails stays: somebody may have read it, and gone on behind it. The next append keeps what is
        whole of it, and cuts off the rest."""
        with opened(path, os.O_WRONLY | (0 if size else os.O_CREAT)) as file:
            if not size:  # its name is on the disk before anything is in it: whoever finds it empty sees to that again
                _sync_folder(self.folder)
            _write_all(file, size, data)
            if written is not None:
                written()
            if durable:
                os.fsync(file)

    def _unwritten(self, error: OSError) -> StoreError:
        where = str(error.filename or self.folder)
        return StoreError(f"cannot write: {error.strerror or error}", where=where, do="is the disk full?")

    def named(self, offset: int) -> Path:
        """The file that begins with this record, if one does."""
        return self.folder / f"{offset:020d}.log"

    def _is_tail(self) -> bool:
        """Nobody has appended since this process did: the file is as long as it was, and none was begun behind it. While other
        threads compute, a look through the folder costs a turn for each file in it: Python gives way at each."""
        path, size, offset, _ = self._known
        try:
            return path is not None and path.stat().st_size == size and not self.named(offset).exists()
        except FileNotFoundError:  # retention deleted it: another process has begun a later one
            return False

    def _tail(self) -> tuple[Path | None, int, int, int]:
        """Where to append: after the last whole record. What lies behind it is torn, and is cut off."""
        if self._is_tail():
            return self._known
        paths = self.segments()
        if not paths:
            return None, 0, 0, 0
        path = paths[-1]
        known_path, at, offset, last_ms = self._known
        if path != known_path:
            at, offset, last_ms = 0, int(path.stem), 0
        data = _rest(path, at)  # what others have written since: never the whole file, which may be large
        place = 0
        while (start := record.find(data, place)) is not None:
            found = record.unpack(data, start)
            assert found is not None  # noqa: S101 find gives only whole ones
            place, offset, last_ms = found.end, found.offset + 1, found.timestamp_ms
        if place < len(data):
            self.counts.torn_bytes_cut += len(data) - place
            os.truncate(path, at + place)
        self._known = (path, at + place, offset, last_ms)
        return self._known

    def _delete_old(self, now_ms: int) -> None:
        paths = self.segments()
        total = sum(path.stat().st_size for path in paths)
        oldest_ms = now_ms - self._config.retention_s * 1000
        for path in paths[:-1]:
            status = path.stat()
            if total <= self._config.retention_bytes and status.st_mtime * 1000 >= oldest_ms:
                break
            path.unlink()
            total -= status.st_size
            self.counts.deleted_segments += 1


def _rest(path: Path, at: int) -> bytes:
    if path.stat().st_size <= at:
        return b""
    with path.open("rb") as file:
        file.seek(at)
        return file.read()


def _write_all(file: int, at: int, data: bytes) -> None:
    """The kernel may take less than it is given, of what is large."""
    rest = memoryview(data)
    while rest:
        taken = os.pwrite(file, rest, at)
        rest, at = rest[taken:], at + taken


def _sync_folder(folder: Path) -> None:
    with opened(folder, os.O_RDONLY) as handle:
        os.fsync(handle)


@contextmanager
def opened(path: Path, flags: int) -> Iterator[int]:
    """A handle, closed behind it. Opening one of Python's own files takes four more calls of the kernel."""
    handle = os.open(path, flags, 0o666)
    try:
        yield handle
    finally:
        os.close(handle)
