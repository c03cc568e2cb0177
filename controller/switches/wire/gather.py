"""The compiled reader: numbers of all answers of a walk are gathered in arrays, and become tuples and dictionaries once at the
end. Made answer by answer, those cost several times what reading the octets does."""

from __future__ import annotations

import threading
from types import ModuleType
from typing import Any

import numpy as np

from controller.core.snmp import pdu
from controller.core.snmp.ber import Malformed, Oid
from controller.core.snmp.pdu import Value

from .columns import Column, WalkLoops

MOST_COLUMNS, LONGEST_PREFIX = 12, 64
FIRST_ROWS, FIRST_ARCS = 2048, 16_384  # of a column; more is made when it is needed
SMALLEST_BINDING = 7
_spare = threading.local()  # arrays of the last walk, for the next one of the thread


class _Arrays:
    """What the kernel writes: see its columns."""

    def __init__(self) -> None:
        self.prefixes = np.zeros((MOST_COLUMNS, LONGEST_PREFIX), np.uint8)
        self.state = np.zeros((MOST_COLUMNS, 8), np.int64)
        self.arcs = np.zeros((MOST_COLUMNS, FIRST_ARCS), np.int64)
        self.rows = np.zeros((MOST_COLUMNS, FIRST_ROWS, 5), np.int64)

    def make_room(self, rows: int, arcs: int) -> tuple[int, int]:
        """For so many of each column, or more."""
        if rows > self.rows.shape[1]:
            self.rows = _longer(self.rows, rows)
        if arcs > self.arcs.shape[1]:
            self.arcs = _longer(self.arcs, arcs)
        return self.rows.shape[1], self.arcs.shape[1]

    @property
    def large(self) -> bool:
        """Not worth keeping."""
        return self.rows.shape[1] > FIRST_ROWS or self.arcs.shape[1] > FIRST_ARCS


class QuickReader:
    """For one walk of at most MOST_COLUMNS columns."""

    def __init__(self, columns: list[Column], kernel: ModuleType) -> None:
        self._columns, self._kernel = columns, kernel
        self._arrays: _Arrays = _spare.__dict__.pop("arrays", None) or _Arrays()
        self._arrays.state[:] = 0
        for place, column in enumerate(columns):
            size = len(column.prefix)
            self._arrays.state[place, kernel.SIZE] = size
            self._arrays.prefixes[place, :size] = np.frombuffer(column.prefix, np.uint8)
        self._messages: list[bytes] = []
        self._base = 0
        self._rows, self._arcs = 0, 0  # of the column that has most
        self._room = (0, 0)
        self._asked: tuple[list[Column], Any] = ([], None)

    def take(self, data: bytes, at: int, end: int, columns: list[Column]) -> int:
        """See Reader."""
        kernel, arrays = self._kernel, self._arrays
        if columns != self._asked[0]:
            places = [self._columns.index(column) for column in columns]
            self._asked = columns, np.array(places, np.int64)
        size = end - at
        rows, arcs = self._rows + size // SMALLEST_BINDING + 1, self._arcs + size
        if rows > self._room[0] or arcs > self._room[1]:
            self._room = arrays.make_room(rows, arcs)
        span = (at, end, self._base)
        verdict, count = kernel.decode(
            np.frombuffer(data, np.uint8), span, self._asked[1], arrays.prefixes, arrays.arcs, arrays.rows, arrays.state
        )
        if verdict == kernel.MALFORMED:
            raise Malformed("the bindings are no such message")
        if verdict == kernel.LOOPS:
            raise WalkLoops("an object comes behind one it should precede")
        self._messages.append(data)
        self._base += len(data)
        known = arrays.state[: len(self._columns)].tolist()
        for column, (rows, arcs, tail, tail_end, ended, *_) in zip(self._columns, known, strict=True):
            if rows != column.count:
                column.count, column.tail = rows, data[tail:tail_end]
                self._rows = max(self._rows, rows)
                self._arcs = max(self._arcs, arcs)
            column.ended = ended != 0
        return int(count)

    def finish(self) -> None:
        """See Reader."""
        data = b"".join(self._messages)
        shared: tuple[list[int], list[Oid]] = (
            [],
            [],
        )  # arcs and instances of the column before: a table's are the same
        for place, column in enumerate(self._columns):
            if column.count:
                shared = self._instances(place, shared)
                self._fill(column, place, data, shared[1])
                column.instance = shared[1][-1]
        if not self._arrays.large:
            _spare.arrays = self._arrays

    def _instances(self, place: int, shared: tuple[list[int], list[Oid]]) -> tuple[list[int], list[Oid]]:
        kernel = self._kernel
        count, filled, width = self._arrays.state[place, [kernel.COUNT, kernel.FILLED, kernel.WIDTH]].tolist()
        flat = self._arrays.arcs[place, :filled].tolist()
        if width and flat == shared[0] and count == len(shared[1]):
            return shared
        if width:
            return flat, list(zip(*[iter(flat)] * width, strict=True))
        found, begun = [], 0
        for size in self._arrays.rows[place, :count, kernel.ARCS].tolist():
            found.append(tuple(flat[begun : begun + size]))
            begun += size
        return flat, found

    def _fill(self, column: Column, place: int, data: bytes, instances: list[Oid]) -> None:
        kernel, rows = self._kernel, self._arrays.rows[place, : column.count]
        kind = self._arrays.state[place, kernel.KINDS]
        firsts = rows[:, kernel.FIRST].tolist()
        if kind == kernel.NUMBER:
            column.rows.update(zip(instances, firsts, strict=True))
            return
        lasts = rows[:, kernel.LAST].tolist()
        if kind == kernel.STRING:
            column.rows.update((i, data[a:b]) for i, a, b in zip(instances, firsts, lasts, strict=True))
            return
        kinds, tags = rows[:, kernel.KIND].tolist(), rows[:, kernel.TAG].tolist()
        for instance, one, first, last, tag in zip(instances, kinds, firsts, lasts, tags, strict=True):
            value: Value | None = first if one == kernel.NUMBER else pdu.value_of(tag, data[first:last])
            if value is not None:
                column.rows[instance] = value


def _longer(array: np.ndarray, wanted: int) -> np.ndarray:
    """Twice as long as is wanted: a long column is not copied with every answer."""
    found = np.zeros((array.shape[0], 2 * wanted, *array.shape[2:]), array.dtype)
    found[:, : array.shape[1]] = array
    return found
