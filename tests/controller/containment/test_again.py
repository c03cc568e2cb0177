"""What is tried again, how often, and what is never: readings, commands, approvals."""

import pytest

from controller.containment.outcome import outcome_or_raise
from controller.core.errors import CommandRejected, CordonError, UsageError
from controller.store import containments, requests
from controller.switches.driver import Exchange
from playbooks.judgement import Mode
from playbooks.lifecycle import State
from playbooks.plan import Admin, PortRef, Step, Verb
from playbooks.request import Origin
from tests.fakes import PORT

from .conftest import Desk

OTHER = PortRef(switch="sw1", ifindex=5, name="ge2")


def test_a_switch_that_is_silent_for_a_moment(desk: Desk) -> None:
    """Nothing is sent to a switch that cannot be read; an alert is not lost for that: it is contained once it answers."""
    desk.switch.reads_fail = True
    containment_id, state = desk.run()
    assert State.LOCATING is state
    assert "could not be read" in desk.row(containment_id)["why"]
    assert 0 == desk.engine.work()
    desk.switch.reads_fail = False
    desk.clock.advance(16)
    assert 1 == desk.engine.work()
    assert (State.CONTAINED, Admin.DOWN) == (State(desk.row(containment_id)["state"]), desk.switch.admin)


def test_a_switch_that_stays_silent(desk: Desk) -> None:
    """The request lapses; nothing was sent, and nothing will be."""
    desk.switch.reads_fail = True
    containment_id, _ = desk.run()
    for _ in range(30):
        desk.clock.advance(11)
        desk.engine.work()
    assert "expired" == desk.row(containment_id)["state"]
    assert [] == desk.switch.sent


def test_a_link_that_is_shown_late(desk: Desk) -> None:
    """The port was opened a moment ago and its MAC is learned, but the agent still shows no link: asked again, not lost."""
    desk.switch.link = False
    containment_id, state = desk.run()
    assert (State.LOCATING, []) == (state, desk.switch.sent)
    assert "no link" in desk.row(containment_id)["why"]
    desk.switch.link = True
    desk.clock.advance(16)
    assert 1 == desk.engine.work()
    assert State.CONTAINED is State(desk.row(containment_id)["state"])


def test_a_link_that_never_comes(desk: Desk) -> None:
    """A person is told at once; an alert lapses. Nothing was sent."""
    desk.switch.link = False
    assert State.REFUSED is desk.run(origin=Origin.PERSON)[1]
    containment_id, _ = desk.run()
    for _ in range(30):
        desk.clock.advance(11)
        desk.engine.work()
    assert ("expired", []) == (desk.row(containment_id)["state"], desk.switch.sent)


def test_a_person_is_told_at_once(desk: Desk) -> None:
    """Somebody at a terminal gets the refusal now, and may ask again."""
    desk.switch.reads_fail = True
    containment_id, state = desk.run(origin=Origin.PERSON)
    assert State.REFUSED is state
    assert "not read" in desk.row(containment_id)["why"]


def test_other_reasons_are_not_waited_out(desk: Desk) -> None:
    """A core switch that does not answer stays a core switch."""
    desk.switch.reads_fail, desk.rulebook.kind = True, "core"
    assert State.REFUSED is desk.run()[1]


def test_a_session_that_ended_before_the_command(desk: Desk) -> None:
    """The switch is read: no effect. Then, and only then, the command is sent once more."""
    desk.switch.losses = 1
    containment_id, state = desk.run()
    assert State.CONTAINED is state
    assert [("admin down",)] == desk.switch.sent
    (step,) = desk.journal(containment_id)
    assert "verified" == step["state"]


def test_a_session_that_ends_every_time(desk: Desk) -> None:
    """So many attempts and no more: failed, the port as it was."""
    desk.switch.losses = 5
    containment_id, state = desk.run()
    assert (State.FAILED, Admin.UP, 3) == (state, desk.switch.admin, desk.switch.losses)
    assert not desk.row(containment_id)["unsettled"]


def test_a_refused_command_is_not_repeated(desk: Desk) -> None:
    """The switch said no: asking again is not an answer."""
    desk.switch.fault = "refuse"
    _, state = desk.run()
    assert State.FAILED is state
    assert 1 == desk.switch.sent.count(("admin down",))
    assert not CommandRejected.retriable


def test_an_approval_is_for_the_port_that_was_shown(desk: Desk) -> None:
    """The machine moved before the yes came: nothing is done on a port nobody was shown; people are asked again."""
    desk.rulebook.mode = Mode.APPROVE
    containment_id, _ = desk.run()
    desk.inventory.port = OTHER
    assert State.AWAITING_APPROVAL is desk.engine.approve(containment_id, by="ann", reason="seen")
    assert "approved was shut on sw1 ge1" in desk.row(containment_id)["why"]
    assert "ge2" == desk.row(containment_id)["port"]
    assert "containment.approvals-withdrawn" in desk.audited()
    assert [] == desk.switch.sent
    assert State.CONTAINED is desk.engine.approve(containment_id, by="ann", reason="seen, the new port")


def test_two_people_approve_the_same_port(desk: Desk) -> None:
    """A yes that was given for another port does not count towards the two."""
    desk.rulebook.hits, desk.rulebook.asks = ("server x",), True
    containment_id, _ = desk.run()
    desk.engine.approve(containment_id, by="ann", reason="seen")
    desk.inventory.port = OTHER
    assert State.AWAITING_APPROVAL is desk.engine.approve(containment_id, by="bob", reason="seen")
    desk.inventory.port = PORT
    assert State.AWAITING_APPROVAL is desk.engine.approve(containment_id, by="bob", reason="again")
    assert State.AWAITING_APPROVAL is desk.engine.approve(containment_id, by="ann", reason="again")  # asked for ge2
    assert [] == desk.switch.sent


def test_an_old_intent_lapses(desk: Desk) -> None:
    """The process died before it sent anything and was away for an hour: what was right then is not done now."""
    desk.run_until_killed("state:applying")
    desk.clock.advance(3600)
    (found,) = desk.engine.reconcile()
    assert State.FAILED is found.state
    assert "lapsed" in desk.row(found.containment_id)["why"]
    assert [] == desk.switch.sent


@pytest.mark.parametrize(("pvid", "comes_back"), [(None, True), (1, True), (20, False)])
def test_half_a_move_is_ours_another_vlan_is_not(desk: Desk, pvid: int | None, comes_back: bool) -> None:
    """Between two commands a port is in no VLAN or in VLAN 1: that is undone. Any other VLAN is somebody's, and stays."""

    def cut_in_two(event: str, _: str) -> None:
        if event == "state:applying":
            desk.switch.pvid = pvid  # type: ignore[assignment]
            raise KeyboardInterrupt

    desk.parts.observer = cut_in_two
    with pytest.raises(KeyboardInterrupt):
        desk.run(verb=Verb.QUARANTINE_VLAN, origin=Origin.PERSON)
    desk.parts.observer = lambda *_: None
    (found,) = desk.engine.reconcile()
    assert State.FAILED is found.state
    assert (10 if comes_back else pvid) == desk.switch.pvid
    assert ("containment.foreign-change" in desk.audited()) is not comes_back


def test_every_overdue_one_is_found(desk: Desk) -> None:
    """However many containments are newer, the oldest is not forgotten."""
    now_ms = desk.clock.now_ms()
    with desk.store.transaction(durable=False) as tx:
        for number in range(1100):
            request = desk.request()
            requests.add(tx, request, source="cordon", body_hash=None)
            containments.create(tx, f"con_{number}", request, now_ms=now_ms + number, until_ms=now_ms + number)
    with desk.store.reading() as connection:
        found = containments.overdue(connection, (State.REQUESTED,), now_ms + 1098)
    assert [f"con_{number}" for number in range(1099)] == [row["containment_id"] for row in found]


def test_renewing_what_has_ended(desk: Desk) -> None:
    """A renewal that comes too late changes nothing."""
    containment_id, _ = desk.run()
    desk.clock.advance(601)
    desk.engine.expire_due()
    with pytest.raises(UsageError, match="only a contained one"):
        desk.engine.renew(containment_id, by="ann", until_ms=desk.clock.now_ms() + 1, reason="on it")


def test_nothing_is_renewed_for_ever(desk: Desk) -> None:
    """Everything ends: a renewal lasts 30 days at most, whoever asks for more by whichever way."""
    containment_id, _ = desk.run()
    month_ms = desk.clock.now_ms() + 30 * 86_400_000
    with pytest.raises(UsageError, match="30 days"):
        desk.engine.renew(containment_id, by="ann", until_ms=month_ms + 1, reason="for ever")
    desk.engine.renew(containment_id, by="ann", until_ms=month_ms, reason="on it")
    assert month_ms == desk.row(containment_id)["until_ms"]


def test_a_port_held_by_what_failed(desk: Desk) -> None:
    """It may have had an effect: nobody else gets the port until it was read, and both are told how that is done."""
    apply = desk.switch.apply

    def dies(step: Step) -> tuple[Exchange, ...]:
        desk.switch.fault, desk.switch.reads_fail = "dead", True
        return apply(step)

    desk.switch.apply = dies  # type: ignore[method-assign]
    containment_id, state = desk.run()
    assert (State.FAILED, True) == (state, desk.row(containment_id)["unsettled"])
    with pytest.raises(CordonError) as told:
        outcome_or_raise(desk.row(containment_id))
    desk.switch.reads_fail = False
    other, state = desk.run()
    way_out = f"cordon action release {containment_id}"
    assert (State.REFUSED, True) == (state, way_out in desk.row(other)["why"])
    assert way_out in str(told.value.do)
