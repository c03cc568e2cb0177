"""The compiled reader: numbers of all answers of a walk are gathered in arrays, and become tuples and dictionaries once at the
end. Made answer by answer, those cost several times what reading the octets does."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from controller.core.snmp import pdu
from controller.core.snmp.ber import Malformed, Oid
from controller.core.snmp.pdu import Value

from . import layout
from .arrays import LONGEST_PREFIX, take_arrays
from .columns import Column, WalkLoops

SMALLEST_BINDING = 7
MOST_NUMBERS = 5  # of one row beside its arcs, see flatten


class Compiled(NamedTuple):
    """See kernel.py and flatten.py."""

    decode: Callable[..., tuple[int, int, int, int, int]]
    flatten: Callable[..., int]


class QuickReader:
    """For one walk of at most MOST_TOGETHER columns."""

    def __init__(self, columns: list[Column], width: int, compiled: Compiled) -> None:
        self._columns, self._width, self._compiled = columns, width, compiled
        self._arrays = arrays = take_arrays()
        self._prefixes, sizes = _prefixes(tuple([column.prefix for column in columns]))
        arrays.state[: len(columns), layout.SIZE] = sizes
        self._room = arrays.room
        self._filled = 0  # octets
        self.rows, self._arcs = 0, 0  # of the column that has most
        self.asked = 0
        self._question = 0  # octets that ask for more of them; 0 if they were not written
        self._decode(0, 0)

    def question(self) -> bytes:
        """See Reader."""
        if self._question:
            return bytes(self._arrays.asking[: self._question])
        self._tell()
        return b"".join([self._columns[c].question() for c in self._arrays.asked[: self.asked].tolist()])

    def narrow(self, width: int) -> None:
        """See Reader."""
        self._width, self.asked = width, 0
        self._decode(self._filled, self._filled)

    def take(self, data: bytes, at: int, end: int) -> int:
        """See Reader."""
        arrays, begun, size = self._arrays, self._filled, end - at
        filled, rows, arcs = begun + size, self.rows + size // SMALLEST_BINDING + 1, self._arcs + size
        if filled > self._room[0] or rows > self._room[1] or arcs > self._room[2]:
            arrays.make_room(filled, rows, arcs)
            self._room = arrays.room
        arrays.memory[begun:filled] = memoryview(data)[at:end]
        self._filled = filled
        return self._decode(begun, filled)

    def _decode(self, begun: int, end: int) -> int:
        arrays = self._arrays
        count, self.asked, self.rows, self._arcs, self._question = self._compiled.decode(
            arrays.data,
            begun,
            end,
            self.asked,
            self._width,
            arrays.asked,
            self._prefixes,
            arrays.arcs,
            arrays.rows,
            arrays.state,
            arrays.question,
        )
        if count == layout.MALFORMED:
            raise Malformed("the bindings are no such message")
        if count == layout.LOOPS:
            raise WalkLoops("an object comes behind one it should precede")
        return count

    def finish(self) -> None:
        """See Reader."""
        arrays, width = self._arrays, len(self._columns)
        states = self._tell()
        size = sum([state[layout.COUNT] * MOST_NUMBERS + state[layout.FILLED] for state in states])
        flat = np.empty(width + size, np.int64)
        used = self._compiled.flatten(width, arrays.arcs, arrays.rows, arrays.state, flat)
        numbers = iter(flat[:used].tolist())
        alike = list(islice(numbers, width))
        data = bytes(arrays.memory[: self._filled])
        instances = list[Oid]()  # of the column before: a table's are the same
        for column, state, same in zip(self._columns, states, alike, strict=False):
            if column.count:
                if not same:
                    instances = _instances(numbers, state)
                _fill(column, numbers, data, instances, state[layout.KINDS])
                column.instance = instances[-1]
        arrays.give_back()

    def _tell(self) -> list[list[int]]:
        """Every column how it stands."""
        arrays = self._arrays
        states: list[list[int]] = arrays.state[: len(self._columns)].tolist()
        for column, state in zip(self._columns, states, strict=True):
            column.ended = state[layout.ENDED] != 0
            if state[layout.COUNT] != column.count:
                column.count = state[layout.COUNT]
                column.tail = bytes(arrays.memory[state[layout.TAIL] : state[layout.TAIL_END]])
        return states


def _instances(numbers: Any, state: list[int]) -> list[Oid]:
    count, filled, width = state[layout.COUNT], state[layout.FILLED], state[layout.WIDTH]
    if width:
        return list(islice(zip(*[numbers] * width, strict=False), count))
    flat, found, begun = list(islice(numbers, filled)), [], 0
    for size in islice(numbers, count):
        found.append(tuple(flat[begun : begun + size]))
        begun += size
    return found


def _fill(column: Column, numbers: Any, data: bytes, instances: list[Oid], kind: int) -> None:
    count = column.count
    firsts = list(islice(numbers, count))
    if kind == layout.NUMBER:
        column.rows.update(zip(instances, firsts, strict=True))
        return
    lasts = list(islice(numbers, count))
    if kind == layout.STRING:
        column.rows.update(zip(instances, [data[a:b] for a, b in zip(firsts, lasts, strict=True)], strict=True))
        return
    kinds, tags = list(islice(numbers, count)), list(islice(numbers, count))
    for instance, one, first, last, tag in zip(instances, kinds, firsts, lasts, tags, strict=True):
        value: Value | None = first if one == layout.NUMBER else pdu.value_of(tag, data[first:last])
        if value is not None:
            column.rows[instance] = value


@functools.lru_cache(maxsize=256)
def _prefixes(prefixes: tuple[bytes, ...]) -> tuple[np.ndarray, np.ndarray]:
    """As the kernel compares them, and how long each is: what is walked is the same on every switch of a kind."""
    octets = b"".join(prefix.ljust(LONGEST_PREFIX, b"\0") for prefix in prefixes)
    table = np.frombuffer(bytearray(octets), np.uint8).reshape(-1, LONGEST_PREFIX)
    return table, np.array([len(prefix) for prefix in prefixes], np.int64)
