"""Who becomes suspicious is looked for: politely, and only where something may be done about it."""

import pytest

from controller.containment.scout import GAP_S, MOST_KNOWN, PAUSE_S, Scout
from playbooks.mode import Mode
from playbooks.request import FlowEvidence, Target

from .conftest import Desk

SOON_S = 60.0


def flow(desk: Desk) -> FlowEvidence:
    """Of a packet that came in just now."""
    return FlowEvidence(agent="10.0.0.1", in_if=4, seen_ms=desk.clock.now_ms())


@pytest.fixture
def scout(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Scout:
    """Of an engine whose switches are known by their agents."""
    monkeypatch.setattr(
        desk.rulebook, "switch_of_agent", lambda agent: "sw1" if agent == "10.0.0.1" else None, raising=False
    )
    return Scout(desk.parts)


def settled(scout: Scout) -> None:
    """Everything that was begun has come to its end."""
    for _ in range(2):
        assert scout._free.acquire(timeout=SOON_S)
    scout._free.release(2)


def test_it_is_asked_where_the_machine_is(desk: Desk, scout: Scout) -> None:
    """Once in a while; nothing is sent."""
    scout.look(Target(mac="02:00:00:00:00:01"), flow(desk))
    desk.clock.advance(PAUSE_S - 1)
    scout.look(Target(mac="02:00:00:00:00:01"), flow(desk))
    settled(scout)
    assert (1, 1, 0) == (desk.inventory.located, scout.counts.asked, scout.counts.passed_over)
    desk.clock.advance(PAUSE_S)
    scout.look(Target(mac="02:00:00:00:00:01"), flow(desk))
    settled(scout)
    assert (2, []) == (desk.inventory.located, desk.switch.sent)


def test_not_all_at_once(desk: Desk, scout: Scout) -> None:
    """A switch has better things to do: who comes too soon after another is passed over, counted, and may be asked for later."""
    scout.look(Target(mac="02:00:00:00:00:01"), flow(desk))
    scout.look(Target(mac="02:00:00:00:00:02"), flow(desk))
    settled(scout)
    assert (1, 1) == (scout.counts.asked, scout.counts.passed_over)
    desk.clock.advance(GAP_S + 0.001)
    scout.look(Target(mac="02:00:00:00:00:02"), flow(desk))
    settled(scout)
    assert 2 == scout.counts.asked


@pytest.mark.parametrize(("kind", "mode"), [("core", Mode.AUTO), ("edge", Mode.OBSERVE)])
def test_nobody_is_asked_where_nothing_may_be_done(desk: Desk, scout: Scout, kind: str, mode: Mode) -> None:
    """Neither a core switch nor one that is only observed."""
    desk.rulebook.kind, desk.rulebook.mode = kind, mode
    scout.look(Target(mac="02:00:00:00:00:01"), flow(desk))
    assert 0 == scout.counts.asked


def test_an_exporter_that_is_no_switch_of_ours(desk: Desk, scout: Scout) -> None:
    """There is nobody to ask."""
    scout.look(Target(mac="02:00:00:00:00:01"), flow(desk).model_copy(update={"agent": "10.0.0.2"}))
    assert 0 == scout.counts.asked


def test_memory_is_bounded(desk: Desk, scout: Scout) -> None:
    """The one asked for longest ago is forgotten."""
    for number in range(MOST_KNOWN + 5):
        scout.look(Target(mac=f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"), flow(desk))
        settled(scout)
        desk.clock.advance(GAP_S * 2)
    assert MOST_KNOWN == len(scout._asked_s)


def test_an_engine_that_drives_nothing_asks_nobody(desk: Desk) -> None:
    """A process that only detects has other processes for that."""
    desk.engine.heads_up(Target(mac="02:00:00:00:00:01"), flow(desk))
    assert 0 == desk.inventory.located
