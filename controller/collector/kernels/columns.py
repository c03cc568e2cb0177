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

ALONE = 3  # references: the list, the loop, the call that counts
Five = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]


OCTETS = 8 * len(EIGHT) + 4 * len(FOUR) + 2 * len(TWO) + len(ONE) + 16 * len(ADDRESSES)


class Slabs:
    """Memory for columns, used again once nothing refers to it any more: fresh memory costs more than decoding into it,
    for every page of it has to be given by the kernel first."""

    def __init__(self, most: int = 8) -> None:
        self._most, self._slabs = most, list[NDArray[np.uint8]]()

    def five(self, rows: int) -> Five:
        """Columns for so many rows at least, by width: 8, 4, 2 and 1 octets, and addresses."""
        # One of few sizes, so that the same places are written again, which are in the cache; and no power of two, for columns
        # that lie so far apart would all want the same few lines of it.
        rows = (1 << max(rows - 1, 1).bit_length()) + 24
        slab = self._free(rows * OCTETS)
        found, at = [], 0
        for count, dtype in ((len(EIGHT), np.int64), (2 * len(ADDRESSES), np.int64), (len(FOUR), np.uint32)):
            size = count * rows * np.dtype(dtype).itemsize
            found.append(slab[at : at + size].view(dtype).reshape(count, rows))
            at += size
        two = slab[at : at + 2 * len(TWO) * rows].view(np.uint16).reshape(len(TWO), rows)
        at += two.nbytes
        one = slab[at : at + len(ONE) * rows].reshape(len(ONE), rows)
        return found[0], found[2], two, one, found[1].reshape(len(ADDRESSES), 2 * rows)

    def _free(self, octets: int) -> NDArray[np.uint8]:
        """A slab that only this list refers to. Views count: each holds a reference to the array it looks into."""
        for slab in self._slabs:
            if sys.getrefcount(slab) <= ALONE and len(slab) >= octets:
                return slab
        slab = np.empty(octets, dtype=np.uint8)
        self._slabs = [
            *self._slabs[-self._most + 1 :],
            slab,
        ]  # one that goes from the list lives on while it is referred to
        return slab


def batch(columns: Five, rows: int) -> FlowBatch:
    """The first rows as a FlowBatch: views, nothing is copied."""
    *numbers, addresses = columns
    found: dict[str, NDArray[Any]] = {}
    for names, array in zip((EIGHT, FOUR, TWO, ONE), numbers, strict=True):
        found |= {name: array[place, :rows].view(BY_NAME[name].dtype) for place, name in enumerate(names)}
    for place, name in enumerate(ADDRESSES):
        found[name] = addresses[place, : 2 * rows].view(np.uint8).reshape(rows, 16)
    return FlowBatch({c.name: found[c.name] for c in COLUMNS})


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
