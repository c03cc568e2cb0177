"""Brute force: one source, one service of one target, connection after connection. Ports are not listed: any will do.

The watch keeps a leaking bucket for each pair (watch.py); this file says what a full one means. Connections of a guessing tool
come faster than any person's or program's, and most are of one size (Hofstede, Jonker, Sperotto, Pras: Flow-based web application
brute-force attack and compromise detection, 2017).
"""

from __future__ import annotations

from collections.abc import Iterable

from .alert import Response
from .catalog import Catalog
from .contact import Burst, Contact
from .finding import Crossing
from .source import Source
from .watch import Bucket

NAME = "bruteforce"


def on_contact(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Iterable[Crossing]:  # noqa: ARG001
    """A first contact is no brute force."""
    return ()


on_outcome = on_contact


def on_burst(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Iterable[Crossing]:  # noqa: ARG001
    """The bucket of this pair ran full. Pollers are told once: what goes on for ever is a habit, however slow guesses may be."""
    burst = source.bursts[contact.key]
    bucket = catalog.watch.fresh if burst.fresh else catalog.bucket_of(contact.key[1], contact.rate)
    pair, slow = (source.address, *contact.key), catalog.slow
    habits = source.crowd.habits if source.crowd is not None and burst.fresh else None
    if habits and _gap_ms(burst, bucket) >= slow.gap_ms and habits.is_known(pair, burst.at_ms, slow.forget_ms):
        return
    measure = f"connections beyond {round(bucket.leak * 60 / 1000, 1):g} a minute"
    yield Crossing(NAME, measure, bucket.full / 1000, burst.level, lambda: [contact])


def _gap_ms(burst: Burst, bucket: Bucket) -> float:
    """How far apart the connections were on average: what the bucket lost says how long it took."""
    lost = burst.count - burst.level
    return lost * 1_000_000 / (bucket.leak * (burst.count - 1)) if bucket.leak and burst.count > 1 else 0.0


def asks(catalog: Catalog, source: Source) -> Response:
    """A person decides, only about services where one logs in, and where most connections are of one size: a guess costs a
    password, a wrong answer costs a service."""
    for (_, port, _target), burst in source.bursts.items():
        known = source.contacts[(_, port, _target)].known if (_, port, _target) in source.contacts else False
        if known and catalog.is_login(port) and burst.count >= catalog.act_logins and burst.alike >= catalog.act_alike:
            return Response.APPROVE
    return Response.RECOMMEND
