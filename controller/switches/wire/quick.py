"""`read_rows` by compiled code, once a process has read so many rows that loading it pays; until then, and without numba, the
plain one. Both give the same answers."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import numpy as np

from controller.core.snmp import pdu
from controller.core.snmp.ber import Malformed, Oid
from controller.core.snmp.pdu import Value

from .columns import Column, WalkLoops, read_rows

WORTH_LOADING = 20_000  # bindings: a site of a few dozen switches, read once
MOST_COLUMNS, MOST_ROWS, MOST_ARCS, LONGEST_PREFIX = 12, 1024, 16_384, 64
Read = Callable[[bytes, int, int, list[Column], dict[bytes, Oid]], int]


class _Loader:
    """Counts what was read, and loads the compiled reader when that is enough. numba that is there already costs nothing."""

    def __init__(self) -> None:
        self._seen = 0
        self._lock = threading.Lock()
        self._quick: Read | None = None
        self._failed = False

    def __call__(self, data: bytes, at: int, end: int, columns: list[Column], memo: dict[bytes, Oid]) -> int:
        if self._quick is None:
            count = read_rows(data, at, end, columns, memo)
            self._seen += count
            if not self._failed and (self._seen > WORTH_LOADING or "numba" in sys.modules):
                self.load()
            return count
        return self._quick(data, at, end, columns, memo)

    def load(self) -> bool:
        """Whether the compiled reader is there."""
        with self._lock:
            if self._quick is None and not self._failed:
                try:
                    self._quick = QuickReader()
                except ImportError:
                    self._failed = True
        return self._quick is not None


class QuickReader:
    """The compiled reader, with buffers for each thread. ImportError without numba."""

    def __init__(self) -> None:
        from . import kernel  # noqa: PLC0415 numba is heavy

        self._kernel = kernel
        self._local = threading.local()

    def __call__(self, data: bytes, at: int, end: int, columns: list[Column], memo: dict[bytes, Oid]) -> int:
        """As `read_rows`."""
        if len(columns) > MOST_COLUMNS or len(max((column.prefix for column in columns), key=len)) > LONGEST_PREFIX:
            return read_rows(data, at, end, columns, memo)
        kernel, (prefixes, sizes, arcs, rows, state) = self._kernel, self._buffers()
        width = len(columns)
        wanted = [column.prefix for column in columns]
        if wanted != self._local.wanted:  # a walk asks for the same columns again and again
            self._local.wanted = wanted
            for place, prefix in enumerate(wanted):
                sizes[place] = len(prefix)
                prefixes[place, : len(prefix)] = np.frombuffer(prefix, np.uint8)
        verdict, count = kernel.decode(
            np.frombuffer(data, np.uint8), at, end, prefixes, sizes[:width], arcs, rows, state
        )
        if verdict == kernel.CROWDED:
            return read_rows(data, at, end, columns, memo)
        if verdict == kernel.MALFORMED:
            raise Malformed("the bindings are no such message")
        if verdict == kernel.LOOPS:
            raise WalkLoops("an object comes behind one it should precede")
        shared: tuple[list[int], list[Oid]] = ([], [])
        for place, (column, known) in enumerate(zip(columns, state[:width].tolist(), strict=True)):
            if known[kernel.COUNT]:
                shared = self._take(column, data, known, arcs[place], rows[place], shared)
            column.ended = bool(known[kernel.ENDED])
        return int(count)

    def _take(
        self,
        column: Column,
        data: bytes,
        known: list[int],
        arcs: np.ndarray,
        rows: np.ndarray,
        shared: tuple[list[int], list[Oid]],
    ) -> tuple[list[int], list[Oid]]:
        """`shared`: arcs and instances of the column before; those of a table are the same."""
        kernel = self._kernel
        count, width, kind = known[kernel.COUNT], known[kernel.WIDTH], known[kernel.KINDS]
        flat = arcs[: known[kernel.FILLED]].tolist()
        if width and flat == shared[0] and count == len(shared[1]):
            instances = shared[1]
        else:
            instances = _instances(flat, width, rows[:count, kernel.ARCS])
        if instances[0] <= column.instance:
            raise WalkLoops(f"{instances[0]} comes behind {column.instance}")
        firsts = rows[:count, kernel.FIRST].tolist()
        if kind == kernel.NUMBER:
            column.rows.update(zip(instances, firsts, strict=True))
        else:
            lasts = rows[:count, kernel.LAST].tolist()
            if kind == kernel.STRING:
                column.rows.update(
                    (i, data[first:last]) for i, first, last in zip(instances, firsts, lasts, strict=True)
                )
            else:
                self._values(column, data, instances, rows[:count].tolist())
        column.instance, column.tail = instances[-1], data[known[kernel.TAIL] : known[kernel.TAIL_END]]
        return flat, instances

    def _values(self, column: Column, data: bytes, instances: list[Oid], rows: list[list[int]]) -> None:
        kernel = self._kernel
        for instance, (_, kind, first, last) in zip(instances, rows, strict=True):
            value: Value | None = first
            if kind == kernel.STRING:
                value = data[first:last]
            elif kind == kernel.OTHER:
                tag, end = divmod(last, 65536)
                value = pdu.value_of(tag, data[first:end])
            if value is not None:
                column.rows[instance] = value

    def _buffers(self) -> tuple[np.ndarray, ...]:
        found: tuple[np.ndarray, ...] | None = getattr(self._local, "buffers", None)
        if found is None:
            self._local.wanted = []
            found = self._local.buffers = (
                np.zeros((MOST_COLUMNS, LONGEST_PREFIX), np.uint8),
                np.zeros(MOST_COLUMNS, np.int64),
                np.zeros((MOST_COLUMNS, MOST_ARCS), np.int64),
                np.zeros((MOST_COLUMNS, MOST_ROWS, 4), np.int64),
                np.zeros((MOST_COLUMNS, 7), np.int64),
            )
        return found


def _instances(flat: list[int], width: int, sizes: np.ndarray) -> list[Oid]:
    if width:
        return list(zip(*[iter(flat)] * width, strict=True))
    found, begun = [], 0
    for size in sizes.tolist():
        found.append(tuple(flat[begun : begun + size]))
        begun += size
    return found


read = _Loader()
