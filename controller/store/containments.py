"""Containments and their journal: state, steps, transitions, approvals, claims. Every change of state is audited."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from controller.core.errors import NotFound
from playbooks.lifecycle import IllegalTransition, State, advance
from playbooks.request import Request

from . import audit
from . import statements as sql
from .tables import approvals, containments

Row = Mapping[str, Any]
HOLDS_A_PORT = sql.HOLDS_A_PORT
BLANK: Row = dict.fromkeys(containments.c.keys())


class Way(NamedTuple):
    """A state that is gone to, why, and when."""

    after: State
    why: str
    at_ms: int


class Claim(NamedTuple):
    """Who drives it, and until when nobody else does."""

    who: str
    until_ms: int


def create(
    tx: Connection,
    containment_id: str,
    request: Request,
    *,
    now_ms: int,
    until_ms: int,
    lane: str | None = None,
    because: Sequence[audit.Entry] = (),
) -> Row:
    """A new containment in state requested, as it stands then; `until_ms` is when the request lapses if nothing was sent.
    `because`: what the audit log says before it."""
    values = {
        "containment_id": containment_id,
        "request_id": request.request_id,
        "state": State.REQUESTED,
        "origin": request.origin,
        "site": request.site,
        "lane": lane,
        "verb": request.verb,
        "mac": request.target.mac,
        "ip": request.target.ip,
        "approvals_needed": 1,
        "renewals": 0,
        "unsettled": False,
        "created_ms": now_ms,
        "updated_ms": now_ms,
        "until_ms": until_ms,
    }
    tx.execute(sql.CREATE, values)
    way = [Way(State.REQUESTED, request.reason, now_ms)]
    _note(tx, containment_id, None, way, request.requested_by, because=because)
    return {**BLANK, **values}


def find(connection: Connection, containment_id: str) -> Row:
    """One containment; NotFound."""
    row = connection.execute(sql.FIND, {"which": containment_id}).first()
    if row is None:
        raise NotFound(f"there is no containment {containment_id}", do="cordon action ls")
    return dict(row._mapping)


def of_request(connection: Connection, request_id: str) -> Row | None:
    """The containment that a request led to."""
    row = connection.execute(sql.OF_REQUEST, {"request_id": request_id}).first()
    return dict(row._mapping) if row else None


def listed(connection: Connection, *, states: Collection[State] = (), most: int = 1000) -> Sequence[Row]:
    """Containments, the newest first."""
    query = select(containments).order_by(containments.c.created_ms.desc(), containments.c.containment_id).limit(most)
    if states:
        query = query.where(containments.c.state.in_(list(states)))
    return [dict(row._mapping) for row in connection.execute(query)]


def newest(connection: Connection, mac: str, states: Collection[str] = ()) -> Row | None:
    """The newest containment of a MAC, of those in these states if any are named."""
    query = select(containments).where(containments.c.mac == mac).order_by(containments.c.created_ms.desc()).limit(1)
    row = connection.execute(query.where(containments.c.state.in_(list(states))) if states else query).first()
    return dict(row._mapping) if row else None


def overdue(connection: Connection, states: Collection[State], now_ms: int) -> Sequence[Row]:
    """Those whose time is up, all of them, the longest overdue first."""
    found = connection.execute(sql.OVERDUE, {"states": list(states), "now_ms": now_ms})
    return [dict(row._mapping) for row in found]


def pending(connection: Connection, now_ms: int) -> Sequence[Row]:
    """Those that can be driven on now: not waiting for a person or for a retry, oldest first."""
    return [dict(row._mapping) for row in connection.execute(sql.PENDING, {"now_ms": now_ms})]


def move(
    tx: Connection, containment_id: str, after: State, *, actor: str, now_ms: int, why: str, **changes: Any
) -> None:
    """Change state (only along the life cycle), together with other columns; transition and audit in the same go."""
    before = State(find(tx, containment_id)["state"])
    move_on(tx, containment_id, before, [Way(after, why, now_ms)], actor=actor, **changes)


def move_on(
    tx: Connection,
    containment_id: str,
    before: State,
    way: Sequence[Way],
    *,
    actor: str,
    claim: Claim | None = None,
    **changes: Any,
) -> None:
    """The same from a state that the caller has seen, several states at once if need be, and claimed in the same go.
    IllegalTransition if the life cycle does not have one of them, or if it is not in `before` any more, or another's."""
    for start, one in zip([before, *(one.after for one in way)], way, strict=False):
        advance(start, one.after)
    last = way[-1]
    values = {"state": last.after, "updated_ms": last.at_ms, "why": last.why, "until_ms": None, "retry_ms": None}
    values |= {**changes, "which": containment_id, "before": before}
    if claim is not None:
        values |= {"claimed_by": claim.who, "claimed_until_ms": claim.until_ms, "who": claim.who, "now_ms": last.at_ms}
    if not tx.execute(sql.MOVE if claim is None else sql.MOVE_IF_FREE, values).rowcount:
        raise IllegalTransition(State(find(tx, containment_id)["state"]), way[0].after)
    _note(tx, containment_id, before, way, actor)


def amend(tx: Connection, containment_id: str, **changes: Any) -> None:
    """Change columns without changing state."""
    tx.execute(sql.AMEND, {**changes, "which": containment_id})


def claim(tx: Connection, containment_id: str, claim: Claim, *, now_ms: int) -> bool:
    """Take it for this process, so that two of them do not drive the same containment; False if another has it."""
    values = {"claimed_by": claim.who, "claimed_until_ms": claim.until_ms}
    taken = tx.execute(sql.CLAIM, {**values, "which": containment_id, "who": claim.who, "now_ms": now_ms})
    return bool(taken.rowcount)


def unclaim(tx: Connection, containment_id: str, who: str) -> None:
    """Give it back, if it is theirs."""
    tx.execute(sql.UNCLAIM, {"claimed_by": None, "claimed_until_ms": None, "which": containment_id, "who": who})


def on_probation(connection: Connection, mac: str | None, *, but: str) -> Sequence[str]:
    """Containments of this MAC that are on probation now."""
    if mac is None:
        return ()
    return [row.containment_id for row in connection.execute(sql.ON_PROBATION, {"mac": mac, "but": but})]


def earlier(connection: Connection, mac: str | None, since_ms: int, *, but: str) -> int:
    """How often this MAC was contained since then (escalation)."""
    if mac is None:
        return 0
    found = connection.execute(sql.EARLIER, {"mac": mac, "since_ms": since_ms, "but": but})
    return int(found.scalar_one())


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
    return tuple(row.by for row in connection.execute(sql.APPROVERS, {"which": containment_id}))


def begin_step(tx: Connection, containment_id: str, direction: str, step: int, *, now_ms: int) -> int:
    """Commit the intent to send a step's commands; gives the journal row's id."""
    values = {"containment_id": containment_id, "direction": direction, "step": step, "state": "intent"}
    done = tx.execute(sql.BEGIN_STEP, {**values, "exchanges": "[]", "intent_ms": now_ms})
    return int(done.inserted_primary_key[0])  # type: ignore[index]


def end_step(tx: Connection, row_id: int, state: str, **changes: Any) -> None:
    """Note what became of a step: `sent`, `verified` or `failed`, with exchanges, detail and time."""
    tx.execute(sql.END_STEP, {**changes, "state": state, "which": row_id})


def journal(connection: Connection, containment_id: str) -> Sequence[Row]:
    """Every step ever begun, in order, exchanges parsed."""
    found = connection.execute(sql.JOURNAL, {"which": containment_id})
    return [{**row._mapping, "exchanges": json.loads(row.exchanges)} for row in found]


def history(connection: Connection, containment_id: str) -> Sequence[Row]:
    """Every transition, in order."""
    return [dict(row._mapping) for row in connection.execute(sql.HISTORY, {"which": containment_id})]


def _note(
    tx: Connection,
    containment_id: str,
    before: State | None,
    way: Sequence[Way],
    actor: str,
    because: Sequence[audit.Entry] = (),
) -> None:
    rows, entries = [], list(because)
    for after, why, at_ms in way:
        rows.append(
            {
                "containment_id": containment_id,
                "before": before,
                "after": after,
                "at_ms": at_ms,
                "actor": actor,
                "why": why,
            }
        )
        body = {"before": before, "after": after, "why": why}
        entries.append(audit.Entry(at_ms, actor, f"containment.{after}", containment_id, body))
        before = after
    tx.execute(sql.TRANSITION, rows)
    audit.append_all(tx, entries)
