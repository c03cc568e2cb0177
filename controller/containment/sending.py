"""applying -> verifying -> contained: every step sent and read back; what did not come about is undone."""

from __future__ import annotations

from typing import Any

from controller.core.errors import CordonError
from controller.store import containments
from controller.switches.driver import Driver
from playbooks.lifecycle import State
from playbooks.plan import Step
from playbooks.request import Origin

from . import ending, undo
from .parts import Parts, overtaken, plan_of
from .steps import Begun, StepResult, await_effect, bring_about, perform, settle, state_of


def send_and_verify(parts: Parts, row: containments.Row, begun: Begun | None = None) -> None:
    """Every step that the switch does not show yet is sent and read back; the note on the port comes last."""
    containment_id, plan = row["containment_id"], plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    *before, last = plan.essential
    for step in before:
        result = perform(parts, driver, containment_id, step, undo=False, begun=begun)
        begun = None
        if not result.met:
            give_up(parts, row, result)
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
            give_up(parts, row, result)
            return
    driver.confirm()
    parts.counts.contained += 1
    now_ms = parts.clock.now_ms()
    until_ms = now_ms + ending.duration_s(parts, row) * 1000
    parts.move(
        row["containment_id"], State.CONTAINED, "read back from the switch", contained_ms=now_ms, until_ms=until_ms
    )
    ending.end_probations(parts, row)


def give_up(parts: Parts, row: containments.Row, result: StepResult) -> None:
    """The switch did not do it: undo what can be undone, and end in failed with what was read back."""
    if result.unsent is not None and undo.is_untouched(parts, row):
        _nothing_sent(parts, row, result.unsent)
        return
    left = undo.unwind(parts, row)
    parts.counts.failed += 1
    why = f"{result.detail}; {left.detail}"
    parts.move(row["containment_id"], State.FAILED, why, unsettled=not left.met)


def _nothing_sent(parts: Parts, row: containments.Row, problem: CordonError) -> None:
    """No log-in, no answer: definite at once, and the port is anybody's. What may pass is looked at anew until the request
    lapses, and whoever waits at a terminal is told now."""
    why = f"nothing was sent: {problem}"
    never: dict[str, Any] = {"applied_ms": None}  # it spends no budget
    if problem.retriable and row["origin"] != Origin.PERSON:
        lapse_ms = parts.config.request_ttl_s * 1000
        until_ms = row["until_ms"] or int(row["applied_ms"]) + lapse_ms
        retry_ms = parts.clock.now_ms() + parts.pause_ms(until_ms - lapse_ms)
        parts.move(row["containment_id"], State.LOCATING, why, until_ms=until_ms, retry_ms=retry_ms, **never)
        return
    parts.counts.failed += 1
    parts.move(row["containment_id"], State.FAILED, why, problem=problem.code, **never)


def write_note(parts: Parts, driver: Driver, containment_id: str, step: Step) -> None:
    """One note, kept for good where the device would go back by itself."""
    if perform(parts, driver, containment_id, step, undo=False).met:
        driver.confirm()


def _settle_last(parts: Parts, row: containments.Row, row_id: int, result: StepResult, *, alone: bool) -> None:
    """The last step's end and what follows from it, in one commit. A step that stands alone was read back just now."""
    containment_id = row["containment_id"]
    if not result.met:
        with parts.store.transaction() as tx:
            settle(parts, tx, row_id, result)
        parts.told(f"step:{state_of(result)}", containment_id)
        give_up(parts, row, result)
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
