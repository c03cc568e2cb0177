"""The transaction that decides: location, judgement, plan and the intent of the first step are committed together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from controller.store import containments, holdings, requests
from controller.store.containments import Claim, Way
from playbooks.guard import Outcome
from playbooks.lifecycle import State
from playbooks.plan import Verb
from playbooks.request import Request

from .decide import Decision, still_allowed
from .parts import Parts, overtaken
from .sending import send_and_verify
from .steps import Begun


def commit_to(
    parts: Parts,
    row: containments.Row,
    request: Request,
    decision: Decision,
    begun_ms: int,
    *,
    claim: Claim | None = None,
) -> None:
    """Budgets and other containments of the port are looked at inside the transaction; what it allows is sent at once.
    `claim`: to be taken by it; Overtaken if somebody else has one.

    States that were gone through since the row was read are written together with the one they led to: until then nothing
    was promised, and after a crash they are gone through again.
    """
    containment_id, columns = row["containment_id"], columns_of(decision)
    begun: Begun | None = None
    with overtaken(containment_id), parts.store.transaction() as tx:
        now_ms = parts.clock.now_ms()
        after, why, more = _next(parts, tx, containment_id, request, decision)
        if after is State.AWAITING_APPROVAL and decision.facts.approved is not None:
            containments.withdraw_approvals(tx, containment_id, reason=why, now_ms=now_ms)  # what they approved is gone
        way = [*way_to_locating(row, begun_ms), Way(State.PLANNED, "planned", now_ms), Way(after, why, now_ms)]
        if row["state"] == State.PLANNED:
            way = way[-1:]
        columns |= more
        before = State(row["state"])
        containments.move_on(tx, containment_id, before, way, actor="cordon", claim=claim, **columns)
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
        send_and_verify(parts, {**row, **columns, "state": after}, begun)


def way_to_locating(row: containments.Row, begun_ms: int) -> list[Way]:
    """requested -> locating, if that is not written yet."""
    return [Way(State.LOCATING, "looking where it is", begun_ms)] if row["state"] == State.REQUESTED else []


def _next(
    parts: Parts, tx: Connection, containment_id: str, request: Request, decision: Decision
) -> tuple[State, str, dict[str, Any]]:
    judgement = still_allowed(parts, tx, request, decision, containment_id)
    columns: dict[str, Any] = {"judgement": judgement.model_dump_json()}
    why, now_ms = "; ".join(judgement.reasons()), parts.clock.now_ms()
    if judgement.outcome in (Outcome.REFUSE, Outcome.OBSERVE):
        return State.REFUSED, f"observed only: {why}" if judgement.outcome is Outcome.OBSERVE else why, columns
    if decision.plan is None:
        problem = decision.problem.code if decision.problem else None
        return State.FAILED, decision.unreadable or "there is no plan", {**columns, "problem": problem}
    collision = _collision(parts, tx, containment_id, decision)
    if collision:
        return State.REFUSED, collision, columns
    if judgement.outcome is Outcome.APPROVE:
        return State.AWAITING_APPROVAL, why, {**columns, "until_ms": now_ms + parts.config.approval_ttl_s * 1000}
    return State.APPLYING, "allowed by the guard", {**columns, "applied_ms": now_ms}


def _collision(parts: Parts, tx: Connection, containment_id: str, decision: Decision) -> str | None:
    """Another containment that has the port, or the VLAN that was meant to be this port's own."""
    action = decision.action
    other = holdings.on_port(tx, action.port.switch, action.port.ifindex, but=containment_id)
    if other is not None:
        holder, state = other["containment_id"], other["state"]
        # What failed without an answer may have had an effect: until that is read nobody else's undo would be right.
        way_out = f"cordon action release {holder} reads it and ends that" if state == State.FAILED else "see it first"
        return f"the port is held by {holder} ({state}): {way_out}; cordon action show {holder}"
    if action.verb is Verb.QUARANTINE_VLAN and parts.rulebook.quarantine(action.port.switch).each_its_own:
        taken = holdings.quarantine_vlans(tx, decision.site, but=containment_id)
        if action.vlan in taken:
            return f"VLAN {action.vlan} was given to another machine meanwhile: ask again"
    return None


def columns_of(decision: Decision) -> dict[str, Any]:
    """What the store keeps of a decision: where, what, by which way, and every reason."""
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


def request_of(parts: Parts, row: containments.Row) -> tuple[Request, tuple[str, ...]]:
    """The request of a containment, and who approved it. Nobody has approved what was only just taken in."""
    taken = parts.taken.pop(row["request_id"], None)
    if taken is not None and row["state"] == State.REQUESTED:
        return taken, ()
    with parts.store.reading() as connection:
        request = requests.find(connection, row["request_id"])
        approvals = containments.approvers(connection, row["containment_id"])
    if request is None:
        raise LookupError(f"request {row['request_id']} is gone")  # foreign keys forbid it
    return request, approvals
