"""What newpeer is told; catalog.yaml has the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detectors.alert import Severity

RPC_MAPPER = 135  # a client asks it first for the dynamic port of a service (MS-RPCE, C706)
DYNAMIC = 49_152  # dynamic ports begin here (RFC 6335, and Windows since Vista); stands for all of them in an edge
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Service:
    """An administration service: its name, the ATT&CK technique of moving over it, and whose part it is: one use of WMI is a
    contact of the RPC mapper and one of a dynamic port, and counts once."""

    name: str
    technique: str
    group: str


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What the tables of edges are told. Times in ms."""

    ports: frozenset[int]
    dynamic_ms: int  # so long after a contact of the RPC mapper a dynamic port is administration
    forget_ms: int  # an edge that was not used for so long is new again
    most_edges: int


@dataclass(frozen=True, slots=True)
class NewPeerSettings:
    """Thresholds. A count is reached when it equals its threshold; windows in ms."""

    edges: EdgeSettings
    services: Mapping[int, Service]  # by port; DYNAMIC for what the RPC mapper led to
    learn_ms: int
    show: Severity  # findings below are counted and not shown
    peer_services: int
    peer_window_ms: int
    fanout: int
    fanout_window_ms: int
    fanin: int
    fanin_window_ms: int
    chain_ms: int
    server_clients: int
    server_age_ms: int
    admin_peers: int
    most_hosts: int

    def service_of(self, port: int) -> Service:
        """The service of an edge's port."""
        return self.services[port]


def settings(data: Mapping[str, Any]) -> NewPeerSettings:
    """Of the section `newpeer`; KeyError or ValueError say what is missing or wrong."""
    services = _services(data["services"])
    table, peer, fanout, fanin = data["table"], data["peer"], data["fanout"], data["fanin"]
    return NewPeerSettings(
        edges=EdgeSettings(
            ports=frozenset(port for port in services if port != DYNAMIC),
            dynamic_ms=int(data["dynamic_s"]) * 1000,
            forget_ms=int(data["forget_days"]) * DAY_MS,
            most_edges=int(table["most_edges"]),
        ),
        services=services,
        learn_ms=round(float(data["learn_days"]) * DAY_MS),
        show=Severity(data["show"]),
        peer_services=int(peer["services"]),
        peer_window_ms=int(peer["window_s"]) * 1000,
        fanout=int(fanout["peers"]),
        fanout_window_ms=int(fanout["window_s"]) * 1000,
        fanin=int(fanin["sources"]),
        fanin_window_ms=int(fanin["window_s"]) * 1000,
        chain_ms=int(data["chain"]["window_s"]) * 1000,
        server_clients=int(data["server"]["clients"]),
        server_age_ms=int(data["server"]["age_s"]) * 1000,
        admin_peers=int(data["administrator"]["peers"]),
        most_hosts=int(table["most_hosts"]),
    )


def _services(data: Mapping[str, Any]) -> dict[int, Service]:
    found: dict[int, Service] = {}
    for name, entry in data.items():
        for port in (DYNAMIC if p == "dynamic" else int(p) for p in entry["ports"]):
            if port in found:
                raise ValueError(f"newpeer.services: port {port} is in {found[port].name} and in {name}")
            found[port] = Service(str(name), str(entry["technique"]), str(entry.get("part_of", name)))
    return found
