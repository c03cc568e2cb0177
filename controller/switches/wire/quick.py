"""Which reader a walk gets: compiled code once a process has read so many rows that loading it pays; until then, and without
numba, the plain one. Both give the same rows."""

from __future__ import annotations

import sys
import threading
from typing import Protocol

from controller.core.snmp.ber import Oid

from .arrays import LONGEST_PREFIX, MOST_TOGETHER
from .columns import Column, read_rows
from .gather import Compiled, QuickReader

WORTH_LOADING = 20_000  # bindings: a site of a few dozen switches, read once


class Reader(Protocol):
    """Takes the answers of one walk into its columns. `asked`: how many of them the next question is about, the first that have
    not ended; none is left when it is 0. `rows`: of the column that has most."""

    rows: int
    asked: int

    def question(self) -> bytes:
        """Bindings that ask for what follows in these columns."""
        ...

    def narrow(self, width: int) -> None:
        """From now on at most so many columns in one question."""
        ...

    def take(self, data: bytes, at: int, end: int) -> int:
        """The bindings `data[at:end]`, row by row one for each column that was asked for; gives how many. Malformed, WalkLoops.

        What the columns hold may still be on its way.
        """
        ...

    def finish(self) -> None:
        """No more comes: every row is in its column."""
        ...


class PlainReader:
    """Row by row."""

    def __init__(self, columns: list[Column], width: int) -> None:
        self._columns = columns
        self._memo: dict[bytes, Oid] = {}
        self.rows = 0
        self.narrow(width)

    def narrow(self, width: int) -> None:
        """See Reader."""
        self._width = width
        self._pending = [column for column in self._columns if not column.ended][:width]
        self.asked = len(self._pending)

    def question(self) -> bytes:
        """From where each stands."""
        return b"".join([column.question() for column in self._pending])

    def take(self, data: bytes, at: int, end: int) -> int:
        """At once."""
        count = read_rows(data, at, end, self._pending, self._memo)
        _loader.seen += count
        self.rows = max(self.rows, *(column.count for column in self._pending))
        self.narrow(self._width)
        return count

    def finish(self) -> None:
        """Nothing is left to do."""


class _Loader:
    """What was read, and the compiled code if it is there."""

    def __init__(self) -> None:
        self.seen = 0
        self._lock = threading.Lock()
        self._kernel: Compiled | None = None
        self._failed = False

    def kernel(self) -> Compiled | None:
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


def compiled() -> Compiled:
    """The compiled code. ImportError without numba."""
    from .flatten import flatten  # noqa: PLC0415 numba is heavy
    from .kernel import decode  # noqa: PLC0415

    return Compiled(decode, flatten)


def load() -> bool:
    """Load the compiled reader now; whether it is there."""
    return _loader.load()


def reader_of(columns: list[Column], width: int) -> Reader:
    """For one walk of these columns, at most `width` in one question."""
    kernel = _loader.kernel()
    fits = len(columns) <= MOST_TOGETHER and all(len(column.prefix) <= LONGEST_PREFIX for column in columns)
    return PlainReader(columns, width) if kernel is None or not fits else QuickReader(columns, width, kernel)
