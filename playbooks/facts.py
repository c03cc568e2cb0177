"""Facts a decision rests on: location with evidence and ages, port facts read from the switch, budgets, protection."""

from __future__ import annotations

from enum import StrEnum

from .model import Value
from .plan import PortRef, PortState


class Verdict(StrEnum):
    """What the tables say of one FDB row (notes of switch data, section 2), and of a location as a whole."""

    PORT = "port"
    SELF = "self"
    MGMT = "mgmt"
    NO_PORT = "no-port"
    AMBIGUOUS = "ambiguous"
    UNRESOLVED = "unresolved"
    UNNAMED = "unnamed"


class Refusal(StrEnum):
    """Why a location may not be acted on without a person."""

    UPLINK = "uplink"
    AGGREGATE = "aggregate"
    VIRTUAL = "virtual"  # no port of the faceplate: a VLAN's interface, a tunnel, a loopback
    MANY_MACS = "many-macs"
    CONFLICT = "conflict"
    BEHIND_INTERSWITCH = "behind-interswitch"
    STALE = "stale"
    UNNAMED = "unnamed"
    UNRESOLVED = "unresolved"
    GATEWAY = "gateway"  # the MAC answers for many addresses: a router in front of the real endpoint
    UNKNOWN = "unknown"  # nothing known of this address
    SPOOFED = "spoofed"  # the flow's ingress port and the FDB port of that MAC disagree


class Evidence(Value):
    """One piece of evidence: who says what, and when it was observed (epoch ms)."""

    source: str  # flow | fdb | arp | lldp | inventory
    switch: str
    says: str
    observed_ms: int
    ifindex: int | None = None


class Location(Value):
    """Where an endpoint is. May be acted on without a person only if `refuse` is empty and `port` is set."""

    ip: str | None = None
    mac: str | None = None
    port: PortRef | None = None
    vlan: int | None = None
    verdict: Verdict
    refuse: tuple[Refusal, ...] = ()
    lag: bool = False
    port_mac_count: int = 0
    evidence: tuple[Evidence, ...] = ()
    located_ms: int

    @property
    def oldest_ms(self) -> int:
        """Observation time of the oldest evidence; 0 if there is none."""
        return min((e.observed_ms for e in self.evidence), default=0)


class NeighbourKind(StrEnum):
    """What an LLDP/CDP neighbour is, by its capabilities."""

    SWITCH = "switch"
    ROUTER = "router"
    AP = "ap"
    PHONE = "phone"
    OTHER = "other"


class PortFacts(Value):
    """What was read from the switch moments before acting. `addresses` = (MAC, address) pairs that ARP and ND tables have
    of these MACs, however old: only protection rests on them.
    """

    state: PortState
    macs: tuple[str, ...]
    addresses: tuple[tuple[str, str], ...] = ()
    neighbours: tuple[NeighbourKind, ...] = ()
    phones: tuple[str, ...] = ()  # MACs of IP phones, where they say them
    uplink: bool = False
    lag: bool = False
    trunk: bool = False
    read_ms: int


class BudgetUse(Value):
    """Automatic actions in the current window, and whether the bulk stop holds."""

    switch_count: int
    site_count: int
    window_s: int
    bulk_stopped: bool = False


class Protection(Value):
    """Protected things that this request touches, e.g. `MAC 00:11:.. (ventilator, ward 3)`, and who may decide.

    `approvals` = distinct people needed, the one who asks not counted. `ask` = an automatic request is put before them;
    otherwise it is refused.
    """

    hits: tuple[str, ...] = ()
    approvals: int = 2
    ask: bool = False


class Maintenance(Value):
    """A maintenance window that is open now. `asks` = with approval, otherwise nothing automatic at all."""

    name: str
    asks: bool = False


class Holder(Value):
    """Another containment of the same endpoint, and the port that it holds."""

    containment_id: str
    port: PortRef


class Quarantine(Value):
    """What a switch has for quarantined machines. They must not reach each other: that is what `isolated` says.

    `vlan` None with `exhausted`: each port gets a VLAN of its own, and none is free.
    """

    vlan: int | None = None
    isolated: bool = False
    exhausted: bool = False

    @property
    def usable(self) -> bool:
        """A machine may be moved there."""
        return self.vlan is not None and self.isolated
