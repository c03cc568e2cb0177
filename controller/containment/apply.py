"""The way in: requested -> locating -> planned -> (awaiting approval) -> applying -> verifying -> contained."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from controller.store import containments, requests
from controller.switches.driver import Driver
from playbooks.guard import Outcome
from playbooks.lifecycle import State
from playbooks.plan import Step, Verb
from playbooks.request import Request

from . import ending, undo
from .decide import Decision, decide, still_allowed
from .parts import Parts, overtaken, plan_of
from .steps import Begun, StepResult, await_effect, bring_about, perform, settle


def begin(parts: Parts, row: containments.Row) -> None:
    """requested -> locating. Nothing was promised yet: the flush comes with the intent."""
    why = "looking where it is"
    parts.move(row["containment_id"], State.LOCATING, why, durable=False, until_ms=row["until_ms"])


def locate_and_plan(parts: Parts, row: containments.Row) -> None:
    """locating -> planned -> what the guard says, with location, judgement and plan committed; or refused, or failed.

    Allowed, it goes on to send in the same breath: facts, commit and command are a moment apart.
    """
    containment_id = row["containment_id"]
    request, approvals = request_of(parts, row)
    location = parts.inventory.locate(request.target, request.flow)
    parts.mark("located", containment_id)
    with parts.device(location.port.switch if location.port else containment_id):
        decision = decide(parts, request, approvals, containment_id=containment_id, location=location)
        columns = _columns(decision)
        if decision.judgement.outcome is Outcome.REFUSE:
            _refuse(parts, containment_id, decision, columns)
        else:
            _commit_to(parts, row, request, decision, columns)


def resume_applying(parts: Parts, row: containments.Row) -> None:
    """applying, left by a process that died. The switch is read first, and decides which way is definite:

    every effect there: go on to verify. None there: facts are read and judged anew; allowed, the commands are sent,
    else it ends in failed with nothing changed. Some there: what is there is undone, and it ends in failed.
    """
    plan = plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    readable = [step for step in plan.essential if not step.passing]
    there = [await_effect(parts, driver, step.expect, patient=False) for step in readable]
    parts.counts.resumed += 1
    if all(result.met for result in there):
        send_and_verify(parts, row)
    elif not all(result.known for result in there):
        parts.try_later(row, f"cannot go on: {next(r.detail for r in there if not r.known)}")
    elif any(result.met for result in there):
        _give_up(parts, row, StepResult(False, True, "interrupted half way"))
    else:
        _judge_again(parts, row)


def _judge_again(parts: Parts, row: containments.Row) -> None:
    request, approvals = request_of(parts, row)
    decision = decide(parts, request, approvals, containment_id=row["containment_id"])
    if decision.may_act and decision.action == plan_of(row).action:
        send_and_verify(parts, row)
        return
    why = "; ".join(decision.judgement.reasons()) or "the plan is another one now"
    parts.counts.failed += 1
    parts.move(row["containment_id"], State.FAILED, f"interrupted before anything was sent, and not allowed now: {why}")


def send_and_verify(parts: Parts, row: containments.Row, begun: Begun | None = None) -> None:
    """applying -> verifying -> contained: every step that the switch does not show yet is sent and read back."""
    containment_id, plan = row["containment_id"], plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    *before, last = plan.essential
    for step in before:
        result = perform(parts, driver, containment_id, step, undo=False, begun=begun)
        begun = None
        if not result.met:
            _give_up(parts, row, result)
            return
    result, row_id = bring_about(parts, driver, containment_id, last, undo=False, begun=begun)
    _settle_last(parts, row, row_id, result, alone=not before)
    if result.met:
        _describe(parts, row, [step for step in plan.steps if step.optional])


def verify(parts: Parts, row: containments.Row) -> None:
    """verifying -> contained, only if the switch shows every step's effect at once."""
    plan = plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    for step in plan.essential:
        if step.passing:
            continue
        result = await_effect(parts, driver, step.expect)
        if not result.met:
            _give_up(parts, row, result)
            return
    driver.confirm()
    parts.counts.contained += 1
    now_ms = parts.clock.now_ms()
    until_ms = now_ms + ending.duration_s(parts, row) * 1000
    parts.move(
        row["containment_id"], State.CONTAINED, "read back from the switch", contained_ms=now_ms, until_ms=until_ms
    )
    ending.end_probations(parts, row)


def _settle_last(parts: Parts, row: containments.Row, row_id: int, result: StepResult, *, alone: bool) -> None:
    """The last step's end and what follows from it, in one commit. A step that stands alone was read back just now."""
    containment_id = row["containment_id"]
    if not result.met:
        with parts.store.transaction() as tx:
            settle(parts, tx, row_id, result)
        parts.told("step:failed", containment_id)
        _give_up(parts, row, result)
        return
    contained = alone and not parts.drivers(row["switch"]).capabilities().confirm
    until_ms = parts.clock.now_ms() + ending.duration_s(parts, row) * 1000 if contained else None
    with overtaken(containment_id), parts.store.transaction() as tx:
        now_ms = parts.clock.now_ms()
        settle(parts, tx, row_id, result)
        move: dict[str, Any] = {"actor": "cordon", "now_ms": now_ms}
        containments.move(tx, containment_id, State.VERIFYING, **move, why="sent; reading back")
        if contained:
            columns: dict[str, Any] = {"contained_ms": now_ms, "until_ms": until_ms}
            containments.move(tx, containment_id, State.CONTAINED, **move, why="read back from the switch", **columns)
    parts.told(f"state:{State.CONTAINED if contained else State.VERIFYING}", containment_id)
    if contained:
        parts.counts.contained += 1
        ending.end_probations(parts, row)
    else:
        verify(parts, parts.row(containment_id))


def _describe(parts: Parts, row: containments.Row, notes: list[Step]) -> None:
    """Write on the port who closed it. It stands after `contained`: a technician reads it, an attacker does not wait."""
    if not notes or State(parts.row(row["containment_id"])["state"]) is not State.CONTAINED:
        return
    driver = parts.drivers(row["switch"])
    for step in notes:
        write_note(parts, driver, row["containment_id"], step)


def write_note(parts: Parts, driver: Driver, containment_id: str, step: Step) -> None:
    """One note, kept for good where the device would go back by itself."""
    if perform(parts, driver, containment_id, step, undo=False).met:
        driver.confirm()


def _commit_to(
    parts: Parts, row: containments.Row, request: Request, decision: Decision, columns: dict[str, Any]
) -> None:
    """The transaction that decides: budgets and other containments of the port are looked at inside it.

    If the guard says yes the intent of the first step is in the same commit.
    """
    containment_id = row["containment_id"]
    begun: Begun | None = None
    with overtaken(containment_id), parts.store.transaction() as tx:
        now_ms = parts.clock.now_ms()
        if row["state"] == State.LOCATING:
            containments.move(
                tx, containment_id, State.PLANNED, actor="cordon", now_ms=now_ms, why="planned", **columns
            )
        else:
            containments.amend(tx, containment_id, **columns)
        after, why, more = _next(parts, tx, containment_id, request, decision)
        containments.move(tx, containment_id, after, actor="cordon", now_ms=now_ms, why=why, **more)
        if after is State.APPLYING and decision.plan and decision.port and not decision.plan.essential[0].passing:
            first = decision.plan.essential[0].index
            row_id = containments.begin_step(tx, containment_id, "apply", first, now_ms=now_ms)
            begun = Begun(row_id, decision.port.state)
    parts.told(f"state:{after}", containment_id)
    if after is State.REFUSED:
        parts.counts.refused += 1
    elif after is State.FAILED:
        parts.counts.failed += 1
    elif after is State.APPLYING:
        send_and_verify(parts, parts.row(containment_id), begun)


def _next(
    parts: Parts, tx: Connection, containment_id: str, request: Request, decision: Decision
) -> tuple[State, str, dict[str, Any]]:
    judgement = still_allowed(parts, tx, request, decision, containment_id)
    columns: dict[str, Any] = {"judgement": judgement.model_dump_json()}
    why, now_ms = "; ".join(judgement.reasons()), parts.clock.now_ms()
    if judgement.outcome in (Outcome.REFUSE, Outcome.OBSERVE):
        return State.REFUSED, f"observed only: {why}" if judgement.outcome is Outcome.OBSERVE else why, columns
    if decision.plan is None:
        return State.FAILED, decision.unreadable or "there is no plan", columns
    collision = _collision(parts, tx, containment_id, decision)
    if collision:
        return State.REFUSED, collision, columns
    if judgement.outcome is Outcome.APPROVE:
        return State.AWAITING_APPROVAL, why, {**columns, "until_ms": now_ms + parts.config.approval_ttl_s * 1000}
    return State.APPLYING, "allowed by the guard", {**columns, "applied_ms": now_ms}


def _collision(parts: Parts, tx: Connection, containment_id: str, decision: Decision) -> str | None:
    """Another containment that has the port, or the VLAN that was meant to be this port's own."""
    action = decision.action
    other = containments.on_port(tx, action.port.switch, action.port.ifindex, but=containment_id)
    if other is not None:
        return f"the port is held by {other['containment_id']} ({other['state']})"
    if action.verb is Verb.QUARANTINE_VLAN and parts.rulebook.quarantine(action.port.switch).each_its_own:
        taken = containments.quarantine_vlans(tx, decision.site, but=containment_id)
        if action.vlan in taken:
            return f"VLAN {action.vlan} was given to another machine meanwhile: ask again"
    return None


def _refuse(parts: Parts, containment_id: str, decision: Decision, columns: dict[str, Any]) -> None:
    why = "; ".join(decision.judgement.reasons())
    if decision.unreadable:
        why = f"{why}; {decision.unreadable}"
    parts.counts.refused += 1
    parts.move(containment_id, State.REFUSED, why, **columns)


def _give_up(parts: Parts, row: containments.Row, result: StepResult) -> None:
    """The switch did not do it: undo what can be undone, and end in failed with what was read back."""
    left = undo.unwind(parts, row)
    parts.counts.failed += 1
    why = f"{result.detail}; {left.detail}"
    parts.move(row["containment_id"], State.FAILED, why, unsettled=not left.met)


def request_of(parts: Parts, row: containments.Row) -> tuple[Request, tuple[str, ...]]:
    """The request of a containment, and who approved it."""
    with parts.store.reading() as connection:
        request = requests.find(connection, row["request_id"])
        approvals = containments.approvers(connection, row["containment_id"])
    if request is None:
        raise LookupError(f"request {row['request_id']} is gone")  # foreign keys forbid it
    return request, approvals


def _columns(decision: Decision) -> dict[str, Any]:
    port, location = decision.location.port, decision.location
    return {
        "site": decision.site,
        "mode": decision.mode,
        "verb": decision.action.verb,
        "via": decision.plan.via if decision.plan else None,
        "switch": port.switch if port else None,
        "ifindex": port.ifindex if port else None,
        "port": port.name if port else None,
        "vlan": decision.action.vlan,
        "mac": location.mac,
        "ip": location.ip,
        "location": location.model_dump_json(),
        "judgement": decision.judgement.model_dump_json(),
        "plan": decision.plan.model_dump_json() if decision.plan else None,
        "approvals_needed": decision.facts.approvals_needed,
    }
