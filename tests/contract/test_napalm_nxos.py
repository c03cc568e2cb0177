"""NX-OS through NAPALM: no timer, a comparison made from the running configuration, a checkpoint (marker contract)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, NotAllowed, Unreachable
from controller.core.sites import SwitchEntry
from controller.emulate import Credentials, EmulatedSwitch, switch_of
from controller.emulate.httpsd import make_certificate
from controller.switches.napalm.driver import NapalmDriver
from controller.switches.registry import connect
from playbooks.plan import Action, PortRef, Step, Verb
from tests.contract.conftest import napalm_access

pytestmark = pytest.mark.contract


@dataclass
class Place:
    """An emulated NX-OS with NX-API, and a driver."""

    switch: EmulatedSwitch
    entry: SwitchEntry
    driver: NapalmDriver

    def up(self, place: int) -> bool:
        """What the switch itself has of port `place`."""
        return self.switch.state.ports[f"Ethernet1/{place}"].admin_up

    def shut(self, place: int) -> Step:
        """The one step."""
        port = PortRef(switch="sw1", ifindex=3 + place, name=f"Ethernet1/{place}")
        (step,) = self.driver.plan(Action(verb=Verb.SHUT, port=port), self.driver.port_state(port))
        return step

    def another(self, **changes: object) -> NapalmDriver:
        """With other access data."""
        assert self.entry.napalm
        access = self.entry.napalm.model_copy(update=changes)
        found = connect(self.entry.model_copy(update={"napalm": access}), SystemClock())
        assert isinstance(found, NapalmDriver)
        return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A switch of its own for each test."""
    keys = Credentials()
    monkeypatch.setenv("T_PASS", keys.password)
    monkeypatch.setenv("T_ENABLE", keys.enable)
    monkeypatch.setenv("T_WRONG", "not-the-one")
    state = switch_of("cisco_nxos", SystemClock(), oper_lag_s=0.0)
    with EmulatedSwitch(state, keys, dialect="cisco_nxos") as switch:
        access = napalm_access(switch, tmp_path)
        entry = SwitchEntry(
            name="sw1", site="lab", address="127.0.0.1", via="napalm", platform="cisco_nxos", napalm=access
        )
        driver = connect(entry, SystemClock())
        assert isinstance(driver, NapalmDriver)
        yield Place(switch, entry, driver)
        driver.close()


def test_a_plain_commit_where_there_is_no_timer(place: Place) -> None:
    """It says that it cannot confirm, commits at once, and `confirm` has nothing to do."""
    assert not place.driver.capabilities().confirm
    exchanges = place.driver.apply(place.shut(1))
    assert ["load_merge_candidate", "compare_config", "commit_config()"] == [e.command for e in exchanges]
    assert ["interface Ethernet1/1", "shutdown"] == [line.strip() for line in exchanges[1].answer.splitlines()]
    place.driver.confirm()
    assert not place.up(1)


def test_lines_of_a_lost_session_are_not_sent_with_the_next(place: Place) -> None:
    """NAPALM adds to the candidate that it has: after a session that ended it is another object, with no lines of before."""
    first, second = place.shut(1), place.shut(2)
    place.switch.state.faults.set("drop-before")
    with pytest.raises(Unreachable):
        place.driver.apply(first)
    place.switch.state.faults.set("none")
    place.driver.apply(second)
    assert (True, False) == (place.up(1), place.up(2))


def test_lines_that_were_refused_are_not_sent_with_the_next(place: Place) -> None:
    """NAPALM goes back to its checkpoint by itself; the refused lines are gone from the candidate."""
    bad = place.shut(1).model_copy(update={"commands": ("interface Ethernet1/1", "shutdown", "frobnicate")})
    with pytest.raises(CommandRejected, match="rollback"):
        place.driver.apply(bad)
    assert place.up(1)
    place.driver.apply(place.shut(2))
    assert (True, False) == (place.up(1), place.up(2))


def test_compared_lines_are_not_sent_with_the_next(place: Place) -> None:
    """A comparison for a person leaves nothing behind."""
    assert "shutdown" in place.driver.difference(place.shut(1))
    place.driver.apply(place.shut(2))
    assert (True, False) == (place.up(1), place.up(2))


def test_who_is_not_believed(place: Place, tmp_path: Path) -> None:
    """Another certificate, another password: NotAllowed, and not a word of the secret."""
    other = tmp_path / "other.pem"
    other.write_text(make_certificate()[0], "ascii")
    with pytest.raises(NotAllowed, match="certificate"):
        place.another(certificate=other).facts()
    with pytest.raises(NotAllowed, match="password") as caught:
        place.another(password="env:T_WRONG").facts()
    assert "not-the-one" not in str(caught.value)
