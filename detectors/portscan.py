"""Port scans: one source, one target, many ports. The same sequential test, per source and target; and plain counting of
ports that have not answered, for scans that are faster than any answer could be missed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from .alert import Response
from .catalog import Catalog
from .contact import FAILED, TCP, UDP, WITH_PORTS, Contact, Outcome
from .finding import Crossing
from .source import Source

NAME = "portscan"


def on_contact(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Sequence[Crossing]:
    """A new port of a target: are there too many, most of which never answered?"""
    if contact.key[0] not in WITH_PORTS:
        return ()
    limit = catalog.port_fanout
    recent = source.ports.get(contact.target)
    if recent is None:
        recent = source.ports[contact.target] = deque(maxlen=limit.targets)
    recent.append(contact)
    if len(recent) < limit.targets or recent[0].at_ms < now_ms - limit.window_ms:
        return ()
    answered = sum(c.outcome is Outcome.ANSWERED for c in recent)
    if answered * 3 > len(recent):
        return ()
    measure = f"distinct ports without an answer in {limit.window_ms // 1000} s"
    return (Crossing(NAME, measure, limit.targets, len(recent), lambda: list(recent)),)


def on_outcome(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Sequence[Crossing]:
    """A port answered, refused or stayed silent: has the evidence against this pair reached the boundary?"""
    if contact.key[0] not in WITH_PORTS or contact.outcome in (Outcome.UNKNOWN, Outcome.DARK):
        return ()  # that nobody has an address says nothing of its ports
    test, target = catalog.sequential, contact.target
    failed = contact.outcome in FAILED
    step = test.failure if failed else test.success
    if _is_crafted(source, contact):
        step = catalog.refused_port if failed else 0.0
    elif contact.outcome is Outcome.REFUSED:
        step = catalog.refused_port  # a machine that is off is silent on every port, and nobody's scan
    if contact.key[0] == UDP:
        step *= test.udp_weight
    elif failed and contact.known:
        source.failed_ports[target] += 1
        source.most_failed_ports = max(source.most_failed_ports, source.failed_ports[target])
    ratio = source.weigh(target, step, now_ms, catalog.memory_ms)
    if not failed or ratio < test.boundary - 1e-9:
        return ()
    measure = "log likelihood ratio of failed ports"
    return (Crossing(NAME, measure, round(test.boundary, 2), round(ratio, 2), lambda: _failed(source, target)),)


def on_burst(catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Iterable[Crossing]:  # noqa: ARG001
    """Many connections to one port are no port scan."""
    return ()


def asks(catalog: Catalog, source: Source) -> Response:
    """Act on many failed ports at the target that had most of them."""
    return Response.AUTO if source.most_failed_ports >= catalog.act_failed_ports else Response.RECOMMEND


def _is_crafted(source: Source, contact: Contact) -> bool:
    """Sent from the client port from which another port of this target was just tried: a system gives each of its connections a
    port of its own, a scanner that makes its packets itself needs but one."""
    if contact.key[0] != TCP or not contact.sport:
        return False
    before = source.ports.get(contact.target, ())
    return any(c.sport == contact.sport and c.key[0] == TCP and c.key != contact.key for c in before)


def _failed(source: Source, target: bytes) -> list[Contact]:
    return [
        c for c in source.contacts.values() if c.target == target and c.key[0] in WITH_PORTS and c.outcome in FAILED
    ]
