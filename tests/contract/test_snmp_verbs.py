"""Every verb of the SNMP driver on emulated agents that differ as makers do: VLAN lists that follow the PVID, lists that are set
each for itself, and agents that set one object at a time (marker contract)."""

from collections.abc import Iterator

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, CordonError, ReadBackMismatch, Unsupported
from controller.core.sites import SnmpAccess, SwitchEntry
from controller.emulate import Credentials, EmulatedSwitch, site_of_lab
from controller.emulate.site import host_mac
from controller.emulate.vlanlists import VlanMode
from controller.switches.pysnmpsession import PysnmpSession
from controller.switches.session import SnmpSession
from controller.switches.snmp import SnmpDriver
from playbooks.plan import Action, Admin, PortRef, Step, Verb

pytestmark = pytest.mark.contract
GE1 = PortRef(switch="sw1", ifindex=4, name="ge1")
BRIDGE_PORT = 23  # of ge1
ENTRY = SwitchEntry(name="sw1", site="lab", address="127.0.0.1")


class Place:
    """A driver in front of an emulated switch."""

    def __init__(self, switch: EmulatedSwitch, session: SnmpSession | PysnmpSession) -> None:
        self.switch, self.state, self.agent = switch, switch.state, switch._snmp
        self.driver = SnmpDriver(ENTRY, session, SystemClock())

    def plan(self, verb: Verb, **what: object) -> Step:
        """The one step of a verb on ge1."""
        (step,) = self.driver.plan(Action(verb=verb, port=GE1, **what), self.driver.port_state(GE1))
        return step

    def lists(self, vlan: int) -> tuple[bool, bool]:
        """Whether ge1 is in the egress and in the untagged list of a VLAN."""
        egress, untagged = self.state.lists.of(vlan, self.state.ports.values())
        return BRIDGE_PORT in egress, BRIDGE_PORT in untagged


@pytest.fixture(scope="module")
def switch() -> Iterator[EmulatedSwitch]:
    """One emulated switch for the whole file."""
    state = site_of_lab(SystemClock(), oper_lag_s=0.0)[0]
    state.vlans.add(20)
    with EmulatedSwitch(state, Credentials()) as found:
        yield found


@pytest.fixture(params=["lean", "pysnmp"])
def place(request: pytest.FixtureRequest, switch: EmulatedSwitch, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The driver over either session, v3 authPriv."""
    keys = switch.credentials
    monkeypatch.setenv("T_AUTH", keys.v3_auth_key)
    monkeypatch.setenv("T_PRIV", keys.v3_priv_key)
    access = SnmpAccess(
        version="3", port=switch.snmp_port, user=keys.v3_user, auth_key="env:T_AUTH", priv_key="env:T_PRIV",
        timeout_s=3.0, retries=0,
    )  # fmt: skip
    session = SnmpSession if request.param == "lean" else PysnmpSession
    switch.state.lists.mode, switch.state.lists.static_unicast = "follows", True
    switch.state.reboot()
    switch.state.journal.clear()
    found = Place(switch, session("sw1", "127.0.0.1", access))
    yield found
    switch.state.faults.set("none")
    found.driver.close()


def test_capabilities_are_what_the_agent_has(place: Place) -> None:
    """mac-block is offered only where dot1qStaticUnicastTable is, empty or not; the rest is found by reading too."""
    every = {Verb.OBSERVE, Verb.SHUT, Verb.UNSHUT, Verb.RESTORE, Verb.QUARANTINE_VLAN, Verb.DESCRIBE, Verb.MAC_BLOCK}
    assert every == place.driver.capabilities().verbs
    place.state.lists.static_unicast = False
    place.state.version += 1
    other = SnmpDriver(ENTRY, place.driver._session, SystemClock())
    assert every - {Verb.MAC_BLOCK} == other.capabilities().verbs
    with pytest.raises(Unsupported):
        other.plan(Action(verb=Verb.MAC_BLOCK, port=GE1, mac=host_mac(1)), other.port_state(GE1))


@pytest.mark.parametrize("mode", ["follows", "free", "ordered"])
def test_quarantine_moves_pvid_and_membership_and_back(place: Place, mode: VlanMode) -> None:
    """The PVID and both lists are the quarantine VLAN's, and the prior ones after the undo, however the agent wants it done."""
    place.state.lists.mode = mode
    step = place.plan(Verb.QUARANTINE_VLAN, vlan=666)
    place.driver.apply(step)
    assert () == place.driver.read_back(step.expect).differences
    assert (666, (False, False), (True, True)) == (place.state.ports["ge1"].pvid, place.lists(10), place.lists(666))
    place.driver.undo(step)
    assert place.driver.read_back(step.undo_expect).met
    assert (10, (True, True), (False, False)) == (place.state.ports["ge1"].pvid, place.lists(10), place.lists(666))


def test_undo_leaves_other_ports_as_they_are_now(place: Place) -> None:
    """Somebody moved ge2 meanwhile: the undo for ge1 does not bring ge2 back."""
    place.state.lists.mode = "free"
    step = place.plan(Verb.QUARANTINE_VLAN, vlan=666)
    place.driver.apply(step)
    for column in (2, 4):
        old = place.state.lists.of(10, place.state.ports.values())[column // 2 - 1]
        place.state.lists.write(10, column, old - {22})
        place.state.lists.write(20, column, {22})
    place.state.version += 1
    place.driver.undo(step)
    assert 22 not in place.state.lists.of(10, place.state.ports.values())[1]
    assert {22} == place.state.lists.of(20, place.state.ports.values())[1]
    assert (True, True) == place.lists(10)


def test_pvid_without_membership_is_not_met(place: Place) -> None:
    """The PVID moved and no list did: the machine would not be in that VLAN but in the old one, and read_back says so."""
    place.state.lists.mode = "free"
    place.state.lists.of(666, place.state.ports.values())
    step = place.plan(Verb.QUARANTINE_VLAN, vlan=666)
    place.state.ports["ge1"].pvid = 666
    place.state.version += 1
    assert ("it is no untagged member of VLAN 666", "it is still a member of VLAN 10") == place.driver.read_back(
        step.expect
    ).differences


def test_a_port_that_did_not_leave_is_not_met(place: Place) -> None:
    """PVID and untagged list moved, and the egress list of the old VLAN still has the port: it would hear what is said there."""
    place.state.lists.mode = "free"
    step = place.plan(Verb.QUARANTINE_VLAN, vlan=666)
    place.driver.apply(step)
    egress, _ = place.state.lists.of(10, place.state.ports.values())
    place.state.lists.write(10, 2, egress | {BRIDGE_PORT})
    place.state.version += 1
    assert ("it is still a member of VLAN 10",) == place.driver.read_back(step.expect).differences
    place.driver.undo(step)
    assert place.driver.read_back(step.undo_expect).met


def test_a_vlan_that_is_not_there(place: Place) -> None:
    """A VLAN that the switch does not have is a typed refusal, and nothing was sent."""
    place.state.lists.mode = "free"
    with pytest.raises(Unsupported, match="999"):
        place.plan(Verb.QUARANTINE_VLAN, vlan=999)
    assert [] == place.state.journal


def test_a_lie_about_lists_is_found(place: Place) -> None:
    """The agent accepts the SET and does nothing: the lists are read again, and it is told."""
    place.state.lists.mode = "free"
    step = place.plan(Verb.QUARANTINE_VLAN, vlan=666)
    place.state.faults.set("lie")
    with pytest.raises(ReadBackMismatch):
        place.driver.apply(step)


def test_describe_and_back_to_the_prior_text(place: Place) -> None:
    """ifAlias carries the note, cut to 64 octets without control characters; the undo restores what stood there."""
    place.state.ports["ge1"].alias = "Ward 3, bed 12"
    place.state.version += 1
    step = place.plan(Verb.DESCRIBE, text="CORDON con_1 " + "病区" * 20 + "\n\x1b[2J")
    assert step.optional
    place.driver.apply(step)
    assert place.driver.read_back(step.expect).met
    assert place.state.ports["ge1"].alias.startswith("CORDON con_1 病区")
    assert 64 >= len(place.state.ports["ge1"].alias.encode())
    place.driver.undo(step)
    assert place.driver.read_back(step.undo_expect).met
    assert "Ward 3, bed 12" == place.state.ports["ge1"].alias


def test_an_empty_description_comes_back_empty(place: Place) -> None:
    """No description before, none after."""
    step = place.plan(Verb.DESCRIBE, text="CORDON con_1")
    place.driver.apply(step)
    place.driver.undo(step)
    assert "" == place.state.ports["ge1"].alias
    assert place.driver.read_back(step.undo_expect).met


def test_mac_block_and_back(place: Place) -> None:
    """A static entry without ports in the MAC's own forwarding database; gone after the undo; the port stays up."""
    step = place.plan(Verb.MAC_BLOCK, mac=host_mac(1))
    place.driver.apply(step)
    assert place.driver.read_back(step.expect).met
    assert {(host_mac(1), 10)} == place.state.blocked
    assert place.state.ports["ge1"].admin_up
    place.driver.undo(step)
    assert place.driver.read_back(step.undo_expect).met
    assert set() == place.state.blocked


def test_mac_block_of_a_machine_elsewhere(place: Place) -> None:
    """A MAC that is not on this port is not blocked in its name."""
    with pytest.raises(Unsupported, match="forwarding database"):
        place.plan(Verb.MAC_BLOCK, mac=host_mac(2))
    assert [] == place.state.journal


def test_unshut(place: Place) -> None:
    """unshut opens a port that was down, and its undo shuts it again."""
    place.state.ports["ge1"].admin_up = False
    place.state.version += 1
    step = place.plan(Verb.UNSHUT)
    place.driver.apply(step)
    assert place.driver.read_back(step.expect).met
    place.driver.undo(step)
    assert Admin.DOWN is place.driver.port_state(GE1).admin


def test_restore_brings_everything_back(place: Place) -> None:
    """From whatever the port shows to the state it had: VLAN, description, and opened last; nothing if it is so already."""
    aim = place.driver.port_state(GE1)
    assert () == place.driver.plan(Action(verb=Verb.RESTORE, port=GE1), aim)
    port = place.state.ports["ge1"]
    port.admin_up, port.pvid, port.alias = False, 666, "CORDON con_1"
    place.state.version += 1
    steps = place.driver.plan(Action(verb=Verb.RESTORE, port=GE1), aim)
    for step in steps:
        place.driver.apply(step)
        assert place.driver.read_back(step.expect).met
    assert "unshut ge1" == steps[-1].title
    assert (True, 10, "") == (port.admin_up, port.pvid, port.alias)


def test_bounce_is_the_engines(place: Place) -> None:
    """A device cannot bounce a port by SNMP: typed refusal; the engine shuts and opens, journaled."""
    with pytest.raises(Unsupported):
        place.plan(Verb.BOUNCE)


@pytest.mark.parametrize("status", [5, 6, 17])
def test_error_status_names_the_object(place: Place, status: int) -> None:
    """genErr, noAccess and notWritable are CommandRejected, with the exchange that met them."""
    step = place.plan(Verb.SHUT)
    place.agent.faults.status = status
    try:
        with pytest.raises(CommandRejected) as caught:
            place.driver.apply(step)
    finally:
        place.agent.faults.status = 0
    assert 1 == len(caught.value.details["exchanges"])
    assert place.state.ports["ge1"].admin_up


def test_no_error_and_no_such_instance_is_no_success(place: Place) -> None:
    """An agent that accepts a SET of what it does not have (snmpsim does) is not believed."""
    place.agent.faults.accepts_absent = True
    step = place.plan(Verb.SHUT)
    gone = step.model_copy(update={"commands": ("set 1.3.6.1.2.1.2.2.1.7.999 i 2",)})
    try:
        with pytest.raises(CommandRejected, match="does not have"):
            place.driver.apply(gone)
    finally:
        place.agent.faults.accepts_absent = False


def test_find_is_what_the_whole_table_says(place: Place) -> None:
    """One MAC's rows by GET are those of the table, once that was read; a MAC that nobody has gives none, and no error."""
    assert place.driver.find(host_mac(1)) is None
    everything = place.driver.fdb()
    for mac in (host_mac(1), host_mac(30)):
        assert tuple(row for row in everything if row.mac == mac) == place.driver.find(mac)
    assert () == place.driver.find("02:77:00:00:99:99")


def test_a_look_is_one_question(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of a MAC and of an address, and a port, as each alone would tell them: by one GET."""
    driver, mac = place.driver, host_mac(1)
    assert driver.look(mac, ip=None, ifindex=GE1.ifindex) is None
    driver.ports(), driver.fdb(), driver.arp()
    ip = driver.arp()[0].ip
    expected = driver.find(mac), driver.bindings(ip), driver.port_state(GE1)
    asked: list[int] = []
    get = driver._session.get
    monkeypatch.setattr(driver._session, "get", lambda *names, **more: asked.append(len(names)) or get(*names, **more))
    seen = driver.look(mac, ip=ip, ifindex=GE1.ifindex, port=GE1)
    assert seen is not None
    assert seen.state is not None
    assert expected[:2] == (seen.rows, seen.bindings)
    assert expected[2].model_copy(update={"read_ms": 0}) == seen.state.model_copy(update={"read_ms": 0})
    assert 1 == len(asked)


def test_hang_is_typed(place: Place) -> None:
    """A switch that hangs while its lists are read ends in a typed error, never in a half-known state."""
    step = place.plan(Verb.QUARANTINE_VLAN, vlan=666)
    place.state.faults.set("hang")
    with pytest.raises(CordonError):
        place.driver.apply(step)
    place.state.faults.set("none")
    assert 10 == place.driver.port_state(GE1).pvid
