"""Spread: an endpoint that begins to do to others what was just done to it. Joins findings, not flows.

Whom an attacker reached is remembered; when one of them fails towards a few machines itself, it is not waited for the full
evidence: that it was reached shortly before is evidence too. Each alert then names the whole chain up to patient zero.
"""

from __future__ import annotations

from .address import text
from .catalog import Catalog
from .contact import ARP, FAILED, ICMP, Contact, Outcome
from .finding import Crossing
from .source import Source
from .victims import SourceKey, Touch, Victims

__all__ = ["NAME", "SourceKey", "on_outcome"]

NAME = "spread"


def on_outcome(catalog: Catalog, victims: Victims, source: Source, contact: Contact) -> tuple[Touch, Crossing] | None:
    """A contact failed: was its source reached just before, and are these enough?"""
    if contact.outcome not in FAILED or contact.outside or not contact.known:
        return None
    touch = victims.of(source.address, contact)
    if touch is None:
        return None
    # What it fails at otherwise, when servers are away, is not what was done to it; a bare ARP request may be of any service.
    same = {contact.service, touch.service, (ARP, 0), (ICMP, 0)}
    began_ms = max(touch.at_ms, contact.at_ms - catalog.spread_window_ms)
    since = [c for c in source.contacts.values() if c.outcome in FAILED and not c.outside and c.at_ms >= began_ms]
    since = [c for c in since if c.service in same and not _is_away(catalog, source, c)]
    if len({c.target for c in since}) < catalog.spread_targets:
        return None
    source.is_reached = True
    measure = f"failed targets after {text(touch.attacker[0])} had reached it"
    targets = len({c.target for c in since})
    # Everybody asks for neighbours that are switched off, victims too: only the very service it was reached on is strong,
    # and only what failed on the wire: of dark addresses nobody saw that they do not answer.
    repeated = len({c.target for c in since if c.key[0] not in (ARP, ICMP) and c.outcome is not Outcome.DARK})
    return touch, Crossing(
        NAME, measure, catalog.spread_targets, targets, lambda: since, repeated < catalog.spread_targets
    )


def _is_away(catalog: Catalog, source: Source, contact: Contact) -> bool:
    """Several fail at this target: victims have servers that are switched off, like anybody."""
    if source.crowd is None:
        return False
    return source.crowd.others(source.address, contact.service, contact.target, contact.at_ms) >= catalog.act.others
