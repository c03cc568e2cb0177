"""Connections of one pair in a leaking bucket, in plain Python: a part of the plain watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .event import Quality, Verb
from .initiator import Reading
from .plainparts import Event, PairState, event_of, quality
from .watch import LOGIN, MOST_COUNTED, MOST_VOTES, OTHER, QUIET, SESSION, UNIT, Bucket, WatchSettings


def logins(
    settings: WatchSettings,
    row: Mapping[str, Any],
    reading: Reading,
    contact: PairState,
    *,
    now_ms: int,
    twin: int,
    outside: bool,
) -> Iterator[Event]:
    """One more connection of an answered contact."""
    which, exact = int(settings.classes[reading.port]), bool(quality(row) & Quality.EXACT)
    skipped = which == QUIET or (which == OTHER and (outside or not exact))
    if skipped or reading.sport in contact.ports:
        return
    contact.ports.append(reading.sport)
    bucket = bucket_of(settings, which, reading.size, exact=exact)
    at_ms = row["received_ms"]
    gone = max(0, at_ms - contact.level_ms) * bucket.leak // 1000
    contact.level_ms = max(contact.level_ms, at_ms)
    if gone >= contact.level:
        contact.count = contact.votes = contact.fired = 0
    contact.level = max(0, contact.level - gone) + UNIT
    contact.count = min(contact.count + 1, MOST_COUNTED)
    vote(settings, contact, reading.size)
    alike = which != OTHER or reading.size == 0 or contact.votes * 10 >= contact.count * 3
    reached = 2 if contact.level >= 5 * bucket.full // 2 else 1 if contact.level >= bucket.full else 0
    if reached > contact.fired and alike:
        contact.fired = reached
        ends = (row["src_addr"], row["dst_addr"])
        event = event_of(row, reading, ends, now_ms=now_ms, twin=twin, outside=outside)
        event.update(
            verb=int(Verb.LOGINS), count=contact.count, level=contact.level, alike=contact.votes * 10 // contact.count
        )
        yield event


def bucket_of(settings: WatchSettings, which: int, size: int, *, exact: bool) -> Bucket:
    """Which bucket counts connections of this class."""
    if not exact:
        return settings.sampled
    if which == OTHER:
        return settings.other if size else settings.blind
    return {LOGIN: settings.login, SESSION: settings.session}[which]


def vote(settings: WatchSettings, contact: PairState, size: int) -> None:
    """Boyer and Moore's majority vote: whether most connections are of one size, in two words of memory."""
    if not size:
        return
    if contact.votes == 0 and size <= settings.most_size:
        contact.candidate, contact.votes = size, 1
    elif abs(contact.candidate - size) <= 1 and size <= settings.most_size:
        contact.votes = min(contact.votes + 1, MOST_VOTES)
    else:
        contact.votes = max(0, contact.votes - 1)
