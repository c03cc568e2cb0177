"""`cordon action` and the rest of `cordon port`: bounce, MAC block, renewal, stops, and what tables show."""

import pytest

from controller.cli.contained import left
from controller.runtime.demoworld import DemoWorld

from .conftest import Run

SHARED = "10.77.0.33"  # on sw2 ge12, over SSH
PC = "10.77.0.4"  # on sw1 ge3, over SNMP
PROTECTED = "10.77.0.6"  # on sw1 ge5


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


def test_a_stop_of_no_site_is_not_found(here: Run) -> None:
    """A site that is spelled wrong is not stopped, and not said to be: exit 3 with the sites that there are."""
    ran = here("action", "stop", "--site", "labb", "-m", "patch day")
    assert (3, True, []) == (ran.code, "one of lab" in ran.err, _standing(here))


def _standing(here: Run) -> list[str]:
    return [row["scope"] for row in here("action", "stops", "--json").rows if row["cleared_ms"] is None]


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


def test_a_release_can_be_tried_dry(here: Run, world: DemoWorld) -> None:
    """It prints what a release would send, which is the undo, the last step first, and sends nothing; once released, exit 2."""
    containment_id = here("port", "block", "--ip", PC, "-m", "test", "--yes", "--json").rows[0]["containment_id"]
    before = len(world.switch("sw1").state.journal)
    tried = here("port", "release", containment_id, "-m", "done", "--dry-run")
    assert (10, before) == (tried.code, len(world.switch("sw1").state.journal))
    sent = [line.split(None, 1)[1] for line in tried.out.splitlines() if line.strip().startswith("send")]
    assert ["set 1.3.6.1.2.1.31.1.1.1.18.6 s", "set 1.3.6.1.2.1.2.2.1.7.6 i 1"] == [line.strip() for line in sent]
    assert sent == here("port", "release", containment_id, "-m", "done", "--dry-run", "--json").rows[0]["sends"]
    assert 0 == here("port", "release", containment_id, "-m", "done").code
    assert 2 == here("port", "release", containment_id, "-m", "done", "--dry-run").code


@pytest.mark.parametrize("words", [("port", "block", "--ip", PC, "--yes"), ("action", "renew", "con_any")])
def test_nothing_lasts_longer_than_a_month_at_once(here: Run, words: tuple[str, ...]) -> None:
    """More is refused in the words of the option, and nothing is kept."""
    before = len(here("action", "ls", "--json").rows)
    ran = here(*words, "--for", "99999999d", "-m", "for ever")
    assert (2, before) == (ran.code, len(here("action", "ls", "--json").rows))
    assert "30d at most" in ran.err


@pytest.mark.parametrize(
    ("language", "says", "own"),
    [
        ("en", "0 of 2 people have said yes", "your own word does not count"),
        ("zh", "2 人中已有 0 人同意", "您本人的同意不计入"),
    ],
)
def test_whose_yes_is_missing(here: Run, monkeypatch: pytest.MonkeyPatch, language: str, says: str, own: str) -> None:
    """Who asked is told that their own yes does not count; another one is counted, and named where the containment is shown."""
    asked = here("port", "block", "--ip", PROTECTED, "-m", "test", "--yes", "--json")
    containment_id = asked.rows[0]["containment_id"]
    monkeypatch.setenv("CORDON_LANG", language)
    mine = here("action", "approve", containment_id, "-m", "yes")
    assert (6, True, True) == (mine.code, says in mine.err, own in mine.err)
    monkeypatch.setattr("controller.cli.action.person", lambda: "ann@desk")
    anns = here("action", "approve", containment_id, "-m", "yes")
    assert (6, True, True) == (anns.code, says.replace("0", "1") in anns.err, "ann" in anns.err)
    assert ["ann"] == here("action", "show", containment_id, "--json").rows[0]["approved_by"]
    assert 0 == here("action", "reject", containment_id, "-m", "no").code
