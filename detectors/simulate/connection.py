"""Connections: what machines do, before it is packets. A structured array, one element a connection, datagram or ARP request."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARP, ICMP, TCP, UDP = 0, 1, 6, 17

CONNECTION = np.dtype(
    [
        ("at_ms", "i8"),
        ("src", "i4"),  # indexes into the site
        ("dst", "i4"),
        ("proto", "u1"),
        ("sport", "u2"),
        ("dport", "u2"),
        ("outcome", "u1"),
        ("out_packets", "i4"),  # with the first one
        ("in_packets", "i4"),
        ("out_bytes", "i8"),
        ("in_bytes", "i8"),
        ("lasts_ms", "i4"),
        ("mark", "i4"),  # number of the attack it belongs to, 0 = none
    ]
)
Connections = NDArray[Any]  # of CONNECTION


class Outcome(IntEnum):
    """What becomes of it."""

    ANSWERED = 0
    REFUSED = 1
    SILENT = 2  # there is a machine, and it does not answer (firewall), or nobody answers for the address
    ONE_WAY = 3  # multicast and broadcast want no answer


def make(at_ms: NDArray[np.int64], **columns: Any) -> Connections:
    """Connections at these times; columns are arrays or one value for all. The source port is drawn by the caller, or 0."""
    found = np.zeros(len(at_ms), dtype=CONNECTION)
    found["at_ms"], found["out_packets"], found["out_bytes"] = at_ms, 1, 64
    for name, value in columns.items():
        found[name] = value
    return found


def join(*parts: Connections) -> Connections:
    """All of them, in order of time."""
    found = np.concatenate([np.zeros(0, dtype=CONNECTION), *parts])
    return found[np.argsort(found["at_ms"], kind="stable")]
