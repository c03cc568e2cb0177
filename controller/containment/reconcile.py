"""Comparing every containment with its switch: at start, on a timer, after a reboot of either side."""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.errors import CordonError
from controller.store import containments
from controller.switches.driver import Driver
from playbooks.lifecycle import State
from playbooks.plan import Plan

from . import undo
from .parts import Parts, plan_of
from .steps import StepResult, await_effect, perform


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One containment and what comparing it with its switch came to."""

    containment_id: str
    state: State
    found: str


def compare_contained(parts: Parts, row: containments.Row) -> Reconciled:
    """contained: still so; lost by a reboot and put back; or undone by somebody, which is reported and accepted."""
    containment_id, plan = row["containment_id"], plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    results = [await_effect(parts, driver, step.expect, patient=False) for step in plan.steps]
    if all(r.met for r in results):
        return Reconciled(containment_id, State.CONTAINED, "as contained")
    if not all(r.known for r in results):
        return Reconciled(containment_id, State.CONTAINED, f"not compared: {results[0].detail}")
    if _rebooted_since(parts, driver, int(row["contained_ms"])):
        return _put_back(parts, driver, row, plan)
    detail = "; ".join(r.detail for r in results if not r.met)
    undo.report_foreign(parts, row, detail)
    parts.move(containment_id, State.RELEASING, f"{undo.FOREIGN}: {detail}")
    undo.release(parts, parts.row(containment_id))
    return Reconciled(containment_id, State(parts.row(containment_id)["state"]), f"{undo.FOREIGN}: {detail}")


def settle_failed(parts: Parts, row: containments.Row) -> Reconciled:
    """failed, with the port's state unknown: once the switch answers, undo what is left of it."""
    left = undo.unwind(parts, row)
    if left.met:
        with parts.store.transaction() as tx:
            why = f"{row['why']}; settled: {left.detail}"
            containments.amend(tx, row["containment_id"], unsettled=False, why=why)
    return Reconciled(row["containment_id"], State.FAILED, left.detail)


def _rebooted_since(parts: Parts, driver: Driver, since_ms: int) -> bool:
    try:
        uptime_ms = driver.facts().uptime_ms
    except CordonError:
        return False  # not known: then the change counts as somebody's, which touches nothing
    return parts.clock.now_ms() - uptime_ms > since_ms


def _put_back(parts: Parts, driver: Driver, row: containments.Row, plan: Plan) -> Reconciled:
    """The switch came up with its saved configuration: the port is open again though nobody opened it."""
    result = StepResult(True, True, "")
    for step in plan.steps:
        result = perform(parts, driver, row["containment_id"], step, undo=False)
        if not result.met:
            break
    found = "the switch had rebooted: put back" if result.met else f"the switch had rebooted: {result.detail}"
    return Reconciled(row["containment_id"], State.CONTAINED, found)
