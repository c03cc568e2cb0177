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
    at_ms = row["received_ms"]
    fresh = which == OTHER and reading.size != 0 and at_ms - contact.at_ms <= settings.fresh_ms
    bucket = settings.fresh if fresh else bucket_of(settings, which, reading.size, exact=exact)
    gone = max(0, at_ms - contact.level_ms) * bucket.leak // 1000
    aged = which == OTHER and reading.size != 0 and contact.level_ms - contact.at_ms <= settings.fresh_ms and not fresh
    contact.level_ms = max(contact.level_ms, at_ms)
    if gone >= contact.level or aged:  # what was gathered in the one bucket says nothing in the other
        contact.level = contact.count = contact.votes = contact.fired = 0
    contact.level = max(0, contact.level - gone) + UNIT
    contact.count = min(contact.count + 1, MOST_COUNTED)
    vote(settings, contact, reading.size)
    reached = 2 if contact.level >= 5 * bucket.full // 2 else 1 if contact.level >= bucket.full else 0
    if reached > contact.fired and (which != OTHER or not reading.size or guessed(settings, contact, fresh=fresh)):
        contact.fired = reached
        ends = (row["src_addr"], row["dst_addr"])
        event = event_of(row, reading, ends, now_ms=now_ms, twin=twin, outside=outside)
        event["quality"] |= Quality.FRESH if fresh else 0
        event.update(
            verb=int(Verb.LOGINS), count=contact.count, level=contact.level, alike=contact.votes * 10 // contact.count
        )
        yield event


def guessed(settings: WatchSettings, contact: PairState, *, fresh: bool) -> bool:
    """Of a full bucket of a port that is not listed, whether its connections look like guesses: some are of one size and came
    faster than `other` leaks, or, where the pair is new, most are of one size and came close behind each other."""
    alike = contact.votes * 10 >= contact.count * 3
    if not fresh:
        return alike
    lost, leak = max(contact.count * UNIT - contact.level, 0), max(settings.fresh.leak, 1)
    if alike and contact.count * UNIT - lost * settings.other.leak // leak >= settings.other.full:
        return True
    close = lost * 1000 <= leak * settings.fresh_gap_ms * (contact.count - 1)
    return close and contact.votes * 10 >= contact.count * settings.fresh_alike


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
