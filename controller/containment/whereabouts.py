"""What containment needs of the inventory, and of whoever builds drivers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from controller.switches.driver import Driver
from playbooks.facts import Location, PortFacts, Protection
from playbooks.judgement import Mode
from playbooks.plan import PortRef
from playbooks.request import FlowEvidence, Target

DriverOf = Callable[[str], Driver]  # switch name -> its driver; NotFound


class Whereabouts(Protocol):
    """Where an endpoint is, and what its port looks like now."""

    def locate(self, target: Target, flow: FlowEvidence | None = None) -> Location: ...

    def port_facts(self, port: PortRef) -> PortFacts:
        """Read from the switch now."""
        ...

    def protection(self, location: Location, target: Target) -> Protection: ...


class Rulebook(Protocol):
    """What the configuration says of sites and switches."""

    def site_of(self, switch: str) -> str | None: ...

    def kind_of(self, switch: str) -> str: ...

    def mode_of(self, site: str | None) -> Mode: ...

    def quarantine_vlan(self, switch: str) -> int | None: ...
