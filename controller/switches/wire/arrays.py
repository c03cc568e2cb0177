"""The memory of one walk in compiled code, kept for the next walk of the thread: fresh pages cost more than reading does."""

from __future__ import annotations

import threading

import numpy as np

MOST_TOGETHER, LONGEST_PREFIX = 24, 64  # columns of one walk, octets of what one is called
FIRST_ROWS, FIRST_ARCS = 2048, 16_384  # of a column; more is made when it is needed
FIRST_OCTETS = 65_536
LONGEST_QUESTION = 136  # octets of one column's binding, see layout.LONGEST
_spare = threading.local()


class Arrays:
    """What the kernel reads and writes: the bindings of all answers one behind the other, and see layout.py."""

    def __init__(self) -> None:
        self._octets = bytearray(FIRST_OCTETS)
        self.memory = memoryview(self._octets)
        self.data = np.frombuffer(self._octets, np.uint8)
        self.asked = np.zeros(MOST_TOGETHER, np.int64)
        self.state = np.zeros((MOST_TOGETHER, 8), np.int64)
        self.arcs = np.zeros((MOST_TOGETHER, FIRST_ARCS), np.uint32)
        self.rows = np.zeros((MOST_TOGETHER, FIRST_ROWS, 5), np.int64)
        self._question = bytearray(MOST_TOGETHER * LONGEST_QUESTION)
        self.asking = memoryview(self._question)
        self.question = np.frombuffer(self._question, np.uint8)
        self._large = False

    def make_room(self, octets: int, rows: int, arcs: int) -> None:
        """For so many octets, and so many rows and arcs of each column, or more."""
        self._large = True
        if octets > len(self._octets):
            self._octets = self._octets + bytes(octets)
            self.memory = memoryview(self._octets)
            self.data = np.frombuffer(self._octets, np.uint8)
        if rows > self.rows.shape[1]:
            self.rows = _longer(self.rows, rows)
        if arcs > self.arcs.shape[1]:
            self.arcs = _longer(self.arcs, arcs)

    @property
    def room(self) -> tuple[int, int, int]:
        """See make_room."""
        return len(self._octets), self.rows.shape[1], self.arcs.shape[1]

    def give_back(self) -> None:
        """The walk has ended. What is larger than usual is not worth keeping."""
        if not self._large:
            _spare.arrays = self


def take_arrays() -> Arrays:
    """Of the last walk of this thread, or new ones; as if nothing had been read."""
    found: Arrays | None = _spare.__dict__.pop("arrays", None)
    if found is None:
        return Arrays()
    found.state.fill(0)
    return found


def _longer(array: np.ndarray, wanted: int) -> np.ndarray:
    """Twice as long as is wanted: a long column is not copied with every answer."""
    found = np.zeros((array.shape[0], 2 * wanted, *array.shape[2:]), array.dtype)
    found[:, : array.shape[1]] = array
    return found
