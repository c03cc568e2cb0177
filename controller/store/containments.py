"""Containments and their journal: state, steps, transitions, approvals, claims. Every change of state is audited."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from controller.core.errors import NotFound
from playbooks.lifecycle import State, advance
from playbooks.request import Origin, Request

from . import audit
from .tables import approvals, containments, steps, transitions

HOLDS_A_PORT = (State.APPLYING, State.VERIFYING, State.CONTAINED, State.RELEASING)
OPEN = (State.REQUESTED, State.LOCATING, State.PLANNED, State.APPLYING, State.VERIFYING, State.RELEASING)

Row = Mapping[str, Any]


def create(
    tx: Connection, containment_id: str, request: Request, *, now_ms: int, until_ms: int, lane: str | None = None
) -> None:
    """A new containment in state requested; `until_ms` is when the request lapses if nothing was sent."""
    tx.execute(
        insert(containments).values(
            containment_id=containment_id,
            request_id=request.request_id,
            state=State.REQUESTED,
            origin=request.origin,
            site=request.site,
            lane=lane,
            verb=request.verb,
            mac=request.target.mac,
            ip=request.target.ip,
            approvals_needed=1,
            renewals=0,
            unsettled=False,
            created_ms=now_ms,
            updated_ms=now_ms,
            until_ms=until_ms,
        )
    )
    _note(tx, containment_id, None, State.REQUESTED, request.requested_by, request.reason, now_ms)


def find(connection: Connection, containment_id: str) -> Row:
    """One containment; NotFound."""
    row = connection.execute(select(containments).where(containments.c.containment_id == containment_id)).first()
    if row is None:
        raise NotFound(f"there is no containment {containment_id}", do="cordon action ls")
    return dict(row._mapping)


def of_request(connection: Connection, request_id: str) -> Row | None:
    """The containment that a request led to."""
    row = connection.execute(select(containments).where(containments.c.request_id == request_id)).first()
    return dict(row._mapping) if row else None


def listed(connection: Connection, *, states: Collection[State] = (), most: int = 1000) -> Sequence[Row]:
    """Containments, the newest first."""
    query = select(containments).order_by(containments.c.created_ms.desc(), containments.c.containment_id).limit(most)
    if states:
        query = query.where(containments.c.state.in_(list(states)))
    return [dict(row._mapping) for row in connection.execute(query)]


def overdue(connection: Connection, states: Collection[State], now_ms: int) -> Sequence[Row]:
    """Those whose time is up, all of them, the longest overdue first."""
    query = (
        select(containments)
        .where(containments.c.state.in_(list(states)), containments.c.until_ms <= now_ms)
        .order_by(containments.c.until_ms)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def pending(connection: Connection, now_ms: int) -> Sequence[Row]:
    """Those that can be driven on now: not waiting for a person or for a retry, oldest first."""
    query = (
        select(containments)
        .where(containments.c.state.in_(OPEN))
        .where(or_(containments.c.retry_ms.is_(None), containments.c.retry_ms <= now_ms))
        .order_by(containments.c.created_ms)
        .limit(500)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def move(
    tx: Connection, containment_id: str, after: State, *, actor: str, now_ms: int, why: str, **changes: Any
) -> None:
    """Change state (only along the life cycle), together with other columns; transition and audit in the same go."""
    row = find(tx, containment_id)
    before = State(row["state"])
    advance(before, after)
    changes = {"until_ms": None, "retry_ms": None, **changes}
    values = {"state": after, "updated_ms": now_ms, "why": why, **changes}
    tx.execute(update(containments).where(containments.c.containment_id == containment_id).values(**values))
    _note(tx, containment_id, before, after, actor, why, now_ms)


def amend(tx: Connection, containment_id: str, **changes: Any) -> None:
    """Change columns without changing state."""
    tx.execute(update(containments).where(containments.c.containment_id == containment_id).values(**changes))


def claim(tx: Connection, containment_id: str, who: str, *, now_ms: int, lease_ms: int) -> bool:
    """Take it for this process, so that two of them do not drive the same containment; False if another has it."""
    free = or_(
        containments.c.claimed_by.is_(None), containments.c.claimed_by == who, containments.c.claimed_until_ms < now_ms
    )
    taken = tx.execute(
        update(containments)
        .where(containments.c.containment_id == containment_id, free)
        .values(claimed_by=who, claimed_until_ms=now_ms + lease_ms)
    )
    return bool(taken.rowcount)


def automatic_since(
    connection: Connection, since_ms: int, *, switch: str | None = None, site: str | None = None, but: str = ""
) -> int:
    """How many containments not asked for by a person touched a switch or site since then (budgets)."""
    query = select(func.count()).where(
        containments.c.applied_ms >= since_ms,
        containments.c.origin != Origin.PERSON,
        containments.c.containment_id != but,
    )
    if switch is not None:
        query = query.where(containments.c.switch == switch)
    if site is not None:
        query = query.where(containments.c.site == site)
    return int(connection.execute(query).scalar_one())


def alerts_since(connection: Connection, since_ms: int, site: str | None) -> int:
    """How many containments alerts asked for since then, in this site or in one not known yet (the bulk stop)."""
    query = select(func.count()).where(containments.c.created_ms >= since_ms, containments.c.origin == Origin.ALERT)
    if site is not None:
        query = query.where(or_(containments.c.site == site, containments.c.site.is_(None)))
    return int(connection.execute(query).scalar_one())


def on_probation(connection: Connection, mac: str | None, *, but: str) -> Sequence[str]:
    """Containments of this MAC that are on probation now."""
    if mac is None:
        return ()
    query = select(containments.c.containment_id).where(
        containments.c.mac == mac, containments.c.state == State.PROBATION, containments.c.containment_id != but
    )
    return [row.containment_id for row in connection.execute(query)]


def earlier(connection: Connection, mac: str | None, since_ms: int, *, but: str) -> int:
    """How often this MAC was contained since then (escalation)."""
    if mac is None:
        return 0
    query = select(func.count()).where(
        containments.c.mac == mac, containments.c.contained_ms >= since_ms, containments.c.containment_id != but
    )
    return int(connection.execute(query).scalar_one())


def approve(tx: Connection, containment_id: str, *, by: str, decision: str, reason: str, now_ms: int) -> None:
    """One person's decision; the same person's second one replaces the first."""
    key = (approvals.c.containment_id == containment_id) & (approvals.c.by == by)
    values = {"decision": decision, "reason": reason, "at_ms": now_ms}
    if not tx.execute(update(approvals).where(key).values(**values)).rowcount:
        tx.execute(insert(approvals).values(containment_id=containment_id, by=by, **values))
    audit.append(
        tx, at_ms=now_ms, actor=by, what=f"containment.{decision}", subject=containment_id, body={"reason": reason}
    )


def withdraw_approvals(tx: Connection, containment_id: str, *, reason: str, now_ms: int) -> None:
    """What was approved is not what would be done now: those who said yes are asked again."""
    key = (approvals.c.containment_id == containment_id) & (approvals.c.decision == "approve")
    tx.execute(update(approvals).where(key).values(decision="withdrawn"))
    body = {"reason": reason}
    audit.append(
        tx, at_ms=now_ms, actor="cordon", what="containment.approvals-withdrawn", subject=containment_id, body=body
    )


def approvers(connection: Connection, containment_id: str) -> tuple[str, ...]:
    """Who said yes."""
    query = select(approvals.c.by).where(
        approvals.c.containment_id == containment_id, approvals.c.decision == "approve"
    )
    return tuple(row.by for row in connection.execute(query.order_by(approvals.c.at_ms)))


def begin_step(tx: Connection, containment_id: str, direction: str, step: int, *, now_ms: int) -> int:
    """Commit the intent to send a step's commands; gives the journal row's id."""
    values = {"containment_id": containment_id, "direction": direction, "step": step, "state": "intent"}
    done = tx.execute(insert(steps).values(**values, exchanges="[]", intent_ms=now_ms))
    return int(done.inserted_primary_key[0])  # type: ignore[index]


def end_step(tx: Connection, row_id: int, state: str, **changes: Any) -> None:
    """Note what became of a step: `sent`, `verified` or `failed`, with exchanges, detail and time."""
    tx.execute(update(steps).where(steps.c.id == row_id).values(state=state, **changes))


def journal(connection: Connection, containment_id: str) -> Sequence[Row]:
    """Every step ever begun, in order, exchanges parsed."""
    query = select(steps).where(steps.c.containment_id == containment_id).order_by(steps.c.id)
    return [{**row._mapping, "exchanges": json.loads(row.exchanges)} for row in connection.execute(query)]


def history(connection: Connection, containment_id: str) -> Sequence[Row]:
    """Every transition, in order."""
    query = select(transitions).where(transitions.c.containment_id == containment_id).order_by(transitions.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]


def _note(tx: Connection, containment_id: str, before: State | None, after: State, *rest: Any) -> None:
    actor, why, now_ms = rest
    values = {"containment_id": containment_id, "before": before, "after": after, "at_ms": now_ms}
    tx.execute(insert(transitions).values(**values, actor=actor, why=why))
    body = {"before": before, "after": after, "why": why}
    audit.append(tx, at_ms=now_ms, actor=actor, what=f"containment.{after}", subject=containment_id, body=body)
