"""Stops, protection, quarantine VLANs, reboots, bounces, notes on ports: the guard's facts as the engine gathers them."""

from pathlib import Path

import pytest

from controller.containment import Containment, ContainmentConfig, Parts
from controller.containment.whereabouts import QuarantineVlans
from controller.core.clock import ManualClock
from controller.core.errors import NotFound, UsageError
from controller.runtime.choose import load_playbooks
from controller.store import containments, open_store
from playbooks.facts import Maintenance
from playbooks.judgement import Mode
from playbooks.lifecycle import State
from playbooks.plan import Admin, Verb
from playbooks.request import Origin, Request, Target
from tests.fakes import FakeRulebook, commands_of
from tests.modelswitch import ModelInventory, ModelSwitch, mac_of

from .conftest import Desk


class Ward:
    """An engine over the model switch with three ports."""

    def __init__(self, folder: Path, **config: object) -> None:
        self.clock = ManualClock()
        self.switch = ModelSwitch(self.clock)
        self.rulebook = FakeRulebook()
        self.store = open_store(f"sqlite:///{folder / 'cordon.db'}")
        parts = Parts(
            store=self.store, inventory=ModelInventory(self.switch, self.clock), drivers=lambda _: self.switch,
            rulebook=self.rulebook, playbooks=load_playbooks(None), config=ContainmentConfig(**config), clock=self.clock,
        )  # fmt: skip
        self.engine, self._number = Containment(parts), 0

    def ask(self, verb: Verb, port: str = "ge1", origin: Origin = Origin.PERSON) -> tuple[str, State]:
        """Somebody asks for something on a port."""
        self._number += 1
        request = Request(
            request_id=f"r{self._number}", origin=origin, requested_by="ann", requested_ms=self.clock.now_ms(),
            playbook="shut-port", verb=verb, target=Target(mac=mac_of(port)), reason="test", response="auto",
        )  # fmt: skip
        containment_id = self.engine.submit(request)
        return containment_id, self.engine.advance(containment_id)

    def row(self, containment_id: str) -> containments.Row:
        """As it stands in the store."""
        with self.store.reading() as connection:
            return containments.find(connection, containment_id)


def test_a_bulk_stop_holds_until_a_person_clears_it(desk: Desk) -> None:
    """An hour later it still holds; cleared by name with a reason, audited, automatic action goes on."""
    desk.parts.config = ContainmentConfig(bulk_alerts=5, verify_timeout_s=1)
    for _ in range(6):
        desk.engine.submit(desk.request(site="clinic", target=Target(ip="10.0.0.9")))
    desk.clock.advance(3600)
    assert State.AWAITING_APPROVAL is desk.run(site="clinic")[1]
    desk.engine.resume_automatic("clinic", by="ann", reason="a scanner was let loose")
    assert State.CONTAINED is desk.run(site="clinic")[1]
    assert {"automatic.stopped", "automatic.resumed"} <= set(desk.audited())
    with pytest.raises(NotFound):
        desk.engine.resume_automatic("clinic", by="ann", reason="again")


def test_a_person_stops_everything(desk: Desk) -> None:
    """A stop without a site holds in every one, and is not set twice; a person's own request is not held back."""
    desk.engine.stop_automatic(None, by="ann", reason="core is being replaced")
    with pytest.raises(UsageError):
        desk.engine.stop_automatic(None, by="bob", reason="too")
    assert State.AWAITING_APPROVAL is desk.run()[1]
    assert State.CONTAINED is desk.run(origin=Origin.PERSON)[1]


def test_two_other_people_for_a_protected_machine(desk: Desk) -> None:
    """Who asked does not count, and the same person twice is one; the second other person's yes acts."""
    desk.rulebook.hits = ("life-support MAC x (ventilator)",)
    containment_id, state = desk.run(origin=Origin.PERSON, requested_by="ann@desk")
    assert State.AWAITING_APPROVAL is state
    for by in ("ann@ward", "bob", "bob@home"):
        assert State.AWAITING_APPROVAL is desk.engine.approve(containment_id, by=by, reason="seen")
    assert [] == desk.switch.sent
    assert State.CONTAINED is desk.engine.approve(containment_id, by="carl", reason="seen")


def test_an_alert_never_touches_what_is_protected(desk: Desk) -> None:
    """Refused at once, naming it; or put before the class's people, where it says so."""
    desk.rulebook.hits = ("server MAC x (PACS)",)
    containment_id, state = desk.run()
    assert State.REFUSED is state
    assert "PACS" in desk.row(containment_id)["why"]
    desk.rulebook.asks = True
    assert State.AWAITING_APPROVAL is desk.run()[1]


def test_a_maintenance_window_is_named(desk: Desk) -> None:
    """No automatic action while it is open."""
    desk.rulebook.windows = (Maintenance(name="core swap, Tuesday night"),)
    containment_id, state = desk.run()
    assert State.REFUSED is state
    assert "core swap, Tuesday night" in desk.row(containment_id)["why"]


def test_the_stricter_of_site_and_playbook_holds(desk: Desk) -> None:
    """A playbook in approve mode waits in a site that is in auto mode, and the row says so."""
    books = dict(desk.parts.playbooks)
    books["shut-port"] = books["shut-port"].model_copy(update={"mode": Mode.APPROVE})
    desk.parts.playbooks = books
    containment_id, state = desk.run()
    assert (State.AWAITING_APPROVAL, "approve") == (state, desk.row(containment_id)["mode"])


@pytest.mark.parametrize(("policy", "ends"), [("propose", State.CONTAINED), ("release", State.PROBATION)])
def test_protected_while_contained(desk: Desk, policy: str, ends: State) -> None:
    """Its release is put before a person, once, or done at once, as configured."""
    desk.parts.config = ContainmentConfig.model_validate({"on_protection": policy, "verify_timeout_s": 1})
    containment_id, _ = desk.run()
    desk.rulebook.hits = ("life-support MAC x (ventilator)",)
    desk.engine.reconcile()
    desk.engine.reconcile()
    row = desk.row(containment_id)
    assert ends == row["state"]
    assert (policy == "propose") is ("ventilator" in str(row["proposal"]))
    assert (1 if policy == "propose" else 0) == desk.audited().count("containment.proposal")


def test_contained_with_approval_stays(desk: Desk) -> None:
    """What two people decided knowing that it is protected is not proposed for release."""
    desk.rulebook.hits = ("life-support MAC x (ventilator)",)
    containment_id, _ = desk.run(origin=Origin.PERSON)
    for by in ("bob", "carl"):
        desk.engine.approve(containment_id, by=by, reason="seen")
    desk.engine.reconcile()
    assert desk.row(containment_id)["proposal"] is None


def test_a_repeat_during_probation_skips_a_step(desk: Desk) -> None:
    """10 minutes; caught again on probation: 24 hours instead of 1, and the probation is over, naming by what."""
    first, _ = desk.run()
    desk.engine.release(first, by="ann", reason="cleaned")
    second, _ = desk.run()
    assert 86_400 == (desk.row(second)["until_ms"] - desk.clock.now_ms()) // 1000
    assert State.RELEASED == desk.row(first)["state"]
    assert second in desk.row(first)["why"]


def test_the_name_of_a_foreign_change_stays(desk: Desk) -> None:
    """It ends in a definite state that says what somebody else did."""
    containment_id, _ = desk.run()
    desk.switch.admin = Admin.UP
    desk.engine.reconcile()
    assert "somebody else changed the port" in desk.row(containment_id)["why"]


def test_after_a_reboot_the_guard_decides_anew(desk: Desk) -> None:
    """The port is an uplink now: not put back, ended, and it says why."""
    containment_id, _ = desk.run()
    desk.clock.advance(60)
    desk.switch.admin, desk.switch.uptime_ms, desk.inventory.uplink = Admin.UP, 5_000, True
    desk.engine.reconcile()
    assert ["admin down"] == commands_of(desk.switch.sent)
    assert "uplink" in desk.row(containment_id)["why"]
    assert State.PROBATION == desk.row(containment_id)["state"]


def test_after_a_reboot_it_waits_for_the_machine(desk: Desk) -> None:
    """Its MAC is not learned yet: in doubt and said so; put back when it is seen."""
    containment_id, _ = desk.run()
    desk.clock.advance(60)
    desk.switch.admin, desk.switch.uptime_ms, desk.inventory.macs = Admin.UP, 5_000, ()
    desk.engine.reconcile()
    assert (State.CONTAINED, True) == (desk.row(containment_id)["state"], desk.row(containment_id)["unsettled"])
    desk.inventory.macs = ("02:00:00:00:00:01",)
    desk.engine.reconcile()
    assert (False, Admin.DOWN) == (desk.row(containment_id)["unsettled"], desk.switch.admin)


def test_after_a_reboot_it_waits_for_the_link(desk: Desk) -> None:
    """Its MAC is learned again and the agent shows no link yet: that passes, and no containment ends by it."""
    containment_id, _ = desk.run()
    desk.clock.advance(60)
    desk.switch.admin, desk.switch.uptime_ms, desk.switch.link = Admin.UP, 5_000, False
    desk.engine.reconcile()
    assert (State.CONTAINED, True) == (desk.row(containment_id)["state"], desk.row(containment_id)["unsettled"])
    desk.switch.link = True
    desk.engine.reconcile()
    assert (False, Admin.DOWN) == (desk.row(containment_id)["unsettled"], desk.switch.admin)


def test_after_a_reboot_it_may_end(desk: Desk) -> None:
    """Where it is configured so a reboot ends it."""
    desk.parts.config = ContainmentConfig(after_reboot="end", verify_timeout_s=1)
    containment_id, _ = desk.run()
    desk.clock.advance(60)
    desk.switch.admin, desk.switch.uptime_ms = Admin.UP, 5_000
    desk.engine.reconcile()
    assert State.PROBATION == desk.row(containment_id)["state"]
    assert "rebooted" in desk.row(containment_id)["why"]
    assert ["admin down"] == commands_of(desk.switch.sent)


def test_each_quarantined_port_gets_a_vlan_of_its_own(tmp_path: Path) -> None:
    """Two of two are given, the third is refused: it would share one."""
    ward = Ward(tmp_path)
    ward.rulebook.vlans = QuarantineVlans((900, 901), each_its_own=True)
    states = [ward.ask(Verb.QUARANTINE_VLAN, port)[1] for port in ("ge1", "ge2")]
    third, refused = ward.ask(Verb.QUARANTINE_VLAN, "ge3")
    assert [State.CONTAINED, State.CONTAINED, State.REFUSED] == [*states, refused]
    assert ["900", "901", "10"] == [ward.switch.ports[name].pvid for name in ("ge1", "ge2", "ge3")]
    assert "is taken" in ward.row(third)["why"]


def test_a_bounce_opens_by_itself(tmp_path: Path) -> None:
    """Shut, and open again after its seconds, by whichever process is there then; nobody is on probation."""
    ward = Ward(tmp_path, bounce_s=5)
    containment_id, state = ward.ask(Verb.BOUNCE)
    assert (State.CONTAINED, "down") == (state, ward.switch.ports["ge1"].admin)
    ward.clock.advance(5)
    ward.engine.work()
    assert (State.RELEASED, "up") == (ward.row(containment_id)["state"], ward.switch.ports["ge1"].admin)


def test_the_port_says_who_closed_it(tmp_path: Path) -> None:
    """The description names Cordon, the containment and whom to call, and is as it was afterwards."""
    ward = Ward(tmp_path, contact="NOC 5555")
    ward.switch.ports["ge1"].text = "room 12"
    containment_id, _ = ward.ask(Verb.SHUT)
    assert f"CORDON {containment_id} NOC 5555" == ward.switch.ports["ge1"].text
    ward.engine.release(containment_id, by="ann", reason="cleaned")
    assert "room 12" == ward.switch.ports["ge1"].text


def test_a_description_somebody_changed_is_left(tmp_path: Path) -> None:
    """A technician's note stays; the port is opened all the same."""
    ward = Ward(tmp_path)
    containment_id, _ = ward.ask(Verb.SHUT)
    ward.switch.ports["ge1"].text = "do not open before Friday"
    ward.engine.release(containment_id, by="ann", reason="cleaned")
    assert ("do not open before Friday", "up") == (ward.switch.ports["ge1"].text, ward.switch.ports["ge1"].admin)
    assert "somebody else" in ward.row(containment_id)["why"]


def test_every_second_is_accounted_for(tmp_path: Path) -> None:
    """One containment: two flushes before the command, and the port is read once before and once after it."""
    from controller.containment.timing import Stopwatch

    ward, watch, reads = Ward(tmp_path, describe=False), Stopwatch(), list[str]()
    read = ward.switch.port_state
    ward.switch.port_state = lambda port: reads.append(port.name) or read(port)  # type: ignore[method-assign,func-returns-value]
    ward.engine.watch(watch.mark)
    ward.ask(Verb.SHUT)
    assert ["ge1", "ge1"] == reads
    order = [watch.at_ms(what) for what in ("state:requested", "port read", "state:applying", "commands sent")]
    assert all(earlier is not None for earlier in order)
    assert order == sorted(order, key=float)  # type: ignore[arg-type]
    assert watch.at_ms("state:contained")


def test_a_failed_one_that_left_nothing_is_not_released(desk: Desk) -> None:
    """Another one may have the port by then: what is undone already is not undone again."""
    desk.switch.fault = "lie"
    failed, state = desk.run()
    assert (State.FAILED, False) == (state, desk.row(failed)["unsettled"])
    desk.switch.fault = "none"
    assert State.CONTAINED is desk.run()[1]
    with pytest.raises(UsageError, match="left nothing"):
        desk.engine.release(failed, by="ann", reason="test")
    assert Admin.DOWN is desk.switch.admin
