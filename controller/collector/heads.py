"""The first octets of an export datagram: whose number it carries, and which.

As in streams.py the functions run compiled or as plain Python.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .quick import quick

STRANGE, V1, V5, V9, IPFIX, SFLOW = 0, 1, 5, 9, 10, 105
U32 = 0xFFFF_FFFF


@quick
def u8(data: Any, at: int) -> int:
    """An octet; by way of int64, or compiled code would reckon in floats where signed meets unsigned."""
    return int(np.int64(data[at]))


@quick
def u16(data: Any, at: int) -> Any:
    """Two octets in network order."""
    return (u8(data, at) << 8) | u8(data, at + 1)


@quick
def u32(data: Any, at: int) -> Any:
    """Four octets in network order."""
    return (u16(data, at) << 16) | u16(data, at + 2)


@quick
def head(data: Any, at: int, end: int) -> Any:  # noqa: PLR0911 one return a protocol
    """(kind, 1 if it has a sequence, number of the stream, sequence, the exporter's clock)."""
    size = end - at
    if size >= 28 and u32(data, at) == V5:
        six = u32(data, at + 4) == 2
        if not six and u32(data, at + 4) != 1:
            return STRANGE, 0, 0, 0, 0
        at += 24 if six else 12
        if end - at < 16:
            return STRANGE, 0, 0, 0, 0
        return SFLOW, 1, u32(data, at), u32(data, at + 4), u32(data, at + 8)
    version = u16(data, at) if size >= 16 else 0
    if version == V5 and size >= 24:
        return V5, 1, u16(data, at + 20), u32(data, at + 16), u32(data, at + 4)
    if version == V9 and size >= 20:
        return V9, 1, u32(data, at + 16), u32(data, at + 12), u32(data, at + 4)
    if version == IPFIX:
        return IPFIX, 1, u32(data, at + 12), u32(data, at + 8), (u32(data, at + 4) * 1000) & U32
    return (V1 if version == V1 else STRANGE), 0, 0, 0, 0


@quick
def agent(data: Any, at: int, octets: Any, d: int) -> None:
    """The agent's address, IPv4 mapped."""
    if u32(data, at + 4) == 2:
        for k in range(16):
            octets[d, k] = data[at + 8 + k]
        return
    for k in range(12):
        octets[d, k] = 0xFF if k >= 10 else 0
    for k in range(4):
        octets[d, 12 + k] = data[at + 8 + k]
