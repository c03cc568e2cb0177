"""What options records say: sampling rates by sampler or selector, and when the exporter started."""

from __future__ import annotations

from .store import Origin, TemplateStore
from .template import Values

SAMPLER_ID, SELECTOR_ID = 48, 302
SAMPLING_INTERVAL, SAMPLER_INTERVAL = 34, 50
PACKET_INTERVAL, PACKET_SPACE = 305, 306
SAMPLING_SIZE, SAMPLING_POPULATION, SELECTOR_ALGORITHM = 309, 310, 304
RANDOM_N_OF_N = 3  # selectorAlgorithm: random n-out-of-N (RFC 5477 section 8.2.1)
SYSTEM_INIT = 160


def take(store: TemplateStore, origin: Origin, values: Values) -> None:
    """Remember what an options record says about its session."""
    started = number(values, SYSTEM_INIT)
    if started:
        store.started(origin.session, started)
    found = rate(values, zeros=False)
    if found is not None:
        sampler = number(values, SAMPLER_ID)
        store.sampler(origin.session, number(values, SELECTOR_ID) if sampler is None else sampler, found)


def rate(values: Values, *, zeros: bool = True) -> int | None:
    """Sampling rate as 1 in N, from whichever elements carry it (RFC 5477, all unsigned32); 0 as sent; None if none does.
    Without `zeros` an interval of 0 is only taken where no other element says more: tables of samplers leave unused ones 0."""
    intervals = _u32(values, SAMPLING_INTERVAL), _u32(values, SAMPLER_INTERVAL)
    for found in intervals:
        if found or (found == 0 and zeros):
            return found
    size, population = _u32(values, SAMPLING_SIZE), _u32(values, SAMPLING_POPULATION)
    if size and population and number(values, SELECTOR_ALGORITHM) in (None, RANDOM_N_OF_N):
        return population // size
    interval, space = _u32(values, PACKET_INTERVAL), _u32(values, PACKET_SPACE)
    if interval:  # an exporter that names no space between the packets it takes leaves none out
        return (interval + (space or 0)) // interval
    return 0 if 0 in intervals else None


def _u32(values: Values, element: int) -> int | None:
    found = number(values, element)
    return None if found is None else found & 0xFFFF_FFFF


def number(values: Values, element: int, enterprise: int = 0) -> int | None:
    """An unsigned number of any size up to 8 octets (reduced-size encoding, RFC 7011 section 6.2); the last occurrence."""
    found = values.get((enterprise, element))
    return int.from_bytes(found[-1][:8], "big") if found else None
