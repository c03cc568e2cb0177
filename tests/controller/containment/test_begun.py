"""What was only just taken in: looked for ahead, and claimed by the commit that decides."""

import threading

import pytest

from controller.containment import ahead, apply, claims
from controller.containment.decide import MOMENTS_MS, decide
from controller.containment.parts import MOST_BESIDE, Looked, Overtaken
from controller.core.errors import StoreError, Unreachable
from controller.store import containments
from controller.store.containments import Claim
from playbooks.lifecycle import State
from playbooks.plan import Admin
from playbooks.request import Origin

from .conftest import Desk

SOON_S = 60.0
ANOTHER = "elsewhere:1:ab"


def requested(desk: Desk) -> containments.Row:
    """A containment that nobody drives yet."""
    return desk.row(desk.engine.submit(desk.request()))


def ends(desk: Desk) -> threading.Semaphore:
    """Released whenever one is contained or refused."""
    ended = threading.Semaphore(0)

    def observe(event: str, _: str) -> None:
        if event in ("state:contained", "state:refused"):
            ended.release()

    desk.parts.observer = observe
    return ended


def test_it_is_looked_for_once(desk: Desk) -> None:
    """While it is written down; who drives it has the answer, and the port is read after that."""
    ended = ends(desk)
    desk.engine.start()
    containment_id = desk.engine.submit(desk.request())
    assert ended.acquire(timeout=SOON_S)
    assert desk.engine.stop(SOON_S)
    assert (State.CONTAINED, Admin.DOWN) == (State(desk.row(containment_id)["state"]), desk.switch.admin)
    assert 1 == desk.inventory.located
    assert {} == desk.parts.looked


@pytest.mark.parametrize("origin", [Origin.ALERT, Origin.PLATFORM])
def test_one_that_is_told_again(desk: Desk, origin: Origin) -> None:
    """The same containment, nothing of it is kept twice, no switch is asked again: an alert is told with whatever joins it."""
    ended = ends(desk)
    desk.engine.start()
    request = desk.request(origin=origin)
    containment_id = desk.engine.submit(request)
    assert ended.acquire(timeout=SOON_S)
    assert containment_id == desk.engine.submit(request)
    assert desk.engine.stop(SOON_S)
    for thread in [t for t in threading.enumerate() if t.name == "cordon-looking ahead"]:
        thread.join(SOON_S)
    assert 1 == desk.inventory.located
    assert {} == desk.parts.looked


def test_a_switch_that_hangs_holds_a_bounded_number_of_threads(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill the bus tells every alert again; nobody waits for what is looked for then, and all hang in the same switch."""
    go_on, all_said = threading.Event(), MOST_BESIDE + 5

    def hang(*_: object) -> None:
        assert go_on.wait(SOON_S)
        raise Unreachable("hangs")

    monkeypatch.setattr(desk.inventory, "locate", hang)
    before = set(threading.enumerate())
    for number in range(all_said):
        request = desk.request(request_id=f"told-again-{number}", origin=Origin.ALERT)
        ahead.look_at_once(desk.parts, request)
        ahead.forget(desk.parts, request)
    held = [t for t in set(threading.enumerate()) - before if t.name == "cordon-looking ahead"]
    assert (MOST_BESIDE, 5) == (len(held), desk.parts.counts.not_readied)
    go_on.set()
    for thread in held:
        thread.join(SOON_S)
    ahead.look(desk.parts, desk.request())
    assert 5 == desk.parts.counts.not_readied  # there is room again


def test_a_system_without_threads_to_give(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking ahead is left out and counted, and takes nobody's place; the request goes on."""

    def none_left(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(desk.parts, "aside", none_left)
    for _ in range(MOST_BESIDE + 1):
        ahead.look(desk.parts, desk.request())
    assert (MOST_BESIDE + 1, {}) == (desk.parts.counts.not_readied, desk.parts.looked)
    monkeypatch.undo()
    request = desk.request()
    ahead.look(desk.parts, request)
    assert [request.request_id] == list(desk.parts.looked)


def test_what_could_not_be_kept_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full: the request is refused, and what was looked for on its behalf takes no place for good."""

    def full(*_: object, **__: object) -> None:
        raise StoreError("cannot write", where="the store")

    desk.engine.start()
    monkeypatch.setattr("controller.containment.intake.requests.add", full)
    with pytest.raises(StoreError):
        desk.engine.submit(desk.request())
    assert desk.engine.stop(SOON_S)
    assert {} == desk.parts.looked


def test_an_answer_that_has_grown_old_is_none(desk: Desk) -> None:
    """It waited behind other work on that switch: the switch is asked again."""
    request = desk.request()
    ahead.look(desk.parts, request)
    desk.parts.looked[request.request_id].reading.result(SOON_S)
    desk.clock.advance(desk.parts.config.reread_s + 0.001)
    assert (None, None) == ahead.located(desk.parts, request)


def test_a_failure_ahead_is_no_answer(desk: Desk) -> None:
    """Who needs it asks, and shows the error if it is there still."""
    request, failed = desk.request(), Looked()
    failed.location.set_exception(Unreachable("no answer"))
    desk.parts.looked[request.request_id] = failed
    assert (None, None) == ahead.located(desk.parts, request)
    assert (None, None) == ahead.located(desk.parts, request)


def test_the_commit_claims_it(desk: Desk) -> None:
    """From then on it is this thread's."""
    row = requested(desk)
    apply.begin(desk.parts, row)
    after = desk.row(row["containment_id"])
    assert ("contained", claims.ours(desk.parts).who) == (after["state"], after["claimed_by"])


def test_another_was_there_first(desk: Desk) -> None:
    """Its claim holds: nothing is sent, and it stays theirs."""
    row, now_ms = requested(desk), desk.clock.now_ms()
    with desk.store.transaction() as tx:
        assert containments.claim(tx, row["containment_id"], Claim(ANOTHER, now_ms + 60_000), now_ms=now_ms)
    with pytest.raises(Overtaken):
        apply.begin(desk.parts, row)
    claims.drop(desk.parts, row["containment_id"])
    after = desk.row(row["containment_id"])
    assert ("requested", ANOTHER) == (after["state"], after["claimed_by"])
    assert [] == desk.switch.sent


def test_another_was_there_first_and_it_would_be_refused(desk: Desk) -> None:
    """Neither does it say no to what another is at work on."""
    row, now_ms = requested(desk), desk.clock.now_ms()
    desk.rulebook.kind = "core"
    with desk.store.transaction() as tx:
        containments.claim(tx, row["containment_id"], Claim(ANOTHER, now_ms + 60_000), now_ms=now_ms)
    apply.begin(desk.parts, row)
    assert "requested" == desk.row(row["containment_id"])["state"]


def test_nothing_is_urgent_any_more(desk: Desk) -> None:
    """Neither after a containment nor after a refusal: the others do not wait for what is done."""
    ended = ends(desk)
    desk.engine.start()
    for _ in range(2):
        desk.engine.submit(desk.request())
        assert ended.acquire(timeout=SOON_S)
    assert desk.engine.stop(SOON_S)
    desk.parts.precedence.give_way(SOON_S)
    assert (4, 0) == (desk.parts.precedence.counts.taken, desk.parts.precedence.counts.gave_way)


def test_a_port_that_was_read_too_long_ago_is_read_anew(desk: Desk) -> None:
    """It had to wait for the device: what is decided rests on what the port is moments before the command."""
    request = desk.request()
    ahead.look(desk.parts, request)
    location, reading = ahead.located(desk.parts, request)
    assert reading is not None
    before, _ = reading.result(SOON_S)
    desk.clock.advance((MOMENTS_MS + 1) / 1000)
    decision = decide(desk.parts, request, location=location, reading=reading)
    assert before is not None
    assert decision.port is not None
    assert (desk.clock.now_ms(), True) == (decision.port.read_ms, before.read_ms < decision.port.read_ms)


def test_what_was_read_moments_ago_is_not_read_again(desk: Desk) -> None:
    """Neither is it read twice for nothing."""
    request = desk.request()
    ahead.look(desk.parts, request)
    location, reading = ahead.located(desk.parts, request)
    assert reading is not None
    assert decide(desk.parts, request, location=location, reading=reading).port is reading.result(SOON_S)[0]
