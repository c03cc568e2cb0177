"""The way out: undo in reverse order, read back, probation. Somebody else's change is reported, never overwritten."""

from __future__ import annotations

from controller.core.errors import CordonError
from controller.store import audit, containments, requests
from controller.switches.driver import Driver
from playbooks.lifecycle import State
from playbooks.plan import Step

from .parts import Parts, plan_of
from .steps import StepResult, perform

FOREIGN = "somebody else changed the port"


def release(parts: Parts, row: containments.Row) -> None:
    """releasing -> probation or released, once the switch shows the prior state; else try again later."""
    containment_id, plan = row["containment_id"], plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    foreign = []
    for step in reversed(plan.steps):
        changed = foreign_change(driver, step)
        if changed:
            foreign.append(changed)
            continue
        result = perform(parts, driver, containment_id, step, undo=True)
        if not result.met:
            parts.try_later(row, f"release: {result.detail}")
            return
    if foreign:
        report_foreign(parts, row, "; ".join(foreign))
    why = f"released; {FOREIGN}, left as it is: {'; '.join(foreign)}" if foreign else "prior state read back"
    _released(parts, row, why)


def unwind(parts: Parts, row: containments.Row) -> StepResult:
    """Undo every step that was ever begun; met = the switch shows the prior state of all of them."""
    plan = plan_of(row)
    driver = parts.drivers(plan.action.port.switch)
    with parts.store.reading() as connection:
        begun = {entry["step"] for entry in containments.journal(connection, row["containment_id"])}
    for step in reversed([s for s in plan.steps if s.index in begun]):
        result = perform(parts, driver, row["containment_id"], step, undo=True)
        if not result.met:
            return StepResult(False, result.known, f"undo: {result.detail}")
    return StepResult(True, True, "undone, prior state read back")


def foreign_change(driver: Driver, step: Step) -> str | None:
    """What the port shows if it shows neither our change nor the prior state; None if it shows one of them."""
    try:
        ours, prior = driver.read_back(step.expect), driver.read_back(step.undo_expect)
    except CordonError:
        return None  # performing the undo will meet the same trouble and say so
    if ours.met or prior.met:
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


def _released(parts: Parts, row: containments.Row, why: str) -> None:
    playbook = parts.playbooks.get(_playbook_name(parts, row))
    probation_s = playbook.probation_s if playbook else 0
    parts.counts.released += 1
    if probation_s:
        until_ms = parts.clock.now_ms() + probation_s * 1000
        parts.move(row["containment_id"], State.PROBATION, why, until_ms=until_ms, unsettled=False)
    else:
        parts.move(row["containment_id"], State.RELEASED, why, unsettled=False)


def _playbook_name(parts: Parts, row: containments.Row) -> str:
    with parts.store.reading() as connection:
        request = requests.find(connection, row["request_id"])
    return request.playbook if request else ""
