"""How a containment's state ends a command: the typed errors that carry exit codes."""

from __future__ import annotations

from typing import Any

from controller.core.errors import (
    AwaitingApproval,
    ConfigError,
    CordonError,
    NotAllowed,
    NotFound,
    RefusedByGuard,
    Unreachable,
)
from controller.store import containments
from playbooks.judgement import Judgement, Outcome
from playbooks.lifecycle import State

# Why nothing was sent, where that has an exit code of its own.
UNSENT_FOR: dict[str, type[CordonError]] = {kind.code: kind for kind in (Unreachable, NotAllowed, ConfigError)}


def outcome_or_raise(row: containments.Row, language: str = "en") -> containments.Row:
    """The row if it was contained; else the error that fits its state (for the command line's exit codes).

    The guard's reasons, and what a person can do about them, come in `language`.
    """
    state, where = State(row["state"]), str(row["containment_id"])
    if state is State.REFUSED:
        raise RefusedByGuard("refused", where=where, **_said(row, language))
    if state is State.AWAITING_APPROVAL:
        raise AwaitingApproval("waits for approval", where=where, **_said(row, language))
    if state is State.FAILED and row["problem"] in UNSENT_FOR:
        raise UNSENT_FOR[row["problem"]](f"failed: {row['why']}", where=where, do="the port is as it was; ask again")
    if state is State.FAILED:
        do = f"what was sent and answered: cordon action show {where}"
        if row["unsettled"]:
            do += f"; it holds the port until that can be read: cordon action release {where}"
        raise CordonError(f"failed: {row['why']}", where=where, do=do)
    if state is State.EXPIRED:
        raise NotFound(f"expired: {row['why']}", where=where)
    if row["retry_ms"]:
        raise Unreachable(f"not done yet: {row['why']}", where=where, do="it is tried again by `cordon serve`")
    return row


def _said(row: containments.Row, language: str) -> dict[str, Any]:
    """What the guard said; where it said nothing (the port is held, a person said no), why the state is what it is."""
    judged = Judgement.model_validate_json(row["judgement"]) if row["judgement"] else None
    reasons = judged.reasons(language) if judged else ()
    if State(row["state"]) is State.REFUSED and (judged is None or judged.outcome in (Outcome.ALLOW, Outcome.APPROVE)):
        reasons = (str(row["why"]),)
    return {"reasons": reasons, "advice": judged.advice(language) if judged else ()}
