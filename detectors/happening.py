"""Events of the watch in the words of the detectors."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from .address import mac_text, text
from .alert import Endpoint
from .contact import KINDS, Contact, ContactKey, Outcome
from .event import Hint, Quality, octets
from .spread import SourceKey
from .watch import Events

HINTED: dict[int, Outcome] = {
    Hint.ANSWERED: Outcome.ANSWERED,
    Hint.REFUSED: Outcome.REFUSED,
    Hint.UNANSWERED: Outcome.UNANSWERED,
}
PACKED = struct.Struct("=2q8Q4I2H7B5x")  # as EVENT lies in memory: numpy takes ten times as long to take one apart


class Event(NamedTuple):
    """One element of EVENT (event.py), as plain values."""

    at_ms: int
    now_ms: int
    src_hi: int
    src_lo: int
    dst_hi: int
    dst_lo: int
    agent_hi: int
    agent_lo: int
    mac: int
    twin: int
    in_if: int
    rate: int
    times: int  # `count`, a name that tuples have
    level: int
    port: int
    sport: int
    verb: int
    kind: int
    hint: int
    quality: int
    outside: int
    size: int
    alike: int


def plain(events: Events) -> Iterator[Event]:
    """Events as plain values."""
    return map(Event._make, PACKED.iter_unpack(events.tobytes()))


def key_of(event: Event) -> ContactKey:
    """Whom it is about, on which service."""
    return KINDS[event.kind], event.port, octets(event.dst_hi, event.dst_lo)


def contact_of(event: Event) -> Contact:
    """The contact that an event is about."""
    exact, known = event.quality & Quality.EXACT, bool(event.quality & Quality.KNOWN)
    rate, outside = 1 if exact else event.rate, bool(event.outside)
    return Contact(key_of(event), event.at_ms, known, rate=rate, outside=outside, sport=event.sport, size=event.size)


def place_of(event: Event) -> tuple[int, int, int, int]:
    """All that `endpoint_of` takes from an event."""
    return event.mac, event.agent_hi, event.agent_lo, event.in_if


def endpoint_of(key: SourceKey, event: Event, before: Endpoint | None = None) -> Endpoint:
    """Where the source of an event is; a MAC that was known stays known."""
    mac = key[1] or event.mac
    known = before.src_mac if before is not None else None
    return Endpoint(
        src_ip=text(key[0]),
        src_mac=mac_text(mac) if mac else known,
        exporter=text(octets(event.agent_hi, event.agent_lo)) if event.in_if else None,
        in_if=event.in_if or None,
    )
