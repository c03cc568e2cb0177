"""The detection worker: flows from the bus through the engine, alerts back onto the bus.

A worker that gets a partition rewinds by the detectors' look-back from the first message it had not yet committed and
rebuilds its state. Alerts raised on the way have the ids they had before, so a replay raises nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

from controller.bus.port import ALERTS, FLOWS, Bus, Message, partition_of
from controller.core.errors import CordonError
from controller.core.precedence import nobody
from detectors.address import packed
from detectors.alert import Alert, Endpoint
from detectors.flow import FlowBatch

from .places import Places

GROUP = "cordon-detectors"
POLL_MS = 200
COMMIT_TURNS = 200  # while flows come without a pause: a commit costs a flush or two, and holds up what comes next


class FlowEngine(Protocol):
    """What the worker needs of the detection engine."""

    def feed(self, batch: FlowBatch) -> Iterable[Alert]: ...

    def flush(self, now_ms: int) -> Iterable[Alert]: ...

    def finish(self) -> Iterable[Alert]: ...

    def nearing(self) -> Iterable[Endpoint]: ...


@dataclass(slots=True)
class DetectCounts:
    """Rows and messages seen, messages that could not be decoded, alerts raised, partitions rewound, messages that came again
    and were not fed again, commits that were put off while the group was shared out anew."""

    rows: int = 0
    messages: int = 0
    undecodable: int = 0
    alerts: int = 0
    rewinds: int = 0
    repeated: int = 0
    put_off: int = 0


class DetectWorker:
    """One turn = one poll. Alerts are durable on the bus before the flows that raised them are committed."""

    def __init__(
        self,
        bus: Bus,
        engine: FlowEngine,
        decode: Callable[[Message], FlowBatch],
        *,
        writer: str,
        lookback_ms: int,
        give_way: Callable[[], None] = nobody,
        heads_up: Callable[[Endpoint], None] | None = None,
    ) -> None:
        """`give_way` waits while something else goes first; `heads_up` is told who may be accused next."""
        self._give_way, self._heads_up = give_way, heads_up
        self._bus, self._engine, self._decode = bus, engine, decode
        self._consumer = bus.consumer([FLOWS], GROUP)
        self._producer = bus.producer(writer)
        self._places = Places(self._consumer, lookback_ms)
        self._latest_ms = 0
        self._uncommitted = 0
        self.counts = DetectCounts()

    def turn(self) -> None:
        """Poll once and feed what came; with nothing to feed, let event time pass as far as it is known."""
        messages = self._fresh(self._consumer.poll(POLL_MS))
        self._give_way()
        alerts: list[Alert] = []
        for message in messages:
            alerts.extend(self._feed(message))
        if self._heads_up is not None and messages and not alerts:
            for endpoint in self._engine.nearing():
                self._heads_up(endpoint)
        if messages:
            alerts.extend(self._engine.flush(self._latest_ms))
            self._publish(alerts)
            self._uncommitted += 1
        if self._uncommitted and (not messages or self._uncommitted >= COMMIT_TURNS):
            self._commit()

    def settle(self) -> None:
        """Say now what would be said in a moment: before what was learned is kept, and at the end."""
        self._publish(list(self._engine.finish()))

    def close(self) -> None:
        """Leave the group; the next one goes on from here, or reads again what could not be committed."""
        with ExitStack() as leaving:
            leaving.callback(self._producer.close)
            leaving.callback(self._consumer.close)
            if self._uncommitted:
                self._commit()

    def _commit(self) -> None:
        """What is committed late is read again after a crash, and raises nothing twice."""
        if self._consumer.commit():
            self._uncommitted = 0
        else:
            self.counts.put_off += 1

    def _fresh(self, messages: Sequence[Message]) -> Sequence[Message]:
        kept = self._places.fresh(messages)
        self.counts.rewinds, self.counts.repeated = self._places.counts.rewinds, self._places.counts.repeated
        return kept

    def _feed(self, message: Message) -> Iterable[Alert]:
        self.counts.messages += 1
        try:
            batch = self._decode(message)
        except CordonError:
            self.counts.undecodable += 1
            return ()
        self.counts.rows += len(batch)
        if len(batch):
            self._latest_ms = max(self._latest_ms, int(batch["received_ms"].max()))
        return self._engine.feed(batch)

    def _publish(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            text = alert.endpoint.exporter or alert.endpoint.src_ip
            partition = partition_of(packed(text), self._bus.partitions)
            payload = json.dumps(alert.to_json(), ensure_ascii=False).encode()
            self._producer.send(ALERTS, partition, payload, {"schema": "1", "alert_id": alert.alert_id})
            self.counts.alerts += 1
        if alerts:
            self._producer.flush()
