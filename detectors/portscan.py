"""Port scans: one source, one target, many ports. The same sequential test, per source and target."""

from __future__ import annotations

from .alert import Finding
from .catalog import Catalog
from .contact import FAILED, TCP, Contact, Outcome, Source
from .finding import finding

NAME = "portscan"


def on_contact(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Finding | None:  # noqa: ARG001
    """A contact alone says nothing here: only what became of it."""
    return None


def on_outcome(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Finding | None:
    """A port answered, refused or stayed silent: has the evidence against this pair reached the boundary?"""
    if contact.key[0] != TCP or contact.outcome is Outcome.UNKNOWN:
        return None
    test, key = catalog.sequential, contact.target
    step = test.failure if contact.outcome in FAILED else test.success
    ratio = source.evidence[key] = max(0.0, source.evidence.get(key, 0.0) + step)
    if ratio < test.boundary:
        return None
    return finding(
        catalog,
        source,
        NAME,
        _failed(source, key),
        now_ms,
        measure="log likelihood ratio of failed ports",
        threshold=round(test.boundary, 2),
        value=round(ratio, 2),
    )


def is_strong(catalog: Catalog, source: Source) -> bool:
    """Enough for an automatic answer: many failed ports at one target."""
    counts: dict[bytes, int] = {}
    for contact in source.contacts.values():
        if contact.key[0] == TCP and contact.outcome in FAILED:
            counts[contact.target] = counts.get(contact.target, 0) + 1
    return max(counts.values(), default=0) >= catalog.act_failed_ports


def _failed(source: Source, target: bytes) -> list[Contact]:
    return [c for c in source.contacts.values() if c.target == target and c.key[0] == TCP and c.outcome in FAILED]
