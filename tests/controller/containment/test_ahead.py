"""What is got ready beside the decision: a session, and nothing that the switch would notice otherwise."""

import threading

import pytest

from controller.containment import ahead
from controller.core.clock import Clock
from controller.core.errors import Unreachable
from playbooks.mode import Mode
from playbooks.request import Target
from tests.fakes import MAC, FakeSwitch

from .conftest import Desk

SOON_S = 60.0


class Kept(FakeSwitch):
    """A switch that one has to log in to."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.opened = threading.Semaphore(0)
        self.reachable = True

    def ready(self) -> None:
        """Log in."""
        self.opened.release()
        if not self.reachable:
            raise Unreachable("no answer")


@pytest.fixture
def kept(desk: Desk) -> Kept:
    """In the place of the usual one."""
    switch = Kept(desk.clock)
    desk.parts.drivers = lambda _: switch
    return switch


def joined() -> None:
    """Every session that was begun is opened, or has failed."""
    for thread in threading.enumerate():
        if thread.name.startswith("cordon-ready"):
            thread.join(SOON_S)


@pytest.mark.parametrize("reachable", [True, False])
def test_a_request_that_names_its_switch_opens_the_session(desk: Desk, kept: Kept, reachable: bool) -> None:
    """At once, while it is located and judged; one that fails is no reason to stop. Nothing is sent by it."""
    kept.reachable = reachable
    desk.rulebook.mode = Mode.APPROVE
    desk.engine.start()
    desk.engine.submit(desk.request(target=Target(mac=MAC, switch="sw1", port="ge1")))
    assert kept.opened.acquire(timeout=SOON_S)
    joined()
    assert desk.engine.stop(SOON_S)
    assert [] == kept.sent


@pytest.mark.parametrize(
    ("switch", "kind", "mode"), [(None, "edge", Mode.AUTO), ("sw1", "core", Mode.AUTO), ("sw1", "edge", Mode.OBSERVE)]
)
def test_no_session_where_nothing_may_be_done(
    desk: Desk, kept: Kept, switch: str | None, kind: str, mode: Mode
) -> None:
    """The switch is not known, is no edge switch, or is only observed."""
    desk.rulebook.kind, desk.rulebook.mode = kind, mode
    ahead.open_session(desk.parts, switch)
    joined()
    assert not kept.opened.acquire(blocking=False)
