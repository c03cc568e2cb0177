"""The spread graph: one way to each victim, patient zero named, no circles, bounded with counts."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from detectors.graph import graph, part_of

from . import flows as f
from .behaviour import ATTACKER, ZERO, in_order, spread

HOSTS = st.integers(0, 9)


def alert(ip: str, *links: tuple[str, str, int], first: int = 0) -> dict[str, Any]:
    """An alert of `ip` whose chain has these links."""
    said = [{"from": a, "to": b, "service": "445/tcp", "at_ms": at} for a, b, at in links]
    finding = {"detector": "spread", "links": said, "proof": [{"dst_ip": "9.9.9.9"}]}
    return {"alert_id": f"of-{ip}", "src_ip": ip, "first_flow_at": first, "severity": "high", "findings": [finding]}


def test_a_worm_of_two_generations() -> None:
    """From flows: host 2 infected host 1, which infected host 5; each edge has its time, service, alert and flows."""
    rows = in_order(
        [*spread(), *f.answered(6_050, ATTACKER, 5), *(f.tcp(8_000 + n * 1_000, 5, 500 + n) for n in range(12))]
    )
    found = {a.alert_id: a.to_json() for a in f.alerts(rows)}
    made = graph(found.values())
    assert [(f.ip_of(ZERO), f.ip_of(ATTACKER)), (f.ip_of(ATTACKER), f.ip_of(5))] == [
        (edge.attacker, edge.victim) for edge in made.edges
    ]
    assert (f.ip_of(ZERO),) == made.patient_zeros
    assert all(
        edge.at_ms and edge.service == "445/tcp" and edge.alert_id in found and edge.proof for edge in made.edges
    )
    assert {f.ip_of(host) for host in (ZERO, ATTACKER, 5)} == set(made.nodes)


def test_alerts_that_spread_nothing_are_no_nodes() -> None:
    """A lone sweep is in no graph."""
    assert {} == graph([alert("a")]).nodes


def test_of_two_ways_the_earlier_is_kept() -> None:
    """An endpoint is infected once."""
    (edge,) = graph([alert("c", ("a", "c", 20)), alert("c", ("b", "c", 10))]).edges
    assert ("b", "c") == (edge.attacker, edge.victim)


def test_a_way_that_others_tell_is_proven_by_its_own_alert() -> None:
    """The chain of c repeats a's infection of b; the flows that show it are in b's alert."""
    made = graph([alert("c", ("a", "b", 1), ("b", "c", 2)), alert("b", ("a", "b", 1))])
    assert ["of-b", "of-c"] == [edge.alert_id for edge in made.edges]


def test_two_outbreaks_have_two_patient_zeros() -> None:
    """And each is shown alone when asked for."""
    made = graph([alert("b", ("a", "b", 1)), alert("y", ("x", "y", 2))])
    assert ("a", "x") == made.patient_zeros
    assert ("x",) == part_of(made, "y").patient_zeros
    assert {"x", "y"} == set(part_of(made, "y").nodes)


def test_it_is_cut_with_counts() -> None:
    """The earliest stay; how many were left out is said."""
    chain = [(f"h{n:03}", f"h{n + 1:03}", n) for n in range(50)]
    made = graph([alert(victim, (attacker, victim, at), first=at) for attacker, victim, at in chain], most=10)
    assert (10, 41, 41) == (len(made.nodes), made.cut_nodes, made.cut_edges)
    assert ("h000",) == made.patient_zeros
    assert {"kind": "cut", "nodes": 41, "edges": 41, "patient_zeros": ["h000"]} == list(made.to_json())[-1]


@given(st.lists(st.tuples(HOSTS, HOSTS, st.integers(0, 20)), max_size=40), st.randoms())
def test_always_a_forest(links: list[tuple[int, int, int]], chance: Any) -> None:
    """Whatever is reported, in whatever order: one way to each, none back to itself, every tree under a patient zero."""
    alerts = [alert(str(b), (str(a), str(b), at)) for a, b, at in links]
    made = graph(alerts)
    chance.shuffle(alerts)
    assert made.edges == graph(alerts).edges
    victims = [edge.victim for edge in made.edges]
    assert len(victims) == len(set(victims))
    below, waiting = set(), list(made.patient_zeros)
    while waiting:
        ip = waiting.pop()
        below.add(ip)
        waiting += [edge.victim for edge in made.children().get(ip, ())]
    assert set(made.nodes) >= below
    assert {edge.victim for edge in made.edges} <= below


def test_rows_are_json() -> None:
    """Nodes, edges, cut: each can be written as a line."""
    for row in graph([alert("b", ("a", "b", 1))]).to_json():
        assert row == json.loads(json.dumps(row))
