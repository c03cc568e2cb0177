"""Sweeps: one source, many targets. The sequential test on first contacts per source and service, and plain fan-out.

Sequential hypothesis testing after Jung, Paxson, Berger, Balakrishnan (IEEE S&P 2004). A failure is an address that nobody
answers for (ARP, SYN, echo), or a refusal; a success is an answer. What a sampled exporter shows is a contact without outcome.
"""

from __future__ import annotations

from .alert import Finding
from .catalog import Catalog, Fanout
from .contact import ARP, FAILED, ICMP, Contact, Outcome, Service, Source
from .finding import finding

NAME = "sweep"
ANY = "any"


def on_contact(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Finding | None:
    """A new first contact: has the source fanned out too far?"""
    limit = catalog.fanout[_class_of(catalog, contact.service)]
    if len(source.contacts) < limit.targets:
        return None
    recent = _recent(source, contact.service, limit, now_ms)
    if len(recent) < limit.targets:
        return None
    measure = f"distinct targets in {limit.window_ms // 1000} s"
    return finding(catalog, source, NAME, recent, now_ms, measure=measure, threshold=limit.targets, value=len(recent))


def on_outcome(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Finding | None:
    """A contact's outcome is known: has the evidence reached the boundary, for this service or for all together?"""
    if contact.outcome is Outcome.UNKNOWN:
        return None
    test = catalog.sequential
    step = test.failure if contact.outcome in FAILED else test.success
    found = None
    for key in (contact.service, ANY):
        if key == ANY and not _first_of_target(source, contact):
            continue
        ratio = source.evidence[key] = max(0.0, source.evidence.get(key, 0.0) + step)
        if ratio >= test.boundary and found is None:
            contacts = source.of_service(contact.service) if key != ANY else list(source.contacts.values())
            failed = [c for c in contacts if c.outcome in FAILED]
            found = finding(
                catalog,
                source,
                NAME,
                failed,
                now_ms,
                measure="log likelihood ratio of failed first contacts",
                threshold=round(test.boundary, 2),
                value=round(ratio, 2),
            )
    return found


def is_strong(catalog: Catalog, source: Source) -> bool:
    """Enough for an automatic answer: dark addresses, or many targets on a port that worms and intruders move on."""
    dark, failed_lateral, lateral = set(), set(), set()
    for contact in source.contacts.values():
        if contact.outcome is Outcome.UNANSWERED:
            dark.add(contact.target)
        if contact.key[1] in catalog.lateral_ports:
            lateral.add(contact.target)
            if contact.outcome in FAILED:
                failed_lateral.add(contact.target)
    return (
        len(dark) >= catalog.act_dark_targets
        or len(failed_lateral) >= catalog.act_failed_lateral
        or len(lateral) >= catalog.act_lateral
    )


def _class_of(catalog: Catalog, service: Service) -> str:
    kind, port = service
    if kind in (ARP, ICMP):
        return kind
    return "lateral" if port in catalog.lateral_ports else "other"


def _recent(source: Source, service: Service, limit: Fanout, now_ms: int) -> list[Contact]:
    return [c for c in source.of_service(service) if now_ms - c.at_ms <= limit.window_ms]


def _first_of_target(source: Source, contact: Contact) -> bool:
    """The contact is the first one with an outcome at its target, so that each target counts once in the joint test."""
    for key, other in source.contacts.items():
        if (
            key[2] == contact.target
            and other is not contact
            and other.outcome not in (Outcome.PENDING, Outcome.UNKNOWN)
        ):
            return False
    return True
