"""What the responder does first, of alerts that come together."""

import json
from pathlib import Path
from typing import Any

from controller.bus.config import BusConfig
from controller.bus.embedded import EmbeddedBus
from controller.bus.port import ALERTS
from controller.core.clock import SystemClock
from controller.runtime.respond import RespondWorker


class Door:
    """Remembers who came in."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def submit(self, request: Any) -> str:
        """Keep its name."""
        self.asked.append(request["alert_id"])
        return ""


def test_what_asks_for_action_comes_first(tmp_path: Path) -> None:
    """One poll, five alerts: those that only recommend wait; among equals the order stays; all are recorded in the end."""
    bus, door, recorded = EmbeddedBus(tmp_path, BusConfig(partitions=1), SystemClock()), Door(), list[str]()
    producer = bus.producer("detector")
    for name, response in [("a", "recommend"), ("b", "auto"), ("c", "none"), ("d", "approve"), ("e", "auto")]:
        alert = {"alert_id": name, "src_ip": "10.0.0.1", "response": response}
        producer.send(ALERTS, 0, json.dumps(alert).encode())
    producer.flush()

    def record(alert: Any) -> bool:
        recorded.append(alert["alert_id"])
        return True

    worker = RespondWorker(bus, record=record, flush=lambda: None, request_for=lambda alert: alert, door=door)  # type: ignore[arg-type, return-value]
    worker.turn()
    worker.close()
    assert ["b", "d", "e", "a", "c"] == door.asked
    assert {"a", "b", "c", "d", "e"} == set(recorded)
