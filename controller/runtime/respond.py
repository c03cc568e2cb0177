"""The response worker: alerts from the bus into the store, and what they ask for through the one door.

The request that an alert leads to is submitted, and the alert recorded and both flushed, before the alert is committed on the
bus. Both are idempotent by ids that follow from the alert's own, so a crash anywhere in between loses and doubles nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from controller.bus.port import ALERTS, Bus, Message
from controller.core.precedence import nobody
from playbooks.request import Request

GROUP = "cordon-responders"
POLL_MS = 200
COMMIT_TURNS = 50
ACTING = ("approve", "auto")
log = structlog.get_logger(__name__)

AlertRow = Mapping[str, Any]


class Door(Protocol):
    """What the worker needs of the containment engine."""

    def submit(self, request: Request) -> str: ...


@dataclass(slots=True)
class RespondCounts:
    """Alerts seen, those seen before, messages that are none, requests submitted, commits that were put off while the group
    was shared out anew."""

    alerts: int = 0
    repeated: int = 0
    unreadable: int = 0
    submitted: int = 0
    put_off: int = 0


class RespondWorker:
    """One turn = one poll of the alerts topic. Acting starts with the submission, and the record is written beside it."""

    def __init__(
        self,
        bus: Bus,
        *,
        record: Callable[[AlertRow], bool],
        flush: Callable[[], None],
        request_for: Callable[[AlertRow], Request | None],
        door: Door,
        give_way: Callable[[], None] = nobody,
    ) -> None:
        """`give_way` waits while something else goes first: what was asked for is done before it is recorded who asked."""
        self._give_way = give_way
        self._consumer = bus.consumer([ALERTS], GROUP)
        self._record, self._request_for, self._door = record, request_for, door
        self._flush, self._uncommitted = flush, 0
        self.counts = RespondCounts()

    def turn(self) -> None:
        """Poll once; record and submit. What was taken is flushed and committed in the next pause: acting comes first."""
        messages = self._consumer.poll(POLL_MS)
        alerts = [alert for message in messages if (alert := self._read(message)) is not None]
        alerts.sort(key=lambda alert: alert.get("response") not in ACTING)  # what asks for nothing holds up nobody
        for alert in alerts:
            self._act(alert)
        if alerts:
            self._give_way()
        for alert in alerts:
            if not self._record(alert):
                self.counts.repeated += 1
        self._uncommitted += bool(messages)
        if self._uncommitted and (not messages or self._uncommitted >= COMMIT_TURNS):
            self._commit()

    def close(self) -> None:
        """Leave the group; what could not be committed is read again, and done once."""
        with ExitStack() as leaving:
            leaving.callback(self._consumer.close)
            if self._uncommitted:
                self._commit()

    def _commit(self) -> None:
        """The store has to be on the disk before the bus may forget."""
        self._flush()
        if self._consumer.commit():
            self._uncommitted = 0
        else:
            self.counts.put_off += 1

    def _act(self, alert: AlertRow) -> None:
        self.counts.alerts += 1
        request = self._request_for(alert)
        if request is not None:
            self._door.submit(request)
            self.counts.submitted += 1

    def _read(self, message: Message) -> AlertRow | None:
        try:
            alert = json.loads(message.payload)
            if isinstance(alert, dict) and isinstance(alert["alert_id"], str) and isinstance(alert["src_ip"], str):
                return alert
        except (ValueError, KeyError):
            pass
        self.counts.unreadable += 1
        log.warning("unreadable alert on the bus", partition=message.partition, offset=message.offset)
        return None
