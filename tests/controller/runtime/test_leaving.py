"""A worker whose group is being shared out anew, or whose bus is gone, loses nothing and keeps nothing open."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from controller.bus.port import ALERTS, FLOWS, Message
from controller.core.errors import Unreachable
from controller.runtime.detect import DetectWorker
from controller.runtime.respond import RespondWorker

ALERT = Message(ALERTS, 0, 0, 1, json.dumps({"alert_id": "a", "src_ip": "10.0.0.1", "response": "none"}).encode())
FLOW = Message(FLOWS, 0, 0, 1, b"")


class Bus:
    """A bus, its consumer and its producer in one: what it reads is given, and what commits come to."""

    partitions = 1

    def __init__(self, polls: list[list[Message]], commits: list[bool | Unreachable]) -> None:
        self._polls, self._commits, self.tried, self.closed = polls, commits, 0, 0

    def consumer(self, topics: Sequence[str], group: str) -> Any:
        """Itself."""
        return self

    def producer(self, writer: str) -> Any:
        """Itself."""
        return self

    def poll(self, timeout_ms: int, most: int = 500) -> Sequence[Message]:
        """The next poll of those given."""
        return self._polls.pop(0) if self._polls else []

    def commit(self) -> bool:
        """What the next commit comes to."""
        self.tried += 1
        found = self._commits.pop(0)
        if isinstance(found, Unreachable):
            raise found
        return found

    def rewind(self, topic: str, partition: int, to_ms: int) -> None:
        """Its polls are given as they are."""

    def assignment(self) -> frozenset[tuple[str, int]]:
        """Both topics."""
        return frozenset({(FLOWS, 0), (ALERTS, 0)})

    def close(self) -> None:
        """Counted."""
        self.closed += 1


class Engine:
    """Raises nothing."""

    def feed(self, batch: Any) -> list[Any]:
        """Nothing."""
        return []

    flush = feed

    def finish(self) -> list[Any]:
        """Nothing."""
        return []

    nearing = finish


def detector(bus: Bus) -> DetectWorker:
    """On it."""
    return DetectWorker(bus, Engine(), lambda _: [], writer="d", lookback_ms=0)  # type: ignore[arg-type, return-value]


def responder(bus: Bus) -> RespondWorker:
    """On it."""
    return RespondWorker(bus, record=lambda _: True, flush=lambda: None, request_for=lambda _: None, door=None)  # type: ignore[arg-type]


WORKERS = [
    pytest.param(detector, [[FLOW], [FLOW]], 2, id="detector"),  # the first poll of a partition is its look-back
    pytest.param(responder, [[ALERT]], 1, id="responder"),
]


@pytest.mark.parametrize(("worker_on", "polls", "closed"), WORKERS)
def test_a_commit_that_is_put_off_is_made_later(worker_on: Any, polls: list[list[Message]], closed: int) -> None:
    """False twice, then it is taken: tried until then, and not again; no turn fails."""
    bus = Bus([*polls], [False, False, True])
    worker = worker_on(bus)
    for _ in range(len(polls) + 6):
        worker.turn()
    assert (3, 2) == (bus.tried, worker.counts.put_off)
    worker.close()
    assert (3, closed) == (bus.tried, bus.closed)


@pytest.mark.parametrize(("worker_on", "polls", "closed"), WORKERS)
def test_leaving_while_the_group_is_shared_out(worker_on: Any, polls: list[list[Message]], closed: int) -> None:
    """The last commit is put off: the worker leaves nevertheless, and whoever comes next reads again."""
    bus = Bus([*polls], [False] * 9)
    worker = worker_on(bus)
    for _ in polls:
        worker.turn()
    worker.close()
    assert closed == bus.closed


@pytest.mark.parametrize(("worker_on", "polls", "closed"), WORKERS)
def test_leaving_a_bus_that_is_gone(worker_on: Any, polls: list[list[Message]], closed: int) -> None:
    """The last commit fails: it is told, and everything is closed all the same."""
    bus = Bus([*polls], [Unreachable("gone")] * 9)
    worker = worker_on(bus)
    for _ in polls:
        worker.turn()
    with pytest.raises(Unreachable):
        worker.close()
    assert closed == bus.closed
