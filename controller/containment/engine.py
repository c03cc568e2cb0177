"""The one door: nothing changes a switch but this. Requests come in, containments come to a definite end.

Every public method may be called from any thread and any process; one device is worked on by one thread at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from controller.core.errors import CordonError
from controller.store import containments
from playbooks.lifecycle import State
from playbooks.plan import Verb
from playbooks.request import FlowEvidence, Origin, Request, Target

from . import ahead, apply, claims, ending, intake, people, sending, undo
from .lanes import Lanes
from .parts import Overtaken, Parts
from .preview import Preview, preview
from .reconcile import Reconciled, compare, to_reconcile
from .scout import Scout

log = structlog.get_logger(__name__)

Step = Callable[[Parts, containments.Row], None]
STEPS: dict[State, Step] = {
    State.REQUESTED: apply.locate_and_plan,
    State.LOCATING: apply.locate_and_plan,
    State.PLANNED: apply.locate_and_plan,
    State.APPLYING: apply.resume_applying,
    State.VERIFYING: sending.verify,
    State.RELEASING: undo.release,
}
UNSENT = frozenset({State.REQUESTED, State.LOCATING, State.PLANNED})
OBSERVED_AFTER_MS = (
    1000  # an alert that asks for more often follows at once, and is not to wait for what touches nothing
)
MOST_STEPS = 12  # of one advance: more than the longest way there is


class Containment:
    """The engine. Inert until `start`: before that, threads exist only inside `work` and `reconcile`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lanes: Lanes | None = None
        self._scout = Scout(parts)

    def start(self) -> None:
        """From now on every request is driven at once, by the thread of its device. Compare with the switches first."""
        self._lanes = Lanes(self._parts.config.workers)
        for row in to_reconcile(self._parts):
            self._enqueue(row, lambda row=row: self._reconcile_one(row), prefix="reconcile ")  # type: ignore[misc]

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Let what is under way come to its end; False if a device holds it up longer than that."""
        lanes, self._lanes = self._lanes, None
        return lanes.stop(timeout_s) if lanes else True

    def watch(self, mark: Callable[[str, str], None]) -> None:
        """Call this after each thing that takes time, with (what, containment id)."""
        self._parts.mark = mark

    @property
    def counts(self) -> object:
        """What this process did since it started."""
        return self._parts.counts

    def counters(self) -> dict[str, Callable[[], object]]:
        """Counts by the name of the part."""
        return {"containment": lambda: self.counts, "scout": lambda: self._scout.counts}

    def submit(self, request: Request, *, source: str = "cordon", body_hash: str | None = None) -> str:
        """Keep a request durably and give its containment's id; the same request id twice is the same containment.

        An alert's request is flushed with the intent to act: until then the bus has the alert, and would tell it again.
        One that only observes goes before nobody: `dispatch` drives it a moment later.
        """
        parts, is_driven = self._parts, self._lanes is not None
        if request.verb is Verb.OBSERVE:
            return intake.take(parts, request, source=source, body_hash=body_hash).containment_id

        def is_new(taken: intake.Taken) -> None:
            if is_driven:
                parts.precedence.take(taken.containment_id)
                ahead.open_session(parts, taken.lane)
                if request.request_id not in parts.looked:
                    ahead.look(parts, request)

        parts.precedence.take(request.request_id)
        if is_driven and request.origin is Origin.ALERT:
            ahead.look_at_once(parts, request)
        try:
            taken = intake.take(parts, request, source=source, body_hash=body_hash, is_new=is_new)
            if taken.row is None:
                ahead.forget(parts, request)
        except BaseException:
            ahead.forget(parts, request)
            raise
        finally:
            parts.precedence.drop(request.request_id)
        if (row := taken.row) is not None:
            self._enqueue(row, lambda: self._safely(row, lambda: self._go_on(row, apply.begin)))
        return taken.containment_id

    def heads_up(self, target: Target, flow: FlowEvidence) -> None:
        """Something may be asked for about this machine in a moment: ask where it is, if containments are driven here."""
        if self._lanes is not None:
            self._scout.look(target, flow)

    def preview(self, request: Request) -> Preview:
        """Locate, read, judge and plan; keep nothing and send nothing."""
        return preview(self._parts, request)

    def advance(self, containment_id: str) -> State:
        """Drive one containment as far as it goes now, and give the state it is in then."""
        row = claims.take(self._parts, containment_id, STEPS)
        if row is not None:
            self._go_on(row)
        return State(self._parts.row(containment_id)["state"])

    def work(self) -> int:
        """Drive everything that can be driven, and wait for it: devices in parallel, each by one thread. Gives how many."""
        rows = self._pending()
        self._in_parallel(rows, self._advance_safely)
        return len(rows)

    def dispatch(self) -> int:
        """The same without waiting: a device that hangs holds up nobody else's work. Needs `start`."""
        rows = [row for row in self._pending() if not self._can_wait(row)]
        for row in rows:
            self._drive(row)
        return len(rows)

    def approve(self, containment_id: str, *, by: str, reason: str) -> State:
        """One person's yes. With enough of them the facts are read again before anything is sent."""
        people.approve(self._parts, containment_id, by=by, reason=reason)
        return self.advance(containment_id)

    def reject(self, containment_id: str, *, by: str, reason: str) -> State:
        """One person's no ends it."""
        people.reject(self._parts, containment_id, by=by, reason=reason)
        return State.REFUSED

    def release(self, containment_id: str, *, by: str, reason: str) -> State:
        """Open the port again: journaled and read back like everything else."""
        people.release(self._parts, containment_id, by=by, reason=reason)
        return self.advance(containment_id)

    def renew(self, containment_id: str, *, by: str, until_ms: int, reason: str) -> None:
        """A person takes it on until another time."""
        people.renew(self._parts, containment_id, by=by, until_ms=until_ms, reason=reason)

    def stop_automatic(self, scope: str | None, *, by: str, reason: str) -> None:
        """A person stops all automatic action of a site, or everywhere (None)."""
        people.stop_automatic(self._parts, scope, by=by, reason=reason)

    def resume_automatic(self, scope: str | None, *, by: str, reason: str) -> None:
        """A person has looked: automatic action goes on. NotFound if it was not stopped."""
        people.resume_automatic(self._parts, scope, by=by, reason=reason)

    def expire_due(self) -> int:
        """Move everything whose time is up: contained -> releasing, probation -> released, waiting -> expired."""
        return ending.expire_due(self._parts)

    def reconcile(self) -> Sequence[Reconciled]:
        """Compare every containment with its switch. Call it at start, before `work`, and then on a timer."""
        found: list[Reconciled] = []
        self._in_parallel(to_reconcile(self._parts), lambda row: found.append(self._reconcile_one(row)))
        return found

    def _pending(self) -> Sequence[containments.Row]:
        self.expire_due()
        with self._parts.store.reading() as connection:
            return containments.pending(connection, self._parts.clock.now_ms())

    def _can_wait(self, row: containments.Row) -> bool:
        age_ms = self._parts.clock.now_ms() - int(row["created_ms"])
        return row["verb"] == Verb.OBSERVE and row["state"] == State.REQUESTED and 0 <= age_ms < OBSERVED_AFTER_MS

    def _drive(self, row: containments.Row) -> None:
        self._enqueue(row, lambda: self._advance_safely(row))

    def _enqueue(self, row: containments.Row, job: Callable[[], object], *, prefix: str = "") -> None:
        if self._lanes is None:
            return

        def run() -> None:
            try:
                job()
            except Exception as error:
                log.exception("containment not driven", containment=row["containment_id"], error=str(error))

        observed = row["verb"] == Verb.OBSERVE
        device = row["switch"] or (None if observed else row["lane"])  # nobody waits behind what is only observed
        lane = self._lanes.name(device, row["containment_id"], observed=observed)
        self._lanes.put(lane, prefix + row["containment_id"], run)

    def _go_on(self, row: containments.Row, first: Step | None = None) -> None:
        """As far as it goes now; claimed, or by a first step that claims it."""
        containment_id, left = row["containment_id"], MOST_STEPS
        try:
            after = self._step(row, first)
            while after is not None and (left := left - 1):
                after = self._step(after)
        finally:
            self._parts.precedence.drop(containment_id)
            claims.drop(self._parts, containment_id)

    def _step(self, row: containments.Row, step: Step | None = None) -> containments.Row | None:
        """Take one step of the way; as it stands then, or None if there is nothing more to do now."""
        containment_id, state = row["containment_id"], State(row["state"])
        with self._parts.device(row["switch"] or containment_id):
            # Nothing is sent from an unsent state without a commit that finds out whether it is in that state still.
            fresh = row if state in UNSENT else self._parts.row(containment_id)
            if fresh["state"] == state:  # else somebody else took this step while this thread waited
                (step or STEPS[state])(self._parts, fresh)
        after = self._parts.row(containment_id)
        more = after["state"] != state and State(after["state"]) in STEPS and not after["retry_ms"]
        return after if more else None

    def _reconcile_one(self, row: containments.Row) -> Reconciled:
        containment_id, state = row["containment_id"], State(row["state"])
        try:
            if not claims.take(self._parts, containment_id):
                return Reconciled(containment_id, state, "another process has it")
            try:
                with self._parts.device(row["switch"] or containment_id):
                    fresh = self._parts.row(containment_id)
                    if fresh["state"] != state:
                        return Reconciled(containment_id, State(fresh["state"]), "moved on meanwhile")
                    found = compare(self._parts, fresh)
            finally:
                claims.drop(self._parts, containment_id)
            return found or Reconciled(containment_id, self.advance(containment_id), f"was {state}")
        except CordonError as error:
            return Reconciled(containment_id, state, f"not compared: {error}")

    def _advance_safely(self, row: containments.Row) -> None:
        self._safely(row, lambda: self.advance(row["containment_id"]))

    def _safely(self, row: containments.Row, job: Callable[[], object]) -> None:
        try:
            job()
        except Overtaken:
            return  # whoever moved it on drives it on
        except CordonError as error:
            log.warning("containment not advanced", containment=row["containment_id"], error=str(error))
            self._parts.try_later(row, str(error))

    def _in_parallel(self, rows: Sequence[containments.Row], one: Callable[[containments.Row], object]) -> None:
        by_device: dict[str, list[containments.Row]] = defaultdict(list)
        for row in rows:
            # Where it hangs may not be known yet: those are driven each by itself, the device's lock serialises.
            by_device[row["switch"] or row["lane"] or row["containment_id"]].append(row)
        if not by_device:
            return
        with ThreadPoolExecutor(min(self._parts.config.workers, len(by_device)), "cordon-device") as pool:
            list(pool.map(lambda group: [one(row) for row in group], by_device.values()))
