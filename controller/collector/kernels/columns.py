"""Rows as the kernels write them, and the columns they become.

Rows are written to a block first: as many columns as there are, each so short that all of them stay in the cache, and each number
a word. A full block goes to the columns proper, one after the other, many rows at once: writing row by row to thirty places
far apart cost more than all reading. The columns lie in five arrays, one a width: five can be handed to compiled code cheaply,
thirty-five cannot.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.flow import BY_NAME, COLUMNS, FlowBatch

from .compiled import inlined, kernel
from .octets import prefetch_to_write, put

EIGHT = (
    *("has", "received_ms", "first_ms", "last_ms", "packets", "bytes"),
    *("reverse_packets", "reverse_bytes", "src_mac", "dst_mac"),
)
FOUR = ("sub_agent", "odid", "ds_index", "in_if", "out_if", "sampling_rate")
TWO = ("engine", "src_port", "dst_port", "tcp_flags", "vlan", "ethertype", "arp_op")
ONE = ("version", "ds_class", "in_if_format", "out_if_format", "proto", "icmp_type", "icmp_code", "direction")
ADDRESSES = ("exporter", "agent", "src_addr", "dst_addr")
assert {c.name for c in COLUMNS} == {*EIGHT, *FOUR, *TWO, *ONE, *ADDRESSES}, "a column of FlowBatch has no place here"

BLOCK = 64  # rows
# Where each column of numbers begins in a block.
HAS, RECEIVED_MS, FIRST_MS, LAST_MS, PACKETS, BYTES, REVERSE_PACKETS, REVERSE_BYTES, SRC_MAC, DST_MAC = (
    BLOCK * n for n in range(10)
)
SUB_AGENT, ODID, DS_INDEX, IN_IF, OUT_IF, SAMPLING_RATE = (BLOCK * n for n in range(10, 16))
ENGINE, SRC_PORT, DST_PORT, TCP_FLAGS, VLAN, ETHERTYPE, ARP_OP = (BLOCK * n for n in range(16, 23))
VERSION, DS_CLASS, IN_IF_FORMAT, OUT_IF_FORMAT, PROTO, ICMP_TYPE, ICMP_CODE, DIRECTION = (
    BLOCK * n for n in range(23, 31)
)
WIDTH = 31
# Where each column of addresses begins, two words each.
EXPORTER, AGENT, SRC, DST = (2 * BLOCK * n for n in range(4))

Five = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]


class Columns:
    """Memory for `rows` rows, and what looks into it: `five` arrays by width (8, 4, 2 and 1 octets, and addresses), and `dgram`,
    the datagram of each row."""

    def __init__(self, rows: int) -> None:
        self._parts = list[NDArray[Any]]()
        sizes = ((len(EIGHT), np.int64), (len(FOUR), np.uint32), (len(TWO), np.uint16), (len(ONE), np.uint8))
        octets = [count * rows * np.dtype(kind).itemsize for count, kind in sizes]
        addresses = 16 * len(ADDRESSES) * rows
        slab = self._slab = np.empty(sum(octets) + addresses + 4 * rows, dtype=np.uint8)
        for (count, kind), end in zip(sizes, np.cumsum(octets) + addresses, strict=True):
            size = count * rows * np.dtype(kind).itemsize
            self._parts.append(slab[end - size : end].view(kind).reshape(count, rows))
        words = slab[:addresses].view(np.int64).reshape(len(ADDRESSES), 2 * rows)
        self.rows, self.dgram = rows, slab[-4 * rows :].view(np.int32)
        self.five: Five = self._parts[0], self._parts[1], self._parts[2], self._parts[3], words
        self._whole = self._named(words)
        del slab
        self._alone = self._references()

    def _named(self, words: NDArray[Any]) -> dict[str, NDArray[Any]]:
        found: dict[str, NDArray[Any]] = {}
        for names, array in zip((EIGHT, FOUR, TWO, ONE), self._parts, strict=True):
            found |= {name: array[place].view(BY_NAME[name].dtype) for place, name in enumerate(names)}
        for place, name in enumerate(ADDRESSES):
            found[name] = words[place].view(np.uint8).reshape(self.rows, 16)
        return {c.name: found[c.name] for c in COLUMNS}

    def _references(self) -> int:
        """Views count: each holds a reference to the array it looks into."""
        return sys.getrefcount(self._slab)

    def is_free(self) -> bool:
        """Whether no batch looks into it any more."""
        return self._references() <= self._alone

    def batch(self, rows: int) -> FlowBatch:
        """The first rows as a FlowBatch: views, nothing is copied."""
        return FlowBatch({name: column[:rows] for name, column in self._whole.items()})


class Slabs:
    """Columns, used again once nothing refers to them any more: fresh memory costs more than decoding into it, for every page of
    it has to be given by the kernel first."""

    def __init__(self, most: int = 8) -> None:
        self._most, self._slabs = most, list[Columns]()

    def columns(self, rows: int) -> Columns:
        """Columns for so many rows at least."""
        for columns in self._slabs:
            if columns.rows >= rows and columns.is_free():
                return columns
        # One of few sizes, so that the same places are written again, which are in the cache; and no power of two, for columns
        # that lie so far apart would all want the same few lines of it.
        made = Columns((1 << max(rows - 1, 1).bit_length()) + 24)
        self._slabs = [
            *self._slabs[-self._most + 1 :],
            made,
        ]  # one that goes from the list lives on while it is referred to
        return made


def block() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An empty block: numbers, and addresses."""
    return np.zeros(WIDTH * BLOCK, dtype=np.int64), np.zeros(2 * len(ADDRESSES) * BLOCK, dtype=np.int64)


@kernel
def flush(w: Any, a: Any, count: int, columns: Any, at: int) -> None:
    """Rows 0 to `count` of a block to rows `at` on of the columns; the block is empty then."""
    eight, four, two, one, addresses = columns
    rows = eight.shape[1]
    for k in range(10):
        stretch(eight, k * rows + at, w, k * BLOCK, count)
        ask(eight, k * rows + at + count, 8)
    for k in range(6):
        stretch(four, k * rows + at, w, (10 + k) * BLOCK, count)
        ask(four, k * rows + at + count, 16)
    for k in range(7):
        stretch(two, k * rows + at, w, (16 + k) * BLOCK, count)
        ask(two, k * rows + at + count, 32)
    for k in range(8):
        stretch(one, k * rows + at, w, (23 + k) * BLOCK, count)
        ask(one, k * rows + at + count, BLOCK)
    for k in range(4):
        stretch(addresses, 2 * (k * rows + at), a, 2 * k * BLOCK, 2 * count)
        ask(addresses, 2 * (k * rows + at + count), 8)
        ask(addresses, 2 * (k * rows + at + count) + BLOCK, 8)
    w[:] = 0
    a[:] = 0


@inlined
def stretch(to: Any, at: int, words: Any, start: int, count: int) -> None:
    """`count` words on end."""
    for i in range(count):
        put(to, at + i, words, start + i)  # type: ignore[call-arg]


@inlined
def ask(to: Any, at: int, items: int) -> None:
    """The lines, of so many items each, where the next block will go: no processor foresees so many streams."""
    for i in range(at, at + BLOCK, items):
        prefetch_to_write(to, i)


@kernel
def forget(w: Any, a: Any, r: int) -> None:
    """Empty one row: it was begun, and is none."""
    for k in range(WIDTH):
        w[k * BLOCK + r] = 0
    for k in range(0, len(a), 2 * BLOCK):
        a[k + 2 * r] = a[k + 2 * r + 1] = 0
