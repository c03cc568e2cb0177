"""Everything the steps of a containment share, in one place: dependencies, and durable writes that are observed."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.clock import Clock
from controller.core.errors import CordonError
from controller.store import Store, containments
from playbooks.lifecycle import IllegalTransition, State
from playbooks.plan import Plan
from playbooks.select import Playbook

from .config import ContainmentConfig
from .whereabouts import DriverOf, Rulebook, Whereabouts

# Called with (event, containment id) after each durable write: progress, metrics, and the tests that kill the process.
Observer = Callable[[str, str], None]


def ignore(_: str, __: str) -> None:
    """Observe nothing."""


class Overtaken(CordonError):
    """The containment is not in the state any more that this change starts from: somebody else moved it on."""

    code, http_status = "overtaken", 409


@dataclass(slots=True)
class ContainmentCounts:
    """What this process did since it started."""

    contained: int = 0
    released: int = 0
    refused: int = 0
    failed: int = 0
    foreign_changes: int = 0
    resumed: int = 0


@dataclass(slots=True)
class Parts:
    """Dependencies of the engine. One per process; shared by its threads."""

    store: Store
    inventory: Whereabouts
    drivers: DriverOf
    rulebook: Rulebook
    playbooks: Mapping[str, Playbook]
    config: ContainmentConfig
    clock: Clock
    observer: Observer = ignore
    counts: ContainmentCounts = field(default_factory=ContainmentCounts)
    locks: dict[str, threading.RLock] = field(default_factory=lambda: defaultdict(threading.RLock))

    def move(self, containment_id: str, after: State, why: str, *, actor: str = "cordon", **changes: Any) -> None:
        """Change state durably, then tell the observer. Overtaken if another thread or process was there first."""
        try:
            with self.store.transaction() as tx:
                now_ms = self.clock.now_ms()
                containments.move(tx, containment_id, after, actor=actor, now_ms=now_ms, why=why, **changes)
        except IllegalTransition as error:
            raise Overtaken(str(error), where=containment_id, do="look again: cordon action show") from error
        self.observer(f"state:{after}", containment_id)

    def row(self, containment_id: str) -> containments.Row:
        """The containment as it stands in the store."""
        with self.store.reading() as connection:
            return containments.find(connection, containment_id)

    def try_later(self, row: containments.Row, why: str) -> None:
        """Keep the state and come back, less and less often, up to once an hour."""
        waited_ms = max(self.clock.now_ms() - int(row["updated_ms"]), 0)
        pause_ms = int(min(max(self.config.retry_s * 1000, waited_ms), 3_600_000))
        with self.store.transaction() as tx:
            containments.amend(tx, row["containment_id"], retry_ms=self.clock.now_ms() + pause_ms, why=why)
        self.observer("later", row["containment_id"])


def plan_of(row: containments.Row) -> Plan:
    """The committed plan of a containment that has one."""
    return Plan.model_validate_json(row["plan"])
