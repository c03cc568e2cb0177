"""Compiled twin of `bulk.plain_gather`: what recvmmsg(2) left in its slots, one behind the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from controller.collector.bulk import FLAGS, LENGTH, MSG_TRUNC, Gather, Pile

from .compiled import kernel
from .octets import copy, u16


@kernel
def gather(
    slots: Any, names: Any, seen: Any, first: int, count: int, six: bool, now_ms: int, into: Any, used: Any
) -> int:
    """Messages `first` to `count`; gives how many were taken: fewer if there is no room. `used` = datagrams, octets, cut."""
    data, ends, exporters, ports, received_ms = into
    for n in range(first, count):
        size, d, at = seen[n, LENGTH], used[0], used[1]
        if seen[n, FLAGS] & MSG_TRUNC:
            used[2] += 1
            continue
        if d >= len(ends) or at + size > len(data):
            return n - first
        copy(data, at, slots[n], 0, size)  # type: ignore[call-arg]
        for k in range(16):
            exporters[d, k] = names[n, 8 + k] if six else 0
        if not six:
            exporters[d, 10] = exporters[d, 11] = 0xFF
            for k in range(4):
                exporters[d, 12 + k] = names[n, 4 + k]
        ports[d] = u16(names[n], 2)
        received_ms[d] = now_ms
        ends[d] = at + size
        used[0], used[1] = d + 1, at + size
    return count - first


def warm_gather() -> Gather:
    """`gather`, compiled or loaded by now: the first datagram does not wait for it."""
    pile = Pile(1)
    slots, names = np.empty((1, 1), dtype=np.uint8), np.empty((1, 28), dtype=np.uint8)
    gather(slots, names, np.empty((0, 16), dtype=np.int32), 0, 0, False, 0, pile.room, pile.used)
    return gather  # type: ignore[no-any-return]
