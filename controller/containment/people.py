"""What people decide: yes and no, release, renewal, and the stop of all automatic action. Each in one transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from controller.core.errors import UsageError
from controller.store import audit, containments, requests, stops
from playbooks.lifecycle import State
from playbooks.request import MAX_DURATION_S
from playbooks.rules.approval import counted

from .parts import Parts, overtaken

AGAIN = "renew it again before that: everything ends unless a person goes on saying no"


def approve(parts: Parts, containment_id: str, *, by: str, reason: str) -> None:
    """One person's yes; with enough of them it goes back to locating, so that everything is read again."""
    now_ms, moved = parts.clock.now_ms(), False
    with overtaken(containment_id), parts.store.transaction() as tx:
        row = _waiting(tx, containment_id)
        containments.approve(tx, containment_id, by=by, decision="approve", reason=reason, now_ms=now_ms)
        request = requests.find(tx, row["request_id"])
        people = counted(containments.approvers(tx, containment_id), request.requested_by if request else "")
        if len(people) >= row["approvals_needed"]:
            until_ms, why = now_ms + parts.config.request_ttl_s * 1000, f"approved: {reason}"
            containments.move(tx, containment_id, State.LOCATING, actor=by, now_ms=now_ms, why=why, until_ms=until_ms)
            moved = True
    if moved:
        parts.told(f"state:{State.LOCATING}", containment_id)


def reject(parts: Parts, containment_id: str, *, by: str, reason: str) -> None:
    """One person's no ends it."""
    now_ms = parts.clock.now_ms()
    with overtaken(containment_id), parts.store.transaction() as tx:
        _waiting(tx, containment_id)
        containments.approve(tx, containment_id, by=by, decision="reject", reason=reason, now_ms=now_ms)
        containments.move(tx, containment_id, State.REFUSED, actor=by, now_ms=now_ms, why=f"rejected: {reason}")
    parts.told(f"state:{State.REFUSED}", containment_id)


def release(parts: Parts, containment_id: str, *, by: str, reason: str) -> None:
    """contained or failed -> releasing; one that is on its way out already is tried again now."""
    row = parts.row(containment_id)
    must_be_releasable(row)
    if State(row["state"]) is not State.RELEASING:
        parts.move(containment_id, State.RELEASING, reason, actor=by)


def must_be_releasable(row: containments.Row) -> None:
    """UsageError where there is nothing to undo."""
    containment_id = str(row["containment_id"])
    if State(row["state"]) is State.RELEASING:
        return
    if State(row["state"]) not in {State.CONTAINED, State.FAILED}:
        raise UsageError(f"it is {row['state']}: there is nothing to release", where=containment_id)
    if State(row["state"]) is State.FAILED and not row["unsettled"]:
        # Another one may have the port by now, and would be undone with it.
        raise UsageError("it failed and left nothing on the port: there is nothing to release", where=containment_id)


def renew(parts: Parts, containment_id: str, *, by: str, until_ms: int, reason: str) -> None:
    """A person takes it on until another time, under their name."""
    now_ms = parts.clock.now_ms()
    if until_ms <= now_ms:
        raise UsageError("the new end is in the past", where=containment_id)
    if until_ms > now_ms + MAX_DURATION_S * 1000:
        raise UsageError(
            f"it can be renewed for {MAX_DURATION_S // 86_400} days at most", where=containment_id, do=AGAIN
        )
    with parts.store.transaction() as tx:
        row = containments.find(tx, containment_id)
        if State(row["state"]) is not State.CONTAINED:
            raise UsageError(f"it is {row['state']}: only a contained one can be renewed", where=containment_id)
        containments.amend(tx, containment_id, until_ms=until_ms, renewals=row["renewals"] + 1)
        body = {"until_ms": until_ms, "reason": reason}
        audit.append(tx, at_ms=now_ms, actor=by, what="containment.renew", subject=containment_id, body=body)


def stop_automatic(parts: Parts, scope: str | None, *, by: str, reason: str) -> None:
    """Stop all automatic action of a site, or everywhere (None)."""
    with parts.store.transaction() as tx:
        if not stops.stop(tx, scope or stops.EVERYWHERE, by=by, why=reason, now_ms=parts.clock.now_ms()):
            raise UsageError("automatic action is stopped there already", where=scope or "everywhere")


def resume_automatic(parts: Parts, scope: str | None, *, by: str, reason: str) -> None:
    """Automatic action goes on. NotFound if it was not stopped."""
    with parts.store.transaction() as tx:
        stops.clear(tx, scope or stops.EVERYWHERE, by=by, why=reason, now_ms=parts.clock.now_ms())


def _waiting(tx: Connection, containment_id: str) -> containments.Row:
    row = containments.find(tx, containment_id)
    if State(row["state"]) is not State.AWAITING_APPROVAL:
        raise UsageError(f"it is {row['state']}: nobody is asked", where=containment_id)
    return row
