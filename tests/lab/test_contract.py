"""The contract of every driver on real devices: net-snmp, Open vSwitch and a Linux bridge over OpenSSH, FRR's vtysh (markers lab,
contract). Faults that only an emulated switch has (lies, half answers) are in tests/contract; here devices are as they are.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, CordonError, NotAllowed, NotFound, Unreachable, Unsupported
from controller.core.sites import SnmpAccess, SshAccess, SwitchEntry
from controller.lab.lab import Lab
from controller.lab.management import SHELL_PORT, VTYSH_PORT
from controller.switches.driver import Driver
from controller.switches.registry import connect
from playbooks.facts import Verdict
from playbooks.plan import Action, Admin, PortRef, Step, Verb
from tests.lab.conftest import NAME, down

pytestmark = [pytest.mark.lab, pytest.mark.contract]
DEVICES = ("snmp-v2c", "snmp-v3", "ssh-ovs", "ssh-linux", "ssh-frr")
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZqmlJOkVmeyYcVmCnRQnHeGBhHwNN7yYoPAuoW9p9M"


@dataclass
class Device:
    """A driver in the controller's namespace, and the switch itself to look at from outside."""

    kind: str
    lab: Lab
    driver: Driver
    entry: SwitchEntry

    @property
    def port(self) -> PortRef:
        """The port of h2 on sw1, which no other test here uses at the same time."""
        place = self.lab.place("h2")
        return PortRef(switch="sw1", ifindex=place.ifindex, name=place.port)

    @property
    def mac(self) -> str:
        """Of h2."""
        return self.lab.place("h2").mac

    def call(self, name: str, *what: Any) -> Any:
        """A method of the driver, called where the controller lives: a session is opened there."""
        return self.lab.namespaces.inside("ctl", lambda: getattr(self.driver, name)(*what))

    def plan(self, verb: Verb, **what: Any) -> Step:
        """The first step of a verb on the port."""
        prior = self.call("port_state", self.port)
        step: Step = self.call("plan", Action(verb=verb, port=self.port, **what), prior)[0]
        return step

    def admin_up(self) -> bool:
        """What the kernel of the switch says."""
        return self.lab.port_is_up("sw1", self.port.name)

    def another(self, **changes: Any) -> "Device":
        """The same with other access data."""
        via = self.entry.via
        access = getattr(self.entry, via).model_copy(update=changes)
        entry = self.entry.model_copy(update={via: access})
        return Device(self.kind, self.lab, connect(entry, SystemClock()), entry)


def entry_of(kind: str, lab: Lab) -> SwitchEntry:
    """Access data of sw1, secrets by reference."""
    if kind.startswith("snmp"):
        access = lab.access
        names = {"LAB_RW": access.community_rw, "LAB_RO": access.community_ro, "LAB_AUTH": access.auth_key}
        os.environ.update(names, LAB_PRIV=access.priv_key, LAB_WRONG="not-the-one-it-is")
        keys = {"user": access.user, "auth_key": "env:LAB_AUTH", "priv_key": "env:LAB_PRIV"}
        how = {"version": "3", **keys} if kind == "snmp-v3" else {"version": "2c", "community": "env:LAB_RW"}
        return SwitchEntry(
            name="sw1",
            site="lab",
            address="172.30.0.11",
            via="snmp",
            snmp=SnmpAccess.model_validate({**how, "retries": 0, "timeout_s": 20.0}),
        )
    platform = kind.removeprefix("ssh-")
    ssh = SshAccess(
        port=VTYSH_PORT if platform == "frr" else SHELL_PORT,
        username="root",
        key_file=lab.access.key,
        host_key=lab.host_keys["sw1"],
        timeout_s=20.0,
    )
    return SwitchEntry(name="sw1", site="lab", address="172.30.0.11", platform=platform, via="ssh", ssh=ssh)


@pytest.fixture(scope="module")
def bridges(lab: Lab) -> Iterator[Lab]:
    """The second design: two Linux bridges."""
    found = Lab.up(f"{NAME}b", switches=2, hosts=6, design="bridge")
    yield found
    found.down()
    down(f"{NAME}b")


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Device]:
    """A driver of each kind in front of a switch with all ports up, which has just learned h2."""
    place = request.getfixturevalue("bridges") if request.param == "ssh-linux" else lab
    place.namespaces.exec("h2", ["ping", "-c", "1", "-w", "5", place.topology.hosts[2].ip])
    entry = entry_of(request.param, place)
    found = Device(request.param, place, connect(entry, SystemClock()), entry)
    yield found
    place.namespaces.links("sw1", [f"link set {found.port.name} up"])
    found.driver.close()


def test_reads_agree_with_the_switch(device: Device) -> None:
    """Ports have their ifIndex, the trunk is one, and h2 is learned on its own port, if the device has such a table."""
    ports = {row.name: row for row in device.call("ports")}
    assert device.port.ifindex == ports[device.port.name].ifindex
    if device.kind in ("snmp-v2c", "snmp-v3", "ssh-ovs"):
        assert (10, True) == (ports[device.port.name].pvid, ports["up1"].trunk)
    found = [row for row in device.call("fdb") if row.mac == device.mac]
    if device.kind != "ssh-frr":
        assert [(device.port.name, device.port.ifindex, Verdict.PORT)] == [
            (row.port, row.ifindex, row.verdict) for row in found[:1]
        ]


def test_a_plan_sends_nothing(device: Device) -> None:
    """Commands, undo and both expectations; the port is as before."""
    step = device.plan(Verb.SHUT)
    assert step.commands
    assert step.undo
    assert (Admin.DOWN, Admin.UP) == (step.expect.admin, step.undo_expect.admin)
    assert device.admin_up()


def test_shut_is_real_and_read_back_and_undone(device: Device) -> None:
    """The kernel's link is down, and the driver says so; the undo brings it back, and the driver says that too."""
    step = device.plan(Verb.SHUT)
    device.call("apply", step)
    assert not device.admin_up()
    assert () == device.call("read_back", step.expect).differences
    device.call("undo", step)
    assert device.admin_up()
    assert device.call("read_back", step.undo_expect).met


def test_quarantine_vlan_and_back(device: Device) -> None:
    """The port is in the VLAN, by the switch's own word, and comes back; Unsupported where there are no VLANs."""
    if Verb.QUARANTINE_VLAN not in device.call("capabilities").verbs or device.kind == "ssh-linux":
        with pytest.raises(Unsupported):
            device.plan(Verb.QUARANTINE_VLAN, vlan=666)
        return
    switch = device.lab.switches["sw1"]
    step = device.plan(Verb.QUARANTINE_VLAN, vlan=666)
    device.call("apply", step)
    assert device.call("read_back", step.expect).met
    assert "666" == switch.vsctl("get", "port", device.port.name, "tag").strip()
    assert "true" == switch.vsctl("get", "port", device.port.name, "protected").strip()
    device.call("undo", step)
    assert device.call("read_back", step.undo_expect).met
    assert "10" == switch.vsctl("get", "port", device.port.name, "tag").strip()


def test_mac_block_or_a_typed_no(device: Device) -> None:
    """A blocked MAC gets no answer any more, and gets one again after the undo; Unsupported where there is no such verb."""
    other = device.lab.topology.hosts[3].ip
    ping = ["ping", "-c", "1", "-W", "1", other]
    if Verb.MAC_BLOCK not in device.call("capabilities").verbs:
        with pytest.raises(Unsupported):
            device.plan(Verb.MAC_BLOCK, mac=device.mac)
        return
    step = device.plan(Verb.MAC_BLOCK, mac=device.mac)
    device.call("apply", step)
    assert device.call("read_back", step.expect).met
    assert device.admin_up()
    with pytest.raises(CordonError):
        device.lab.namespaces.exec("h2", ping)
    device.call("undo", step)
    assert device.call("read_back", step.undo_expect).met
    device.lab.namespaces.exec("h2", ["ping", "-c", "1", "-w", "5", other])


def test_a_port_that_is_not_there(device: Device) -> None:
    """A typed error that names it."""
    with pytest.raises((NotFound, CordonError), match=r"ge99|999"):
        device.call("port_state", PortRef(switch="sw1", ifindex=999, name="ge99"))


def test_what_the_device_refuses(device: Device) -> None:
    """A command it does not take is CommandRejected, with its own words, and the port is as before."""
    step = device.plan(Verb.SHUT)
    wrong = "set 1.3.6.1.2.1.2.2.1.7.4 i 9" if device.entry.via == "snmp" else "no-such-command ge2"
    with pytest.raises(CommandRejected) as caught:
        device.call("apply", step.model_copy(update={"commands": (wrong,)}))
    assert str(caught.value)
    assert device.admin_up()


def test_a_session_that_ended_comes_back(device: Device) -> None:
    """Every SSH session is killed in between: the next read works on a new one."""
    device.call("port_state", device.port)
    device.lab.end_sessions("sw1")
    assert Admin.UP is device.call("port_state", device.port).admin


def test_wrong_secrets(device: Device) -> None:
    """NotAllowed or Unreachable, and never the secret."""
    if device.entry.via == "ssh":
        other = device.another(host_key=OTHER_KEY)
    else:
        other = device.another(community="env:LAB_WRONG", auth_key="env:LAB_WRONG", timeout_s=0.5)
    with pytest.raises((NotAllowed, Unreachable)) as caught:
        other.call("port_state", device.port)
    assert "not-the-one" not in str(caught.value)
    other.driver.close()


@pytest.mark.parametrize("device", ["snmp-v2c"], indirect=True)
def test_who_may_only_read_cannot_write(device: Device) -> None:
    """The read-only community: refused by the agent, nothing changed."""
    other = device.another(community="env:LAB_RO")
    step = device.plan(Verb.SHUT)
    with pytest.raises(CommandRejected):
        other.call("apply", step)
    assert device.admin_up()
    other.driver.close()


def test_nothing_secret_in_what_is_kept(device: Device) -> None:
    """Exchanges hold no community and no key."""
    step = device.plan(Verb.SHUT)
    kept = json.dumps([repr(exchange) for exchange in device.call("apply", step)])
    device.call("undo", step)
    access = device.lab.access
    assert not [s for s in (access.community_rw, access.auth_key, access.priv_key) if s in kept]
