"""Rows as the kernels write them: one row of numbers and one of addresses, made into columns at the end.

A kernel touches one stretch of memory a row, and is given two arrays instead of thirty: that is what makes it fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.flow import BY_NAME, FlowBatch, empty

# Places of the numbers in a row, by column.
NAMES = (
    *(
        "has",
        "version",
        "sub_agent",
        "engine",
        "ds_class",
        "ds_index",
        "in_if",
        "in_if_format",
        "out_if",
        "out_if_format",
    ),
    *(
        "first_ms",
        "last_ms",
        "src_port",
        "dst_port",
        "proto",
        "tcp_flags",
        "icmp_type",
        "icmp_code",
        "packets",
        "bytes",
    ),
    *("sampling_rate", "src_mac", "dst_mac", "vlan", "ethertype", "arp_op"),
)
HAS, VERSION, SUB_AGENT, ENGINE, DS_CLASS, DS_INDEX, IN_IF, IN_IF_FORMAT, OUT_IF, OUT_IF_FORMAT = range(10)
FIRST_MS, LAST_MS, SRC_PORT, DST_PORT, PROTO, TCP_FLAGS, ICMP_TYPE, ICMP_CODE, PACKETS, BYTES = range(10, 20)
SAMPLING_RATE, SRC_MAC, DST_MAC, VLAN, ETHERTYPE, ARP_OP = range(20, 26)
WIDTH = 26
# Places of the addresses.
AGENT, SRC, DST = 0, 16, 32
ADDRESSES = (("agent", AGENT), ("src_addr", SRC), ("dst_addr", DST))
ADDRESS_WIDTH = 48


class Scratch:
    """Memory that kernels write into, kept between batches and grown when one needs more."""

    def __init__(self) -> None:
        self.words: NDArray[Any] = np.empty((0, WIDTH), dtype=np.int64)
        self.addresses: NDArray[Any] = np.empty((0, ADDRESS_WIDTH), dtype=np.uint8)
        self.dgram: NDArray[Any] = np.empty(0, dtype=np.int32)

    def ensure(self, rows: int) -> None:
        """Room for so many rows; what is in it does not matter: a kernel clears each row it begins."""
        if rows > len(self.words):
            self.words = np.empty((rows, WIDTH), dtype=np.int64)
            self.addresses = np.empty((rows, ADDRESS_WIDTH), dtype=np.uint8)
            self.dgram = np.empty(rows, dtype=np.int32)

    def batch(self, rows: int) -> FlowBatch:
        """The first rows as columns of their own."""
        found = empty(rows)
        for place, name in enumerate(NAMES):
            found.columns[name] = self.words[:rows, place].astype(BY_NAME[name].dtype)
        for name, place in ADDRESSES:
            found.columns[name] = self.addresses[:rows, place : place + 16].copy()
        return found
