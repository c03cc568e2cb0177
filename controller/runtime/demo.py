"""The demo's story: each scene does something real and gives what there is to show."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.collector import Capture
from controller.collector.datagram import Datagram
from controller.collector.replay import replay
from controller.core.errors import CordonError
from controller.feeds.client import Posted, post_request
from controller.store import alerts, audit, containments
from playbooks.lifecycle import State

from .demoworld import DemoWorld
from .samples import sample

RECORDING = "attack_nmap_connect445"
ATTACKER, ATTACKER_SWITCH = "10.77.0.2", "sw1"
OTHER, OTHER_SWITCH = "10.77.0.30", "sw2"
LEAD_MS = 700  # of the recording before the attack
WAIT_S = 90.0  # a machine with other work takes its time


@dataclass(frozen=True, slots=True)
class Shut:
    """One containment as the store has it, and how long it took since the first attack flow arrived."""

    row: Mapping[str, Any]
    location: Mapping[str, Any]
    plan: Mapping[str, Any]
    journal: tuple[Mapping[str, Any], ...]
    seconds: float | None
    oper: str


class Demo:
    """Run the scenes in order."""

    def __init__(self, world: DemoWorld) -> None:
        self._world = world
        assert world.services is not None  # noqa: S101 the world is entered before the story begins
        self._services = world.services

    def start(self) -> Mapping[str, Any]:
        """Services up: collector, detectors, responder, web."""
        self._services.start()
        return self._services.addresses

    def attack(self) -> Mapping[str, Any]:
        """Replay the recording over UDP until the detectors raise the alert; gives it."""
        datagrams = around_attack()
        to = self._services.addresses["collect"][0]
        clock = self._world.clock
        sender = threading.Thread(target=replay, args=(datagrams, to, clock), daemon=True)
        sender.start()
        return self._wait(self._alert, "no alert was raised")

    def contained(self, alert: Mapping[str, Any]) -> Shut:
        """The alert's containment, verified."""
        row = self._wait(lambda: self._row_with(State.CONTAINED, ATTACKER), "the port was not shut")
        seconds = (row["contained_ms"] - alert["first_flow_at"]) / 1000
        return self._shut(row, seconds)

    def released(self, shut: Shut) -> Mapping[str, Any]:
        """Release by a person; read back."""
        containment_id = shut.row["containment_id"]
        self._services.containment.release(containment_id, by="demo", reason="the machine was cleaned")
        return self._wait(
            lambda: self._row(containment_id, State.PROBATION, State.RELEASED), "the port was not released"
        )

    def requested(self) -> tuple[Posted, Shut]:
        """A platform's signed request for another machine, shut and read back."""
        posted = self._post(self._world.webhook_secret)
        row = self._wait(lambda: self._row_with(State.CONTAINED, OTHER), "the platform's request was not carried out")
        return posted, self._shut(row, None)

    def forged(self) -> Posted:
        """The same with a secret that nobody configured."""
        return self._post("whsec_" + "QQ" * 22)

    def audited(self) -> audit.AuditReport:
        """The audit log, verified."""
        with self._services.store.reading() as connection:
            return audit.verify(connection)

    def port_state(self, switch: str, port: str) -> str:
        """What the switch itself has, not what Cordon thinks."""
        state = self._world.switch(switch).state
        found = state.port(port)
        return "no such port" if found is None else "up" if found.admin_up else "administratively down"

    def _post(self, secret: str) -> Posted:
        data = {"ip": OTHER, "action": "shut", "reason": "risk terminal reported by the platform", "duration_s": 3600}
        url = self._services.addresses["web"]
        return post_request(url, secret, data, message_id=f"msg_{secrets.token_hex(8)}", clock=self._world.clock)

    def _alert(self) -> Mapping[str, Any] | None:
        with self._services.store.reading() as connection:
            found = [a for a in alerts.newest(connection) if a["src_ip"] == ATTACKER]
        return found[0] if found else None

    def _row_with(self, state: State, ip: str) -> Mapping[str, Any] | None:
        with self._services.store.reading() as connection:
            rows = containments.listed(connection)
        for row in rows:
            if row["ip"] == ip and row["state"] in (State.REFUSED, State.FAILED):
                raise CordonError(f"the containment of {ip} ended in {row['state']}: {row['why']}")
        return next((row for row in rows if row["ip"] == ip and row["state"] == state), None)

    def _row(self, containment_id: str, *states: State) -> Mapping[str, Any] | None:
        with self._services.store.reading() as connection:
            row = containments.find(connection, containment_id)
        return row if row["state"] in states else None

    def _shut(self, row: Mapping[str, Any], seconds: float | None) -> Shut:
        with self._services.store.reading() as connection:
            journal = tuple(containments.journal(connection, row["containment_id"]))
        oper = self.port_state(row["switch"], row["port"])
        return Shut(row, json.loads(row["location"]), json.loads(row["plan"]), journal, seconds, oper)

    def _wait(self, look: Callable[[], Mapping[str, Any] | None], problem: str) -> Mapping[str, Any]:
        clock = self._world.clock
        deadline = clock.monotonic_s() + WAIT_S
        while (found := look()) is None:
            if clock.monotonic_s() > deadline:
                raise CordonError(problem, where="demo", do=f"health: {self._services.health()}")
            clock.sleep(0.02)
        return found


def around_attack() -> list[Datagram]:
    """The recording from shortly before the attack on: its first seconds are quiet."""
    from .replay import replay as detect

    path = sample(RECORDING)
    first_ms = min(alert["first_flow_at"] for alert in detect(path))
    return [d for d in Capture(path) if d.received_ms >= first_ms - LEAD_MS]
