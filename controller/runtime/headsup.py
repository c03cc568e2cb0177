"""From a suspicious source to where it is, in a process that both detects and responds."""

from __future__ import annotations

from controller.containment import Containment
from controller.core.clock import Clock
from detectors.alert import Endpoint
from playbooks.request import FlowEvidence, Target


class HeadsUp:
    """Tells the engine of containments who may be accused next."""

    def __init__(self, containment: Containment, clock: Clock) -> None:
        self._containment, self._clock = containment, clock

    def __call__(self, endpoint: Endpoint) -> None:
        """Only where the flow itself proves a port: others are looked for when they are accused."""
        if endpoint.exporter is None or endpoint.in_if is None:
            return
        mac, now_ms = endpoint.src_mac, self._clock.now_ms()
        flow = FlowEvidence(agent=endpoint.exporter, in_if=endpoint.in_if, src_mac=mac, seen_ms=now_ms)
        self._containment.heads_up(Target(ip=endpoint.src_ip, mac=mac), flow)
