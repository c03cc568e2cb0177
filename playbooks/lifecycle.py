"""The life of a containment: states, and the only transitions there are (DECISIONS 5)."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """States of a containment, in the words used everywhere."""

    REQUESTED = "requested"
    LOCATING = "locating"
    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting-approval"
    APPLYING = "applying"
    VERIFYING = "verifying"
    CONTAINED = "contained"
    RELEASING = "releasing"
    PROBATION = "probation"
    RELEASED = "released"
    REFUSED = "refused"
    FAILED = "failed"
    EXPIRED = "expired"  # a request or approval that ran out before anything was sent


TRANSITIONS: dict[State, frozenset[State]] = {
    State.REQUESTED: frozenset({State.LOCATING, State.REFUSED, State.EXPIRED}),
    State.LOCATING: frozenset({State.PLANNED, State.REFUSED, State.FAILED, State.EXPIRED}),
    State.PLANNED: frozenset({State.AWAITING_APPROVAL, State.APPLYING, State.REFUSED, State.FAILED, State.EXPIRED}),
    # Never straight to applying: after the approval the facts are read again.
    State.AWAITING_APPROVAL: frozenset({State.LOCATING, State.REFUSED, State.EXPIRED}),
    # Back to locating where it is certain that nothing was sent: everything is looked at anew.
    State.APPLYING: frozenset({State.VERIFYING, State.LOCATING, State.FAILED}),
    State.VERIFYING: frozenset({State.CONTAINED, State.FAILED}),
    State.CONTAINED: frozenset({State.RELEASING}),
    State.RELEASING: frozenset({State.PROBATION, State.RELEASED, State.CONTAINED, State.FAILED}),
    State.PROBATION: frozenset({State.RELEASED}),
    State.RELEASED: frozenset(),
    State.REFUSED: frozenset(),
    State.FAILED: frozenset({State.RELEASING}),  # half applied: a person or reconcile undoes what is left
    State.EXPIRED: frozenset(),
}

FINAL = frozenset({State.RELEASED, State.REFUSED, State.EXPIRED})
MAY_HAVE_TOUCHED = frozenset({State.APPLYING, State.VERIFYING, State.CONTAINED, State.RELEASING, State.FAILED})


class IllegalTransition(ValueError):
    """A transition that the life cycle does not have."""

    def __init__(self, before: State, after: State) -> None:
        super().__init__(f"a containment cannot go from {before} to {after}")
        self.before, self.after = before, after


def advance(before: State, after: State) -> State:
    """`after`, if that transition exists; IllegalTransition otherwise."""
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(before, after)
    return after


def is_final(state: State) -> bool:
    """Nothing more happens to it by itself; `failed` counts, until a person or reconcile undoes what is left."""
    return state in FINAL or state is State.FAILED


def due(state: State, until_ms: int | None, now_ms: int) -> State | None:
    """What the passing of time asks for: a release, the end of probation, the end of a waiting; None = nothing."""
    if until_ms is None or now_ms < until_ms:
        return None
    if state is State.CONTAINED:
        return State.RELEASING
    if state is State.PROBATION:
        return State.RELEASED
    if state in {State.REQUESTED, State.LOCATING, State.PLANNED, State.AWAITING_APPROVAL}:
        return State.EXPIRED
    return None
