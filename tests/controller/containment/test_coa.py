"""A session ended by CoA through the one door: an emulated NAS does it, and the switch's ordinary driver proves it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.core.clock import ManualClock
from controller.emulate import Credentials, EmulatedSwitch, site_of_lab
from controller.emulate.nas import EmulatedNas
from controller.emulate.site import host_mac
from controller.runtime.services import Services
from controller.runtime.settings import load_settings
from controller.store import containments
from playbooks.facts import NeighbourKind
from playbooks.lifecycle import State
from playbooks.plan import Verb
from playbooks.request import Origin, Request, Target

SECRET = "an-emulated-secret"
GE1, PHONE_PORT = host_mac(1), "ge20"


class Died(BaseException):
    """The process is gone: nothing below catches it."""


@dataclass
class Ward:
    """sw1 of the lab with 802.1X, its NAS, and a service that knows both."""

    switch: EmulatedSwitch
    nas: EmulatedNas
    services: Services
    clock: ManualClock
    folder: Path
    numbers: list[int] = field(default_factory=lambda: [0])

    def ask(self, verb: Verb = Verb.DISCONNECT, mac: str = GE1, **changes: Any) -> tuple[str, State]:
        """A person's request, driven as far as it goes."""
        self.services.inventory.refresh()
        self.numbers[0] += 1
        values: dict[str, Any] = {
            "request_id": f"req_{self.numbers[0]}", "origin": Origin.PERSON, "requested_by": "ann",
            "requested_ms": self.clock.now_ms(), "playbook": "by-hand", "verb": verb, "target": Target(mac=mac), "reason": "test",
        }  # fmt: skip
        door = self.services.containment
        containment_id = door.submit(Request(**{**values, **changes}))
        return containment_id, door.advance(containment_id)

    def row(self, containment_id: str) -> containments.Row:
        """As the store has it."""
        with self.services.store.reading() as connection:
            return containments.find(connection, containment_id)

    def done(self) -> list[str]:
        """What the switch did by CoA."""
        return [write.text for write in self.switch.state.journal if write.via == "coa" and write.effect]


def ward_of(folder: Path, timeout_s: float = 20.0, **entry: Any) -> Iterator[Ward]:
    """Built from configuration files, as the service is."""
    clock, keys = ManualClock(), Credentials()
    state = site_of_lab(clock, oper_lag_s=0.0)[0]
    nas = EmulatedNas(state, SECRET.encode())
    nas.start()
    with EmulatedSwitch(state, keys) as switch:
        (folder / "secret").write_text(SECRET)
        (folder / "rw").write_text(keys.community_rw)
        switch_entry = {
            "name": "sw1", "site": "lab", "address": "127.0.0.1",
            "snmp": {"port": switch.snmp_port, "community": f"file:{folder / 'rw'}", "timeout_s": 20.0},
            "coa": {
                "kind": "cisco", "secret": f"file:{folder / 'secret'}", "port": nas.port, "timeout_s": timeout_s, "retries": 1,
            },
            **entry,
        }  # fmt: skip
        file = {"sites": [{"name": "lab", "mode": "auto"}], "switches": [switch_entry]}
        (folder / "switches.yaml").write_text(yaml.safe_dump(file))
        settings = {
            "switches": str(folder / "switches.yaml"), "data_dir": str(folder / "data"),
            "containment": {"verify_timeout_s": 0.3, "verify_poll_s": 0.1},
        }  # fmt: skip
        (folder / "cordon.yaml").write_text(yaml.safe_dump(settings))
        services = Services(load_settings(folder / "cordon.yaml"), clock=clock)
        yield Ward(switch, nas, services, clock, folder)
        services.stop()
    nas.stop()


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    """CoA beside SNMP that may write."""
    yield from ward_of(tmp_path)


@pytest.fixture
def brief(tmp_path: Path) -> Iterator[Ward]:
    """As `ward`; a NAS that is silent is waited for briefly."""
    yield from ward_of(tmp_path, timeout_s=1.5)


@pytest.fixture
def poor(tmp_path: Path) -> Iterator[Ward]:
    """via: coa; SNMP only reads."""
    yield from ward_of(tmp_path, via="coa")


def test_acknowledged_and_seen(ward: Ward) -> None:
    """The MAC was seen to lose its access: contained for seconds, then released, with nothing to undo and nobody accused."""
    containment_id, state = ward.ask()
    assert State.CONTAINED is state, ward.row(containment_id)["why"]
    assert [f"disconnect {GE1} ge1"] == ward.done()
    ward.nas.come_back()
    ward.clock.advance(6)
    ward.services.work()
    assert State.RELEASED == ward.row(containment_id)["state"]
    assert [f"disconnect {GE1} ge1"] == ward.done()


def test_acknowledged_is_not_believed(ward: Ward) -> None:
    """The switch says ACK and does nothing: failed, and it says that it was not proven."""
    ward.switch.state.faults.set("lie")
    containment_id, state = ward.ask()
    assert State.FAILED is state
    assert "not proven" in ward.row(containment_id)["why"]
    assert not ward.row(containment_id)["unsettled"]


def test_an_unauthorised_port_is_proof(ward: Ward) -> None:
    """802.1X let nobody through when it was read: that is enough, though the forwarding table still has the MAC."""
    ward.switch.state.faults.set("lie")
    ward.switch.state.ports["ge1"].authorised = False
    assert State.CONTAINED is ward.ask()[1]


def test_a_no_is_told_with_its_reason(ward: Ward) -> None:
    """NAK: failed with the Error-Cause by name and what to look at; asked once."""
    ward.nas._nas_ip = "192.0.2.99"
    containment_id, state = ward.ask()
    assert State.FAILED is state
    assert "NAS identification mismatch" in ward.row(containment_id)["why"]
    assert 1 == len(ward.nas.received)


def test_a_wrong_secret_looks_like_silence(brief: Ward) -> None:
    """Failed, unreachable, the secret not told; the NAS discarded every attempt and did nothing."""
    ward = brief
    ward.nas._secret = b"another"
    containment_id, state = ward.ask()
    assert State.FAILED is state
    why = ward.row(containment_id)["why"]
    assert "coa.secret" in why
    assert SECRET not in why
    assert (2, []) == (ward.nas.discarded, ward.done())


def test_a_lost_answer_does_not_end_the_session_twice(brief: Ward) -> None:
    """The first datagram is lost, the second is the same request; and an answer lost after the effect changes nothing."""
    ward = brief
    ward.nas.silent = 1
    assert State.CONTAINED is ward.ask()[1]
    assert (2, 1) == (len(ward.nas.received), len(set(ward.nas.received)))
    assert 1 == len(ward.done())


def test_a_repeated_request_is_answered_from_memory(ward: Ward) -> None:
    """The NAS itself: the same octets from the same place twice give the same answer and one effect."""
    ward.ask()
    ward.nas.come_back()
    (data,) = ward.nas.received
    answers = {ward.nas._answer(data, "elsewhere") for _ in range(3)}
    assert 1 == len(answers)
    assert 2 == len(ward.done())


def test_an_alert_cannot_ask_for_it(ward: Ward) -> None:
    """What ends by itself is no containment of an attacker: refused by the guard, in words; nothing is sent."""
    containment_id, state = ward.ask(origin=Origin.ALERT, response="auto", severity="high", requested_by="detector")
    assert State.REFUSED is state
    assert "keeps nobody off" in ward.row(containment_id)["why"]
    assert [] == ward.nas.received


def test_nor_can_anybody_for_a_time(ward: Ward) -> None:
    """A duration is a wish for something lasting."""
    containment_id, state = ward.ask(duration_s=600)
    assert State.REFUSED is state
    assert "keeps nobody off" in ward.row(containment_id)["why"]


def test_lasting_verbs_stay_the_ordinary_driver_s(ward: Ward) -> None:
    """shut goes over SNMP, and so does a bounce: shutting and opening survives a crash."""
    assert State.CONTAINED is ward.ask(Verb.SHUT)[1]
    assert not ward.switch.state.ports["ge1"].admin_up
    assert [] == ward.nas.received


def test_alone_it_has_no_lasting_verb(poor: Ward) -> None:
    """via coa: shut is refused before anything is sent."""
    containment_id, state = poor.ask(Verb.SHUT)
    assert State.REFUSED is state
    assert "bounce, disconnect" in poor.row(containment_id)["why"]
    assert poor.switch.state.ports["ge1"].admin_up


def test_alone_the_device_bounces(poor: Ward) -> None:
    """A bounce is one order there, journaled, sent once, and seen."""
    containment_id, state = poor.ask(Verb.BOUNCE)
    assert State.CONTAINED is state, poor.row(containment_id)["why"]
    assert [f"bounce {GE1} ge1"] == poor.done()
    assert "coa" == poor.row(containment_id)["via"]


def test_behind_a_phone_only_that_session_ends(ward: Ward) -> None:
    """The PC's session, by its MAC; the phone keeps its own."""
    port = ward.switch.state.ports[PHONE_PORT]
    assert port.neighbour
    assert NeighbourKind.PHONE == port.neighbour.capability
    containment_id, state = ward.ask(mac=host_mac(20))
    assert State.CONTAINED is state, ward.row(containment_id)["why"]
    assert {"02:77:00:00:01:14"} == port.macs


@pytest.mark.crash
@pytest.mark.parametrize(("point", "orders"), [("step:apply:0:intent", 0), ("step:sent", 1)])
def test_died_around_the_sending(ward: Ward, point: str, orders: int) -> None:
    """Nobody can tell afterwards whether it was sent: it is not sent again, and it ends in failed, settled."""

    def observe(event: str, _: str) -> None:
        if event == point:
            raise Died

    settings = load_settings(ward.folder / "cordon.yaml")
    first = Services(settings, clock=ward.clock, observer=observe)
    whole, ward.services = ward.services, first
    with pytest.raises(Died):
        ward.ask()
    first.stop()
    ward.services = whole
    ward.clock.advance(200)  # what the dead process had to itself is free again
    ward.nas.come_back()
    whole.inventory.refresh()
    whole.containment.reconcile()
    whole.work()
    with whole.store.reading() as connection:
        (row,) = containments.listed(connection)
    assert (State.FAILED, False) == (row["state"], bool(row["unsettled"])), row["why"]
    assert orders == len(ward.done())
