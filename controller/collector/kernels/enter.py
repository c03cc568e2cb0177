"""Compiled twin of `bulk.plain_enter`: what recvmmsg(2) left in the slots of a pile."""

from __future__ import annotations

from typing import Any

import numpy as np

from controller.collector.bulk import CUT, DATAGRAMS, FLAGS, LENGTH, MSG_TRUNC, SLOT, SLOTS, TAIL, Enter, Pile

from .compiled import kernel
from .octets import copy, u16


@kernel
def enter(
    spill: Any, names: Any, seen: Any, count: int, six: bool, now_ms: int, data: Any, columns: Any, used: Any
) -> None:
    """Note the next `count` slots. `used` = datagrams, slots, octets of the tail, datagrams cut."""
    starts, ends, exporters, ports, received_ms = columns
    tail = len(starts) * SLOT
    for n in range(count):
        size, d, start = seen[n, LENGTH], used[DATAGRAMS], used[SLOTS] * SLOT
        used[SLOTS] += 1
        if seen[n, FLAGS] & MSG_TRUNC:
            used[CUT] += 1
            continue
        if size > SLOT:
            slot, start = start, tail + used[TAIL]
            copy(data, start, data, slot, SLOT)  # type: ignore[call-arg]
            copy(data, start + SLOT, spill[n], 0, size - SLOT)
            used[TAIL] += size
        starts[d], ends[d] = start, start + size
        for k in range(16):
            exporters[d, k] = names[n, 8 + k] if six else 0
        if not six:
            exporters[d, 10] = exporters[d, 11] = 0xFF
            for k in range(4):
                exporters[d, 12 + k] = names[n, 4 + k]
        ports[d] = u16(names[n], 2)
        received_ms[d] = now_ms
        used[DATAGRAMS] += 1


def warm_enter() -> Enter:
    """`enter`, compiled or loaded by now: the first datagram does not wait for it."""
    pile = Pile(1)
    spill, names = np.empty((1, 1), dtype=np.uint8), np.empty((1, 28), dtype=np.uint8)
    enter(spill, names, np.empty((0, 16), dtype=np.int32), 0, False, 0, pile.data, pile.columns, pile.used)
    return enter  # type: ignore[no-any-return]
