"""Candidate configurations through NAPALM itself: compared, committed with a timer, confirmed, dropped (marker contract)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller.core.clock import ManualClock
from controller.core.errors import CommandRejected, NotAllowed, Unreachable
from controller.core.sites import SwitchEntry
from controller.emulate import Credentials, EmulatedSwitch, switch_of
from controller.emulate.candidates import Candidates
from controller.emulate.eapi import EapiServer
from controller.emulate.httpsd import make_certificate
from controller.switches.napalm.driver import NapalmDriver
from controller.switches.registry import connect
from playbooks.plan import Action, PortRef, Step, Verb
from tests.contract.conftest import napalm_access

pytestmark = pytest.mark.contract
REVERT_S = 120


@dataclass
class Place:
    """An emulated EOS with eAPI, the clock that its timers run on, and a driver."""

    switch: EmulatedSwitch
    clock: ManualClock
    entry: SwitchEntry
    driver: NapalmDriver

    @property
    def port(self) -> PortRef:
        """Port 1."""
        return PortRef(switch="sw1", ifindex=4, name="Ethernet1")

    @property
    def candidates(self) -> Candidates:
        """What the switch itself has of sessions."""
        assert isinstance(self.switch.api, EapiServer)
        return self.switch.api.candidates

    def up(self) -> bool:
        """What the switch itself has."""
        return self.switch.state.ports["Ethernet1"].admin_up

    def plan(self, verb: Verb = Verb.SHUT, **what: Any) -> Step:
        """The one step."""
        (step,) = self.driver.plan(Action(verb=verb, port=self.port, **what), self.driver.port_state(self.port))
        return step

    def another(self, **changes: Any) -> NapalmDriver:
        """As a new process would make it, or with other access data."""
        assert self.entry.napalm is not None
        access = self.entry.napalm.model_copy(update=changes)
        found = connect(self.entry.model_copy(update={"napalm": access}), self.clock)
        assert isinstance(found, NapalmDriver)
        return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A switch of its own for each test: what waits in it is part of what is tested."""
    clock, keys = ManualClock(), Credentials()
    monkeypatch.setenv("T_PASS", keys.password)
    monkeypatch.setenv("T_ENABLE", keys.enable)
    monkeypatch.setenv("T_WRONG", "not-the-one")
    state = switch_of("arista_eos", clock, oper_lag_s=0.0)
    with EmulatedSwitch(state, keys, dialect="arista_eos") as switch:
        access = napalm_access(switch, tmp_path)
        entry = SwitchEntry(
            name="sw1", site="lab", address="127.0.0.1", via="napalm", platform="arista_eos", napalm=access
        )
        driver = connect(entry, clock)
        assert isinstance(driver, NapalmDriver)
        yield Place(switch, clock, entry, driver)
        driver.close()


def test_the_difference_is_the_device_s_own_and_nothing_stays(place: Place) -> None:
    """What a step would change, before it is applied; no candidate is left and the port is as it was."""
    assert "+   shutdown" in place.driver.difference(place.plan()).splitlines()
    assert place.up()
    assert {} == place.candidates.open
    assert [] == place.switch.state.journal


def test_the_exchanges_hold_the_difference(place: Place) -> None:
    """The journal gets load, comparison and commit, in this order, and no secret."""
    exchanges = place.driver.apply(place.plan())
    assert ["load_merge_candidate", "compare_config", "commit_config(revert_in=120)"] == [e.command for e in exchanges]
    assert "+   shutdown" in exchanges[1].answer
    keys = place.switch.credentials
    assert not [secret for secret in (keys.password, keys.enable) if secret in repr(exchanges)]


def test_unconfirmed_the_switch_goes_back_by_itself(place: Place) -> None:
    """The process that shut the port is gone: when the timer ends, the port is open again."""
    step = place.plan()
    place.driver.apply(step)
    place.driver.close()
    assert not place.up()
    place.clock.advance(REVERT_S + 1)
    assert place.driver.read_back(step.undo_expect).met
    assert place.up()


def test_confirmed_it_stays(place: Place) -> None:
    """After `confirm` the timer is gone; NAPALM saves, so a reboot does not open the port either."""
    step = place.plan()
    place.driver.apply(step)
    place.driver.confirm()
    place.clock.advance(REVERT_S + 1)
    place.switch.state.reboot()
    assert place.driver.read_back(step.expect).met
    assert place.driver.capabilities().persists


def test_confirmed_by_the_next_process(place: Place) -> None:
    """What waits is found on the device by its name, whoever left it there."""
    step = place.plan()
    place.driver.apply(step)
    place.driver.close()
    after = place.another()
    after.confirm()
    place.clock.advance(REVERT_S + 1)
    assert after.read_back(step.expect).met
    after.close()


def test_undone_while_it_waits(place: Place) -> None:
    """The device's own way back is taken, and the undo's lines find nothing left to change."""
    step = place.plan()
    place.driver.apply(step)
    exchanges = place.driver.undo(step)
    assert ["rollback", "load_merge_candidate", "compare_config"] == [e.command for e in exchanges]
    assert "" == exchanges[-1].answer
    assert place.up()
    assert None is place.candidates.waiting


def test_somebody_else_s_pending_commit_is_left_alone(place: Place) -> None:
    """Ours is refused with the device's reason, no candidate is left, and theirs goes on waiting."""
    place.candidates.try_line("theirs", "interface Ethernet2")
    place.candidates.try_line("theirs", "shutdown")
    place.candidates.commit("theirs", timer_s=600)
    with pytest.raises(CommandRejected, match=r"[Pp]ending commit"):
        place.driver.apply(place.plan())
    place.driver.confirm()
    waiting = place.candidates.waiting
    assert waiting is not None
    assert "theirs" == waiting.name
    assert {} == place.candidates.open
    assert place.up()


def test_somebody_else_s_open_session_holds_up_nobody(place: Place) -> None:
    """A session that an administrator forgot is theirs; ours is committed beside it."""
    place.candidates.try_line("theirs", "interface Ethernet2")
    place.driver.apply(place.plan())
    assert not place.up()
    assert {"theirs"} == set(place.candidates.open)


def test_a_refused_candidate_is_discarded(place: Place) -> None:
    """CommandRejected with the line; the device has no candidate, and the journal shows how far it came."""
    step = place.plan().model_copy(update={"commands": ("interface Ethernet1", "shutdown", "frobnicate")})
    with pytest.raises(CommandRejected, match="frobnicate"):
        place.driver.apply(step)
    assert place.up()
    assert {} == place.candidates.open


def test_a_refused_commit_is_discarded(place: Place) -> None:
    """The device understood the lines and did not do them: nothing waits, and the exchanges are in the error."""
    step = place.plan()
    place.switch.state.faults.set("refuse")
    with pytest.raises(CommandRejected) as caught:
        place.driver.apply(step)
    place.switch.state.faults.set("none")
    assert "load_merge_candidate" == caught.value.details["exchanges"][0].command
    assert place.driver.read_back(step.undo_expect).met


def test_without_a_timer_where_that_is_wished(place: Place) -> None:
    """commit_confirm: false commits at once, and nothing waits."""
    driver = place.another(commit_confirm=False)
    assert not driver.capabilities().confirm
    assert "commit_config()" == driver.apply(place.plan())[-1].command
    assert None is place.candidates.waiting
    driver.close()


def test_another_certificate_is_not_believed(place: Place, tmp_path: Path) -> None:
    """NotAllowed, before the password is sent."""
    other = tmp_path / "other.pem"
    other.write_text(make_certificate()[0], "ascii")
    with pytest.raises(NotAllowed, match="certificate"):
        place.another(certificate=other).facts()


def test_wrong_password(place: Place) -> None:
    """NotAllowed, and not a word of it."""
    with pytest.raises(NotAllowed) as caught:
        place.another(password="env:T_WRONG").facts()
    assert "not-the-one" not in str(caught.value)


def test_nobody_there(place: Place) -> None:
    """Unreachable."""
    assert place.switch.api
    place.switch.api.stop()
    with pytest.raises(Unreachable):
        place.driver.facts()
