"""The way out: undo in reverse order, read back, probation. Somebody else's change is reported, never overwritten."""

from __future__ import annotations

from typing import Any

from controller.core.errors import CordonError
from controller.store import audit, containments, requests
from controller.switches.driver import Driver
from playbooks.lifecycle import State
from playbooks.plan import Step

from . import ending
from .parts import UNSENT, Parts, plan_of
from .steps import StepResult, perform

FOREIGN = "somebody else changed the port"
IN_BETWEEN = (None, 0, 1)  # the untagged VLAN of a port that has left one and not yet joined another


def release(parts: Parts, row: containments.Row) -> None:
    """releasing -> probation or released, once the switch shows the prior state; else try again later."""
    containment_id, plan = row["containment_id"], plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    foreign = []
    for step, unfinished in _begun(parts, row, plan.steps):
        changed = None if step.passing else foreign_change(driver, step, unfinished=unfinished)
        if changed:
            foreign.append(changed)
            continue
        result = perform(parts, driver, containment_id, step, undo=True)
        if not result.met and not step.optional:
            parts.try_later(row, f"release: {result.detail}")
            return
    if foreign:
        report_foreign(parts, row, "; ".join(foreign))
    _released(parts, row, _why(parts, row, foreign))


def unwind(parts: Parts, row: containments.Row) -> StepResult:
    """Undo every step that was ever begun; met = the switch shows the prior state of all of them."""
    plan = plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    foreign = []
    begun = _begun(parts, row, plan.steps)
    if not begun:
        return StepResult(True, True, "nothing to undo")
    for step, unfinished in begun:
        changed = None if step.passing else foreign_change(driver, step, unfinished=unfinished)
        if changed:
            foreign.append(changed)
            continue
        result = perform(parts, driver, row["containment_id"], step, undo=True)
        if not result.met and not step.optional:
            return StepResult(False, result.known, f"undo: {result.detail}")
    if all(step.passing for step in plan.essential):
        return StepResult(True, True, "nothing to undo")
    if foreign:
        report_foreign(parts, row, "; ".join(foreign))
        return StepResult(True, True, f"{FOREIGN}, left as it is: {'; '.join(foreign)}")
    return StepResult(True, True, "undone, prior state read back")


def is_untouched(parts: Parts, row: containments.Row) -> bool:
    """Whether it is certain that none of its commands was ever sent: a step that a dead process began may have been."""
    return not _begun(parts, row, plan_of(row).steps)


def foreign_change(driver: Driver, step: Step, *, unfinished: bool = False) -> str | None:
    """What the port shows if it shows neither our change nor the prior state; None if it shows one of them.

    Where a move takes several commands (EXOS, OS9) the port is in no VLAN, or in VLAN 1, between them: after one that was
    never read back as done (`unfinished`) that is our own half, which is undone.
    """
    try:
        ours, prior = driver.read_back(step.expect), driver.read_back(step.undo_expect)
    except CordonError:
        return None  # performing the undo will meet the same trouble and say so
    if ours.met or prior.met:
        return None
    if unfinished and step.expect.pvid is not None and ours.state.pvid in IN_BETWEEN:
        return None
    return "; ".join(prior.differences)


def report_foreign(parts: Parts, row: containments.Row, what: str) -> None:
    """Into the audit log and the counters."""
    parts.counts.foreign_changes += 1
    with parts.store.transaction() as tx:
        audit.append(
            tx,
            at_ms=parts.clock.now_ms(),
            actor="cordon",
            what="containment.foreign-change",
            subject=row["containment_id"],
            body={"switch": row["switch"], "port": row["port"], "read": what},
        )


def _begun(parts: Parts, row: containments.Row, steps: tuple[Step, ...]) -> list[tuple[Step, bool]]:
    """The steps that may have been sent, the last first, and whether the last word on each is not that it was read back."""
    with parts.store.reading() as connection:
        journal = containments.journal(connection, row["containment_id"])
    last = {entry["step"]: entry["state"] for entry in journal if entry["state"] != UNSENT}
    return [(step, last[step.index] != "verified") for step in reversed(steps) if step.index in last]


def _why(parts: Parts, row: containments.Row, foreign: list[str]) -> str:
    """Why it was released, and what was found: it may have taken several tries, so the reason comes from the history."""
    with parts.store.reading() as connection:
        history = containments.history(connection, row["containment_id"])
    reason = next((h["why"] for h in reversed(history) if h["after"] == State.RELEASING), "released")
    found = f"{FOREIGN}, left as it is: {'; '.join(foreign)}" if foreign else "prior state read back"
    return f"{reason}; {found}"


def _released(parts: Parts, row: containments.Row, why: str) -> None:
    with parts.store.reading() as connection:
        request = requests.find(connection, row["request_id"])
    playbook = parts.playbooks.get(request.playbook) if request else None
    watched_s = ending.probation_s(playbook, request.verb if request else "")
    parts.counts.released += 1
    done: dict[str, Any] = {"unsettled": False, "proposal": None}
    if watched_s:
        until_ms = parts.clock.now_ms() + watched_s * 1000
        parts.move(row["containment_id"], State.PROBATION, why, until_ms=until_ms, **done)
    else:
        parts.move(row["containment_id"], State.RELEASED, why, **done)
