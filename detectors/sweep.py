"""Sweeps: one source, many targets. The sequential test on first contacts per source and service, and plain fan-out.

Sequential hypothesis testing after Jung, Paxson, Berger, Balakrishnan (IEEE S&P 2004). A failure is an address that nobody
answers for (ARP, SYN, echo), or a refusal; a success is an answer. What a sampled exporter shows is a contact without outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from .catalog import Catalog
from .contact import ARP, FAILED, ICMP, Contact, Outcome, Service, Source
from .finding import Crossing

NAME = "sweep"
ANY = "any"


def on_contact(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Crossing | None:
    """A new first contact: has the source fanned out too far?"""
    if contact.known and contact.key[1] in catalog.lateral_ports and len(source.lateral) < catalog.act_lateral:
        source.lateral.add(contact.target)
    limit = catalog.fanout[_class_of(catalog, contact.service)]
    recent = source.within(contact.service, now_ms - limit.window_ms)
    if len(recent) < limit.targets:
        return None
    measure = f"distinct targets in {limit.window_ms // 1000} s"
    return Crossing(NAME, measure, limit.targets, len(recent), lambda: list(recent))


def on_outcome(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Crossing | None:  # noqa: ARG001
    """A contact's outcome is known: has the evidence reached the boundary, for this service or for all together?"""
    if contact.outcome is Outcome.UNKNOWN:
        return None
    _mark(catalog, source, contact)
    test = catalog.sequential
    step = test.failure if contact.outcome in FAILED else test.success
    keys: tuple[object, ...] = (contact.service, ANY)
    if contact.target in source.judged:
        keys = (contact.service,)  # in the joint test each target counts once
    source.judged.add(contact.target)
    crossed: Crossing | None = None
    for key in keys:
        ratio = source.evidence[key] = max(0.0, source.evidence.get(key, 0.0) + step)
        if ratio >= test.boundary and crossed is None:
            measure = "log likelihood ratio of failed first contacts"
            service = None if key == ANY else contact.service
            crossed = Crossing(
                NAME,
                measure,
                round(test.boundary, 2),
                round(ratio, 2),
                partial(_failed, source, service),
            )
    return crossed


def is_strong(catalog: Catalog, source: Source) -> bool:
    """Enough for an automatic answer: dark addresses, or many targets on a port that worms and intruders move on."""
    return (
        len(source.dark) >= catalog.act_dark_targets
        or len(source.failed_lateral) >= catalog.act_failed_lateral
        or len(source.lateral) >= catalog.act_lateral
    )


def _mark(catalog: Catalog, source: Source, contact: Contact) -> None:
    """Keep as many distinct targets as an automatic answer asks for, and no more. Unknown sampling proves nothing."""
    if not contact.known:
        return
    if contact.outcome is Outcome.UNANSWERED and len(source.dark) < catalog.act_dark_targets:
        source.dark.add(contact.target)
    lateral = contact.outcome in FAILED and contact.key[1] in catalog.lateral_ports
    if lateral and len(source.failed_lateral) < catalog.act_failed_lateral:
        source.failed_lateral.add(contact.target)


def _class_of(catalog: Catalog, service: Service) -> str:
    kind, port = service
    if kind in (ARP, ICMP):
        return kind
    return "lateral" if port in catalog.lateral_ports else "other"


def _failed(source: Source, service: Service | None) -> Sequence[Contact]:
    """Failed contacts of a service, or of all."""
    contacts = source.of_service(service) if service else source.contacts.values()
    return [c for c in contacts if c.outcome in FAILED]
