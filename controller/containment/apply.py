"""The way in: requested -> locating -> planned -> (awaiting approval) -> applying -> verifying -> contained."""

from __future__ import annotations

from typing import Any

from controller.store import containments, requests
from playbooks.guard import Judgement, Outcome
from playbooks.lifecycle import State
from playbooks.request import Origin, Request

from . import undo
from .decide import Decision, budget, decide, still_allowed
from .parts import Parts, plan_of
from .steps import StepResult, await_effect, perform


def begin(parts: Parts, row: containments.Row) -> None:
    """requested -> locating."""
    parts.move(row["containment_id"], State.LOCATING, "looking where it is", until_ms=row["until_ms"])


def locate_and_plan(parts: Parts, row: containments.Row) -> None:
    """locating -> planned, with location, judgement and plan committed; or refused, or failed."""
    containment_id = row["containment_id"]
    request, approvals = _request_of(parts, row)
    decision = decide(parts, request, approvals)
    columns = _columns(decision)
    if decision.judgement.outcome is Outcome.REFUSE:
        _refuse(parts, containment_id, decision, columns)
        return
    parts.move(containment_id, State.PLANNED, "planned", until_ms=row["until_ms"], **columns)
    _commit_to(parts, containment_id, request, decision)


def resume_planned(parts: Parts, row: containments.Row) -> None:
    """planned, left by a process that died: nothing was sent, so everything is read and judged anew."""
    request, approvals = _request_of(parts, row)
    decision = decide(parts, request, approvals)
    with parts.store.transaction() as tx:
        containments.amend(tx, row["containment_id"], **_columns(decision))
    if decision.judgement.outcome is Outcome.REFUSE:
        _refuse(parts, row["containment_id"], decision, {})
        return
    _commit_to(parts, row["containment_id"], request, decision)


def resume_applying(parts: Parts, row: containments.Row) -> None:
    """applying, left by a process that died. The switch is read first, and decides which way is definite:

    every effect there: go on to verify. None there: facts are read and judged anew; allowed, the commands are sent,
    else it ends in failed with nothing changed. Some there: what is there is undone, and it ends in failed.
    """
    plan = plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    there = [await_effect(parts, driver, step.expect, patient=False) for step in plan.steps]
    parts.counts.resumed += 1
    if all(result.met for result in there):
        send_and_verify(parts, row)
    elif not all(result.known for result in there):
        parts.try_later(row, f"cannot go on: {there[0].detail}")
    elif any(result.met for result in there):
        _give_up(parts, row, StepResult(False, True, "interrupted half way"))
    else:
        _judge_again(parts, row)


def _judge_again(parts: Parts, row: containments.Row) -> None:
    request, approvals = _request_of(parts, row)
    decision = decide(parts, request, approvals)
    if decision.may_act and decision.action == plan_of(row).action:
        send_and_verify(parts, row)
        return
    why = "; ".join(decision.judgement.reasons()) or "the plan is another one now"
    parts.counts.failed += 1
    parts.move(row["containment_id"], State.FAILED, f"interrupted before anything was sent, and not allowed now: {why}")


def send_and_verify(parts: Parts, row: containments.Row) -> None:
    """applying -> verifying: every step that the switch does not show yet is sent and read back."""
    containment_id, plan = row["containment_id"], plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    for step in plan.steps:
        result = perform(parts, driver, containment_id, step, undo=False)
        if not result.met:
            _give_up(parts, row, result)
            return
    parts.move(containment_id, State.VERIFYING, "sent; reading back")


def verify(parts: Parts, row: containments.Row) -> None:
    """verifying -> contained, only if the switch shows every step's effect at once."""
    containment_id, plan = row["containment_id"], plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    for step in plan.steps:
        result = await_effect(parts, driver, step.expect)
        if not result.met:
            _give_up(parts, row, result)
            return
    driver.confirm()
    now_ms = parts.clock.now_ms()
    until_ms = now_ms + _duration_s(parts, row) * 1000
    parts.counts.contained += 1
    parts.move(containment_id, State.CONTAINED, "read back from the switch", contained_ms=now_ms, until_ms=until_ms)


def _commit_to(parts: Parts, containment_id: str, request: Request, decision: Decision) -> None:
    """The transaction that decides: budgets and other containments of the port are looked at inside it."""
    switch, ifindex = decision.action.port.switch, decision.action.port.ifindex
    if decision.plan is None and decision.judgement.outcome is not Outcome.OBSERVE:
        parts.move(containment_id, State.FAILED, decision.unreadable or "there is no plan")
        parts.counts.failed += 1
        return
    with parts.store.transaction() as tx:
        now_ms = parts.clock.now_ms()
        other = containments.on_port(tx, switch, ifindex, but=containment_id)
        used = budget(parts, tx, switch, decision.site)
        judgement = still_allowed(parts, request, decision, used)
        after, why, columns = _next(parts, judgement, other, now_ms)
        containments.move(tx, containment_id, after, actor="cordon", now_ms=now_ms, why=why, **columns)
    if after is State.REFUSED:
        parts.counts.refused += 1
    parts.observer(f"state:{after}", containment_id)


def _next(
    parts: Parts, judgement: Judgement, other: containments.Row | None, now_ms: int
) -> tuple[State, str, dict[str, Any]]:
    columns: dict[str, Any] = {"judgement": judgement.model_dump_json()}
    why = "; ".join(judgement.reasons())
    if judgement.outcome is Outcome.REFUSE:
        return State.REFUSED, why, columns
    if judgement.outcome is Outcome.OBSERVE:
        return State.REFUSED, f"observed only: {why}", columns
    if other is not None:
        return State.REFUSED, f"the port is held by {other['containment_id']} ({other['state']})", columns
    if judgement.outcome is Outcome.APPROVE:
        until_ms = now_ms + parts.config.approval_ttl_s * 1000
        return State.AWAITING_APPROVAL, why, {**columns, "until_ms": until_ms}
    return State.APPLYING, "allowed by the guard", {**columns, "applied_ms": now_ms}


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


def _request_of(parts: Parts, row: containments.Row) -> tuple[Request, tuple[str, ...]]:
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
        "mode": decision.facts.mode,
        "verb": decision.action.verb,
        "via": decision.plan.via if decision.plan else None,
        "switch": port.switch if port else None,
        "ifindex": port.ifindex if port else None,
        "port": port.name if port else None,
        "mac": location.mac,
        "ip": location.ip,
        "location": location.model_dump_json(),
        "judgement": decision.judgement.model_dump_json(),
        "plan": decision.plan.model_dump_json() if decision.plan else None,
        "approvals_needed": decision.facts.approvals_needed,
    }


def _duration_s(parts: Parts, row: containments.Row) -> int:
    request, _ = _request_of(parts, row)
    if request.duration_s is not None:
        return request.duration_s
    playbook = parts.playbooks.get(request.playbook)
    if playbook is None or request.origin is not Origin.ALERT:
        return parts.config.default_duration_s
    since_ms = parts.clock.now_ms() - parts.config.escalation_memory_s * 1000
    with parts.store.reading() as connection:
        repeats = containments.earlier(connection, row["mac"], since_ms, but=row["containment_id"])
    return playbook.duration_s(repeats)
