"""Taking a request in: kept durably, once, with the containment it leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from controller.core import ids
from controller.store import audit, containments, requests, stops
from playbooks.request import Origin, Request

from .decide import is_bulk
from .parts import Parts

MOST_TAKEN = 1000  # kept in memory until they are acted on; others are read from the store


@dataclass(frozen=True, slots=True)
class Taken:
    """The containment of a request. `lane` = the switch it is about, as far as the request itself tells."""

    containment_id: str
    lane: str | None = None
    row: containments.Row | None = None  # as it stands, if it is new


def take(
    parts: Parts,
    request: Request,
    *,
    source: str,
    body_hash: str | None,
    is_new: Callable[[Taken], None] = lambda _: None,
) -> Taken:
    """The same request id twice is the same containment. `is_new` is told as soon as it is known not to be: what can be got
    ready goes on beside the writing.

    An alert's request is flushed with the intent to act: until then the bus has the alert, and would tell it again.
    """
    now_ms = parts.clock.now_ms()
    with parts.store.transaction(durable=request.origin is not Origin.ALERT) as tx:
        known = containments.of_request(tx, request.request_id)
        if known is not None:
            return Taken(str(known["containment_id"]))
        taken = Taken(ids.new_id("con", now_ms), _lane_of(parts, request))
        is_new(taken)
        requests.add(tx, request, source=source, body_hash=body_hash)
        until_ms = now_ms + parts.config.request_ttl_s * 1000
        body = request.model_dump(mode="json", exclude_none=True)
        asked = audit.Entry(now_ms, request.requested_by, "request", request.request_id, body)
        times = {"now_ms": now_ms, "until_ms": until_ms}
        row = containments.create(tx, taken.containment_id, request, **times, lane=taken.lane, because=[asked])
        _stop_if_bulk(parts, tx, request, now_ms)
    if len(parts.taken) < MOST_TAKEN:
        parts.taken[request.request_id] = request
    parts.told("state:requested", taken.containment_id)
    return replace(taken, row=row)


def _stop_if_bulk(parts: Parts, tx: Connection, request: Request, now_ms: int) -> None:
    """More attackers at once than a network has: the stop holds until a person clears it."""
    if request.origin is Origin.ALERT and is_bulk(parts, tx, request.site):
        why = f"more than {parts.config.bulk_alerts} alerts asked for action in {parts.config.bulk_window_s} s"
        stops.stop(tx, request.site or stops.EVERYWHERE, by="cordon", why=why, now_ms=now_ms)


def _lane_of(parts: Parts, request: Request) -> str | None:
    if request.target.switch:
        return request.target.switch
    return parts.rulebook.switch_of_agent(request.flow.agent) if request.flow else None
