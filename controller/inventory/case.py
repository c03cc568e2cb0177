"""What a location is put together from: the network at one moment, places, evidence and doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.sites import SwitchFile
from controller.core.tables import FdbRow, PortRow
from playbooks.facts import Evidence, Refusal

from .config import InventoryConfig
from .snapshot import Snapshot
from .topology import PortKey, port_key


@dataclass(frozen=True, slots=True)
class Network:
    """What is known of the network at one moment."""

    file: SwitchFile
    snapshots: Mapping[str, Snapshot]
    interswitch: frozenset[PortKey]
    config: InventoryConfig
    now_ms: int
    devices: frozenset[str] = frozenset()  # MACs of switches, routers and access points themselves

    def switch_of_agent(self, agent: str) -> str | None:
        """The switch whose sFlow agent address this is."""
        return next((s.name for s in self.file.switches if s.agent_address == agent), None)


@dataclass(frozen=True, slots=True)
class Place:
    """One port of one switch, and the FDB row that names it (None: the flow or the request names it)."""

    switch: str
    port: PortRow
    row: FdbRow | None

    @property
    def key(self) -> PortKey:
        """Switch and interface name."""
        return port_key(self.switch, self.port)


@dataclass(slots=True)
class Case:
    """Evidence and doubts, gathered."""

    evidence: list[Evidence] = field(default_factory=list)
    refuse: list[Refusal] = field(default_factory=list)

    def doubt(self, reason: Refusal) -> None:
        """A reason to refuse, once."""
        if reason not in self.refuse:
            self.refuse.append(reason)
