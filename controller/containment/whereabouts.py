"""What containment needs of the inventory, and of whoever builds drivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from controller.switches.driver import Driver
from playbooks.facts import Location, Maintenance, PortFacts, Protection
from playbooks.mode import Mode
from playbooks.plan import PortRef
from playbooks.request import FlowEvidence, Target

DriverOf = Callable[[str], Driver]  # switch name -> its driver; NotFound


class Whereabouts(Protocol):
    """Where an endpoint is, and what its port looks like now."""

    def locate(self, target: Target, flow: FlowEvidence | None = None) -> Location: ...

    def port_facts(self, port: PortRef, mac: str | None = None) -> PortFacts:
        """Read from the switch now; with `mac`, by asking for that one where the way in can."""
        ...


@dataclass(frozen=True, slots=True)
class QuarantineVlans:
    """VLANs that quarantined machines go to. `isolated` = they do not reach each other inside one; `each_its_own` = no two
    ports of a site share one.
    """

    vlans: tuple[int, ...] = ()
    isolated: bool = False
    each_its_own: bool = False


class Rulebook(Protocol):
    """What the configuration says of sites and switches."""

    def site_of(self, switch: str) -> str | None: ...

    def switch_of_agent(self, agent: str) -> str | None: ...

    def kind_of(self, switch: str) -> str: ...

    def mode_of(self, site: str | None) -> Mode: ...

    def quarantine(self, switch: str) -> QuarantineVlans: ...

    def maintenance(self, switch: str, now_ms: int) -> tuple[Maintenance, ...]: ...

    def protection(
        self, location: Location, target: Target, port: PortFacts | None = None, *, whole_port: bool = False
    ) -> Protection:
        """With `whole_port` everything that hangs on the port is touched, else the one machine."""
        ...
