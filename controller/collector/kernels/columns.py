"""Rows as the kernels write them, and the columns they become.

A kernel writes a row into two short stretches of memory that stay in the cache: numbers, and addresses as pairs of words.
After each datagram its rows are spread over the columns, which lie in five arrays, one a width: five can be handed to
compiled code cheaply, thirty-five cannot.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.flow import BY_NAME, COLUMNS, FlowBatch

from .compiled import inlined, kernel
from .octets import prefetch_to_write

EIGHT = (
    *("has", "received_ms", "first_ms", "last_ms", "packets", "bytes"),
    *("reverse_packets", "reverse_bytes", "src_mac", "dst_mac"),
)
FOUR = ("sub_agent", "odid", "ds_index", "in_if", "out_if", "sampling_rate")
TWO = ("engine", "src_port", "dst_port", "tcp_flags", "vlan", "ethertype", "arp_op")
ONE = ("version", "ds_class", "in_if_format", "out_if_format", "proto", "icmp_type", "icmp_code", "direction")
ADDRESSES = ("exporter", "agent", "src_addr", "dst_addr")
assert {c.name for c in COLUMNS} == {*EIGHT, *FOUR, *TWO, *ONE, *ADDRESSES}, "a column of FlowBatch has no place here"

# Places of the numbers in a row.
HAS, RECEIVED_MS, FIRST_MS, LAST_MS, PACKETS, BYTES, REVERSE_PACKETS, REVERSE_BYTES, SRC_MAC, DST_MAC = range(10)
SUB_AGENT, ODID, DS_INDEX, IN_IF, OUT_IF, SAMPLING_RATE = range(10, 16)
ENGINE, SRC_PORT, DST_PORT, TCP_FLAGS, VLAN, ETHERTYPE, ARP_OP = range(16, 23)
VERSION, DS_CLASS, IN_IF_FORMAT, OUT_IF_FORMAT, PROTO, ICMP_TYPE, ICMP_CODE, DIRECTION = range(23, 31)
WIDTH = 31
# Places of the addresses, two words each.
AGENT, SRC, DST = 0, 2, 4
ADDRESS_WIDTH = 6
MOST_ROWS = 65_536  # of one datagram: each takes an octet at least

AHEAD = 24  # rows
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
        return found[0], found[2], two, one, found[1].reshape(len(ADDRESSES), rows, 2)

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
        found[name] = addresses[place, :rows].view(np.uint8)
    return FlowBatch({c.name: found[c.name] for c in COLUMNS})


@kernel
def spread(w: Any, a: Any, count: int, columns: Any, at: int, received_ms: int, exporter: Any) -> None:
    """Rows 0 to count of the scratch to rows `at` on of the columns, with what is the same for the whole datagram."""
    eight, four, two, one, addresses = columns
    ask_ahead(columns, at + AHEAD, count)
    for i in range(count):
        r = at + i
        w[i, RECEIVED_MS] = received_ms
        for k in range(10):
            eight[k, r] = w[i, k]
        for k in range(6):
            four[k, r] = w[i, 10 + k]
        for k in range(7):
            two[k, r] = w[i, 16 + k]
        for k in range(8):
            one[k, r] = w[i, 23 + k]
        for k in range(2):
            addresses[0, r, k] = exporter[k]
            addresses[1, r, k] = a[i, AGENT + k]
            addresses[2, r, k] = a[i, SRC + k]
            addresses[3, r, k] = a[i, DST + k]


@inlined
def ask_ahead(columns: Any, at: int, count: int) -> None:
    """The lines of `count` rows from row `at` on: there are more columns than streams that a processor sees coming."""
    eight, four, two, one, addresses = columns
    rows = eight.shape[1]
    for r in range(at, at + count, 8):
        for k in range(10):
            prefetch_to_write(eight, k * rows + r)
    for r in range(at, at + count, 16):
        for k in range(6):
            prefetch_to_write(four, k * rows + r)
    for r in range(at, at + count, 32):
        for k in range(7):
            prefetch_to_write(two, k * rows + r)
    for r in range(at, at + count, 64):
        for k in range(8):
            prefetch_to_write(one, k * rows + r)
    for r in range(at, at + count, 4):
        for k in range(4):
            prefetch_to_write(addresses, (k * rows + r) * 2)
