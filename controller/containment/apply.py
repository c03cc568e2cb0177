"""The way in: requested -> locating -> planned, and on to what the guard says; and taking up what a dead process left."""

from __future__ import annotations

from dataclasses import replace

from controller.store import containments
from controller.store.containments import Way
from controller.switches.driver import Driver
from playbooks.guard import Outcome
from playbooks.lifecycle import State
from playbooks.plan import Step, Verb
from playbooks.request import Origin

from . import ahead, claims
from .commit import columns_of, commit_to, request_of, way_to_locating
from .decide import Decision, decide
from .parts import Parts, overtaken, plan_of
from .planning import compared
from .sending import give_up, send_and_verify
from .steps import StepResult, await_effect


def begin(parts: Parts, row: containments.Row) -> None:
    """The same of one that was only just taken in, and is claimed by the commit that decides: whoever is there first has it."""
    locate_and_plan(parts, row, claimed=False)


def locate_and_plan(parts: Parts, row: containments.Row, *, claimed: bool = True) -> None:
    """requested or locating -> planned -> what the guard says, with location, judgement and plan committed; or refused, or
    failed.

    Allowed, it goes on to send in the same breath: facts, commit and command are a moment apart.
    """
    containment_id, begun_ms = row["containment_id"], parts.clock.now_ms()
    request, approvals = request_of(parts, row)
    approved = plan_of(row).action if approvals and row["plan"] else None
    found, reading = ahead.located(parts, request)
    location = found or parts.inventory.locate(request.target, request.flow)
    parts.mark("located", containment_id)
    reads_only = request.verb is Verb.OBSERVE  # it holds up nobody who acts
    with parts.device(location.port.switch if location.port and not reads_only else containment_id):
        decision = decide(
            parts,
            request,
            approvals,
            approved=approved,
            containment_id=containment_id,
            location=location,
            reading=reading,
        )
        waits = decision.passing and request.origin is not Origin.PERSON  # nobody waits at a terminal
        if not claimed and not waits and decision.judgement.outcome is Outcome.ALLOW:
            commit_to(parts, row, request, decision, begun_ms, claim=claims.ours(parts))
        elif not claimed and claims.take(parts, containment_id, {State(row["state"])}) is None:
            return
        elif waits and decision.passing:
            _look_again_later(parts, row, decision.passing)
        elif decision.judgement.outcome is Outcome.REFUSE:
            _refuse(parts, row, decision, begun_ms)
        else:
            if decision.judgement.outcome is Outcome.APPROVE and decision.plan:
                decision = replace(
                    decision, plan=compared(parts, decision.plan)
                )  # an approver sees port, plan and undo
            commit_to(parts, row, request, decision, begun_ms)


def resume_applying(parts: Parts, row: containments.Row) -> None:
    """applying, left by a process that died. The switch is read first, and decides which way is definite:

    every effect there: go on to verify. None there: facts are read and judged anew; allowed, the commands are sent,
    else it ends in failed with nothing changed. Some there: what is there is undone, and it ends in failed.
    """
    plan = plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    readable = [step for step in plan.essential if not step.passing]
    there = [await_effect(parts, driver, step.expect, timeout_s=0) for step in readable]
    parts.counts.resumed += 1
    if all(result.met for result in there):
        send_and_verify(parts, row)
    elif not all(result.known for result in there):
        parts.try_later(row, f"cannot go on: {next(r.detail for r in there if not r.known)}")
    elif any(result.met for result in there) or not _as_before(parts, driver, plan.essential):
        give_up(parts, row, StepResult(False, True, "interrupted half way"))
    else:
        _judge_again(parts, row)


def _as_before(parts: Parts, driver: Driver, steps: tuple[Step, ...]) -> bool:
    """Every step's port shows what it showed before: a step of several commands may have been cut in two."""
    readable = [step for step in steps if not step.passing]
    return all(await_effect(parts, driver, step.undo_expect, timeout_s=0).met for step in readable)


def _judge_again(parts: Parts, row: containments.Row) -> None:
    """Nothing of it is on the switch: send it now if the request still stands and the guard still allows this very plan."""
    request, approvals = request_of(parts, row)
    if parts.clock.now_ms() - int(row["applied_ms"]) > parts.config.request_ttl_s * 1000:
        _fail_unsent(parts, row, f"more than {parts.config.request_ttl_s} s ago, so the request has lapsed")
        return
    decision = decide(parts, request, approvals, containment_id=row["containment_id"])
    if decision.may_act and decision.action == plan_of(row).action:
        send_and_verify(parts, row)
        return
    why = "; ".join(decision.judgement.reasons()) or decision.unreadable or "the plan is another one now"
    _fail_unsent(parts, row, f"and not allowed now: {why}")


def _fail_unsent(parts: Parts, row: containments.Row, why: str) -> None:
    parts.counts.failed += 1
    parts.move(row["containment_id"], State.FAILED, f"interrupted before anything was sent, {why}")


def _look_again_later(parts: Parts, row: containments.Row, why: str) -> None:
    """Until the request lapses. It says that it is being looked for, as that may take a while."""
    if row["state"] == State.REQUESTED:
        parts.move(
            row["containment_id"], State.LOCATING, "looking where it is", durable=False, until_ms=row["until_ms"]
        )
    parts.try_later(row, why)


def _refuse(parts: Parts, row: containments.Row, decision: Decision, begun_ms: int) -> None:
    containment_id, why = row["containment_id"], "; ".join(decision.judgement.reasons())
    if decision.unreadable:
        why = f"{why}; {decision.unreadable}"
    parts.counts.refused += 1
    with overtaken(containment_id), parts.store.transaction() as tx:
        way = [*way_to_locating(row, begun_ms), Way(State.REFUSED, why, parts.clock.now_ms())]
        containments.move_on(tx, containment_id, State(row["state"]), way, actor="cordon", **columns_of(decision))
    parts.told(f"state:{State.REFUSED}", containment_id)
