"""Numbers and addresses out of octets, in network order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def u16(data: Any, at: int) -> Any:
    """Two octets."""
    return (np.int64(data[at]) << 8) | np.int64(data[at + 1])


@njit(cache=True)
def u32(data: Any, at: int) -> Any:
    """Four octets."""
    return (
        (np.int64(data[at]) << 24)
        | (np.int64(data[at + 1]) << 16)
        | (np.int64(data[at + 2]) << 8)
        | np.int64(data[at + 3])
    )


@njit(cache=True)
def u48(data: Any, at: int) -> Any:
    """A MAC as a number."""
    return (u16(data, at) << 32) | u32(data, at + 2)


@njit(cache=True)
def address4(rows: Any, r: int, place: int, data: Any, at: int) -> None:
    """An IPv4 address, mapped (RFC 4291 section 2.5.5.2); the place may hold another one already."""
    for n in range(10):
        rows[r, place + n] = 0
    rows[r, place + 10] = 0xFF
    rows[r, place + 11] = 0xFF
    for n in range(4):
        rows[r, place + 12 + n] = data[at + n]


@njit(cache=True)
def address16(rows: Any, r: int, place: int, data: Any, at: int) -> None:
    """An IPv6 address."""
    for n in range(16):
        rows[r, place + n] = data[at + n]


@njit(cache=True)
def clear(words: Any, addresses: Any, r: int) -> None:
    """Begin a row."""
    words[r, :] = 0
    addresses[r, :] = 0
