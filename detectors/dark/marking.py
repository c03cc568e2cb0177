"""Who sent something, noted for every row of a batch; compiled, as it is done for all rows of a site that uses it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types

ZERO, MAPPED, WORD32 = np.uint64(0), np.uint64(0xFFFF0000), np.uint64(0xFFFFFFFF)
OCTET, BYTE = np.uint64(0xFF), np.uint64(8)
WORDS = types.Array(types.uint64, 1, "C", readonly=True)
# Compiled or loaded when it is imported, never at the first flow; columns may be such as cannot be written to.
SIGNATURE = types.void(WORDS, WORDS, WORDS, types.int32[::1], types.int32[::1], types.uint16[::1], types.uint16)


@njit(cache=True, nogil=True, inline="always")
def _one(hi: Any, lo: Any, pages: Any, blocks: Any, seen: Any, day: Any) -> None:
    if hi != ZERO or lo & WORD32 != MAPPED:
        return
    low = lo >> np.uint64(32)  # the octets of the IPv4 address, the first one lowest
    page = pages[np.int64(low & np.uint64(0xFFFF))]
    if page < 0:
        return
    block = blocks[page * 256 + np.int64((low >> np.uint64(16)) & OCTET)]
    if block < 0:
        return
    place = block * 256 + np.int64(low >> np.uint64(24))
    if seen[place] < day:  # noqa: PLR1730 written once a day, not with every row
        seen[place] = day


@njit(SIGNATURE, cache=True, nogil=True)
def mark(sources: Any, targets: Any, back: Any, pages: Any, blocks: Any, seen: Any, day: Any) -> None:
    """`sources` and `targets` are addresses as two words a row, IPv4 mapped, as they lie in memory (little-endian). A target
    counts where `back` (packets of the other direction) is not 0. `seen` is the day each address was seen last, 256 a block;
    `pages` (by the first two octets, the first one lowest) and `blocks`, 256 a page, lead there, if not -1."""
    for i in range(len(back)):
        _one(sources[2 * i], sources[2 * i + 1], pages, blocks, seen, day)
        if back[i] != ZERO:
            _one(targets[2 * i], targets[2 * i + 1], pages, blocks, seen, day)
