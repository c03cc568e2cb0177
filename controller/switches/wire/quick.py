"""Which reader a walk gets: compiled code once a process has read so many rows that loading it pays; until then, and without
numba, the plain one. Both give the same rows."""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from typing import Protocol

from controller.core.snmp.ber import Oid

from .columns import Column, read_rows
from .gather import LONGEST_PREFIX, MOST_COLUMNS, QuickReader

WORTH_LOADING = 20_000  # bindings: a site of a few dozen switches, read once


class Reader(Protocol):
    """Takes the answers of one walk into its columns."""

    def take(self, data: bytes, at: int, end: int, columns: list[Column]) -> int:
        """The bindings `data[at:end]`, row by row one for each of `columns`; gives how many. Malformed, WalkLoops.

        `count`, `tail` and `ended` of the columns are as they are then; `rows` may still be on their way.
        """
        ...

    def finish(self) -> None:
        """No more comes: every row is in its column."""
        ...


class PlainReader:
    """Row by row."""

    def __init__(self) -> None:
        self._memo: dict[bytes, Oid] = {}

    def take(self, data: bytes, at: int, end: int, columns: list[Column]) -> int:
        """At once."""
        count = read_rows(data, at, end, columns, self._memo)
        _loader.seen += count
        return count

    def finish(self) -> None:
        """Nothing is left to do."""


class _Loader:
    """What was read, and the compiled code if it is there."""

    def __init__(self) -> None:
        self.seen = 0
        self._lock = threading.Lock()
        self._kernel: ModuleType | None = None
        self._failed = False

    def kernel(self) -> ModuleType | None:
        """Loaded when enough was read. numba that is there already costs nothing."""
        if self._kernel is None and not self._failed and (self.seen > WORTH_LOADING or "numba" in sys.modules):
            self.load()
        return self._kernel

    def load(self) -> bool:
        """Whether it is there."""
        with self._lock:
            if self._kernel is None and not self._failed:
                try:
                    self._kernel = compiled()
                except ImportError:
                    self._failed = True
        return self._kernel is not None


_loader = _Loader()


def compiled() -> ModuleType:
    """The compiled code. ImportError without numba."""
    from . import kernel  # noqa: PLC0415 numba is heavy

    return kernel


def load() -> bool:
    """Load the compiled reader now; whether it is there."""
    return _loader.load()


def reader_of(columns: list[Column]) -> Reader:
    """For one walk of these columns."""
    kernel = _loader.kernel()
    fits = len(columns) <= MOST_COLUMNS and all(len(column.prefix) <= LONGEST_PREFIX for column in columns)
    return PlainReader() if kernel is None or not fits else QuickReader(columns, kernel)
