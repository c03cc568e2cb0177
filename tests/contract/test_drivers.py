"""One contract for every driver, on emulated switches with real SSH servers and SNMP agents (marker contract).

A driver that passes here reads what is there, sends what its plan says, never believes an answer, and names every failure.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, DeviceError, NotAllowed, NotFound, Unreachable, Unsupported
from controller.core.sites import SnmpAccess, SshAccess, SwitchEntry
from controller.emulate import Credentials, EmulatedSwitch, site_of_lab
from controller.emulate.site import host_ip, host_mac
from controller.emulate.state import SwitchState
from controller.switches.driver import Driver
from controller.switches.registry import connect
from playbooks.facts import NeighbourKind, Verdict
from playbooks.plan import Action, Admin, PortRef, Step, Verb

pytestmark = pytest.mark.contract
TIMEOUT_S = 4.0  # some tests wait for it; others fail when a machine with other work takes as long
GE1 = PortRef(switch="sw1", ifindex=4, name="ge1")
DRIVERS = ("snmp-v2c", "snmp-v3", "ssh-cisco_ios")


@dataclass
class Bench:
    """A driver and the switch it drives."""

    driver: Driver
    state: SwitchState
    entry: SwitchEntry
    switch: EmulatedSwitch

    def plan(self, verb: Verb = Verb.SHUT, **what: Any) -> Step:
        """The one step of a verb on ge1."""
        action = Action(verb=verb, port=GE1, **what)
        (step,) = self.driver.plan(action, self.driver.port_state(GE1))
        return step

    def up(self) -> bool:
        """What the switch itself has."""
        return self.state.ports["ge1"].admin_up

    def another(self, **changes: Any) -> Driver:
        """A driver of the same switch with other access data."""
        via = self.entry.via
        access = getattr(self.entry, via).model_copy(update=changes)
        return connect(self.entry.model_copy(update={via: access}), SystemClock())


def entry_of(kind: str, switch: EmulatedSwitch) -> SwitchEntry:
    """Access data for one kind of driver; secrets by reference."""
    keys = switch.credentials
    v2 = SnmpAccess(version="2c", port=switch.snmp_port, community="env:T_RW", timeout_s=TIMEOUT_S, retries=0)
    v3 = SnmpAccess(
        version="3", port=switch.snmp_port, user=keys.v3_user, auth_key="env:T_AUTH", priv_key="env:T_PRIV",
        timeout_s=TIMEOUT_S, retries=0,
    )  # fmt: skip
    ssh = SshAccess(
        port=switch.ssh_port, username=keys.username, password="env:T_PASS", enable="env:T_ENABLE",
        host_key=switch.host_key, timeout_s=TIMEOUT_S,
    )  # fmt: skip
    via = "ssh" if kind.startswith("ssh") else "snmp"
    return SwitchEntry(
        name="sw1", site="lab", address="127.0.0.1", via=via, snmp=v3 if kind == "snmp-v3" else v2, ssh=ssh
    )


@pytest.fixture(scope="module")
def switch() -> Iterator[EmulatedSwitch]:
    """One emulated switch for the whole file; each test finds it freshly booted."""
    state = site_of_lab(SystemClock(), oper_lag_s=0.0)[0]
    with EmulatedSwitch(state, Credentials()) as found:
        yield found


@pytest.fixture(params=DRIVERS)
def bench(request: pytest.FixtureRequest, switch: EmulatedSwitch, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A driver of each kind in front of a switch without faults."""
    keys = switch.credentials
    secrets = {
        "T_RW": keys.community_rw,
        "T_RO": keys.community_ro,
        "T_AUTH": keys.v3_auth_key,
        "T_PRIV": keys.v3_priv_key,
    }
    for name, value in {**secrets, "T_PASS": keys.password, "T_ENABLE": keys.enable, "T_WRONG": "not-the-one"}.items():
        monkeypatch.setenv(name, value)
    switch.state.faults.set("none")
    switch.state.reboot()
    switch.state.journal.clear()
    entry = entry_of(request.param, switch)
    driver = connect(entry, SystemClock())
    yield Bench(driver, switch.state, entry, switch)
    switch.state.faults.set("none")
    driver.close()


def test_reads_agree_with_the_switch(bench: Bench) -> None:
    """Ports, FDB, ARP and neighbours are what the switch has; a bridge port is never taken for an ifIndex."""
    ports = {row.name: row for row in bench.driver.ports()}
    assert (4, 10, False) == (ports["ge1"].ifindex, ports["ge1"].pvid, ports["ge1"].trunk)
    assert ports["up1"].trunk
    fdb = {row.mac: (row.port, row.ifindex, row.verdict) for row in bench.driver.fdb()}
    assert ("ge1", 4, Verdict.PORT) == fdb[host_mac(1)]
    assert ("ge7", 10, Verdict.PORT) == fdb[host_mac(7)]
    assert "up1" == fdb[host_mac(30)][0]
    kinds = {row.ifindex: row.kind for row in bench.driver.neighbours()}
    assert {2: NeighbourKind.SWITCH, 23: NeighbourKind.PHONE} == kinds
    assert host_mac(3) in {row.mac for row in bench.driver.arp() if row.ip == host_ip(3)}
    assert [] == bench.state.journal


def test_facts(bench: Bench) -> None:
    """Name and uptime; the uptime is that of this boot."""
    facts = bench.driver.facts()
    assert "sw1" == facts.sys_name
    assert facts.uptime_ms < 300_000


def test_plan_sends_nothing(bench: Bench) -> None:
    """A plan has commands, undo and both expectations, and the switch has heard nothing."""
    step = bench.plan()
    assert step.commands
    assert step.undo
    assert (Admin.DOWN, Admin.UP) == (step.expect.admin, step.undo_expect.admin)
    assert [] == bench.state.journal


def test_shut_is_read_back_and_undone(bench: Bench) -> None:
    """shut: the right port and no other is down, read back; the undo gives it back."""
    step = bench.plan()
    bench.driver.apply(step)
    assert () == bench.driver.read_back(step.expect).differences
    assert {"ge1"} == {p.name for p in bench.state.ports.values() if not p.admin_up}
    bench.driver.undo(step)
    assert bench.driver.read_back(step.undo_expect).met
    assert bench.up()
    assert 2 == sum(write.effect for write in bench.state.journal)


def test_quarantine_vlan_and_back(bench: Bench) -> None:
    """quarantine-vlan: the PVID is read back; the undo restores the one it had."""
    step = bench.plan(Verb.QUARANTINE_VLAN, vlan=666)
    bench.driver.apply(step)
    assert bench.driver.read_back(step.expect).met
    assert 666 == bench.state.ports["ge1"].pvid
    bench.driver.undo(step)
    assert bench.driver.read_back(step.undo_expect).met
    assert 10 == bench.state.ports["ge1"].pvid


def test_mac_block_or_a_typed_no(bench: Bench) -> None:
    """mac-block where the driver has it, else Unsupported before anything is sent."""
    if Verb.MAC_BLOCK not in bench.driver.capabilities().verbs:
        with pytest.raises(Unsupported):
            bench.plan(Verb.MAC_BLOCK, mac=host_mac(1))
        return
    step = bench.plan(Verb.MAC_BLOCK, mac=host_mac(1))
    bench.driver.apply(step)
    assert bench.driver.read_back(step.expect).met
    assert bench.up()
    bench.driver.undo(step)
    assert bench.driver.read_back(step.undo_expect).met


def test_a_verb_nobody_has(bench: Bench) -> None:
    """A verb that the driver lacks is a typed refusal."""
    with pytest.raises(Unsupported):
        bench.plan(Verb.BOUNCE)


def test_a_port_that_is_not_there(bench: Bench) -> None:
    """NotFound, which names it; nothing was sent."""
    with pytest.raises((NotFound, DeviceError), match=r"ge99|999"):
        bench.driver.port_state(PortRef(switch="sw1", ifindex=999, name="ge99"))
    assert [] == bench.state.journal


def test_refused_command(bench: Bench) -> None:
    """CommandRejected with the switch's answer; the port is as before."""
    step = bench.plan()
    bench.state.faults.set("refuse")
    with pytest.raises(CommandRejected):
        bench.driver.apply(step)
    assert bench.up()


def test_a_lie_is_found_by_reading_back(bench: Bench) -> None:
    """The switch accepts and does nothing: apply returns, the read-back says what is so."""
    step = bench.plan()
    bench.state.faults.set("lie")
    bench.driver.apply(step)
    read = bench.driver.read_back(step.expect)
    assert not read.met
    assert "ifAdminStatus is up, expected down" in read.differences


@pytest.mark.parametrize(("fault", "up"), [("drop-before", True), ("drop-after", False)])
def test_a_session_that_ends(bench: Bench, fault: Any, up: bool) -> None:
    """Unreachable; the next call works on a new session and tells which of the two it was."""
    step = bench.plan()
    bench.state.faults.set(fault)
    with pytest.raises(Unreachable):
        bench.driver.apply(step)
    bench.state.faults.set("none")
    assert up is not bench.driver.read_back(step.expect).met
    assert 1 >= sum(write.effect for write in bench.state.journal)


def test_a_switch_that_hangs(bench: Bench) -> None:
    """Unreachable within a few time-outs, and the driver works again afterwards."""
    step = bench.plan()
    bench.state.faults.set("hang")
    begun = time.monotonic()
    with pytest.raises(Unreachable):
        bench.driver.apply(step)
    took = time.monotonic() - begun
    bench.state.faults.set("none")
    assert took < 8 * TIMEOUT_S
    assert bench.driver.port_state(GE1).read_ms


def test_a_reboot(bench: Bench) -> None:
    """What was not saved is gone, the driver notices by reading, and its session comes back."""
    step = bench.plan()
    bench.driver.apply(step)
    bench.state.reboot()
    assert bench.driver.read_back(step.undo_expect).met


def test_wrong_secrets(bench: Bench) -> None:
    """NotAllowed or Unreachable with a hint, and never the secret."""
    wrong = {"ssh": {"password": "env:T_WRONG"}, "snmp": {"community": "env:T_WRONG", "auth_key": "env:T_WRONG"}}
    driver = bench.another(**wrong[bench.entry.via])
    with pytest.raises((NotAllowed, Unreachable)) as caught:
        driver.facts()
    assert "not-the-one" not in str(caught.value)
    driver.close()


@pytest.mark.parametrize("bench", ["snmp-v2c", "ssh-cisco_ios"], indirect=True)
def test_read_only_access_cannot_write(bench: Bench) -> None:
    """A community or user that may only read is told so by the agent."""
    poorer = {"ssh": {"enable": "env:T_WRONG"}, "snmp": {"community": "env:T_RO"}}
    driver = bench.another(**poorer[bench.entry.via])
    step = bench.plan()
    with pytest.raises((CommandRejected, NotAllowed, Unreachable)):
        driver.apply(step)
    assert bench.up()
    driver.close()


def test_nothing_secret_in_what_is_kept(bench: Bench) -> None:
    """Exchanges go into the journal and the audit log: no password, community or key is in them."""
    exchanges = bench.driver.apply(bench.plan())
    keys = bench.switch.credentials
    secrets = (keys.password, keys.enable, keys.community_rw, keys.v3_auth_key, keys.v3_priv_key)
    assert not [s for s in secrets if s in repr(exchanges)]


@pytest.mark.parametrize("bench", ["ssh-cisco_ios"], indirect=True)
def test_an_unknown_host_key_is_refused(bench: Bench) -> None:
    """Another key than the known one, and nothing is typed into that session."""
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZqmlJOkVmeyYcVmCnRQnHeGBhHwNN7yYoPAuoW9p9M"
    with pytest.raises(NotAllowed, match="host key"):
        bench.another(host_key=other).facts()
