"""The way out, and what time, reboots and other people do to a containment."""

import threading

from controller.containment import ContainmentConfig
from playbooks.judgement import GuardLimits
from playbooks.lifecycle import State
from playbooks.plan import Admin
from playbooks.request import Origin, Target
from tests.fakes import PORT, commands_of

from .conftest import Desk


def test_expiry_opens_the_port_and_probation_follows(desk: Desk) -> None:
    """After its time the port is opened and read back; probation; then released."""
    containment_id, _ = desk.run()
    desk.clock.advance(601)
    desk.engine.work()
    assert (State.PROBATION, Admin.UP) == (desk.row(containment_id)["state"], desk.switch.admin)
    desk.clock.advance(601)
    desk.engine.work()
    assert State.RELEASED == desk.row(containment_id)["state"]


def test_not_a_millisecond_early(desk: Desk) -> None:
    """One millisecond before its end it is still contained."""
    containment_id, _ = desk.run()
    desk.clock.advance(599.99)
    desk.engine.work()
    assert State.CONTAINED == desk.row(containment_id)["state"]


def test_repeats_last_longer(desk: Desk) -> None:
    """10 minutes, then 1 hour, then 24 hours for the same MAC."""
    lengths = []
    for _ in range(3):
        containment_id, _ = desk.run()
        lengths.append((desk.row(containment_id)["until_ms"] - desk.clock.now_ms()) // 1000)
        desk.engine.release(containment_id, by="ann", reason="done")
        desk.clock.advance(3601)
        desk.engine.expire_due()
    assert [600, 3600, 86_400] == lengths


def test_renewed_by_a_person(desk: Desk) -> None:
    """A renewal moves the end and is audited with the name."""
    containment_id, _ = desk.run()
    until_ms = desk.clock.now_ms() + 7_200_000
    desk.engine.renew(containment_id, by="ann", until_ms=until_ms, reason="not cleaned yet")
    desk.clock.advance(3600)
    desk.engine.work()
    assert (State.CONTAINED, 1) == (desk.row(containment_id)["state"], desk.row(containment_id)["renewals"])


def test_release_of_an_unreachable_switch_is_tried_again(desk: Desk) -> None:
    """releasing stays releasing while the switch is away, and ends once it answers."""
    containment_id, _ = desk.run()
    desk.switch.fault, desk.switch.reads_fail = "dead", True
    assert State.RELEASING is desk.engine.release(containment_id, by="ann", reason="done")
    desk.switch.fault, desk.switch.reads_fail = "none", False
    desk.clock.advance(3600)
    desk.engine.work()
    assert (State.PROBATION, Admin.UP) == (desk.row(containment_id)["state"], desk.switch.admin)


def test_lying_switch_is_never_released(desk: Desk) -> None:
    """A switch that only says it opened the port leaves the containment releasing."""
    containment_id, _ = desk.run()
    desk.switch.fault = "lie"
    assert State.RELEASING is desk.engine.release(containment_id, by="ann", reason="done")
    assert Admin.DOWN is desk.switch.admin


def test_foreign_change_is_reported_not_overwritten(desk: Desk) -> None:
    """Somebody opened the port by hand: it is reported, nothing is sent, the containment ends."""
    containment_id, _ = desk.run()
    desk.switch.admin = Admin.UP
    desk.engine.reconcile()
    assert ["admin down"] == commands_of(desk.switch.sent)
    assert "containment.foreign-change" in desk.audited()
    assert State.PROBATION == desk.row(containment_id)["state"]


def test_rebooted_switch_is_put_back(desk: Desk) -> None:
    """A switch that came up with its saved configuration gets the command again: nobody opened that port."""
    containment_id, _ = desk.run()
    desk.clock.advance(60)
    desk.switch.admin, desk.switch.uptime_ms = Admin.UP, 5_000
    desk.engine.reconcile()
    assert (State.CONTAINED, Admin.DOWN) == (desk.row(containment_id)["state"], desk.switch.admin)
    assert ["admin down", "admin down"] == commands_of(desk.switch.sent)


def test_unknown_end_is_settled_by_reconcile(desk: Desk) -> None:
    """The session died after the effect and the switch went silent: failed, unsettled; once it answers, it is undone."""
    containment_id = desk.engine.submit(desk.request())

    def strike(event: str, _: str) -> None:
        if event == "state:applying":
            desk.switch.fault, desk.switch.reads_fail = "dead-after", True
        if event == "step:sent":
            desk.switch.fault = "dead"

    desk.parts.observer = strike
    assert State.FAILED is desk.engine.advance(containment_id)
    assert desk.row(containment_id)["unsettled"]
    assert Admin.DOWN is desk.switch.admin
    desk.switch.fault, desk.switch.reads_fail = "none", False
    desk.parts.observer = lambda *_: None
    desk.engine.reconcile()
    assert Admin.UP is desk.switch.admin
    assert not desk.row(containment_id)["unsettled"]


def test_waiting_for_approval_lapses(desk: Desk) -> None:
    """Nobody said yes in time: expired, and nothing was sent."""
    containment_id, state = desk.run(response="approve")
    assert State.AWAITING_APPROVAL is state
    desk.clock.advance(3601)
    desk.engine.work()
    assert State.EXPIRED == desk.row(containment_id)["state"]
    assert [] == desk.switch.sent


def test_budget_per_switch(desk: Desk) -> None:
    """After so many automatic actions on a switch a person has to say yes."""
    desk.parts.config = ContainmentConfig(limits=GuardLimits(per_switch=2), verify_timeout_s=1)
    states = []
    for number in range(3):
        port = PORT.model_copy(update={"ifindex": 4 + number, "name": f"ge{number}"})
        desk.inventory.port = port
        states.append(desk.run()[1])
        desk.switch.admin = Admin.UP  # another port, really
    assert [State.CONTAINED, State.CONTAINED, State.AWAITING_APPROVAL] == states


def test_budget_per_site(desk: Desk) -> None:
    """And so many in a site, over all its switches."""
    desk.parts.config = ContainmentConfig(limits=GuardLimits(per_switch=9, per_site=1), verify_timeout_s=1)
    assert State.CONTAINED is desk.run()[1]
    desk.inventory.port = PORT.model_copy(update={"switch": "sw2"})
    desk.switch.admin = Admin.UP
    containment_id, state = desk.run()
    assert State.AWAITING_APPROVAL is state
    assert "in this site" in desk.row(containment_id)["why"]


def test_many_workers_release_once(desk: Desk) -> None:
    """Four threads at an expired containment send the undo once."""
    desk.run()
    desk.clock.advance(601)
    threads = [threading.Thread(target=desk.engine.work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    desk.engine.work()
    assert ["admin down", "admin up"] == commands_of(desk.switch.sent)


def test_bulk_detections_stop_automatic_action(desk: Desk) -> None:
    """Detections in bulk mean that something else is wrong: a person looks first."""
    desk.parts.config = ContainmentConfig(bulk_alerts=5, verify_timeout_s=1)
    for _ in range(6):
        desk.engine.submit(desk.request(target=Target(ip="10.0.0.9")))
    containment_id, state = desk.run()
    assert State.AWAITING_APPROVAL is state
    assert "bulk" in desk.row(containment_id)["why"]


def test_a_person_is_not_held_back_by_budgets(desk: Desk) -> None:
    """Budgets bound what is done by itself."""
    desk.parts.config = ContainmentConfig(limits=GuardLimits(per_switch=0), verify_timeout_s=1)
    assert State.CONTAINED is desk.run(origin=Origin.PERSON)[1]


def test_many_workers_send_once(desk: Desk) -> None:
    """Four threads driving the same work send each command once."""
    containment_id = desk.engine.submit(desk.request())
    threads = [threading.Thread(target=desk.engine.work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    desk.engine.work()
    assert State.CONTAINED == desk.row(containment_id)["state"]
    assert ["admin down"] == commands_of(desk.switch.sent)
