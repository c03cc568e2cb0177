"""Sending one step and proving it: intent, commands, read-back.

The order is the law: the intent is on the disk before a command leaves; after a crash the switch is read before
anything is sent again, and a command whose effect is there is not repeated.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import structlog
from sqlalchemy import Connection

from controller.core.errors import CordonError
from controller.store import containments
from controller.switches.driver import Driver, Exchange
from playbooks.plan import Expectation, PortState, Step

from .parts import UNSENT, Parts

log = structlog.get_logger(__name__)

FIRST_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class StepResult:
    """`met` = the switch shows it. `known` = the switch could be read at all. `unsent` = why it is certain that nothing of
    the step was sent, if it is."""

    met: bool
    known: bool
    detail: str
    unsent: CordonError | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A step whose intent is committed already, and what was read of the port moments before."""

    row_id: int
    seen: PortState


def perform(
    parts: Parts, driver: Driver, containment_id: str, step: Step, *, undo: bool, begun: Begun | None = None
) -> StepResult:
    """Bring one step (or its undo) about, unless the switch shows it already. The result is in the journal."""
    result, row_id = bring_about(parts, driver, containment_id, step, undo=undo, begun=begun)
    with parts.store.transaction(durable=False) as tx:
        settle(parts, tx, row_id, result)
    parts.told(f"step:{state_of(result)}", containment_id)
    return result


def bring_about(
    parts: Parts, driver: Driver, containment_id: str, step: Step, *, undo: bool, begun: Begun | None = None
) -> tuple[StepResult, int]:
    """The same without the last line of the journal, which the caller commits together with what follows from it."""
    expectation = step.undo_expect if undo else step.expect
    direction = "undo" if undo else "apply"
    if step.passing:
        return _bring_about_once(parts, driver, containment_id, step, direction)
    there, unread = _there(parts, driver, expectation, begun)
    row_id = begun.row_id if begun else begin(parts, containment_id, direction, step.index)
    if unread is not None:
        return StepResult(False, False, f"nothing was sent: {unread}", unread), row_id
    if there:
        return StepResult(True, True, "the switch shows it already: nothing sent"), row_id
    return _send_until_met(parts, driver, containment_id, step, row_id, undo=undo), row_id


def _send_until_met(
    parts: Parts, driver: Driver, containment_id: str, step: Step, row_id: int, *, undo: bool
) -> StepResult:
    """Send and read back; again only if the session failed and the switch then shows no effect.

    A command that failed half way may have had its effect: what the switch shows decides, not what it answered. Only where
    the driver is certain each time that nothing had left is there nothing to read.
    """
    expectation = step.undo_expect if undo else step.expect
    exchanges: list[Exchange] = []
    result, may_be_sent = StepResult(False, False, "nothing sent"), False
    for attempt in range(parts.config.send_attempts):
        if attempt and not may_be_sent:
            parts.clock.sleep(parts.config.resend_after_s)
        sent, problem = _send(driver, step, undo=undo)
        if problem is not None and problem.unsent and not may_be_sent:
            result = StepResult(False, False, f"nothing was sent: {problem}", problem)
            if not problem.retriable:
                break
            continue
        may_be_sent = True
        exchanges += sent
        parts.precedence.drop(containment_id)
        parts.mark("commands sent", containment_id)
        _note_sent(parts, containment_id, row_id, exchanges, problem)
        result = await_effect(parts, driver, expectation, timeout_s=_patience_s(parts, step, problem))
        parts.mark("read back", containment_id)
        if result.met or problem is None:
            return result
        result = StepResult(False, result.known, f"{problem}; {result.detail}")
        if not (problem.retriable and result.known):
            break
        log.info("step not taken", containment=containment_id, step=step.title, problem=str(problem))
    return result


def await_effect(
    parts: Parts, driver: Driver, expectation: Expectation, *, timeout_s: float | None = None
) -> StepResult:
    """Read back until it is met or the time is up: `verify_timeout_s` unless said otherwise; 0 = read once."""
    config, clock = parts.config, parts.clock
    deadline = clock.monotonic_s() + (config.verify_timeout_s if timeout_s is None else timeout_s)
    known, detail, pause_s = False, "the switch did not answer", FIRST_POLL_S
    while True:
        try:
            read = driver.read_back(expectation)
            if read.met:
                return StepResult(True, True, "read back as expected")
            known, detail = True, "read back: " + "; ".join(read.differences)
        except CordonError as error:
            detail = f"read back failed: {error}"
        if clock.monotonic_s() >= deadline:
            return StepResult(False, known, detail)
        clock.sleep(min(pause_s, config.verify_poll_s))
        pause_s *= 2


def begin(parts: Parts, containment_id: str, direction: str, step: int) -> int:
    """Commit the intent to send a step's commands."""
    with parts.store.transaction() as tx:
        row_id = containments.begin_step(tx, containment_id, direction, step, now_ms=parts.clock.now_ms())
    parts.told(f"step:{direction}:{step}:intent", containment_id)
    return row_id


def settle(parts: Parts, tx: Connection, row_id: int, result: StepResult) -> None:
    """Note what became of a step. `unsent` in the journal is as if it had never been begun."""
    now_ms = parts.clock.now_ms()
    containments.end_step(tx, row_id, state_of(result), detail=result.detail, settled_ms=now_ms)


def state_of(result: StepResult) -> str:
    """How that stands in the journal."""
    return "verified" if result.met else "failed" if result.unsent is None else UNSENT


def _bring_about_once(
    parts: Parts, driver: Driver, containment_id: str, step: Step, direction: str
) -> tuple[StepResult, int]:
    """A passing step: its effect cannot be read, so what may have been sent is not sent again; it has no undo."""
    with parts.store.reading() as connection:
        journal = containments.journal(connection, containment_id)
    before = [s for s in journal if s["step"] == step.index and s["state"] != UNSENT]
    if direction == "undo":
        return StepResult(True, True, "passed by itself: nothing to undo"), begin(
            parts, containment_id, direction, step.index
        )
    if before:
        detail = "it is not known whether it was sent before: not sent again"
        done = ("verified",) if step.witnessed else ("sent", "verified")
        return StepResult(before[-1]["state"] in done, True, detail), int(before[-1]["id"])
    row_id = begin(parts, containment_id, direction, step.index)
    sent, problem = _send(driver, step, undo=False)
    if problem is not None and problem.unsent:
        return StepResult(False, True, f"nothing was sent: {problem}", problem), row_id
    _note_sent(parts, containment_id, row_id, sent, problem)
    if problem is not None or not step.witnessed:
        return StepResult(problem is None, True, str(problem or "sent; it passes by itself")), row_id
    seen = await_effect(parts, driver, step.expect)
    detail = "seen" if seen.met else f"acknowledged, but not proven: {seen.detail}"
    return StepResult(seen.met, True, detail), row_id


def _there(
    parts: Parts, driver: Driver, expectation: Expectation, begun: Begun | None
) -> tuple[bool, CordonError | None]:
    """Whether the switch shows it now, or why it does not say. What was read moments ago, under the same lock, is not read
    again.
    """
    if (
        begun is not None
        and _speaks_of(begun.seen, expectation)
        and 0 <= parts.clock.now_ms() - begun.seen.read_ms <= parts.config.reread_s * 1000
    ):
        return not expectation.differences(begun.seen), None
    try:
        return driver.read_back(expectation).met, None
    except CordonError as error:
        return False, error  # nothing may be sent to a switch that cannot say whether it is done already


def _speaks_of(seen: PortState, expectation: Expectation) -> bool:
    """Whether the reading has what the expectation asks about: tables may come by another way in than commands go."""
    wants_macs = expectation.blocked_mac is not None or expectation.unblocked_mac is not None
    return (not wants_macs or seen.blocked_macs is not None) and (expectation.pvid is None or seen.pvid is not None)


def _send(driver: Driver, step: Step, *, undo: bool) -> tuple[Sequence[Exchange], CordonError | None]:
    try:
        return (driver.undo(step) if undo else driver.apply(step)), None
    except CordonError as error:
        return error.details.get("exchanges", ()), error


def _patience_s(parts: Parts, step: Step, problem: CordonError | None) -> float | None:
    """A session that ended may have left the switch at work: a moment for that. A refusal shows at once, and a note can
    wait."""
    if step.optional:
        return 0
    if problem is None:
        return None
    return parts.config.resend_after_s if problem.retriable else 0


def _note_sent(
    parts: Parts, containment_id: str, row_id: int, exchanges: Sequence[Exchange], problem: CordonError | None
) -> None:
    text = json.dumps([asdict(e) for e in exchanges], ensure_ascii=False)
    with parts.store.transaction(durable=False) as tx:
        containments.end_step(
            tx, row_id, "sent", exchanges=text, detail=problem and str(problem), sent_ms=parts.clock.now_ms()
        )
    parts.told("step:sent", containment_id)
