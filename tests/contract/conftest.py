"""What the contract suite of the vendor files stands on: a driver of each make, in front of an emulated switch of that make."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from controller.core.clock import SystemClock
from controller.core.sites import SshAccess, SwitchEntry
from controller.emulate import DIALECTS, Credentials, EmulatedSwitch, switch_of
from controller.emulate.state import EmulatedPort, SwitchState
from controller.switches.driver import Driver
from controller.switches.registry import connect
from playbooks.plan import Action, PortRef, Step, Verb

TIMEOUT_S = 2.0


@dataclass
class Bench:
    """A driver and the switch it drives."""

    platform: str
    driver: Driver
    state: SwitchState
    entry: SwitchEntry

    @property
    def port(self) -> PortRef:
        """Port 1."""
        return PortRef(switch="sw1", ifindex=4, name=self.own.name)

    @property
    def own(self) -> EmulatedPort:
        """Port 1 as the switch has it."""
        found = self.state.by_ifindex(4)
        assert found is not None
        return found

    def plan(self, verb: Verb, **what: Any) -> Step:
        """The one step of a verb on port 1."""
        (step,) = self.driver.plan(Action(verb=verb, port=self.port, **what), self.driver.port_state(self.port))
        return step

    def offers(self, verb: Verb) -> bool:
        """Whether the driver has the verb."""
        return verb in self.driver.capabilities().verbs


@pytest.fixture(scope="module", params=sorted(DIALECTS))
def switch(request: pytest.FixtureRequest) -> Iterator[tuple[str, EmulatedSwitch]]:
    """One emulated switch of each make; each test finds it freshly booted."""
    state = switch_of(request.param, SystemClock(), oper_lag_s=0.0)
    with EmulatedSwitch(state, Credentials(), dialect=request.param) as found:
        yield request.param, found


@pytest.fixture(scope="module")
def kept(switch: tuple[str, EmulatedSwitch]) -> Iterator[Bench]:
    """A driver whose session is kept over the tests, as it is in the service."""
    platform, emulated = switch
    keys = emulated.credentials
    patch = pytest.MonkeyPatch()
    patch.setenv("T_PASS", keys.password)
    patch.setenv("T_ENABLE", keys.enable)
    access = SshAccess(
        port=emulated.ssh_port, username=keys.username, password="env:T_PASS", enable="env:T_ENABLE",
        host_key=emulated.host_key, timeout_s=TIMEOUT_S,
    )  # fmt: skip
    entry = SwitchEntry(name="sw1", site="lab", address="127.0.0.1", via="ssh", platform=platform, ssh=access)
    driver = connect(entry, SystemClock())
    yield Bench(platform, driver, emulated.state, entry)
    driver.close()
    patch.undo()


@pytest.fixture
def bench(kept: Bench) -> Iterator[Bench]:
    """The driver, in front of a switch with the configuration of the first day."""
    own = kept.own
    kept.state.faults.set("none")
    own.admin_up, own.pvid, own.alias, own.hybrid, own.untagged = True, 10, "", False, set()
    kept.state.blocked.clear()
    kept.state.journal.clear()
    yield kept
    kept.state.faults.set("none")
