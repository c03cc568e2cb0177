"""Port scans: one source, one target, many ports. The same sequential test, per source and target."""

from __future__ import annotations

from .catalog import Catalog
from .contact import FAILED, TCP, Contact, Outcome, Source
from .finding import Crossing

NAME = "portscan"


def on_contact(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Crossing | None:  # noqa: ARG001
    """A contact alone says nothing here: only what became of it."""
    return None


def on_outcome(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Crossing | None:  # noqa: ARG001
    """A port answered, refused or stayed silent: has the evidence against this pair reached the boundary?"""
    if contact.key[0] != TCP or contact.outcome is Outcome.UNKNOWN:
        return None
    test, target = catalog.sequential, contact.target
    failed = contact.outcome in FAILED
    source.failed_ports[target] += failed and contact.known
    source.most_failed_ports = max(source.most_failed_ports, source.failed_ports[target])
    step = test.failure if failed else test.success
    ratio = source.evidence[target] = max(0.0, source.evidence.get(target, 0.0) + step)
    if ratio < test.boundary:
        return None
    measure = "log likelihood ratio of failed ports"
    return Crossing(NAME, measure, round(test.boundary, 2), round(ratio, 2), lambda: _failed(source, target))


def is_strong(catalog: Catalog, source: Source) -> bool:
    """Enough for an automatic answer: many failed ports at the target that had most of them."""
    return source.most_failed_ports >= catalog.act_failed_ports


def _failed(source: Source, target: bytes) -> list[Contact]:
    return [c for c in source.contacts.values() if c.target == target and c.key[0] == TCP and c.outcome in FAILED]
