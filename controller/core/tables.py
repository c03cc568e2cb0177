"""Rows of the tables read from a switch: the shapes that drivers give and the inventory joins."""

from __future__ import annotations

from dataclasses import dataclass

from playbooks.facts import NeighbourKind, Verdict
from playbooks.plan import Admin, Oper


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """Identity of a device (SNMPv2-MIB system group or `show version`)."""

    sys_name: str
    description: str
    uptime_ms: int


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
    lag: bool = False  # an aggregate or a member of one
    bridge_port: int | None = None


@dataclass(frozen=True, slots=True)
class FdbRow:
    """One learned MAC (BRIDGE-MIB RFC 4188, Q-BRIDGE-MIB RFC 4363, or a CLI MAC table), with its verdict."""

    mac: str  # lower case, colons
    vlan: int | None
    ifindex: int | None
    port: str | None
    verdict: Verdict
    status: str = "learned"
    lag: bool = False


@dataclass(frozen=True, slots=True)
class ArpRow:
    """One IP to MAC binding (ipNetToMediaTable / ipNetToPhysicalTable, RFC 4293)."""

    ip: str
    mac: str
    ifindex: int | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One LLDP (IEEE 802.1AB) or CDP neighbour on a local port."""

    ifindex: int
    system_name: str
    port_id: str
    kind: NeighbourKind
