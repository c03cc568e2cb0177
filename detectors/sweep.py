"""Sweeps: one source, many targets. The sequential test on first contacts per source and service, and plain fan-out.

Sequential hypothesis testing after Jung, Paxson, Berger, Balakrishnan (IEEE S&P 2004). A failure is an address that nobody
answers for (ARP, SYN, echo), or a refusal; a success is an answer. What a sampled exporter shows is a contact without outcome,
unless the inventory knows whether anybody has the address: then that is a failure or a success, whatever was not exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from .alert import Response
from .catalog import Catalog, Fanout
from .contact import ARP, FAILED, ICMP, TCP, UDP, Contact, Outcome, Service
from .finding import Crossing
from .proving import note
from .source import Source

NAME = "sweep"
ANY = "any"


def on_contact(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Sequence[Crossing]:
    """A new first contact: has the source fanned out too far?"""
    if contact.outside:
        return ()
    limit = _limit(catalog, contact)
    recent = source.within(contact.service, now_ms - limit.window_ms)
    if len(recent) < limit.targets:
        return _empty(catalog, contact, recent, now_ms)
    measure = f"distinct targets in {limit.window_ms // 1000} s"
    return (Crossing(NAME, measure, limit.targets, len(recent), lambda: list(recent)),)


def on_outcome(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Sequence[Crossing]:
    """A contact's outcome is known: has the evidence reached the boundary, for this service or for all together?"""
    if contact.outcome is Outcome.UNKNOWN:
        return ()
    note(catalog, source, contact)
    test, failed = catalog.sequential, contact.outcome in FAILED
    step = test.failure if failed else test.success
    if contact.key[0] == UDP:
        step *= test.udp_weight  # many a UDP service never answers
    joint = contact.key[0] != UDP and not contact.outside and contact.target not in source.judged
    source.judged.add(contact.target)  # in the joint test each target counts once
    keys: tuple[object, ...] = (contact.service, ANY) if joint else (contact.service,)
    for key in keys:
        ratio = source.weigh(key, step, now_ms, catalog.memory_ms)
        if ratio >= test.boundary - 1e-9 and failed:
            service = None if key == ANY else contact.service
            measure = "log likelihood ratio of failed first contacts"
            if contact.outcome is Outcome.DARK:
                measure = "log likelihood ratio of first contacts that failed or went to addresses that nobody has"
            proving = partial(_failed, source, service)
            return (Crossing(NAME, measure, round(test.boundary, 2), round(ratio, 2), proving),)
    return ()


def look_up(catalog: Catalog, source: Source, contact: Contact, dark: bool | None, now_ms: int) -> None:
    """No outcome of this contact will be seen: if it is known that nobody has the address, that is one. That somebody has it is
    what honest machines' contacts have in common; None: nothing is known."""
    if dark:
        contact.outcome = Outcome.DARK
    if dark is not False:
        return
    step = catalog.sequential.success * (catalog.sequential.udp_weight if contact.key[0] == UDP else 1)
    for key in (contact.service, ANY):
        source.weigh(key, step, now_ms, catalog.memory_ms)


def on_burst(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Iterable[Crossing]:  # noqa: ARG001
    """Many connections to one target are no sweep."""
    return ()


def asks(catalog: Catalog, source: Source) -> Response:
    """Act where most of the latest targets failed, and not for others too (proving.py); or on worms that go outside. That most
    went to addresses that nobody has, a person decides about."""
    if source.is_proven or len(source.failed_outside) >= catalog.act.failed_outside:
        return Response.AUTO
    return Response.APPROVE if source.is_astray else Response.RECOMMEND


def _limit(catalog: Catalog, contact: Contact) -> Fanout:
    kind, port = contact.service
    lateral = kind in (ARP, ICMP, UDP) or port in catalog.lateral_ports
    if contact.rate > 1:
        band = next(b for b in catalog.sampled if contact.rate <= b.rate)
        return Fanout(band.targets if lateral else band.targets * 2, band.window_ms)
    name = kind if kind in (ARP, ICMP, UDP) else "lateral" if lateral else "other"
    return catalog.fanout[name]


def _empty(catalog: Catalog, contact: Contact, recent: Sequence[Contact], now_ms: int) -> Sequence[Crossing]:
    """Connections in which nothing was said: whoever has no use for a service but asks many machines whether they have it."""
    limit = catalog.fanout["empty"]
    if (
        contact.key[0] != TCP
        or contact.rate != 1
        or not 0 < contact.size <= catalog.empty
        or len(recent) < limit.targets
    ):
        return ()
    empty = [c for c in recent if 0 < c.size <= catalog.empty and c.at_ms >= now_ms - limit.window_ms]
    if len(empty) < limit.targets:
        return ()
    measure = f"distinct targets of connections without content in {limit.window_ms // 1000} s"
    return (Crossing(NAME, measure, limit.targets, len(empty), lambda: empty),)


def _failed(source: Source, service: Service | None) -> Sequence[Contact]:
    """Failed contacts of a service, or of all."""
    contacts = source.of_service(service) if service else source.contacts.values()
    return [c for c in contacts if c.outcome in FAILED]
