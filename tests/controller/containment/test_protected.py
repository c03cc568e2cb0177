"""What is protected stays so however a request names it: by address, by MAC, or by the port it hangs on."""

from typing import Any

import pytest

from controller.core.sites import SwitchFile
from controller.runtime.rulebook import FileRulebook
from playbooks.facts import Location
from playbooks.lifecycle import State
from playbooks.plan import Admin, Verb
from playbooks.request import FlowEvidence, Origin, Target
from tests.fakes import MAC, FakeInventory

from .conftest import Desk

PUMP = "00:11:22:00:00:01"
PORT = Target(switch="sw1", port="ge1")


class Unnamed(FakeInventory):
    """Knows the port that a request names, and not which machine is meant."""

    def locate(self, target: Target, flow: FlowEvidence | None = None) -> Location:
        return super().locate(target, flow).model_copy(update={"mac": target.mac})


@pytest.fixture
def ward(desk: Desk) -> Desk:
    """Two other people decide over what begins with 00:11:22, and over 10.1.8.0/24."""
    words: dict[str, Any] = {
        "sites": [{"name": "clinic", "mode": "auto"}],
        "switches": [{"name": "sw1", "site": "clinic", "address": "192.0.2.1"}],
        "protected": [{"mac": "00:11:22", "why": "pumps"}, {"ip": "10.1.8.0/24", "why": "clinical gateways"}],
    }
    desk.parts.rulebook = FileRulebook(SwitchFile.model_validate(words))
    desk.parts.inventory = desk.inventory = Unnamed(desk.switch, desk.clock)
    return desk


@pytest.mark.parametrize(
    ("origin", "state"), [(Origin.PERSON, State.AWAITING_APPROVAL), (Origin.PLATFORM, State.REFUSED)]
)
def test_a_protected_machine_on_a_named_port(ward: Desk, origin: Origin, state: State) -> None:
    """A request that names the port and no machine is held back by the machine that hangs there."""
    ward.inventory.macs = (PUMP,)
    assert state is ward.run(origin=origin, target=PORT)[1]
    ward.inventory.macs = (MAC,)
    assert State.CONTAINED is ward.run(origin=origin, target=PORT)[1]


def test_a_protected_address_of_a_named_mac(ward: Desk) -> None:
    """A request that names the MAC is held back by any address that ARP has of it, and by no other machine's."""
    ward.inventory.addresses = ((MAC, "10.1.9.1"), (MAC, "10.1.8.7"))
    assert State.REFUSED is ward.run(target=Target(mac=MAC))[1]
    ward.inventory.addresses = ((MAC, "10.1.9.1"), (PUMP, "10.1.8.7"))
    assert State.CONTAINED is ward.run(target=Target(mac=MAC))[1]


def test_beside_a_protected_machine(ward: Desk) -> None:
    """One MAC alone may be blocked beside a pump; what closes the port for both is held back, naming the pump."""
    ward.inventory.macs = (MAC, PUMP)
    judged = [
        ward.engine.preview(ward.request(verb=verb, origin=Origin.PERSON)).judgement
        for verb in (Verb.MAC_BLOCK, Verb.SHUT)
    ]
    assert [False, True] == ["MAC 00:11:22 (pumps)" in str(judgement.reasons()) for judgement in judged]


def test_a_named_port_after_a_reboot(ward: Desk) -> None:
    """Nothing is learned on it yet, as on any port of a switch that comes up: it waits, and is closed again after that."""
    containment_id, _ = ward.run(origin=Origin.PLATFORM, target=PORT)
    ward.clock.advance(60)
    ward.switch.admin, ward.switch.uptime_ms, ward.inventory.macs = Admin.UP, 5_000, ()
    ward.engine.reconcile()
    assert (State.CONTAINED, True) == (ward.row(containment_id)["state"], ward.row(containment_id)["unsettled"])
    ward.inventory.macs = (MAC,)
    ward.engine.reconcile()
    assert (False, Admin.DOWN) == (ward.row(containment_id)["unsettled"], ward.switch.admin)
