"""From a source's contacts to a Finding: counts, targets, ports and the flows that prove it."""

from __future__ import annotations

from collections.abc import Sequence

from .address import text
from .alert import MOST_LISTED, Finding
from .catalog import Catalog
from .contact import TCP, Contact, Source

MOST_PROOF = 20


def finding(
    catalog: Catalog,
    source: Source,
    detector: str,
    proving: Sequence[Contact],
    now_ms: int,
    *,
    measure: str,
    threshold: float,
    value: float,
) -> Finding:
    """What `detector` found of `source`; `proving` are the contacts that crossed its threshold."""
    targets = dict.fromkeys(text(contact.target) for contact in proving)
    ports = dict.fromkeys(contact.key[1] for contact in proving if contact.key[0] == TCP)
    technique = catalog.techniques["sweep-service" if detector == "sweep" and ports else detector]
    return Finding(
        detector=detector,
        technique=technique,
        endpoint=source.endpoint,
        first_flow_ms=min(contact.at_ms for contact in proving),
        found_ms=now_ms,
        attack_flows=source.attack_flows(),
        targets=tuple(targets)[:MOST_LISTED],
        ports=tuple(ports)[:MOST_LISTED],
        target_count=len(targets),
        port_count=len(ports),
        measure=measure,
        threshold=threshold,
        value=value,
        sampling_known=source.sampling_known,
        proof=tuple(contact.proof() for contact in proving[-MOST_PROOF:]),
    )
