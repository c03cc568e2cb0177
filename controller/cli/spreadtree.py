"""The spread graph on a terminal: a tree under each patient zero."""

from __future__ import annotations

from collections.abc import Iterator

from rich.markup import escape

from detectors.graph import Edge, Graph, Node

from . import output
from .common import when

DEEPEST = 16


def show(graph: Graph) -> None:
    """One tree for each patient zero, and what was cut."""
    console = output.data_console()
    for line in lines(graph):
        console.print(line, soft_wrap=True)
    if graph.cut_nodes or graph.cut_edges:
        output.messages.print(f"[yellow]left out: {graph.cut_nodes} endpoints, {graph.cut_edges} infections[/yellow]")


def lines(graph: Graph) -> Iterator[str]:
    """The lines of all trees, with rich's marks."""
    children = graph.children()
    for zero in graph.patient_zeros:
        yield f"[bold]{escape(zero)}[/bold]  patient zero{_about(graph.nodes[zero])}"
        yield from _below(graph, children, zero, "", 1)


def _below(graph: Graph, children: dict[str, list[Edge]], ip: str, indent: str, depth: int) -> Iterator[str]:
    edges = children.get(ip, [])
    for at, edge in enumerate(edges):
        last = at == len(edges) - 1
        how = f"reached on {escape(edge.service)} at {when(edge.at_ms)}"
        yield f"{indent}{'└─ ' if last else '├─ '}{escape(edge.victim)}  {how}{_about(graph.nodes[edge.victim])}"
        below = indent + ("   " if last else "│  ")
        if depth < DEEPEST:
            yield from _below(graph, children, edge.victim, below, depth + 1)
        elif hidden := len(children.get(edge.victim, [])):
            yield f"{below}… {hidden} more below"


def _about(node: Node) -> str:
    place = f", {node.exporter} ifIndex {node.in_if}" if node.in_if is not None else ""
    alert = f", alert {', '.join(node.alert_ids[:3])}" if node.alert_ids else ", no alert of its own"
    return f"  [dim]{node.targets} targets{escape(place)}{escape(alert)}[/dim]"
