"""The way in: what is contained, what is refused with which reason, and that nothing is believed before it is read back."""

import pytest

from playbooks.facts import NeighbourKind, Refusal
from playbooks.judgement import Mode
from playbooks.lifecycle import State
from playbooks.plan import Admin, Verb
from playbooks.request import Origin
from tests.fakes import PORT, commands_of

from .conftest import Desk


def test_contained_only_after_read_back(desk: Desk) -> None:
    """A healthy switch: one command, journal intent -> sent -> verified, contained, with an end."""
    containment_id, state = desk.run()
    assert State.CONTAINED is state
    assert ["admin down"] == commands_of(desk.switch.sent)
    assert [("apply", "verified")] == [(s["direction"], s["state"]) for s in desk.journal(containment_id)]
    assert desk.clock.now_ms() + 600_000 == desk.row(containment_id)["until_ms"]


def test_every_state_is_audited_in_order(desk: Desk) -> None:
    """The audit log has the request and each state once, in the order of the life cycle."""
    desk.run()
    states = ("requested", "locating", "planned", "applying", "verifying", "contained")
    assert ["request", *(f"containment.{s}" for s in states)] == desk.audited()


def test_lying_switch_is_failed_never_contained(desk: Desk) -> None:
    """A switch that accepts and does nothing: failed, and the read-back is in the reason."""
    desk.switch.fault = "lie"
    containment_id, state = desk.run()
    assert State.FAILED is state
    assert "ifAdminStatus is up, expected down" in desk.row(containment_id)["why"]
    assert "containment.contained" not in desk.audited()


def test_refused_command_is_failed(desk: Desk) -> None:
    """A switch that refuses: failed, with its answer."""
    desk.switch.fault = "refuse"
    containment_id, state = desk.run()
    assert State.FAILED is state
    assert "Invalid input" in desk.row(containment_id)["why"]


def test_session_lost_after_the_effect_is_contained(desk: Desk) -> None:
    """What the switch shows decides, not whether its answer came."""
    desk.switch.fault = "dead-after"
    assert State.CONTAINED is desk.run()[1]


def test_dead_switch_is_failed_and_nothing_was_changed(desk: Desk) -> None:
    """A switch that cannot be written but read: failed, settled, port as before."""
    desk.switch.fault = "dead"
    containment_id, state = desk.run()
    assert (State.FAILED, Admin.UP) == (state, desk.switch.admin)
    assert not desk.row(containment_id)["unsettled"]


def test_half_success_is_undone(desk: Desk) -> None:
    """The first of two steps worked, the second did not: the first is undone, and it ends in failed."""
    desk.switch.half = True
    containment_id, state = desk.run(verb=Verb.QUARANTINE_VLAN, origin=Origin.PERSON)
    assert (State.FAILED, 10) == (state, desk.switch.pvid)
    assert ["pvid 666", "admin down", "pvid 10"] == commands_of(desk.switch.sent)
    assert not desk.row(containment_id)["unsettled"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"uplink": True}, "uplink"),
        ({"macs": ("02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03", "02:00:00:00:00:04")}, "4 MACs"),
        ({"refuse": (Refusal.SPOOFED,)}, "spoofed"),
        ({"refuse": (Refusal.CONFLICT,)}, "conflict"),
        ({"age_ms": 61_000}, "61.0 s old"),
        ({"port": None}, "no port"),
        ({"macs": ()}, "not learned"),
        ({"neighbours": (NeighbourKind.SWITCH,)}, ": switch"),
        ({"neighbours": (NeighbourKind.AP,)}, "access point"),
        ({"neighbours": (NeighbourKind.PHONE,)}, "phone"),
    ],
)
def test_refused_with_the_reason(desk: Desk, change: dict[str, object], reason: str) -> None:
    """Each of these is refused, says why, and nothing reaches the switch."""
    for name, value in change.items():
        setattr(desk.inventory, name, value)
    containment_id, state = desk.run(verb=Verb.SHUT, playbook="none")
    assert State.REFUSED is state
    assert reason in desk.row(containment_id)["why"]
    assert [] == desk.switch.sent


def test_port_already_down_is_refused(desk: Desk) -> None:
    """A port somebody else shut is not ours to hold: its undo would open it."""
    desk.switch.admin = Admin.DOWN
    assert State.REFUSED is desk.run()[1]


def test_observe_mode_records_and_touches_nothing(desk: Desk) -> None:
    """observe: the plan is kept, the state is refused, the switch is left alone."""
    desk.rulebook.mode = Mode.OBSERVE
    containment_id, state = desk.run()
    assert State.REFUSED is state
    row = desk.row(containment_id)
    assert "observe mode" in row["why"]
    assert "admin down" in row["plan"]
    assert [] == desk.switch.sent


def test_a_request_cannot_borrow_another_sites_mode(desk: Desk) -> None:
    """The mode is that of the switch's own site, whatever site the request names."""
    desk.rulebook.modes = {"clinic": Mode.OBSERVE, "open-site": Mode.AUTO}
    assert State.REFUSED is desk.run(origin=Origin.PLATFORM, site="open-site")[1]
    assert [] == desk.switch.sent


def test_approve_mode_waits_and_reads_again(desk: Desk) -> None:
    """approve: it waits; after the yes the facts are read anew, and what changed since then is refused."""
    desk.rulebook.mode = Mode.APPROVE
    first, state = desk.run()
    assert State.AWAITING_APPROVAL is state
    assert State.CONTAINED is desk.engine.approve(first, by="ann", reason="seen")
    desk.engine.release(first, by="ann", reason="done")
    desk.clock.advance(3600)
    desk.engine.expire_due()
    second, _ = desk.run()
    desk.inventory.uplink = True
    assert State.REFUSED is desk.engine.approve(second, by="ann", reason="seen")


def test_rejected_by_a_person(desk: Desk) -> None:
    """A no ends it, with the person's reason."""
    desk.rulebook.mode = Mode.APPROVE
    containment_id, _ = desk.run()
    assert State.REFUSED is desk.engine.reject(containment_id, by="ann", reason="that is the scanner")
    assert "that is the scanner" in desk.row(containment_id)["why"]


def test_same_request_twice_is_one_containment(desk: Desk) -> None:
    """A request id that was taken before gives the same containment, and nothing is sent again."""
    request = desk.request()
    first = desk.engine.submit(request)
    desk.engine.advance(first)
    assert first == desk.engine.submit(request)
    desk.engine.work()
    assert ["admin down"] == commands_of(desk.switch.sent)


def test_two_requests_for_one_port(desk: Desk) -> None:
    """Both were located while the port was up; the one that commits second finds it held, by name, and sends nothing."""
    second: list[str] = []

    def meanwhile(event: str, _: str) -> None:
        if event == "state:applying" and not second:
            second.append(desk.engine.submit(desk.request()))
            assert State.REFUSED is desk.engine.advance(second[0])

    desk.parts.observer = meanwhile
    first, state = desk.run()
    assert State.CONTAINED is state
    assert f"by {first} on sw1 ge1" in desk.row(second[0])["why"]
    assert ["admin down"] == commands_of(desk.switch.sent)


def test_a_port_that_is_contained_is_left_alone(desk: Desk) -> None:
    """A later request for it is refused: it is down already."""
    desk.run()
    second, state = desk.run()
    assert State.REFUSED is state
    assert "already down" in desk.row(second)["why"]


def test_preview_sends_and_keeps_nothing(desk: Desk) -> None:
    """A dry run has the plan; the switch and the store are as before."""
    preview = desk.engine.preview(desk.request())
    assert preview.plan is not None
    assert PORT == preview.plan.action.port
    assert [] == desk.switch.sent
    assert [] == desk.audited()
