"""The spread graph: who infected whom, joined from the alerts of many endpoints.

Nodes are accused endpoints and whoever stands in their chains; an edge says that one reached the other, when, on what service,
and which alert proves it. Of several ways to one endpoint the earliest is kept: it was infected once. Patient zero is who was
reached by nobody. Input are objects of `Alert.to_json`, in any order; more nodes than `most` are counted and left out, the
earliest stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_NODES = 1000
Alert = Mapping[str, Any]


@dataclass(slots=True)
class Node:
    """An endpoint. `first_ms` is the first that is known of it; `alert_ids` are empty where it is only named by others."""

    ip: str
    first_ms: int
    alert_ids: list[str] = field(default_factory=list)
    severity: str | None = None
    targets: int = 0  # most machines that it contacted in one finding
    exporter: str | None = None
    in_if: int | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """`attacker` reached `victim`; `alert_id` is the victim's, whose finding proves it."""

    attacker: str
    victim: str
    service: str
    at_ms: int
    alert_id: str
    proof: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Patient zeros first. `cut_nodes` and `cut_edges` were left out."""

    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]
    cut_nodes: int = 0
    cut_edges: int = 0

    @property
    def patient_zeros(self) -> tuple[str, ...]:
        """Who infected others and was reached by nobody, the earliest first."""
        infected = {edge.victim for edge in self.edges}
        found = {edge.attacker for edge in self.edges} - infected
        return tuple(sorted(found, key=lambda ip: (self.nodes[ip].first_ms, ip)))

    def children(self) -> dict[str, list[Edge]]:
        """Edges by attacker, the earliest first."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.attacker].append(edge)
        return found

    def to_json(self) -> Iterator[dict[str, Any]]:
        """One object a node, one an edge, then what was cut."""
        zeros = set(self.patient_zeros)
        for node in self.nodes.values():
            yield {"kind": "node", **asdict(node), "patient_zero": node.ip in zeros}
        for edge in self.edges:
            shown = asdict(edge)
            yield {
                "kind": "edge",
                "from": shown.pop("attacker"),
                "to": shown.pop("victim"),
                **shown,
                "proof": list(edge.proof),
            }
        yield {"kind": "cut", "nodes": self.cut_nodes, "edges": self.cut_edges, "patient_zeros": sorted(zeros)}


def graph(alerts: Iterable[Alert], *, most: int = MOST_NODES) -> Graph:
    """The graph of all spreading among these alerts."""
    kept = sorted(alerts, key=lambda alert: (alert["first_flow_at"], alert["alert_id"]))
    edges = _earliest(edge for alert in kept for edge in _edges(alert))
    nodes: dict[str, Node] = {}
    for edge in edges:
        nodes.setdefault(edge.attacker, Node(edge.attacker, edge.at_ms))
        nodes.setdefault(edge.victim, Node(edge.victim, edge.at_ms))
    for alert in kept:
        _note(nodes, alert)
    ordered = sorted(nodes.values(), key=lambda node: (node.first_ms, node.ip))
    chosen = {node.ip: node for node in ordered[:most]}
    inside = tuple(edge for edge in edges if edge.attacker in chosen and edge.victim in chosen)
    return Graph(chosen, inside, len(nodes) - len(chosen), len(edges) - len(inside))


def part_of(whole: Graph, ip: str) -> Graph:
    """Only what is connected with one endpoint."""
    near: dict[str, set[str]] = defaultdict(set)
    for edge in whole.edges:
        near[edge.attacker].add(edge.victim)
        near[edge.victim].add(edge.attacker)
    reached, waiting = {ip}, [ip]
    while waiting:
        fresh = near[waiting.pop()] - reached
        reached |= fresh
        waiting += fresh
    nodes = {name: node for name, node in whole.nodes.items() if name in reached}
    edges = tuple(edge for edge in whole.edges if edge.attacker in reached)
    return Graph(nodes, edges, whole.cut_nodes, whole.cut_edges)


def _edges(alert: Alert) -> Iterator[Edge]:
    for finding in alert.get("findings", ()):
        links = finding.get("links", ())
        for link in links:
            own = link["to"] == alert["src_ip"]  # further back in the chain, the proof is in other alerts
            proof = tuple(finding.get("proof", ())) if own else ()
            yield Edge(link["from"], link["to"], link["service"], link["at_ms"], alert["alert_id"], proof)


def _earliest(edges: Iterable[Edge]) -> list[Edge]:
    """One way to each victim: the earliest, and of equals the one that its own alert proves. No circles: an endpoint that
    infected others was not infected by them later."""
    kept: dict[str, Edge] = {}
    for edge in sorted(edges, key=lambda e: (e.at_ms, not e.proof, e.attacker, e.victim, e.alert_id)):
        if edge.victim not in kept and not _leads_to(kept, edge.attacker, edge.victim):
            kept[edge.victim] = edge
    return list(kept.values())


def _leads_to(kept: Mapping[str, Edge], ip: str, ancestor: str) -> bool:
    """`ancestor` is among those that `ip` was infected by, directly or not."""
    while ip != ancestor:
        if ip not in kept:
            return False
        ip = kept[ip].attacker
    return True


def _note(nodes: Mapping[str, Node], alert: Alert) -> None:
    node = nodes.get(alert["src_ip"])
    if node is None:
        return
    node.first_ms = min(node.first_ms, alert["first_flow_at"])
    node.alert_ids.append(alert["alert_id"])
    node.severity = alert.get("severity") or node.severity
    node.targets = max(node.targets, alert.get("target_count") or 0)
    if alert.get("in_if") is not None:
        node.exporter, node.in_if = alert.get("exporter"), alert["in_if"]
