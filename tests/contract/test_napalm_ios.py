"""IOS through NAPALM: a file over SCP, the archive's differences, a timer that brings back what was (marker contract)."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from controller.core.clock import ManualClock
from controller.core.errors import CommandRejected, ConfigError
from controller.core.sites import JumpHost, NapalmAccess, SshAccess, SwitchEntry
from controller.emulate import Credentials, EmulatedSwitch, switch_of
from controller.emulate.candidates import Candidates
from controller.emulate.dialects import iosshow
from controller.emulate.dialects.ios import IosShell
from controller.emulate.iosfiles import files_of
from controller.emulate.site import host_mac
from controller.switches.napalm.driver import NapalmDriver
from controller.switches.registry import connect
from playbooks.plan import Action, PortRef, Step, Verb

pytestmark = pytest.mark.contract
NAME = "GigabitEthernet0/1"
PORT = PortRef(switch="sw1", ifindex=4, name=NAME)


@dataclass
class Place:
    """An emulated IOS, the clock that its timers run on, and a driver."""

    switch: EmulatedSwitch
    clock: ManualClock
    entry: SwitchEntry
    driver: NapalmDriver

    @property
    def candidates(self) -> Candidates:
        """What waits on the switch itself."""
        return files_of(self.switch.state, IosShell).candidates

    def up(self) -> bool:
        """What the switch itself has."""
        return self.switch.state.ports[NAME].admin_up

    def plan(self) -> Step:
        """The one step of a shut."""
        (step,) = self.driver.plan(Action(verb=Verb.SHUT, port=PORT), self.driver.port_state(PORT))
        return step

    def another(self, **changes: object) -> NapalmDriver:
        """As a new process would make it, or with another entry."""
        found = connect(self.entry.model_copy(update=changes), self.clock)
        assert isinstance(found, NapalmDriver)
        return found


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A switch of its own for each test: what waits in it is part of what is tested."""
    clock, keys = ManualClock(), Credentials()
    monkeypatch.setenv("T_PASS", keys.password)
    monkeypatch.setenv("T_ENABLE", keys.enable)
    with EmulatedSwitch(switch_of("cisco_ios", clock, oper_lag_s=0.0), keys) as switch:
        ssh = SshAccess(
            port=switch.ssh_port, username=keys.username, password="env:T_PASS", enable="env:T_ENABLE",
            host_key=switch.host_key, timeout_s=20.0,
        )  # fmt: skip
        entry = SwitchEntry(
            name="sw1", site="lab", address="127.0.0.1", via="napalm", ssh=ssh, napalm=NapalmAccess(timeout_s=20.0)
        )
        driver = connect(entry, clock)
        assert isinstance(driver, NapalmDriver)
        yield Place(switch, clock, entry, driver)
        driver.close()


def test_compared_by_the_device_and_thrown_away(place: Place) -> None:
    """The incremental difference under its interface; the port is as it was."""
    assert [f"+interface {NAME}", "+ shutdown"] == place.driver.difference(place.plan()).splitlines()
    assert place.up()
    assert [] == place.switch.state.journal


def test_unconfirmed_it_goes_back(place: Place) -> None:
    """Nobody confirms: when the timer ends the port is open again, though the process is gone."""
    step = place.plan()
    exchanges = place.driver.apply(step)
    assert ["load_merge_candidate", "compare_config", "commit_config(revert_in=120)"] == [e.command for e in exchanges]
    place.driver.close()
    assert not place.up()
    place.clock.advance(121)
    after = place.another()
    assert after.read_back(step.undo_expect).met
    after.close()


def test_confirmed_by_the_next_process_it_stays(place: Place) -> None:
    """The timer is the device's, so any process of the same user confirms it; then it is saved."""
    step = place.plan()
    place.driver.apply(step)
    place.driver.close()
    after = place.another()
    after.confirm()
    place.clock.advance(121)
    assert after.read_back(step.expect).met
    after.close()
    place.switch.state.reboot()
    assert not place.up()


def test_undone_while_it_waits(place: Place) -> None:
    """`configure revert now` first; then the undo's lines have nothing to change."""
    step = place.plan()
    place.driver.apply(step)
    exchanges = place.driver.undo(step)
    assert ["rollback", "load_merge_candidate", "compare_config"] == [e.command for e in exchanges]
    assert place.up()
    assert None is place.candidates.waiting


def test_half_a_candidate_is_undone(place: Place) -> None:
    """IOS does every line that it knows: one is refused, the others are done; NAPALM goes back, and the refusal is told."""
    step = place.plan().model_copy(update={"commands": (f"interface {NAME}", "shutdown", "frobnicate")})
    with pytest.raises(CommandRejected, match=r"frobnicate|Invalid input"):
        place.driver.apply(step)
    assert 1 == sum(write.effect for write in place.switch.state.journal)
    assert place.up()
    assert None is place.candidates.waiting


def test_an_odd_line_does_not_lose_the_mac_table(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """NAPALM gives up on a table with a line that it does not know; the vendor file's reading of it does not."""
    whole = iosshow.mac_table

    def odd(shell: object, values: list[str]) -> str:
        return whole(shell, values) + "  77  what is this line that no template knows\n"  # type: ignore[arg-type]

    grammar = {mode: {**commands, "show mac address-table": odd} for mode, commands in IosShell.grammar.items()}
    monkeypatch.setattr(IosShell, "grammar", grammar)
    assert (NAME, 4) in {(row.port, row.ifindex) for row in place.driver.fdb() if row.mac == host_mac(1)}


def test_ipv6_neighbours_are_there_too(place: Place) -> None:
    """get_ipv6_neighbors_table beside get_arp_table."""
    assert ("2001:db8:77::9", "02:77:00:00:00:09") in {(row.ip, row.mac) for row in place.driver.arp()}


def test_a_jump_host_is_refused(place: Place) -> None:
    """NAPALM's copying of files opens a connection of its own, past the jump host: told before anything is opened."""
    assert place.entry.ssh
    jump = JumpHost(address="192.0.2.1", username="u", host_key="ssh-ed25519 AAAA")
    with pytest.raises(ConfigError, match="jump"):
        place.another(ssh=place.entry.ssh.model_copy(update={"jump": jump})).facts()
