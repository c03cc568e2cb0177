"""When a sweep is proven so well that it may be acted on: most of the latest targets failed, for this source alone.

What innocent machines do is kept below that. A client knows few servers that are away. A server that pushes to its clients
reaches most of them. Where several fail at the same targets, the targets are away. A DHCP server asks for addresses that nobody
has, one after the other (RFC 2131, 2.2), so ARP and echo requests have to come fast. Answered targets alone prove nothing.
That nobody has an address is what a table says, no wire: a person decides about contacts that samples show going there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from .catalog import Catalog
from .contact import ARP, FAILED, ICMP, TCP, UDP, Contact, Outcome, Service
from .crowd import ANYWHERE
from .source import Source

LATERAL: Service = ("lateral", 0)  # all lateral ports together: a server may use one where the other is closed


def note(catalog: Catalog, source: Source, contact: Contact) -> None:
    """An outcome is known. Unknown sampling proves nothing, nor does a silent UDP service."""
    if not contact.known or contact.key[0] == UDP:
        return
    if contact.outcome is Outcome.DARK:
        source.is_astray = source.is_astray or _is_astray(catalog, source)
        return
    lateral = contact.key[1] in catalog.lateral_ports
    if contact.outside:
        if lateral and contact.outcome in FAILED and len(source.failed_outside) < catalog.act.failed_outside:
            source.failed_outside.add(contact.target)
        return
    act, service = catalog.act, LATERAL if lateral else contact.service
    latest = source.latest.get(service)
    if latest is None:
        latest = source.latest[service] = deque(maxlen=act.among if lateral or service[0] == ARP else act.among_other)
    latest.append(contact)
    if contact.outcome in FAILED and not source.is_proven:
        source.is_proven = _is_enough(catalog, source, service, latest)


def _is_enough(catalog: Catalog, source: Source, service: Service, latest: Sequence[Contact]) -> bool:
    act = catalog.act
    enough = min(act.failed_reached, act.failed) if source.is_reached else act.failed
    if service == LATERAL:
        failed = [c for c in latest if c.outcome in FAILED]
        if 3 * len(failed) < 2 * len(latest):
            return False
        enough = act.refused if _is_refused(catalog, failed) else min(enough, act.failed_lateral)
    else:
        failed = [c for c in latest if c.outcome is Outcome.UNANSWERED]
    if len({c.target for c in failed}) < enough:
        return False
    if service[0] in (ARP, ICMP):
        window_ms = act.arp_window_ms if service[0] == ARP else act.icmp_window_ms
        times = sorted(c.at_ms for c in failed)
        if times[-1] - times[-enough] > window_ms:
            return False
    elif service != LATERAL and _others(source, latest[-1], ANYWHERE) >= act.others:
        return False
    return len(_alone(catalog, source, failed)) >= enough


def _is_astray(catalog: Catalog, source: Source) -> bool:
    """Most of the latest contacts, whatever became of them, are TCP to addresses that nobody has, and that others leave alone."""
    latest = islice(reversed(source.contacts.values()), catalog.act.among)
    dark = [c for c in latest if c.outcome is Outcome.DARK and c.known and c.key[0] == TCP]
    return len(_alone(catalog, source, dark)) >= catalog.act.failed


def _is_refused(catalog: Catalog, failed: Sequence[Contact]) -> bool:
    """Whether enough machines that are there said no in so short a time: drives and servers that are away do not answer."""
    refused = [c for c in failed if c.outcome is Outcome.REFUSED]
    recent = {c.target for c in refused if refused[-1].at_ms - c.at_ms <= catalog.act.refused_window_ms}
    return len(recent) >= catalog.act.refused


def _alone(catalog: Catalog, source: Source, failed: Sequence[Contact]) -> set[bytes]:
    """Targets that failed for nobody else; all, if it shares more of them than any client has servers."""
    act = catalog.act
    shared = {c.target for c in failed if _others(source, c, c.target) >= act.others}
    if len(source.shared) < act.shared:
        source.shared |= shared
    return {c.target for c in failed} - (shared if len(source.shared) < act.shared else set())


def _others(source: Source, contact: Contact, target: bytes) -> int:
    return source.crowd.others(source.address, contact.service, target, contact.at_ms) if source.crowd else 0
