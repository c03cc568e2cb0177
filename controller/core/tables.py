"""Rows of the tables read from a switch: the shapes that drivers give and the inventory joins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from playbooks.facts import NeighbourKind, Verdict
from playbooks.plan import Admin, Oper


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """Identity of a device (SNMPv2-MIB system group or `show version`)."""

    sys_name: str
    description: str
    uptime_ms: int


# IANAifType: softwareLoopback, tunnel, l2vlan, l3ipvlan, ipForward, mplsTunnel, mpls, bridge. Not propVirtual: a Juniper gives
# it to every unit of a port.
VIRTUAL_TYPES = frozenset({24, 131, 135, 136, 142, 150, 166, 209})


@dataclass(frozen=True, slots=True)
class PortRow:
    """One interface of IF-MIB (RFC 2863). `alias` is the description an administrator gave it."""

    ifindex: int
    name: str
    alias: str
    if_type: int
    admin: Admin
    oper: Oper
    pvid: int | None = None
    trunk: bool = False
    tagged: int | None = None  # how many VLANs it carries tagged, where that is counted
    lag: bool = False  # an aggregate or a member of one
    virtual: bool = False  # by its name it is no port of the faceplate, or the one for managing the switch
    bridge_port: int | None = None
    aggregate: int | None = None  # ifIndex of the aggregate that it is a member of
    to_root: bool = False  # the spanning tree's root bridge is reached through it: another bridge is behind it
    mac: str | None = None  # the switch's own, on this interface (ifPhysAddress)
    beneath: frozenset[int] = (
        frozenset()
    )  # ifIndexes of what it runs over: a unit of a port over the port (ifStackTable)


UNKNOWN = "unknown"  # a status that no MIB defines
BY_LOOKS = "direct-nobp"  # how: the agent has no dot1dBasePortTable, and the row's port is the number of an interface
NOBODY = "00:00:00:00:00:00"  # what agents show for an address that nobody answered for
NOT_LEARNED = frozenset({"other", "invalid", "static", "permanent", UNKNOWN})
# MACs of virtual routers: VRRP over IPv4 and IPv6, also CARP (RFC 5798 section 7.3); HSRP (RFC 2281 section 5.3), its version 2
# over IPv4 and IPv6, and GLBP (Cisco); clusters of FortiGates. Whoever forwards for the others has it at the moment.
VIRTUAL_ROUTERS = (
    "00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:", "00:00:0c:9f:f", "00:05:73:a0:0", "00:07:b4:0", "00:09:0f:09:",
)  # fmt: skip


class FdbRow(NamedTuple):
    """One learned MAC (BRIDGE-MIB RFC 4188, Q-BRIDGE-MIB RFC 4363, or a CLI MAC table), with its verdict.

    A tuple, as a site has hundreds of thousands: making a frozen dataclass of 15 fields takes five times as long.
    """

    mac: str  # lower case, colons
    vlan: int | None
    ifindex: int | None
    port: str | None
    verdict: Verdict
    status: str = "learned"  # or other, self, mgmt, invalid, unknown; "" = the table does not say
    lag: bool = False
    table: str = ""  # q dot1q, d dot1d, hw Huawei, cli; "" = one of them
    vlan_source: str = ""
    vlans: tuple[int, ...] = ()  # several where they share one forwarding database
    fid: int | None = None
    bridge_port: int | None = None
    how: str = ""  # what led from the row to the interface
    ragged: bool = False  # its columns do not fit together: the table moved while it was read

    @property
    def weak(self) -> bool:
        """Evidence that is not enough by itself: not learned, or not read in one piece. Somebody wrote a static entry: it says
        where a machine should be."""
        return self.ragged or self.status in NOT_LEARNED

    @property
    def by_looks(self) -> bool:
        """Nothing proves the port: it is shown, and never acted on."""
        return self.how == BY_LOOKS

    @property
    def of_group(self) -> bool:
        """A multicast address: nobody has it, whatever port a table names (IEEE 802, the I/G bit)."""
        return bool(int(self.mac[1], 16) & 1)

    @property
    def of_gateway(self) -> bool:
        """The address of a virtual router: everybody's way out, and nobody's own."""
        return self.mac.startswith(VIRTUAL_ROUTERS)


class ArpRow(NamedTuple):
    """One IP to MAC binding (ipNetToMediaTable / ipNetToPhysicalTable, RFC 4293)."""

    ip: str
    mac: str
    ifindex: int | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One LLDP (IEEE 802.1AB) or CDP neighbour on a local port. ifIndex 0 = the table does not say on which."""

    ifindex: int
    system_name: str
    port_id: str
    kind: NeighbourKind
    via: str = "lldp"
    chassis: str = ""  # its own MAC, where it says so
    addresses: tuple[str, ...] = ()  # of its management
    platform: str = ""
    port: str | None = None  # the local port's name, where it was read by name


@dataclass(frozen=True, slots=True)
class PortEvent:
    """A switch says that a port's link went up or down. Whatever was known of that port is old from then on."""

    switch: str
    ifindex: int
    up: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class MacEvent:
    """A switch says that it learned a MAC on a port, or forgot it. `ifindex` 0 = it names no interface."""

    switch: str
    mac: str
    vlan: int | None
    ifindex: int
    learned: bool
    at_ms: int
    bridge_port: int | None = None
