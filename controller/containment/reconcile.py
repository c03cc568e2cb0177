"""Comparing every containment with its switch: at start, on a timer, after a reboot of either side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from controller.core.errors import CordonError
from controller.store import audit, containments
from controller.switches.driver import Driver
from playbooks.facts import Location
from playbooks.guard import Judgement, Outcome
from playbooks.lifecycle import State
from playbooks.plan import Plan
from playbooks.request import Target

from . import undo
from .commit import request_of
from .decide import Decision, decide
from .parts import UNSENT, Parts, plan_of
from .sending import write_note
from .steps import StepResult, await_effect, perform

REBOOTED = "the switch had rebooted"
# Rules that only say that the endpoint, or the switch, has not been heard of yet since the reboot.
NOT_YET = frozenset(
    {
        "mac-gone",
        "nobody-there",
        "no-link",
        "evidence-age",
        "no-evidence",
        "facts-missing",
        "facts-age",
        "verdict",
        "no-port",
    }
)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One containment and what comparing it with its switch came to."""

    containment_id: str
    state: State
    found: str


def to_reconcile(parts: Parts) -> Sequence[containments.Row]:
    """Everything that may have touched a switch and is not at a settled end."""
    states = (State.APPLYING, State.VERIFYING, State.RELEASING, State.CONTAINED, State.FAILED)
    with parts.store.reading() as connection:
        rows = containments.listed(connection, states=states, most=100_000)
    return [row for row in rows if row["plan"] and (row["state"] != State.FAILED or row["unsettled"])]


def compare(parts: Parts, row: containments.Row) -> Reconciled | None:
    """Compare one with its switch; None where it only has to be driven on. The caller holds claim and device."""
    state = State(row["state"])
    if state is State.CONTAINED:
        return compare_contained(parts, row)
    if state is State.FAILED:
        return settle_failed(parts, row)
    return None


def compare_contained(parts: Parts, row: containments.Row) -> Reconciled:
    """contained: still so; lost by a reboot, and put back or ended; or undone by somebody, which is reported and accepted."""
    containment_id, plan = row["containment_id"], plan_of(row)
    protected = _protected_since(parts, row)
    if protected and parts.config.on_protection == "release":
        return _end(parts, row, f"protected since it was contained: {protected}")
    if protected:
        _propose(parts, row, f"release it: {protected} is protected since")
    driver = parts.drivers(plan.action.port.switch)
    readable = [step for step in plan.essential if not step.passing]
    results = [await_effect(parts, driver, step.expect, timeout_s=0) for step in readable]
    if all(r.met for r in results):
        _as_contained(parts, driver, row, plan)
        return Reconciled(containment_id, State.CONTAINED, "as contained")
    if not all(r.known for r in results):
        return Reconciled(containment_id, State.CONTAINED, f"not compared: {results[0].detail}")
    detail = "; ".join(r.detail for r in results if not r.met)
    if _rebooted_since(parts, driver, int(row["contained_ms"])):
        return _after_reboot(parts, driver, row, plan)
    undo.report_foreign(parts, row, detail)
    return _end(parts, row, f"{undo.FOREIGN}: {detail}")


def settle_failed(parts: Parts, row: containments.Row) -> Reconciled:
    """failed, with the port's state unknown: once the switch answers, undo what is left of it."""
    left = undo.unwind(parts, row)
    if left.met:
        with parts.store.transaction() as tx:
            why = f"{row['why']}; settled: {left.detail}"
            containments.amend(tx, row["containment_id"], unsettled=False, why=why)
    return Reconciled(row["containment_id"], State.FAILED, left.detail)


def _as_contained(parts: Parts, driver: Driver, row: containments.Row, plan: Plan) -> None:
    """Nothing is in doubt any more; a note on the port that a crash left out is written now."""
    if row["unsettled"]:
        with parts.store.transaction() as tx:
            containments.amend(tx, row["containment_id"], unsettled=False, proposal=None)
    with parts.store.reading() as connection:
        journal = containments.journal(connection, row["containment_id"])
    begun = {entry["step"] for entry in journal if entry["state"] != UNSENT}
    for step in plan.steps:
        if step.optional and step.index not in begun:
            write_note(parts, driver, row["containment_id"], step)


def _rebooted_since(parts: Parts, driver: Driver, since_ms: int) -> bool:
    try:
        uptime_ms = driver.facts().uptime_ms
    except CordonError:
        return False  # not known: then the change counts as somebody's, which touches nothing
    return parts.clock.now_ms() - uptime_ms > since_ms


def _after_reboot(parts: Parts, driver: Driver, row: containments.Row, plan: Plan) -> Reconciled:
    """The switch came up with its saved configuration: the port is open though nobody opened it. The guard decides anew."""
    if parts.config.after_reboot == "end":
        return _end(parts, row, f"{REBOOTED} and its running configuration is lost: ended, as configured")
    request, approvals = request_of(parts, row)
    decision = decide(parts, request, approvals, containment_id=row["containment_id"])
    if decision.may_act and decision.action == plan.action:
        return _put_back(parts, driver, row, plan)
    if _is_not_seen_yet(decision):
        waits = f"{REBOOTED}: open until the endpoint is seen on its port again"
        _propose(parts, row, waits, unsettled=True)
        return Reconciled(row["containment_id"], State.CONTAINED, waits)
    why = "; ".join(decision.judgement.reasons()) or f"it would be {decision.action.verb} on {decision.action.port} now"
    return _end(parts, row, f"{REBOOTED}, and the guard does not allow it again: {why}")


def _put_back(parts: Parts, driver: Driver, row: containments.Row, plan: Plan) -> Reconciled:
    result = StepResult(True, True, "")
    for step in plan.steps:
        done = perform(parts, driver, row["containment_id"], step, undo=False)
        if not done.met and not step.optional:
            result = done
            break
    if result.met:
        driver.confirm()
    with parts.store.transaction() as tx:
        problem = None if result.met else f"{REBOOTED}: {result.detail}"
        changes: dict[str, Any] = {"unsettled": not result.met, "proposal": problem}
        if result.met:
            changes["contained_ms"] = parts.clock.now_ms()  # the next reboot is one after this
        containments.amend(tx, row["containment_id"], **changes)
    found = f"{REBOOTED}: put back" if result.met else f"{REBOOTED}: {result.detail}"
    return Reconciled(row["containment_id"], State.CONTAINED, found)


def _is_not_seen_yet(decision: Decision) -> bool:
    against = {r.rule for r in decision.judgement.rulings if r.outcome is Outcome.REFUSE}
    return bool(against) and against <= NOT_YET | ({"located"} if decision.location.port is None else set())


def _protected_since(parts: Parts, row: containments.Row) -> str:
    """What protects the endpoint now and did not when the guard let it be contained."""
    location = Location.model_validate_json(row["location"])
    hits = parts.rulebook.protection(location, Target(ip=row["ip"], mac=row["mac"] or location.mac, **_port(row))).hits
    if not hits:
        return ""
    judged = Judgement.model_validate_json(row["judgement"])
    known = " ".join(r.says["en"] for r in judged.rulings if r.rule == "protected")
    return "; ".join(hit for hit in hits if hit not in known)


def _port(row: containments.Row) -> dict[str, str]:
    return {"switch": row["switch"], "port": row["port"]}


def _propose(parts: Parts, row: containments.Row, what: str, *, unsettled: bool = False) -> None:
    """Put something before a person, once."""
    if row["proposal"] == what:
        return
    with parts.store.transaction() as tx:
        changes = {"unsettled": True} if unsettled else {}
        containments.amend(tx, row["containment_id"], proposal=what, **changes)
        audit.append(
            tx,
            at_ms=parts.clock.now_ms(),
            actor="cordon",
            what="containment.proposal",
            subject=row["containment_id"],
            body={"proposal": what},
        )


def _end(parts: Parts, row: containments.Row, why: str) -> Reconciled:
    parts.move(row["containment_id"], State.RELEASING, why)
    undo.release(parts, parts.row(row["containment_id"]))
    return Reconciled(row["containment_id"], State(parts.row(row["containment_id"])["state"]), why)
