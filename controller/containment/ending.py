"""How long a containment lasts: what was asked for, else longer on every repeat; and what a repeat does to probation."""

from __future__ import annotations

from controller.store import containments, requests
from playbooks.lifecycle import State, due
from playbooks.plan import Verb
from playbooks.request import Origin
from playbooks.select import ESCALATION_S, Playbook

from .parts import Overtaken, Parts

PASSING = (Verb.BOUNCE, Verb.DISCONNECT)  # done within seconds, and accuse nobody
ENDS_BY_ITSELF = (
    State.CONTAINED,
    State.PROBATION,
    State.REQUESTED,
    State.LOCATING,
    State.PLANNED,
    State.AWAITING_APPROVAL,
)


def duration_s(parts: Parts, row: containments.Row) -> int:
    """Seconds until it ends by itself: 10 min, 1 h, 24 h, 7 d on repeat; a repeat during probation skips one."""
    with parts.store.reading() as connection:
        request = requests.find(connection, row["request_id"])
    if request is None:
        raise LookupError(f"request {row['request_id']} is gone")  # foreign keys forbid it
    if request.verb in PASSING:
        return parts.config.bounce_s
    if request.duration_s is not None:
        return request.duration_s
    repeats = _repeats(parts, row)
    playbook = parts.playbooks.get(request.playbook)
    if playbook is not None and request.origin is Origin.ALERT:
        return playbook.duration_s(repeats)
    if request.origin is Origin.PERSON or not repeats:
        return parts.config.default_duration_s
    return max(parts.config.default_duration_s, ESCALATION_S[min(repeats, len(ESCALATION_S) - 1)])


def expire_due(parts: Parts) -> int:
    """Move everything whose time is up: contained -> releasing, probation -> released, waiting -> expired."""
    moved, now_ms = 0, parts.clock.now_ms()
    with parts.store.reading() as connection:
        rows = containments.overdue(connection, ENDS_BY_ITSELF, now_ms)
    for row in rows:
        after = due(State(row["state"]), row["until_ms"], now_ms)
        if after is None:
            continue
        fresh = parts.row(row["containment_id"])  # it may have been renewed since the list was read
        if due(State(fresh["state"]), fresh["until_ms"], now_ms) is not after:
            continue
        try:
            parts.move(row["containment_id"], after, "its time is up")
        except Overtaken:  # another worker saw it too, and was faster
            continue
        moved += 1
    return moved


def end_probations(parts: Parts, row: containments.Row) -> None:
    """The same machine offended again: its probation is over, and says by what."""
    with parts.store.reading() as connection:
        earlier = containments.on_probation(connection, row["mac"], but=row["containment_id"])
    for containment_id in earlier:
        try:
            parts.move(
                containment_id, State.RELEASED, f"did not pass probation: {row['containment_id']}", durable=False
            )
        except Overtaken:
            continue  # its time was up at this very moment


def probation_s(playbook: Playbook | None, verb: str) -> int:
    """How long a released endpoint is watched; neither does a bounce or the end of a session accuse anybody."""
    return 0 if playbook is None or verb in PASSING else playbook.probation_s


def _repeats(parts: Parts, row: containments.Row) -> int:
    since_ms = parts.clock.now_ms() - parts.config.escalation_memory_s * 1000
    with parts.store.reading() as connection:
        earlier = containments.earlier(connection, row["mac"], since_ms, but=row["containment_id"])
        return earlier + bool(containments.on_probation(connection, row["mac"], but=row["containment_id"]))
