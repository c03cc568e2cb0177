"""Links between switches, seen from their forwarding tables alone."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.inventory.overlap import Overlap, Shared, leading_ports


def shared(*places: tuple[str, str]) -> Shared:
    """MACs with one port on A and one on B each."""
    return Counter((frozenset({a}), frozenset({b})) for a, b in places)


def test_the_pair_that_explains_everything() -> None:
    """Machines of both sides: each is behind the other's link port."""
    assert ({"u"}, {"v"}) == leading_ports(shared(("1", "v"), ("2", "v"), ("u", "7"), ("u", "8")))


def test_one_machine_is_enough_where_the_other_end_is_sure() -> None:
    """B's link is proven by two ports of A; then the only machine of B shows A's."""
    assert ({"u"}, {"v"}) == leading_ports(shared(("1", "v"), ("2", "v"), ("u", "7")))


def test_two_machines_that_prove_nothing() -> None:
    """One each way fits two links: neither is claimed."""
    assert (set(), set()) == leading_ports(shared(("1", "v"), ("u", "7")))


def test_a_machine_that_was_carried_elsewhere() -> None:
    """One MAC that fits nowhere among many is noise: the port of an innocent machine stays an edge."""
    many = [(str(n), "v") for n in range(10)] + [("u", f"b{n}") for n in range(10)]
    assert ({"u"}, {"v"}) == leading_ports(shared(*many, ("3", "b5")))


def test_a_second_link() -> None:
    """Several MACs that fit nowhere, spread over ports of the other side: that port leads there too."""
    many = [(str(n), "v") for n in range(10)] + [("u", f"b{n}") for n in range(10)]
    here, there = leading_ports(shared(*many, ("u2", "b3"), ("u2", "b4")))
    assert ({"u", "u2"}, {"v"}) == (here, there)


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """A tree of switches (child -> parent) and machines (switch, edge port)."""
    switches = draw(st.integers(2, 6))
    parents = {n: draw(st.integers(0, n - 1)) for n in range(1, switches)}
    # Every switch has machines on at least two ports, as access switches do.
    machines = [(n, port) for n in range(switches) for port in range(draw(st.integers(2, 4)))]
    return parents, machines


def _port_towards(parents: dict[int, int], here: int, there: int) -> tuple[str, int]:
    """The link port of `here` on the way to `there`."""
    at = there
    while at != here and parents.get(at, -1) != here and at != 0:
        at = parents[at]
    return ("link", at) if at != here and parents.get(at) == here else ("link", parents[here])


@settings(max_examples=60, deadline=None)
@given(trees())
def test_any_tree_of_switches(tree: tuple[dict[int, int], list[tuple[int, int]]]) -> None:
    """With every table complete, exactly the ports between switches are found, whatever the order of readings."""
    parents, machines = tree
    overlap = Overlap()
    for switch in range(len(parents) + 1):
        table: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for at, port in machines:
            here = ("edge", port) if at == switch else _port_towards(parents, switch, at)
            table[f"m{at}-{port}"].add(here)
        overlap.update(str(switch), table)
    expected = {(str(child), ("link", parent)) for child, parent in parents.items()}
    expected |= {(str(parent), ("link", child)) for child, parent in parents.items()}
    assert expected == overlap.leading()


@pytest.mark.parametrize("size", [50])
def test_a_switch_that_is_read_again_replaces_what_was_known(size: int) -> None:
    """A link that was unplugged is an edge again once both tables say so."""
    overlap = Overlap()
    one = {f"m{n}": {str(n)} for n in range(size)} | {f"f{n}": {"u"} for n in range(size)}
    other = {f"m{n}": {"v"} for n in range(size)} | {f"f{n}": {str(n)} for n in range(size)}
    overlap.update("a", one)
    overlap.update("b", other)
    assert {("a", "u"), ("b", "v")} == overlap.leading()
    overlap.update("b", {f"f{n}": {str(n)} for n in range(size)})
    overlap.update("a", {f"m{n}": {str(n)} for n in range(size)})
    assert frozenset() == overlap.leading()
