"""How a containment's state ends a command: the typed errors that carry exit codes."""

from __future__ import annotations

from controller.core.errors import AwaitingApproval, CordonError, NotFound, RefusedByGuard, Unreachable
from controller.store import containments
from playbooks.lifecycle import State


def outcome_or_raise(row: containments.Row) -> containments.Row:
    """The row if it was contained; else the error that fits its state (for the command line's exit codes)."""
    state, where = State(row["state"]), str(row["containment_id"])
    if state is State.REFUSED:
        raise RefusedByGuard("refused", where=where, reasons=str(row["why"]).split("; "))
    if state is State.AWAITING_APPROVAL:
        raise AwaitingApproval(f"waits for approval: {row['why']}", where=where, do="cordon action approve")
    if state is State.FAILED:
        raise CordonError(f"failed: {row['why']}", where=where)
    if state is State.EXPIRED:
        raise NotFound(f"expired: {row['why']}", where=where)
    if row["retry_ms"]:
        raise Unreachable(f"not done yet: {row['why']}", where=where, do="it is tried again by `cordon serve`")
    return row
