"""A containment engine over a fake switch, a real store on disk, and a clock that is told the time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from controller.containment import Containment, ContainmentConfig, Parts
from controller.core.clock import ManualClock
from controller.runtime.choose import load_playbooks
from controller.store import Store, audit, containments, open_store
from playbooks.lifecycle import State
from playbooks.plan import Verb
from playbooks.request import Origin, Request, Target
from tests.fakes import MAC, FakeInventory, FakeRulebook, FakeSwitch


@dataclass
class Desk:
    """Everything a test of the engine needs at hand."""

    engine: Containment
    parts: Parts
    store: Store
    clock: ManualClock
    switch: FakeSwitch
    inventory: FakeInventory
    rulebook: FakeRulebook
    numbers: list[int] = field(default_factory=lambda: [0])

    def request(self, **changes: Any) -> Request:
        """A request of an alert that asks for action; `changes` make it another one."""
        self.numbers[0] += 1
        values: dict[str, Any] = {
            "request_id": f"req_{self.numbers[0]}",
            "origin": Origin.ALERT,
            "requested_by": "detector sweep",
            "requested_ms": self.clock.now_ms(),
            "playbook": "shut-port",
            "verb": Verb.SHUT,
            "target": Target(mac=MAC),
            "reason": "swept 10 addresses",
            "response": "auto",
            "severity": "high",
        }
        return Request(**{**values, **changes})

    def run(self, **changes: Any) -> tuple[str, State]:
        """Submit and drive as far as it goes."""
        containment_id = self.engine.submit(self.request(**changes))
        return containment_id, self.engine.advance(containment_id)

    def run_until_killed(self, at: str) -> None:
        """The same, and the process dies as soon as this event is durable; who comes next finds what is in the store."""

        def die(event: str, _: str) -> None:
            if event == at:
                raise KeyboardInterrupt

        self.parts.observer = die
        with pytest.raises(KeyboardInterrupt):
            self.run()
        self.parts.observer = lambda *_: None

    def row(self, containment_id: str) -> containments.Row:
        """As it stands in the store."""
        with self.store.reading() as connection:
            return containments.find(connection, containment_id)

    def journal(self, containment_id: str) -> list[containments.Row]:
        """Its steps."""
        with self.store.reading() as connection:
            return list(containments.journal(connection, containment_id))

    def audited(self) -> list[str]:
        """What happened, oldest first."""
        with self.store.reading() as connection:
            return [entry["what"] for entry in reversed(audit.entries(connection, most=1000))]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An engine in auto mode over one healthy fake switch."""
    clock = ManualClock()
    switch = FakeSwitch(clock)
    inventory, rulebook = FakeInventory(switch, clock), FakeRulebook()
    store = open_store(f"sqlite:///{tmp_path / 'cordon.db'}")
    parts = Parts(
        store=store,
        inventory=inventory,
        drivers=lambda _: switch,
        rulebook=rulebook,
        playbooks=load_playbooks(None),
        config=ContainmentConfig(verify_timeout_s=1, verify_poll_s=0.1),
        clock=clock,
    )
    yield Desk(Containment(parts), parts, store, clock, switch, inventory, rulebook)
    store.close()
