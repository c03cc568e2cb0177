"""Every vendor file against an emulated command line written from manuals and transcripts, not from it (marker contract).

What it reads is what the switch has; each verb it offers is applied, read back, undone and read back; others are typed refusals.
"""

import contextlib
import threading

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, NotFound, Unreachable, Unsupported
from controller.emulate.site import host_ip, host_mac
from controller.switches.registry import connect
from controller.switches.vendor import load_vendor
from playbooks.facts import NeighbourKind, Verdict
from playbooks.plan import Action, Admin, PortRef, Verb
from tests.contract.conftest import Bench

pytestmark = pytest.mark.contract
ODD = "Ward 3 / bed-07: pump #4 (R&D) 100%, café 病房"
ODD_ASCII = "Ward 3 / bed-07: pump #4 (R&D) 100%, it's ok"


def test_tables(bench: Bench) -> None:
    """Ports, FDB, ARP and neighbours are what the switch has, by the names that ports are asked for."""
    names = {p.name.replace(" ", "") for p in bench.state.ports.values()}
    vendor, first = load_vendor(bench.platform), bench.own.name.replace(" ", "")
    second = bench.state.by_ifindex(5)
    assert second
    second.admin_up = False
    ports = {row.name: row for row in bench.driver.ports()}
    second.admin_up = True
    assert names == set(ports)
    assert (Admin.UP, 10) == (ports[first].admin, ports[first].pvid or 10)
    if vendor.reads.status.disabled:
        assert Admin.DOWN is ports[second.name.replace(" ", "")].admin
    fdb = {row.mac: (row.port, row.verdict) for row in bench.driver.fdb()}
    assert (first, Verdict.PORT) == fdb[host_mac(1)]
    assert not (
        {mac for p in bench.state.ports.values() for mac in p.macs} - {mac for mac, (port, _) in fdb.items() if port}
    )
    assert host_mac(3) in {row.mac for row in bench.driver.arp() if row.ip == host_ip(3)}
    kinds = {row.port: (row.system_name, row.kind) for row in bench.driver.neighbours()}
    uplink = next(p.name.replace(" ", "") for p in bench.state.ports.values() if p.trunk)
    assert "core" == kinds[uplink][0]
    assert kinds[uplink][1] in (NeighbourKind.SWITCH, NeighbourKind.ROUTER)
    assert 2 == len(kinds)
    assert [] == bench.state.journal


def test_facts(bench: Bench) -> None:
    """Name and uptime, to the minute."""
    facts = bench.driver.facts()
    assert "sw1" == facts.sys_name
    assert 0 <= facts.uptime_ms < 600_000


@pytest.mark.parametrize("prior", ["", ODD_ASCII])
def test_shut_and_back(bench: Bench, prior: str) -> None:
    """shut: the right port and no other is down, read back; the undo gives it back; nothing else changes."""
    bench.own.alias = prior
    step = bench.plan(Verb.SHUT)
    assert [] == bench.state.journal
    bench.driver.apply(step)
    bench.driver.confirm()
    assert () == bench.driver.read_back(step.expect).differences
    assert {bench.own.name} == {p.name for p in bench.state.ports.values() if not p.admin_up}
    bench.driver.undo(step)
    assert () == bench.driver.read_back(step.undo_expect).differences
    assert (True, 10, prior) == (bench.own.admin_up, bench.own.pvid, bench.own.alias)


def test_unshut(bench: Bench) -> None:
    """unshut is shut the other way round, and so is its undo."""
    bench.own.admin_up = False
    step = bench.plan(Verb.UNSHUT)
    bench.driver.apply(step)
    assert bench.driver.read_back(step.expect).met
    bench.driver.undo(step)
    assert bench.driver.read_back(step.undo_expect).met
    assert not bench.own.admin_up


@pytest.mark.parametrize("hybrid", [False, True], ids=["access", "hybrid"])
def test_quarantine_vlan_and_back(bench: Bench, hybrid: bool) -> None:
    """quarantine-vlan: the PVID is read back, other frames do not reach the port, the undo restores what was."""
    if not bench.offers(Verb.QUARANTINE_VLAN):
        with pytest.raises(Unsupported):
            bench.plan(Verb.QUARANTINE_VLAN, vlan=666)
        return
    if hybrid and load_vendor(bench.platform).verbs[Verb.QUARANTINE_VLAN].hybrid is None:
        return
    bench.own.hybrid, bench.own.untagged = hybrid, {10} if hybrid else set()
    step = bench.plan(Verb.QUARANTINE_VLAN, vlan=666)
    bench.driver.apply(step)
    bench.driver.confirm()
    assert () == bench.driver.read_back(step.expect).differences
    assert (666, {666} if hybrid else set()) == (bench.own.pvid, bench.own.untagged)
    bench.driver.undo(step)
    assert () == bench.driver.read_back(step.undo_expect).differences
    assert (10, {10} if hybrid else set()) == (bench.own.pvid, bench.own.untagged)


def test_half_a_quarantine_is_undone(bench: Bench) -> None:
    """The first change took effect and later ones were lies: the undo brings back what was, from wherever the port is."""
    if not bench.offers(Verb.QUARANTINE_VLAN):
        return
    step = bench.plan(Verb.QUARANTINE_VLAN, vlan=666)
    bench.state.faults.set("half")
    with contextlib.suppress(CommandRejected):  # some notice that the first half is missing
        bench.driver.apply(step)
    bench.state.faults.set("none")
    bench.driver.undo(step)
    assert () == bench.driver.read_back(step.undo_expect).differences
    assert 10 == bench.own.pvid


def test_a_quarantine_vlan_that_is_not_there(bench: Bench) -> None:
    """Refused, or read back as not so where the device makes the VLAN; the port is back where it was after the undo."""
    if not bench.offers(Verb.QUARANTINE_VLAN):
        return
    step = bench.plan(Verb.QUARANTINE_VLAN, vlan=777)
    try:
        bench.driver.apply(step)
    except CommandRejected:
        assert 10 == bench.own.pvid
        return
    bench.driver.undo(step)
    assert 10 == bench.own.pvid


def test_mac_block_or_a_typed_no(bench: Bench) -> None:
    """mac-block where the device has it, else Unsupported before anything is sent."""
    if not bench.offers(Verb.MAC_BLOCK):
        with pytest.raises(Unsupported):
            bench.plan(Verb.MAC_BLOCK, mac=host_mac(1))
        assert [] == bench.state.journal
        return
    step = bench.plan(Verb.MAC_BLOCK, mac=host_mac(1))
    bench.driver.apply(step)
    assert () == bench.driver.read_back(step.expect).differences
    assert {host_mac(1)} == {mac for mac, _ in bench.state.blocked}
    assert bench.own.admin_up
    bench.driver.undo(step)
    assert () == bench.driver.read_back(step.undo_expect).differences
    assert set() == bench.state.blocked


@pytest.mark.parametrize("prior", ["", "plain", ODD])
def test_describe_and_back(bench: Bench, prior: str) -> None:
    """describe: read back; the undo restores the text that was there, odd characters and none at all included."""
    bench.own.alias = prior if not (load_vendor(bench.platform).text.ascii and prior == ODD) else ODD_ASCII
    before = bench.own.alias
    step = bench.plan(Verb.DESCRIBE, text="CORDON 4f2a contained")
    bench.driver.apply(step)
    assert () == bench.driver.read_back(step.expect).differences
    assert "CORDON 4f2a contained" == bench.own.alias
    bench.driver.undo(step)
    assert () == bench.driver.read_back(step.undo_expect).differences
    assert before == bench.own.alias


@pytest.mark.parametrize("text", ["line\nshutdown", "tab\x07", "x" * 300])
def test_a_description_that_cannot_be_typed(bench: Bench, text: str) -> None:
    """Unsupported, for our text and for one that would have to be restored; nothing is sent."""
    with pytest.raises(Unsupported):
        bench.plan(Verb.DESCRIBE, text=text)
    assert [] == bench.state.journal


def test_restore(bench: Bench) -> None:
    """restore: admin state, PVID and description of an earlier reading come back, whatever the port shows now."""
    earlier = bench.driver.port_state(bench.port)
    bench.own.admin_up, bench.own.alias = False, "somebody's"
    bench.own.pvid = 666 if bench.offers(Verb.QUARANTINE_VLAN) else 10
    for step in bench.driver.plan(Action(verb=Verb.RESTORE, port=bench.port), earlier):
        bench.driver.apply(step)
        assert bench.driver.read_back(step.expect).met
    assert (True, 10, "") == (bench.own.admin_up, bench.own.pvid, bench.own.alias)


def test_bounce_is_the_engine_s(bench: Bench) -> None:
    """A verb that the driver lacks is a typed refusal."""
    with pytest.raises(Unsupported):
        bench.plan(Verb.BOUNCE)


def test_a_port_that_is_not_there(bench: Bench) -> None:
    """NotFound, which names it; nothing was sent."""
    name = bench.own.name[:-1] + "99"
    with pytest.raises(NotFound, match="99"):
        bench.driver.port_state(PortRef(switch="sw1", ifindex=999, name=name))
    assert [] == bench.state.journal


@pytest.mark.parametrize("name", ["x\nshutdown", "1;reload", "1 | append", ""])
def test_a_name_that_is_more_than_a_name(bench: Bench, name: str) -> None:
    """Unsupported before it is typed."""
    with pytest.raises(Unsupported):
        bench.driver.port_state(PortRef(switch="sw1", ifindex=4, name=name))


def test_nonsense_is_a_failure(bench: Bench) -> None:
    """What the device does not understand is CommandRejected with its words; the session goes on."""
    step = bench.plan(Verb.SHUT).model_copy(update={"commands": ("frobnicate the port",)})
    with pytest.raises(CommandRejected):
        bench.driver.apply(step)
    assert bench.driver.port_state(bench.port).admin is Admin.UP


def test_refused_command(bench: Bench) -> None:
    """CommandRejected with the switch's answer; the port is as before."""
    step = bench.plan(Verb.SHUT)
    bench.state.faults.set("refuse")
    with pytest.raises(CommandRejected):
        bench.driver.apply(step)
    bench.state.faults.set("none")
    assert bench.driver.read_back(step.undo_expect).met


def test_a_lie_is_found_by_reading_back(bench: Bench) -> None:
    """The switch accepts and does nothing: apply returns, the read-back says what is so."""
    step = bench.plan(Verb.SHUT)
    bench.state.faults.set("lie")
    bench.driver.apply(step)
    assert ("ifAdminStatus is up, expected down",) == bench.driver.read_back(step.expect).differences
    bench.driver.undo(step)


def test_a_session_that_ends(bench: Bench) -> None:
    """Unreachable; the next call works on a new session and tells that it had its effect; nothing is sent twice."""
    step = bench.plan(Verb.SHUT)
    bench.state.faults.set("drop-after")
    with pytest.raises(Unreachable):
        bench.driver.apply(step)
    bench.state.faults.set("none")
    assert 1 == sum(write.effect for write in bench.state.journal)
    assert bench.driver.port_state(bench.port).read_ms


def test_two_sessions_at_once(bench: Bench) -> None:
    """Two drivers on one switch: each does its own, and what both read is so."""
    other = connect(bench.entry, SystemClock())
    step, errors = bench.plan(Verb.SHUT), []

    def reading() -> None:
        try:
            other.fdb()
        except Exception as error:  # noqa: BLE001 shown by the assertion
            errors.append(error)

    thread = threading.Thread(target=reading)
    thread.start()
    bench.driver.apply(step)
    bench.driver.confirm()
    thread.join(20)
    assert [] == errors
    assert other.read_back(step.expect).met
    other.close()
