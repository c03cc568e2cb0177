"""From a source's contacts to a Finding: counts, targets, ports and the flows that prove it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .address import text
from .alert import MOST_LISTED, Finding
from .catalog import Catalog
from .contact import TCP, UDP, WITH_PORTS, Contact
from .source import Source

MOST_PROOF = 20


@dataclass(frozen=True, slots=True)
class Crossing:
    """A detector's threshold was crossed. The contacts that prove it are only gathered if somebody wants the finding."""

    detector: str
    measure: str
    threshold: float
    value: float
    proving: Callable[[], Sequence[Contact]]
    weak: bool = False  # an innocent machine may well do the same: nothing is done for this alone


def finding(catalog: Catalog, source: Source, crossing: Crossing, now_ms: int) -> Finding:
    """What was found of `source`, with the contacts that crossed the threshold."""
    proving = crossing.proving()
    targets = dict.fromkeys(text(contact.target) for contact in proving)
    ports = dict.fromkeys(contact.key[1] for contact in proving if contact.key[0] in WITH_PORTS)
    technique = catalog.techniques["sweep-service" if crossing.detector == "sweep" and ports else crossing.detector]
    return Finding(
        detector=crossing.detector,
        technique=technique,
        endpoint=source.endpoint,
        first_flow_ms=min((contact.at_ms for contact in proving), default=now_ms),
        found_ms=now_ms,
        attack_flows=source.attack_flows(),
        targets=tuple(targets)[:MOST_LISTED],
        ports=tuple(ports)[:MOST_LISTED],
        target_count=len(targets),
        port_count=len(ports),
        measure=crossing.measure,
        threshold=crossing.threshold,
        value=crossing.value,
        service=_service(proving),
        weak=crossing.weak,
        sampling_known=all(contact.known for contact in proving),
        proof=tuple(contact.proof() for contact in proving[-MOST_PROOF:]),
    )


def _service(proving: Sequence[Contact]) -> str:
    """The services of the contacts, as an engineer says them: `445/tcp`, `ARP`."""
    names = {TCP: "tcp", UDP: "udp"}
    said = (f"{key[1]}/{names[key[0]]}" if key[0] in names else key[0].upper() for key in (c.key for c in proving))
    return ", ".join(tuple(dict.fromkeys(said))[:5])
