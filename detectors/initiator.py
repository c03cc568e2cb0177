"""Who initiated, and what answered: rows of flows to contacts and outcomes.

A contact is counted where it enters: at an edge port, or in a row that names no port at all. Rows of uplinks serve as answers
only. What a router forwards carries its MAC and somebody else's address: it accuses nobody there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .address import V4_PREFIX, Networks, mac_text, text
from .alert import Endpoint
from .contact import ARP, ICMP, TCP, ContactKey
from .flow import ARP_REQUEST, NO_INTERFACE, FlowBatch, Has, InterfaceFormat, Version
from .state import BoundedTable

SYN, RST, ACK = 0x02, 0x04, 0x10
ECHO, ECHO_REPLY, ECHO6, ECHO6_REPLY = 8, 0, 128, 129
ARP_REPLY = 2

PortRoles = Callable[[bytes, int], str | None]  # agent (16 octets), ifIndex -> "edge", "uplink" or None = unknown


@dataclass(frozen=True, slots=True)
class Initiation:
    """`source` contacts `key`; `unsampled`: seen by an exporter that samples every packet, so that silence means silence."""

    at_ms: int
    source: bytes
    key: ContactKey
    endpoint: Endpoint
    unsampled: bool
    sampling_known: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The contact `key` of `source` was answered, or refused."""

    at_ms: int
    source: bytes
    key: ContactKey
    refused: bool


Event = Initiation | Answer


class Reader:
    """Turns batches into events, row by row in order: splitting a batch changes nothing."""

    def __init__(self, roles: PortRoles, internal: Networks, routers: frozenset[int], most_macs: int) -> None:
        self._roles, self._internal = roles, internal
        self._routers = set(routers)
        self._address_of: BoundedTable[int, bytes] = BoundedTable(most_macs)
        self.forwarded = 0  # rows that a router sent on for somebody else, or a host with forged source addresses

    def events(self, batch: FlowBatch) -> Iterator[tuple[int, Event | None]]:
        """(event time, event) of every row that could say something; None for a row that only moves the time."""
        wanted = np.flatnonzero(_relevant(batch))
        for row in batch.take(wanted).rows():
            yield row["received_ms"], self._event(row)  # type: ignore[misc]

    def _event(self, row: Mapping[str, Any]) -> Event | None:
        if row["has"] & Has.ARP:
            return self._arp(row)
        if row["proto"] == 6:
            return self._tcp(row)
        return self._icmp(row)

    def _arp(self, row: Mapping[str, Any]) -> Event | None:
        source, target = row["src_addr"], row["dst_addr"]
        if row["arp_op"] == ARP_REPLY:
            return Answer(row["received_ms"], target, (ARP, 0, source), refused=False)
        probe = source == V4_PREFIX + bytes(4)
        if row["arp_op"] != ARP_REQUEST or source == target or probe:
            return None
        return self._initiation(row, source, (ARP, 0, target))

    def _tcp(self, row: Mapping[str, Any]) -> Event | None:
        flags, source, target = row["tcp_flags"], row["src_addr"], row["dst_addr"]
        if flags & SYN and not flags & ACK:
            return self._initiation(row, source, (TCP, row["dst_port"], target))
        if flags & SYN or flags & RST:
            # A SYN/ACK or a reset from the other side. A record of a flow ORs its flags: only a lone reset is a refusal.
            refused = not flags & SYN
            return Answer(row["received_ms"], target, (TCP, row["src_port"], source), refused)
        return None

    def _icmp(self, row: Mapping[str, Any]) -> Event | None:
        source, target, kind = row["src_addr"], row["dst_addr"], row["icmp_type"]
        if kind in (ECHO, ECHO6) and row["proto"] == (1 if kind == ECHO else 58):
            return self._initiation(row, source, (ICMP, 0, target))
        if kind in (ECHO_REPLY, ECHO6_REPLY):
            return Answer(row["received_ms"], target, (ICMP, 0, source), refused=False)
        return None

    def _initiation(self, row: Mapping[str, Any], source: bytes, key: ContactKey) -> Initiation | None:
        if source not in self._internal or key[2] not in self._internal or _is_group(key[2]):
            return None
        port = _port(row)
        if port is not None and self._roles(row["agent"], port) == "uplink":
            return None
        mac = row["src_mac"] if row["has"] & Has.SRC_MAC else None
        if mac is not None and self._forwards(mac, source):
            self.forwarded += 1
            return None
        rate = row["sampling_rate"] if row["has"] & Has.SAMPLING else 0
        table = row["version"] == Version.TABLE
        endpoint = Endpoint(
            src_ip=text(source),
            src_mac=mac_text(mac) if mac is not None else None,
            exporter=text(row["agent"]) if port is not None else None,
            in_if=port,
        )
        unsampled = table or rate == 1
        return Initiation(row["received_ms"], source, key, endpoint, unsampled, sampling_known=unsampled or rate > 1)

    def _forwards(self, mac: int, source: bytes) -> bool:
        """This MAC sends for more than one address of a family: a router, or forged sources. IPv6 hosts have several."""
        if mac in self._routers:
            return True
        if source[:12] != V4_PREFIX:
            return False
        known = self._address_of.ensure(mac, lambda: source)
        if known == source:
            return False
        self._routers.add(mac)
        return True


def _port(row: Mapping[str, Any]) -> int | None:
    """The ingress ifIndex, where the export proves it: sFlow, a physical interface; of other protocols only what the collector
    marked as proven. NetFlow v5 from a switch may name OpenFlow ports, so its number alone is never believed here."""
    if not row["has"] & Has.IN_IF or not (row["version"] == Version.SFLOW5 or row["has"] & Has.PORT_PROVEN):
        return None
    if row["in_if_format"] != InterfaceFormat.IFINDEX or row["in_if"] in (0, NO_INTERFACE):
        return None
    return int(row["in_if"])


def _relevant(batch: FlowBatch) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Rows that open, answer or refuse something; the bulk of benign traffic is none of these."""
    proto, flags = batch["proto"], batch["tcp_flags"]
    tcp = batch.carries(Has.TCP_FLAGS) & (proto == 6) & ((flags & (SYN | RST)) != 0)
    icmp = batch.carries(Has.ICMP) & ((proto == 1) | (proto == 58))
    return np.asarray(batch.carries(Has.ARP) | (batch.carries(Has.ADDRESSES) & (tcp | icmp)))


def _is_group(address: bytes) -> bool:
    """Multicast or broadcast."""
    if address[:12] == V4_PREFIX:
        return address[12] >= 224
    return address[0] == 0xFF
