"""Rows as the kernels write them, and the columns they become.

A kernel writes a row into two short stretches of memory that stay in the cache: numbers, and addresses as pairs of words.
After each datagram its rows are spread over the columns, which lie in five arrays, one a width: five can be handed to
compiled code cheaply, thirty-five cannot.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.flow import BY_NAME, COLUMNS, FlowBatch

EIGHT = ("has", "received_ms", "first_ms", "last_ms", "packets", "bytes", "reverse_packets", "reverse_bytes")
EIGHT += ("src_mac", "dst_mac")
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

Five = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]


def scratch() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Room for the rows of one datagram. Only what is used of it ever takes memory."""
    return np.empty((MOST_ROWS, WIDTH), dtype=np.int64), np.empty((MOST_ROWS, ADDRESS_WIDTH), dtype=np.int64)


def five(rows: int) -> Five:
    """Columns for so many rows, by width: 8, 4, 2 and 1 octets, and addresses."""
    return (
        np.empty((len(EIGHT), rows), dtype=np.int64),
        np.empty((len(FOUR), rows), dtype=np.uint32),
        np.empty((len(TWO), rows), dtype=np.uint16),
        np.empty((len(ONE), rows), dtype=np.uint8),
        np.empty((len(ADDRESSES), rows, 2), dtype=np.int64),
    )


def batch(columns: Five, rows: int) -> FlowBatch:
    """The first rows as a FlowBatch: views, nothing is copied."""
    *numbers, addresses = columns
    found: dict[str, NDArray[Any]] = {}
    for names, array in zip((EIGHT, FOUR, TWO, ONE), numbers, strict=True):
        found |= {name: array[place, :rows].view(BY_NAME[name].dtype) for place, name in enumerate(names)}
    for place, name in enumerate(ADDRESSES):
        found[name] = addresses[place, :rows].view(np.uint8)
    return FlowBatch({c.name: found[c.name] for c in COLUMNS})


@njit(cache=True)
def spread(w: Any, a: Any, count: int, columns: Any, at: int, received_ms: int, exporter: Any) -> None:
    """Rows 0 to count of the scratch to rows `at` on of the columns, with what is the same for the whole datagram."""
    eight, four, two, one, addresses = columns
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
