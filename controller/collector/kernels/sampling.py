"""The sampling rate of a record, compiled: the twin of `options.rate` and `normal._sampling`."""

from __future__ import annotations

from typing import Any

from controller.collector.flowset.options import RANDOM_N_OF_N
from detectors.flow import Has

from . import columns as c
from . import elements as e
from .compiled import inlined

SAMPLING = int(Has.SAMPLING)
ANY = ((1 << 9) - 1) << e.SAMPLING
U32 = 0xFFFF_FFFF


@inlined
def sampling(mask: int, f: Any, origin: Any, rates: Any, w: Any, r: int) -> int:
    """In the record, else by its sampler or selector, else what holds for the whole session."""
    value = in_record(mask, f, r) if mask & ANY else -1
    if value < 0:
        value = by_sampler(mask, f, origin, rates, r)
    if value < 0:
        return 0
    w[c.SAMPLING_RATE + r] = value & U32
    return SAMPLING


@inlined
def in_record(mask: int, f: Any, r: int) -> int:
    """1 in N from whichever elements carry it (RFC 5477); -1 if none does."""
    for slot in (e.SAMPLING_INTERVAL, e.SAMPLER_INTERVAL):
        if (mask >> slot) & 1:
            return int(f[slot, r] & U32)
    size, population = value_of(mask, f, e.SAMPLING_SIZE, r), value_of(mask, f, e.SAMPLING_POPULATION, r)
    random = (mask >> e.ALGORITHM) & 1 == 0 or f[e.ALGORITHM, r] == RANDOM_N_OF_N
    if size > 0 and population > 0 and random:
        return int(population // size)
    interval, space = value_of(mask, f, e.PACKET_INTERVAL, r), value_of(mask, f, e.PACKET_SPACE, r)
    return int((interval + space) // interval) if interval else -1


@inlined
def value_of(mask: int, f: Any, slot: int, r: int) -> int:
    """The low 32 bits of an element; 0 if it is not there."""
    return int(f[slot, r] & U32) if (mask >> slot) & 1 else 0


@inlined
def by_sampler(mask: int, f: Any, origin: Any, rates: Any, r: int) -> int:
    """`origin` holds where the session's rates are, how many, and the one for everything (-1: none)."""
    slot = e.SAMPLER_ID if (mask >> e.SAMPLER_ID) & 1 else e.SELECTOR_ID
    if (mask >> slot) & 1:
        for n in range(origin[5], origin[5] + origin[6]):
            if rates[n, 0] == f[slot, r]:
                return int(rates[n, 1])
    return int(origin[7])
