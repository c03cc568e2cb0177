"""Events of the watch in the words of the detectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .address import mac_text, text
from .alert import Endpoint
from .contact import KINDS, Contact, Outcome
from .event import EVENT, Hint, Kind, Quality, octets
from .spread import SourceKey
from .watch import Events

FIELDS = EVENT.names or ()
HINTED = {Hint.ANSWERED: Outcome.ANSWERED, Hint.REFUSED: Outcome.REFUSED, Hint.UNANSWERED: Outcome.UNANSWERED}
Event = Mapping[str, int]


def plain(events: Events) -> Iterator[Event]:
    """Events as plain values."""
    return (dict(zip(FIELDS, values, strict=True)) for values in events.tolist())


def contact_of(event: Event) -> Contact:
    """The contact that an event is about."""
    key = (KINDS[Kind(event["kind"])], event["port"], octets(event["dst_hi"], event["dst_lo"]))
    exact, known = event["quality"] & Quality.EXACT, bool(event["quality"] & Quality.KNOWN)
    rate, outside = 1 if exact else event["rate"], bool(event["outside"])
    return Contact(key, event["at_ms"], known, rate=rate, outside=outside, sport=event["sport"])


def endpoint_of(key: SourceKey, event: Event, before: Endpoint | None = None) -> Endpoint:
    """Where the source of an event is; a MAC that was known stays known."""
    mac = key[1] or event["mac"]
    known = before.src_mac if before is not None else None
    return Endpoint(
        src_ip=text(key[0]),
        src_mac=mac_text(mac) if mac else known,
        exporter=text(octets(event["agent_hi"], event["agent_lo"])) if event["in_if"] else None,
        in_if=event["in_if"] or None,
    )
