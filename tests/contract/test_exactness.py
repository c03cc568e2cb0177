"""An undo brings back exactly what was, or nothing is sent: link types, memberships, port security, names of VLANs."""

import pytest

from controller.core.errors import Unsupported
from controller.emulate import DIALECTS
from controller.switches.vendor import load_vendor, platforms
from playbooks.plan import Action, Admin, Oper, Verb
from tests.contract.conftest import Bench

pytestmark = pytest.mark.contract
SAVES = ("save", "write", "copy run", "copy system", "commit force")


MOVING = [p for p in sorted(DIALECTS) if Verb.QUARANTINE_VLAN in load_vendor(p).verbs]
HYBRID = [p for p in MOVING if load_vendor(p).verbs[Verb.QUARANTINE_VLAN].hybrid]


def on(*makes: str) -> pytest.MarkDecorator:
    """Only on emulated switches of these makes."""
    return pytest.mark.parametrize("switch", makes, indirect=True, scope="module")


@pytest.fixture
def hybrid(bench: Bench) -> Bench:
    """Its own VLAN and another one untagged, the voice VLAN tagged, VLAN 1 left."""
    bench.own.hybrid, bench.own.untagged, bench.own.tagged = True, {10, 30}, {20}
    return bench


@on(*HYBRID)
def test_other_vlans_of_a_hybrid_port_stay(hybrid: Bench) -> None:
    """Only its own VLAN is exchanged, and comes back."""
    step = hybrid.plan(Verb.QUARANTINE_VLAN, vlan=666)
    hybrid.driver.apply(step)
    assert (666, {666, 30}, {20}) == (hybrid.own.pvid, hybrid.own.untagged, hybrid.own.tagged)
    hybrid.driver.undo(step)
    assert (10, {10, 30}, {20}) == (hybrid.own.pvid, hybrid.own.untagged, hybrid.own.tagged)


@on(*HYBRID)
def test_vlan_1_of_a_hybrid_port(hybrid: Bench) -> None:
    """Membership of VLAN 1 is not shown: a port in its first state is moved and comes back."""
    hybrid.own.pvid, hybrid.own.untagged = 1, {1}
    hybrid.state.vlans.add(1)
    step = hybrid.plan(Verb.QUARANTINE_VLAN, vlan=666)
    hybrid.driver.apply(step)
    hybrid.driver.undo(step)
    assert (1, {1}) == (hybrid.own.pvid, hybrid.own.untagged)


@on(*HYBRID)
@pytest.mark.parametrize(
    ("untagged", "tagged", "why"),
    [({30}, set(), "not an untagged member"), ({10, 666}, set(), "already"), ({10}, {666}, "already")],
)
def test_a_hybrid_port_that_could_not_come_back(hybrid: Bench, untagged: set[int], tagged: set[int], why: str) -> None:
    """An undo would make or end a membership that it did not end or make: refused, nothing sent."""
    hybrid.own.untagged, hybrid.own.tagged = untagged, tagged
    with pytest.raises(Unsupported, match=why):
        hybrid.plan(Verb.QUARANTINE_VLAN, vlan=666)
    assert [] == hybrid.state.journal


@on(*MOVING)
@pytest.mark.parametrize("linked", [True, False], ids=["link up", "link down"])
def test_a_trunk_is_not_moved(bench: Bench, linked: bool) -> None:
    """Whatever its link does; and what is a trunk is read now, not remembered."""
    bench.plan(Verb.QUARANTINE_VLAN, vlan=666)
    prior = bench.driver.port_state(bench.port)
    bench.own.trunk, bench.own.linked = True, linked
    with pytest.raises(Unsupported):
        bench.driver.plan(Action(verb=Verb.QUARANTINE_VLAN, port=bench.port, vlan=666), prior)
    assert [] == bench.state.journal


@on("hp_procurve")
def test_tagged_in_the_quarantine_vlan(bench: Bench) -> None:
    """ProCurve turns a tagged member into an untagged one, and no undo tags it again."""
    bench.own.tagged = {666}
    with pytest.raises(Unsupported, match="already"):
        bench.plan(Verb.QUARANTINE_VLAN, vlan=666)
    bench.own.tagged = {20}
    assert bench.plan(Verb.QUARANTINE_VLAN, vlan=666)


@on("cisco_ios")
def test_port_security(bench: Bench) -> None:
    """MACs bound to the port would be lost with its VLAN: it may be shut, not moved."""
    bench.own.bound = True
    with pytest.raises(Unsupported, match="sticky"):
        bench.plan(Verb.QUARANTINE_VLAN, vlan=666)
    assert bench.plan(Verb.SHUT)


@on("cisco_ios")
def test_a_port_that_the_switch_holds(bench: Bench) -> None:
    """err-disabled is neither up nor shut by anybody: it is told apart."""
    bench.own.held = "err-disabled"
    state = bench.driver.port_state(bench.port)
    assert (Admin.UP, Oper.DOWN, "err-disabled") == (state.admin, state.oper, state.held)


@on("juniper_junos")
def test_a_vlan_comes_back_by_its_name(bench: Bench) -> None:
    """Junos: the configuration had a name, so it gets the name back."""
    undo = bench.plan(Verb.QUARANTINE_VLAN, vlan=666).undo
    assert undo[-1].endswith("vlan members v10")


@on("mikrotik_routeros")
def test_a_pvid_without_effect_is_none(bench: Bench) -> None:
    """RouterOS without vlan-filtering: nothing is called moved that is not."""
    bench.state.filters_vlans = False
    state = bench.driver.port_state(bench.port)
    assert state.pvid is None
    with pytest.raises(Unsupported):
        bench.driver.plan(Action(verb=Verb.QUARANTINE_VLAN, port=bench.port, vlan=666), state)


@pytest.mark.parametrize("platform", platforms())
def test_nothing_saves(platform: str) -> None:
    """Only the running configuration is changed: no vendor file has a command that saves it."""
    vendor = load_vendor(platform)
    config = vendor.session.config
    lines = [*config.enter, *config.leave, *config.abandon, *vendor.session.pager_off]
    for verb in vendor.verbs.values():
        lines += [*verb.commands, *verb.undo, *verb.undo_if_empty]
        lines += [*verb.hybrid.commands, *verb.hybrid.undo] if verb.hybrid else []
    assert [] == [line for line in lines if line.startswith(SAVES)]
    own = bool(config.commit) and config.staging is None  # VRP 8 commits to what runs, and saves by `save` only
    assert bool(vendor.saves) == (own or platform in {"fortinet", "mikrotik_routeros"})
