"""The one door: nothing changes a switch but this. Requests come in, containments come to a definite end.

Every public method may be called from any thread and any process; one device is worked on by one thread at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from controller.core import ids
from controller.core.errors import AwaitingApproval, CordonError, NotFound, RefusedByGuard, UsageError
from controller.store import audit, containments, requests
from playbooks.facts import Location
from playbooks.guard import Judgement
from playbooks.lifecycle import State, due
from playbooks.plan import Plan
from playbooks.request import Request

from . import apply, claims, undo
from .decide import decide
from .parts import Overtaken, Parts
from .reconcile import Reconciled, compare_contained, settle_failed

log = structlog.get_logger(__name__)

STEPS: dict[State, Callable[[Parts, containments.Row], None]] = {
    State.REQUESTED: apply.begin,
    State.LOCATING: apply.locate_and_plan,
    State.PLANNED: apply.resume_planned,
    State.APPLYING: apply.send_and_verify,
    State.VERIFYING: apply.verify,
    State.RELEASING: undo.release,
}
MOST_STEPS = 12  # of one advance: more than the longest way there is


@dataclass(frozen=True, slots=True)
class Preview:
    """What a request would do. `plan` None: nothing can be done; the judgement says why."""

    location: Location
    judgement: Judgement
    plan: Plan | None
    unreadable: str | None


class Containment:
    """The engine. Inert: threads exist only inside `work`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @property
    def counts(self) -> object:
        """What this process did since it started."""
        return self._parts.counts

    def submit(self, request: Request, *, source: str = "cordon", body_hash: str | None = None) -> str:
        """Keep a request durably and give its containment's id; the same request id twice is the same containment."""
        parts = self._parts
        now_ms = parts.clock.now_ms()
        with parts.store.transaction() as tx:
            known = containments.of_request(tx, request.request_id)
            if known is not None:
                return str(known["containment_id"])
            requests.add(tx, request, source=source, body_hash=body_hash)
            body = request.model_dump(mode="json", exclude_none=True)
            audit.append(
                tx, at_ms=now_ms, actor=request.requested_by, what="request", subject=request.request_id, body=body
            )
            containment_id = ids.new_id("con", now_ms)
            until_ms = now_ms + parts.config.request_ttl_s * 1000
            containments.create(tx, containment_id, request, now_ms=now_ms, until_ms=until_ms)
        parts.observer("state:requested", containment_id)
        return containment_id

    def preview(self, request: Request) -> Preview:
        """Locate, read, judge and plan; keep nothing and send nothing."""
        decision = decide(self._parts, request)
        return Preview(decision.location, decision.judgement, decision.plan, decision.unreadable)

    def advance(self, containment_id: str) -> State:
        """Drive one containment as far as it goes now, and give the state it is in then."""
        for _ in range(MOST_STEPS):
            row = self._parts.row(containment_id)
            state = State(row["state"])
            if state not in STEPS or not self._step(containment_id, row):
                return State(self._parts.row(containment_id)["state"])
        return State(self._parts.row(containment_id)["state"])

    def work(self) -> int:
        """Drive everything that can be driven: devices in parallel, each device by one thread. Gives how many."""
        self.expire_due()
        with self._parts.store.reading() as connection:
            rows = containments.pending(connection, self._parts.clock.now_ms())
        return self._in_parallel(rows, self._advance_safely)

    def approve(self, containment_id: str, *, by: str, reason: str) -> State:
        """One person's yes. With enough of them the facts are read again before anything is sent."""
        return self._decide(containment_id, by=by, reason=reason, decision="approve")

    def reject(self, containment_id: str, *, by: str, reason: str) -> State:
        """One person's no ends it."""
        return self._decide(containment_id, by=by, reason=reason, decision="reject")

    def release(self, containment_id: str, *, by: str, reason: str) -> State:
        """Open the port again: journaled and read back like everything else."""
        row = self._parts.row(containment_id)
        if State(row["state"]) is State.RELEASING:
            return self.advance(containment_id)
        if State(row["state"]) not in {State.CONTAINED, State.FAILED}:
            raise UsageError(f"it is {row['state']}: there is nothing to release", where=containment_id)
        self._parts.move(containment_id, State.RELEASING, reason, actor=by)
        return self.advance(containment_id)

    def renew(self, containment_id: str, *, by: str, until_ms: int, reason: str) -> None:
        """A person takes it on until another time."""
        row = self._parts.row(containment_id)
        if State(row["state"]) is not State.CONTAINED:
            raise UsageError(f"it is {row['state']}: only a contained one can be renewed", where=containment_id)
        now_ms = self._parts.clock.now_ms()
        if until_ms <= now_ms:
            raise UsageError("the new end is in the past", where=containment_id)
        with self._parts.store.transaction() as tx:
            containments.amend(tx, containment_id, until_ms=until_ms, renewals=row["renewals"] + 1)
            body = {"until_ms": until_ms, "reason": reason}
            audit.append(tx, at_ms=now_ms, actor=by, what="containment.renew", subject=containment_id, body=body)

    def expire_due(self) -> int:
        """Move everything whose time is up: contained -> releasing, probation -> released, waiting -> expired."""
        moved, now_ms = 0, self._parts.clock.now_ms()
        waiting = (State.REQUESTED, State.LOCATING, State.PLANNED, State.AWAITING_APPROVAL)
        with self._parts.store.reading() as connection:
            rows = containments.listed(connection, states=(State.CONTAINED, State.PROBATION, *waiting))
        for row in rows:
            after = due(State(row["state"]), row["until_ms"], now_ms)
            if after is None:
                continue
            fresh = self._parts.row(row["containment_id"])  # it may have been renewed since the list was read
            if due(State(fresh["state"]), fresh["until_ms"], now_ms) is not after:
                continue
            try:
                self._parts.move(row["containment_id"], after, "its time is up")
            except Overtaken:  # another worker saw it too, and was faster
                continue
            moved += 1
        return moved

    def reconcile(self) -> Sequence[Reconciled]:
        """Compare every containment with its switch. Call it at start, before `work`, and then on a timer."""
        with self._parts.store.reading() as connection:
            states = (State.APPLYING, State.VERIFYING, State.RELEASING, State.CONTAINED, State.FAILED)
            rows = [
                row
                for row in containments.listed(connection, states=states, most=100_000)
                if row["plan"] and (row["state"] != State.FAILED or row["unsettled"])
            ]
        found: list[Reconciled] = []
        self._in_parallel(rows, lambda row: found.append(self._reconcile_one(row)))
        return found

    def _step(self, containment_id: str, row: containments.Row) -> bool:
        """Take one step of the way; False if there is nothing more to do now, or somebody else is at it."""
        if not claims.take(self._parts, containment_id):
            return False
        try:
            with self._parts.locks[row["switch"] or containment_id]:
                fresh = self._parts.row(containment_id)
                if fresh["state"] != row["state"]:
                    return True  # somebody else took this step while this thread waited
                STEPS[State(row["state"])](self._parts, fresh)
        finally:
            claims.drop(self._parts, containment_id)
        after = self._parts.row(containment_id)
        return after["state"] != row["state"] and not after["retry_ms"]

    def _reconcile_one(self, row: containments.Row) -> Reconciled:
        containment_id, state = row["containment_id"], State(row["state"])
        try:
            if not claims.take(self._parts, containment_id):
                return Reconciled(containment_id, state, "another process has it")
            try:
                with self._parts.locks[row["switch"] or containment_id]:
                    found = self._compare(state, row)
            finally:
                claims.drop(self._parts, containment_id)
            return found or Reconciled(containment_id, self.advance(containment_id), f"was {state}")
        except CordonError as error:
            return Reconciled(containment_id, state, f"not compared: {error}")

    def _compare(self, state: State, row: containments.Row) -> Reconciled | None:
        if state is State.CONTAINED:
            return compare_contained(self._parts, row)
        if state is State.FAILED:
            return settle_failed(self._parts, row)
        if state is State.APPLYING:
            apply.resume_applying(self._parts, row)
        return None

    def _decide(self, containment_id: str, *, by: str, reason: str, decision: str) -> State:
        row = self._parts.row(containment_id)
        if State(row["state"]) is not State.AWAITING_APPROVAL:
            raise UsageError(f"it is {row['state']}: nobody is asked", where=containment_id)
        now_ms = self._parts.clock.now_ms()
        with self._parts.store.transaction() as tx:
            containments.approve(tx, containment_id, by=by, decision=decision, reason=reason, now_ms=now_ms)
            enough = len(containments.approvers(tx, containment_id)) >= row["approvals_needed"]
        if decision == "reject":
            self._parts.move(containment_id, State.REFUSED, f"rejected: {reason}", actor=by)
            return State.REFUSED
        if not enough:
            return State.AWAITING_APPROVAL
        until_ms = now_ms + self._parts.config.request_ttl_s * 1000
        self._parts.move(containment_id, State.LOCATING, f"approved: {reason}", actor=by, until_ms=until_ms)
        return self.advance(containment_id)

    def _advance_safely(self, row: containments.Row) -> None:
        try:
            self.advance(row["containment_id"])
        except Overtaken:
            return  # whoever moved it on drives it on
        except CordonError as error:
            log.warning("containment not advanced", containment=row["containment_id"], error=str(error))
            self._parts.try_later(row, str(error))

    def _in_parallel(self, rows: Sequence[containments.Row], one: Callable[[containments.Row], object]) -> int:
        by_device: dict[str, list[containments.Row]] = defaultdict(list)
        for row in rows:
            # Where it hangs is not known before it is located: those are driven each by itself, the lock serialises.
            by_device[row["switch"] or row["containment_id"]].append(row)
        if not by_device:
            return 0
        with ThreadPoolExecutor(min(self._parts.config.workers, len(by_device)), "cordon-device") as pool:
            list(pool.map(lambda group: [one(row) for row in group], by_device.values()))
        return len(rows)


def outcome_or_raise(row: containments.Row) -> containments.Row:
    """The row if it was contained; else the error that fits its state (for the command line's exit codes)."""
    state = State(row["state"])
    if state is State.REFUSED:
        raise RefusedByGuard("refused", where=row["containment_id"], reasons=str(row["why"]).split("; "))
    if state is State.AWAITING_APPROVAL:
        raise AwaitingApproval(
            f"waits for approval: {row['why']}", where=row["containment_id"], do="cordon action approve"
        )
    if state is State.FAILED:
        raise CordonError(f"failed: {row['why']}", where=row["containment_id"])
    if state is State.EXPIRED:
        raise NotFound(f"expired: {row['why']}", where=row["containment_id"])
    return row
