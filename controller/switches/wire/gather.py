"""The compiled reader: numbers of all answers of a walk are gathered in arrays, and become tuples and dictionaries once at the
end. Made answer by answer, those cost several times what reading the octets does."""

from __future__ import annotations

import functools
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
FIRST_OCTETS = 65_536
FIRST_ROOM = (FIRST_OCTETS, FIRST_ROWS, FIRST_ARCS)
SMALLEST_BINDING = 7
_spare = threading.local()  # arrays of the last walk, for the next one of the thread


class _Arrays:
    """What the kernel reads and writes: the bindings of all answers one behind the other, and see its columns."""

    def __init__(self) -> None:
        self.octets = bytearray(FIRST_OCTETS)
        self.data = np.frombuffer(self.octets, np.uint8)
        self.state = np.zeros((MOST_COLUMNS, 8), np.int64)
        self.news = np.zeros((MOST_COLUMNS, 5), np.int64)
        self.arcs = np.zeros((MOST_COLUMNS, FIRST_ARCS), np.int64)
        self.rows = np.zeros((MOST_COLUMNS, FIRST_ROWS, 5), np.int64)

    def make_room(self, octets: int, rows: int, arcs: int) -> None:
        """For so many octets, and so many rows and arcs of each column, or more."""
        if octets > len(self.octets):
            self.octets = self.octets + bytes(octets)
            self.data = np.frombuffer(self.octets, np.uint8)
        if rows > self.rows.shape[1]:
            self.rows = _longer(self.rows, rows)
        if arcs > self.arcs.shape[1]:
            self.arcs = _longer(self.arcs, arcs)

    @property
    def room(self) -> tuple[int, int, int]:
        """See make_room."""
        return len(self.octets), self.rows.shape[1], self.arcs.shape[1]


class QuickReader:
    """For one walk of at most MOST_COLUMNS columns."""

    def __init__(self, columns: list[Column], kernel: ModuleType) -> None:
        self._columns, self._kernel = columns, kernel
        arrays: _Arrays = _spare.__dict__.pop("arrays", None) or _Arrays()
        self._prefixes, sizes = _prefixes(tuple([column.prefix for column in columns]))
        arrays.state[:] = 0
        arrays.state[: len(columns), kernel.SIZE] = sizes
        self._arrays, self._room = arrays, arrays.room
        self._filled = 0  # octets
        self._rows, self._arcs = 0, 0  # of the column that has most
        self._asked: tuple[list[Column], Any, Any] = ([], None, None)  # their places, and what the kernel tells of them

    def take(self, data: bytes, at: int, end: int, columns: list[Column]) -> int:
        """See Reader."""
        kernel, arrays = self._kernel, self._arrays
        if columns != self._asked[0]:
            places = [self._columns.index(column) for column in columns]
            self._asked = columns, np.array(places, np.int64), arrays.news[: len(places)]
        _, asked, news = self._asked
        begun, size = self._filled, end - at
        filled, rows, arcs = begun + size, self._rows + size // SMALLEST_BINDING + 1, self._arcs + size
        if filled > self._room[0] or rows > self._room[1] or arcs > self._room[2]:
            arrays.make_room(filled, rows, arcs)
            self._room = arrays.room
        memoryview(arrays.octets)[begun:filled] = data[at:end]
        verdict, count = kernel.decode(
            arrays.data, (begun, filled), asked, self._prefixes, arrays.arcs, arrays.rows, arrays.state, news
        )
        if verdict == kernel.MALFORMED:
            raise Malformed("the bindings are no such message")
        if verdict == kernel.LOOPS:
            raise WalkLoops("an object comes behind one it should precede")
        self._filled, moved = filled, at - begun
        for column, (rows, arcs, tail, tail_end, ended) in zip(columns, news.tolist(), strict=True):
            if rows != column.count:
                column.count, column.tail = rows, data[tail + moved : tail_end + moved]
                self._rows = max(self._rows, rows)
                self._arcs = max(self._arcs, arcs)
            column.ended = ended != 0
        return int(count)

    def finish(self) -> None:
        """See Reader."""
        data = bytes(memoryview(self._arrays.octets)[: self._filled])
        states = self._arrays.state.tolist()
        before, instances = -1, list[Oid]()  # of the column before: a table's are the same
        for place, column in enumerate(self._columns):
            if column.count:
                if before < 0 or not self._same_instances(before, place, states):
                    instances = self._instances(place, states[place])
                before = place
                self._fill(column, place, data, instances, states[place][self._kernel.KINDS])
                column.instance = instances[-1]
        if self._arrays.room == FIRST_ROOM:  # what is larger is not worth keeping
            _spare.arrays = self._arrays

    def _same_instances(self, one: int, other: int, states: list[list[int]]) -> bool:
        filled, width, arcs = self._kernel.FILLED, self._kernel.WIDTH, self._arrays.arcs
        mine, others = states[one], states[other]
        if not mine[width] or mine[width] != others[width] or mine[filled] != others[filled]:
            return False
        size = mine[filled]
        return bool((arcs[one, :size] == arcs[other, :size]).all())

    def _instances(self, place: int, state: list[int]) -> list[Oid]:
        kernel = self._kernel
        count, filled, width = state[kernel.COUNT], state[kernel.FILLED], state[kernel.WIDTH]
        flat = self._arrays.arcs[place, :filled].tolist()
        if width:
            return list(zip(*[iter(flat)] * width, strict=True))
        found, begun = [], 0
        for size in self._arrays.rows[place, :count, kernel.ARCS].tolist():
            found.append(tuple(flat[begun : begun + size]))
            begun += size
        return found

    def _fill(self, column: Column, place: int, data: bytes, instances: list[Oid], kind: int) -> None:
        kernel, rows = self._kernel, self._arrays.rows[place, : column.count]
        firsts = rows[:, kernel.FIRST].tolist()
        if kind == kernel.NUMBER:
            column.rows.update(zip(instances, firsts, strict=True))
            return
        lasts = rows[:, kernel.LAST].tolist()
        if kind == kernel.STRING:
            column.rows.update(zip(instances, [data[a:b] for a, b in zip(firsts, lasts, strict=True)], strict=True))
            return
        kinds, tags = rows[:, kernel.KIND].tolist(), rows[:, kernel.TAG].tolist()
        for instance, one, first, last, tag in zip(instances, kinds, firsts, lasts, tags, strict=True):
            value: Value | None = first if one == kernel.NUMBER else pdu.value_of(tag, data[first:last])
            if value is not None:
                column.rows[instance] = value


@functools.lru_cache(maxsize=256)
def _prefixes(prefixes: tuple[bytes, ...]) -> tuple[np.ndarray, np.ndarray]:
    """As the kernel compares them, and how long each is: what is walked is the same on every switch of a kind."""
    octets = b"".join(prefix.ljust(LONGEST_PREFIX, b"\0") for prefix in prefixes)
    table = np.frombuffer(bytearray(octets), np.uint8).reshape(-1, LONGEST_PREFIX)
    return table, np.array([len(prefix) for prefix in prefixes], np.int64)


def _longer(array: np.ndarray, wanted: int) -> np.ndarray:
    """Twice as long as is wanted: a long column is not copied with every answer."""
    found = np.zeros((array.shape[0], 2 * wanted, *array.shape[2:]), array.dtype)
    found[:, : array.shape[1]] = array
    return found
