"""`cordon action` and the rest of `cordon port`: bounce, MAC block, renewal, stops, and what tables show."""

import pytest

from controller.cli.contained import left
from controller.runtime.demoworld import DemoWorld

from .conftest import Run

SHARED = "10.77.0.33"  # on sw2 ge12, over SSH
PC = "10.77.0.4"  # on sw1 ge3, over SNMP


def test_mac_block_leaves_the_port_up(here: Run, world: DemoWorld) -> None:
    """The MAC is blocked on the switch, the port stays up; renewed by name, then released."""
    asked = here("port", "mac-block", "--ip", SHARED, "-m", "test", "--for", "2h", "--yes", "--timing", "--json")
    assert (0, "contained", "mac-block") == (asked.code, asked.rows[0]["state"], asked.rows[0]["verb"])
    assert "intent durable, command may leave" in asked.err
    state = world.switch("sw2").state
    assert state.ports["ge12"].admin_up
    assert state.blocked
    containment_id = asked.rows[0]["containment_id"]
    renewed = here("action", "renew", containment_id, "--for", "3d", "-m", "not cleaned", "--json")
    assert (0, 1) == (renewed.code, renewed.rows[0]["renewals"])
    assert 0 == here("action", "release", containment_id, "-m", "cleaned").code
    assert not state.blocked


def test_bounce_ends_open(here: Run, world: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port was down, is up again, and the command waits for it."""
    monkeypatch.setenv("CORDON_CONTAINMENT__BOUNCE_S", "1")
    ran = here("port", "bounce", "--ip", PC, "-m", "test", "--yes", "--json")
    assert (0, "released") == (ran.code, ran.rows[0]["state"])
    port = world.switch("sw1").state.ports["ge3"]
    assert port.admin_up
    assert port.changed_s > 0


def test_stop_and_resume(here: Run) -> None:
    """A stop is listed and shown beside the containments; resuming twice exits 3; both need a reason."""
    assert 2 == here("action", "stop").code
    assert 0 == here("action", "stop", "--site", "lab", "-m", "patch day").code
    assert "automatic action is stopped: lab" in here("action", "ls").err
    assert 0 == here("action", "resume", "--site", "lab", "-m", "done").code
    assert 3 == here("action", "resume", "--site", "lab", "-m", "done").code
    (row,) = here("action", "stops", "--json").rows
    assert ("lab", "patch day", "done") == (row["scope"], row["why"], row["cleared_why"])


@pytest.mark.parametrize("verb", ["block", "quarantine", "mac-block", "bounce"])
def test_every_change_needs_a_reason_and_can_be_tried_dry(here: Run, world: DemoWorld, verb: str) -> None:
    """Without -m it exits 2; --dry-run exits 10 and sends nothing."""
    journal = world.switch("sw2").state.journal
    before = len(journal)
    assert 2 == here("port", verb, "--ip", "10.77.0.35", "--yes").code
    assert 10 == here("port", verb, "--ip", "10.77.0.35", "-m", "test", "--dry-run").code
    assert before == len(journal)


@pytest.mark.parametrize(
    ("until_ms", "shown"),
    [(None, ""), (0, ""), (12_000, "12s"), (59 * 60_000, "59m"), (7_200_000, "2h 0m"), (600_000_000, "6d 22h")],
)
def test_what_is_left(until_ms: int | None, shown: str) -> None:
    """Two units at most."""
    assert shown == left(until_ms, 0)
