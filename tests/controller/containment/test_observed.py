"""What only writes down what would have been done goes before nobody, and nobody waits behind it."""

import threading

from controller.containment.engine import OBSERVED_AFTER_MS
from playbooks.plan import Verb

from .conftest import Desk
from .test_begun import SOON_S, ends


def observe(desk: Desk) -> str:
    """An alert that asks for nothing yet; gives its containment."""
    return desk.engine.submit(desk.request(playbook="observe", verb=Verb.OBSERVE, response="recommend"))


def test_it_is_not_urgent(desk: Desk) -> None:
    """It is kept; nobody gives way to it, and the switch is not asked for its sake meanwhile."""
    desk.engine.start()
    containment_id = observe(desk)
    assert 0 == desk.engine.dispatch()
    assert desk.engine.stop(SOON_S)
    assert (0, 0) == (desk.parts.precedence.counts.taken, desk.inventory.located)
    assert "requested" == desk.row(containment_id)["state"]


def test_it_is_driven_a_moment_later(desk: Desk) -> None:
    """It ends as ever: what would have been done is written down, nothing sent."""
    ended = ends(desk)
    desk.engine.start()
    containment_id = observe(desk)
    desk.clock.advance(OBSERVED_AFTER_MS / 1000)
    assert 1 == desk.engine.dispatch()
    assert ended.acquire(timeout=SOON_S)
    assert desk.engine.stop(SOON_S)
    row = desk.row(containment_id)
    assert ("refused", "sw1", []) == (row["state"], row["switch"], desk.switch.sent)
    assert str(row["why"]).startswith("observed only")


def test_whoever_acts_on_the_same_switch_does_not_wait_for_it(desk: Desk) -> None:
    """It hangs while it reads the port: the next alert, which asks for more and names no switch, is contained meanwhile."""
    # One lane for all whose switch is not known.
    desk.parts.config = desk.parts.config.model_copy(update={"workers": 1})
    ended, reads, go_on = ends(desk), threading.Semaphore(0), threading.Event()
    port_facts, first = desk.inventory.port_facts, threading.Lock()

    def slow(*words: object) -> object:
        if first.acquire(blocking=False):
            reads.release()
            assert go_on.wait(SOON_S)
        return port_facts(*words)  # type: ignore[arg-type]

    desk.inventory.port_facts = slow  # type: ignore[method-assign, assignment]
    desk.engine.start()
    observed = observe(desk)
    desk.clock.advance(OBSERVED_AFTER_MS / 1000)
    desk.engine.dispatch()
    assert reads.acquire(timeout=SOON_S)
    acting = desk.engine.submit(desk.request())
    assert ended.acquire(timeout=SOON_S)
    assert ("contained", "requested") == (desk.row(acting)["state"], desk.row(observed)["state"])
    go_on.set()
    assert ended.acquire(timeout=SOON_S)
    assert desk.engine.stop(SOON_S)
    assert "refused" == desk.row(observed)["state"]
