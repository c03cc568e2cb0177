"""Where it is certain that nothing was sent: definite at once, the port is anybody's, and what may pass is tried again."""

import pytest

from controller.containment.outcome import outcome_or_raise
from controller.core.errors import CordonError, NotAllowed, Unreachable
from controller.store import audit
from controller.switches.driver import Exchange
from playbooks.judgement import Mode
from playbooks.lifecycle import State
from playbooks.plan import Admin, Step, Verb
from playbooks.request import Origin

from .conftest import Desk


@pytest.mark.parametrize(
    ("fault", "logins", "kind", "exit_code"), [("no-login", 2, Unreachable, 7), ("bad-password", 1, NotAllowed, 4)]
)
def test_a_person_is_told_at_once(desk: Desk, fault: str, logins: int, kind: type[CordonError], exit_code: int) -> None:
    """failed, nothing in doubt, with the exit code of what kept it; a refused password is not typed twice."""
    desk.switch.fault = fault
    containment_id, state = desk.run(origin=Origin.PERSON)
    row = desk.row(containment_id)
    assert (State.FAILED, False, logins) == (state, bool(row["unsettled"]), desk.switch.logins)
    assert "nothing was sent: sw1: no log-in" == row["why"]
    with pytest.raises(kind, match="nothing was sent") as told:
        outcome_or_raise(row)
    assert exit_code == told.value.exit_code
    assert [("apply", "unsent")] == [(s["direction"], s["state"]) for s in desk.journal(containment_id)]
    with desk.store.reading() as connection:
        assert "nothing was sent" in str(audit.entries(connection, most=1)[0]["body"])


def test_the_port_is_free(desk: Desk) -> None:
    """Nobody has to release anything before the next one gets the port, be the switch unreadable meanwhile."""
    apply = desk.switch.apply

    def dies(step: Step) -> tuple[Exchange, ...]:
        desk.switch.fault, desk.switch.reads_fail = "no-login", True
        return apply(step)

    desk.switch.apply = dies  # type: ignore[method-assign]
    containment_id, state = desk.run(origin=Origin.PERSON)
    assert (State.FAILED, False) == (state, bool(desk.row(containment_id)["unsettled"]))
    desk.switch.apply, desk.switch.fault, desk.switch.reads_fail = apply, "none", False  # type: ignore[method-assign]
    assert State.CONTAINED is desk.run(origin=Origin.PERSON)[1]


def test_an_alert_is_tried_again(desk: Desk) -> None:
    """It goes back to locating, holds nothing, spends no budget; and is contained once the switch lets us in."""
    desk.switch.fault = "no-login"
    containment_id, state = desk.run()
    row = desk.row(containment_id)
    assert (State.LOCATING, None, True) == (state, row["applied_ms"], "nothing was sent" in row["why"])
    assert row["created_ms"] + desk.parts.config.request_ttl_s * 1000 == row["until_ms"]
    assert 0 == desk.engine.work()
    desk.switch.fault = "none"
    desk.clock.advance(16)
    assert 1 == desk.engine.work()
    assert (State.CONTAINED, Admin.DOWN) == (State(desk.row(containment_id)["state"]), desk.switch.admin)
    assert ["unsent", "verified"] == [s["state"] for s in desk.journal(containment_id)]


def test_an_alert_is_tried_less_and_less_often_until_it_lapses(desk: Desk) -> None:
    """expired means that nothing was sent, as ever."""
    desk.switch.fault = "no-login"
    containment_id, _ = desk.run()
    for _ in range(40):
        desk.clock.advance(10)
        desk.engine.work()
    assert ("expired", []) == (desk.row(containment_id)["state"], desk.switch.sent)
    assert 4 <= desk.switch.logins / desk.parts.config.send_attempts <= 8


def test_another_may_have_the_port_meanwhile(desk: Desk) -> None:
    """A person is not held up by the alert that waits; which then finds the machine contained."""
    desk.switch.fault = "no-login"
    waiting, _ = desk.run()
    desk.switch.fault = "none"
    assert State.CONTAINED is desk.run(origin=Origin.PERSON)[1]
    desk.clock.advance(16)
    desk.engine.work()
    assert "refused" == desk.row(waiting)["state"]
    assert [("admin down",)] == desk.switch.sent


def test_a_refused_log_in_of_an_alert_is_no_matter_of_time(desk: Desk) -> None:
    """No password is typed again and again until the account is locked."""
    desk.switch.fault = "bad-password"
    containment_id, state = desk.run()
    assert (State.FAILED, 1, None) == (state, desk.switch.logins, desk.row(containment_id)["applied_ms"])


def test_what_was_approved_stays_approved(desk: Desk) -> None:
    """The yes holds while the same action on the same port is tried again."""
    desk.rulebook.mode = Mode.APPROVE
    containment_id, _ = desk.run()
    desk.switch.fault = "no-login"
    assert State.LOCATING is desk.engine.approve(containment_id, by="ann", reason="seen")
    with pytest.raises(Unreachable):
        outcome_or_raise(desk.row(containment_id))
    desk.switch.fault = "none"
    desk.clock.advance(16)
    desk.engine.work()
    assert "contained" == desk.row(containment_id)["state"]


def test_a_log_in_that_fails_after_a_first_step(desk: Desk) -> None:
    """Something was sent: it is undone as before, and held if that cannot be done."""
    apply = desk.switch.apply

    def second_fails(step: Step) -> tuple[Exchange, ...]:
        desk.switch.fault = "no-login" if step.index == 1 else "none"
        return apply(step)

    desk.switch.apply = second_fails  # type: ignore[method-assign]
    containment_id, state = desk.run(verb=Verb.QUARANTINE_VLAN, origin=Origin.PERSON)
    assert (State.FAILED, True, 666) == (state, bool(desk.row(containment_id)["unsettled"]), desk.switch.pvid)
    desk.switch.fault = "none"
    desk.engine.reconcile()
    assert (False, 10) == (bool(desk.row(containment_id)["unsettled"]), desk.switch.pvid)


def test_a_command_that_was_not_answered_before(desk: Desk) -> None:
    """The first attempt may have arrived; that the second one could not log in proves nothing."""
    desk.switch.losses, desk.switch.fault = 1, "no-login"
    containment_id, _ = desk.run(origin=Origin.PERSON)
    assert ["failed"] == [s["state"] for s in desk.journal(containment_id) if s["direction"] == "apply"]


def test_an_intent_of_a_process_that_died(desk: Desk) -> None:
    """It may have sent: that this one cannot log in does not make it certain that nothing was."""
    desk.run_until_killed("state:applying")
    desk.switch.fault = "no-login"
    (found,) = desk.engine.reconcile()
    assert State.FAILED is found.state
    assert "nothing was sent" not in desk.row(found.containment_id)["why"].split(";")[-1]
    assert desk.row(found.containment_id)["problem"] is None


def test_a_switch_that_cannot_be_asked_for_the_plan(desk: Desk) -> None:
    """The port was read by another way in than commands go: an alert waits, a person is told that it is unreachable."""
    desk.switch.plan_fails = True
    containment_id, state = desk.run()
    assert (State.LOCATING, True) == (state, "could not be asked" in desk.row(containment_id)["why"])
    by_hand, state = desk.run(origin=Origin.PERSON)
    assert State.FAILED is state
    with pytest.raises(Unreachable):
        outcome_or_raise(desk.row(by_hand))
    desk.switch.plan_fails = False
    desk.clock.advance(16)
    desk.engine.work()
    assert "contained" == desk.row(containment_id)["state"]


def test_a_release_that_cannot_log_in(desk: Desk) -> None:
    """It stays on its way out and holds the port, as what was done is there."""
    containment_id, _ = desk.run()
    desk.switch.fault = "no-login"
    assert State.RELEASING is desk.engine.release(containment_id, by="ann", reason="cleaned")
    desk.switch.fault = "none"
    desk.clock.advance(3600)
    desk.engine.work()
    assert (Admin.UP, "probation") == (desk.switch.admin, desk.row(containment_id)["state"])
