"""Sending one step and proving it: intent, commands, read-back, each durable before the next.

The order is the law: the intent is on the disk before a command leaves; after a crash the switch is read before
anything is sent again, and a command whose effect is there is not repeated.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from controller.core.errors import CordonError
from controller.store import containments
from controller.switches.driver import Driver, Exchange, ReadBack
from playbooks.plan import Expectation, Step

from .parts import Parts


@dataclass(frozen=True, slots=True)
class StepResult:
    """`met` = the switch shows it. `known` = the switch could be read at all."""

    met: bool
    known: bool
    detail: str


def perform(parts: Parts, driver: Driver, containment_id: str, step: Step, *, undo: bool) -> StepResult:
    """Bring one step (or its undo) about, unless the switch shows it already."""
    expectation = step.undo_expect if undo else step.expect
    direction = "undo" if undo else "apply"
    there = _read(driver, expectation)
    row_id = _begin(parts, containment_id, direction, step.index)
    if there is not None and there.met:
        return _end(parts, containment_id, row_id, StepResult(True, True, "the switch shows it already: nothing sent"))
    sent, problem = _send(driver, step, undo=undo)
    _sent(parts, containment_id, row_id, sent, problem)
    # A command that failed half way may have had its effect: what the switch shows decides, not what it answered.
    result = await_effect(parts, driver, expectation, patient=problem is None)
    if problem and not result.met:
        result = StepResult(False, result.known, f"{problem}; {result.detail}")
    return _end(parts, containment_id, row_id, result)


def await_effect(parts: Parts, driver: Driver, expectation: Expectation, *, patient: bool = True) -> StepResult:
    """Read back until it is met or the time is up (once only, if not `patient`)."""
    config, clock = parts.config, parts.clock
    deadline = clock.monotonic_s() + (config.verify_timeout_s if patient else 0)
    known, detail = False, "the switch did not answer"
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
        clock.sleep(config.verify_poll_s)


def _send(driver: Driver, step: Step, *, undo: bool) -> tuple[Sequence[Exchange], str | None]:
    try:
        return (driver.undo(step) if undo else driver.apply(step)), None
    except CordonError as error:
        return error.details.get("exchanges", ()), str(error)


def _read(driver: Driver, expectation: Expectation) -> ReadBack | None:
    try:
        return driver.read_back(expectation)
    except CordonError:
        return None  # sending will meet the same trouble and say so


def _begin(parts: Parts, containment_id: str, direction: str, step: int) -> int:
    with parts.store.transaction() as tx:
        row_id = containments.begin_step(tx, containment_id, direction, step, now_ms=parts.clock.now_ms())
    parts.observer(f"step:{direction}:{step}:intent", containment_id)
    return row_id


def _sent(parts: Parts, containment_id: str, row_id: int, exchanges: Sequence[Exchange], problem: str | None) -> None:
    text = json.dumps([asdict(e) for e in exchanges], ensure_ascii=False)
    with parts.store.transaction() as tx:
        containments.end_step(tx, row_id, "sent", exchanges=text, detail=problem, sent_ms=parts.clock.now_ms())
    parts.observer("step:sent", containment_id)


def _end(parts: Parts, containment_id: str, row_id: int, result: StepResult) -> StepResult:
    state = "verified" if result.met else "failed"
    with parts.store.transaction() as tx:
        containments.end_step(tx, row_id, state, detail=result.detail, settled_ms=parts.clock.now_ms())
    parts.observer(f"step:{state}", containment_id)
    return result
