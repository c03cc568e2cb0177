"""Everything the steps of a containment share, in one place: dependencies, and durable writes that are observed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from controller.core.aside import aside
from controller.core.clock import Clock
from controller.core.errors import CordonError
from controller.core.precedence import Precedence
from controller.store import Store, containments
from playbooks.facts import Location, PortFacts
from playbooks.lifecycle import IllegalTransition, State
from playbooks.plan import Plan
from playbooks.request import Request
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


# State of a step in the journal: it is certain that nothing of it was sent.
UNSENT = "unsent"

# What was read of a port, or why it could not be.
Reading = Future[tuple[PortFacts | None, str | None]]


@dataclass(frozen=True, slots=True)
class Looked:
    """Where a machine is, and then what its port looks like."""

    location: Future[Location] = field(default_factory=Future)
    reading: Reading = field(default_factory=Future)


@dataclass(slots=True)
class ContainmentCounts:
    """What this process did since it started."""

    contained: int = 0
    released: int = 0
    refused: int = 0
    failed: int = 0
    foreign_changes: int = 0
    resumed: int = 0
    not_readied: int = 0


MOST_BESIDE = 100  # threads that get things ready: each may wait for a switch that hangs


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
    mark: Observer = ignore  # likewise, after each thing that takes time: what `--timing` prints
    precedence: Precedence = field(default_factory=Precedence)
    counts: ContainmentCounts = field(default_factory=ContainmentCounts)
    # Requests that this process took in and has not begun to act on: they need not be read again.
    taken: dict[str, Request] = field(default_factory=dict)
    # Where the machines of requests are that are being taken in.
    looked: dict[str, Looked] = field(default_factory=dict)
    # Requests that were looked for before it was known whether they are new, the oldest first.
    sought: dict[str, None] = field(default_factory=dict)
    # How a call is made on a thread of its own.
    aside: Callable[[Callable[[], Any], str], Future[Any]] = aside
    # Threads that may still begin to get something ready.
    beside: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(MOST_BESIDE))
    _locks: dict[str, threading.RLock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def device(self, name: str) -> threading.RLock:
        """The lock of a device (or of a containment whose device is not known yet): one thread at a time."""
        with self._guard:
            return self._locks.setdefault(name, threading.RLock())

    def move(
        self,
        containment_id: str,
        after: State,
        why: str,
        *,
        actor: str = "cordon",
        durable: bool = True,
        **changes: Any,
    ) -> None:
        """Change state durably, then tell the observer. Overtaken if another thread or process was there first."""
        with overtaken(containment_id), self.store.transaction(durable=durable) as tx:
            now_ms = self.clock.now_ms()
            containments.move(tx, containment_id, after, actor=actor, now_ms=now_ms, why=why, **changes)
        self.told(f"state:{after}", containment_id)

    def told(self, event: str, containment_id: str) -> None:
        """After a durable write: tell whoever watches."""
        self.observer(event, containment_id)
        self.mark(event, containment_id)

    def row(self, containment_id: str) -> containments.Row:
        """The containment as it stands in the store."""
        with self.store.reading() as connection:
            return containments.find(connection, containment_id)

    def try_later(self, row: containments.Row, why: str) -> None:
        """Keep the state and come back, less and less often, up to once an hour."""
        retry_ms = self.clock.now_ms() + self.pause_ms(int(row["updated_ms"]))
        with self.store.transaction() as tx:
            containments.amend(tx, row["containment_id"], retry_ms=retry_ms, why=why)
        self.told("later", row["containment_id"])

    def pause_ms(self, since_ms: int) -> int:
        """How long to wait with what has been tried since then: as long again, between `retry_s` and an hour."""
        waited_ms = max(self.clock.now_ms() - since_ms, 0)
        return int(min(max(self.config.retry_s * 1000, waited_ms), 3_600_000))


@contextmanager
def overtaken(containment_id: str) -> Iterator[None]:
    """Give a change of state that is not possible any more its typed error."""
    try:
        yield
    except IllegalTransition as error:
        raise Overtaken(str(error), where=containment_id, do="look again: cordon action show") from error


def plan_of(row: containments.Row) -> Plan:
    """The committed plan of a containment that has one."""
    return Plan.model_validate_json(row["plan"])
