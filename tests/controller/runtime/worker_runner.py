"""A process that detects and responds on a real bus and store, and may be made to die by SIGKILL at an exact point.

    python -m tests.controller.runtime.worker_runner BUS FOLDER POINT

POINT: `detected` = after an alert is durable on the bus and before its flows are committed; `recorded` = after the alert is in
the store and before its request; `submitted` = after the request and before the alert is committed; `never`.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from controller.bus.codec import decode
from controller.bus.config import BusConfig
from controller.bus.connect import open_bus
from controller.core import ids
from controller.core.clock import SystemClock
from controller.runtime.catalog import load_catalog
from controller.runtime.choose import RequestOfAlert, load_playbooks
from controller.runtime.detect import DetectWorker
from controller.runtime.respond import RespondWorker
from controller.store import alerts, containments, open_store, requests
from detectors.address import INTERNAL, Networks
from detectors.engine import Engine
from playbooks.request import Request

# Of workers that have their share of the bus: Kafka gives away a dead member's only after its session timed out.
QUIET_TURNS = {"embedded": 8, "kafka": 20}


class Door:
    """Keeps requests as the containment engine does, and drives nothing."""

    def __init__(self, store: Any, point: str) -> None:
        self._store, self._point = store, point

    def submit(self, request: Request) -> str:
        """Keep it once."""
        with self._store.transaction() as tx:
            known = containments.of_request(tx, request.request_id)
            if known is None:
                requests.add(tx, request, source="cordon")
                containments.create(tx, ids.new_id("con", 1), request, now_ms=1, until_ms=2)
        die_at("submitted", self._point)
        return "con"


def die_at(here: str, point: str) -> None:
    """SIGKILL to itself if this is the point."""
    if here == point:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Work until nothing has come for a while."""
    address, folder, point = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    clock = SystemClock()
    bus = open_bus(address, folder, clock, BusConfig(partitions=2))
    store = open_store(f"sqlite:///{folder / 'cordon.db'}")
    roles = lambda _agent, port: "uplink" if port == 2 else "edge"  # noqa: E731 as the inventory would say
    engine = Engine(load_catalog(), internal=Networks(INTERNAL), roles=roles)
    detect = DetectWorker(bus, engine, lambda m: decode(m.payload, m.headers), writer="detector", lookback_ms=3_600_000)
    published = detect._publish

    def publish(found: Any) -> None:
        published(found)
        if found:
            die_at("detected", point)

    detect._publish = publish  # type: ignore[method-assign]

    def record(alert: Any) -> bool:
        with store.transaction(durable=False) as tx:
            new = alerts.record(tx, alert, site=None, now_ms=clock.now_ms())
        die_at("recorded", point)
        return new

    def flush() -> None:
        store.flush()
        die_at("flushed", point)

    respond = RespondWorker(
        bus,
        record=record,
        flush=flush,
        request_for=RequestOfAlert(load_playbooks(None), lambda _: "lab", clock),
        door=Door(store, point),
    )
    quiet = 0
    while quiet < QUIET_TURNS[address.partition(":")[0]]:
        before = (detect.counts.messages, respond.counts.alerts)
        detect.turn()
        respond.turn()
        share = detect._consumer.assignment() and respond._consumer.assignment()
        quiet = quiet + 1 if share and before == (detect.counts.messages, respond.counts.alerts) else 0
    detect.close()
    respond.close()
    store.close()


if __name__ == "__main__":
    main()
