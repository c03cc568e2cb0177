"""What the contract suite of the vendor files stands on: a driver of each make, in front of an emulated switch of that make."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller.core.clock import SystemClock
from controller.core.sites import NapalmAccess, SshAccess, SwitchEntry
from controller.emulate import DIALECTS, Credentials, EmulatedSwitch, switch_of
from controller.emulate.state import EmulatedPort, SwitchState
from controller.switches.driver import Driver
from controller.switches.registry import connect
from playbooks.plan import Action, PortRef, Step, Verb

TIMEOUT_S = 6.0
NAPALM = ("arista_eos", "cisco_ios", "cisco_nxos")  # driven through NAPALM too, by its own code


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


def napalm_access(switch: EmulatedSwitch, folder: Path) -> NapalmAccess:
    """For the API of a switch that has one: user, port, and its own certificate and no other."""
    if switch.api is None:
        return NapalmAccess(timeout_s=TIMEOUT_S)
    certificate = folder / "switch.pem"
    certificate.write_text(switch.api.certificate, "ascii")
    return NapalmAccess(
        username=switch.credentials.username, password="env:T_PASS", enable="env:T_ENABLE", port=switch.api.port,
        certificate=certificate, timeout_s=TIMEOUT_S,
    )  # fmt: skip


@pytest.fixture(scope="module", params=[*sorted(DIALECTS), *(f"napalm-{platform}" for platform in NAPALM)])
def switch(request: pytest.FixtureRequest) -> Iterator[tuple[str, str, EmulatedSwitch]]:
    """One emulated switch of each make and way in; each test finds it freshly booted."""
    via, platform = request.param.split("-") if request.param.startswith("napalm-") else ("ssh", request.param)
    state = switch_of(platform, SystemClock(), oper_lag_s=0.0)
    with EmulatedSwitch(state, Credentials(), dialect=platform) as found:
        yield via, platform, found


@pytest.fixture(scope="module")
def kept(switch: tuple[str, str, EmulatedSwitch], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A driver whose session is kept over the tests, as it is in the service."""
    via, platform, emulated = switch
    keys = emulated.credentials
    patch = pytest.MonkeyPatch()
    patch.setenv("T_PASS", keys.password)
    patch.setenv("T_ENABLE", keys.enable)
    access = SshAccess(
        port=emulated.ssh_port, username=keys.username, password="env:T_PASS", enable="env:T_ENABLE",
        host_key=emulated.host_key, timeout_s=TIMEOUT_S,
    )  # fmt: skip
    entry = SwitchEntry(
        name="sw1", site="lab", address="127.0.0.1", via=via, platform=platform, ssh=access,
        napalm=napalm_access(emulated, tmp_path_factory.mktemp("tls")),
    )  # fmt: skip
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
    own.tagged, own.trunk, own.linked, own.held, own.bound = set(), False, True, "", False
    kept.state.filters_vlans = True
    kept.state.blocked.clear()
    kept.state.journal.clear()
    yield kept
    kept.state.faults.set("none")
