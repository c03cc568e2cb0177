"""`cordon port`, `action` and `audit` against emulated switches: what is done, what is refused, and how it exits."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from controller.runtime.demoworld import DemoWorld

from .conftest import Run

OFFICE_PC = "10.77.0.30"  # on sw2 ge9, over SSH
VENTILATOR = "02:77:00:00:00:05"  # protected


def admin(world: DemoWorld, switch: str, port: str) -> bool:
    """What the emulated switch itself has."""
    found = world.switch(switch).state.port(port)
    assert found is not None
    return bool(found.admin_up)


def test_dry_run_shows_commands_and_undo_and_touches_nothing(here: Run, world: DemoWorld) -> None:
    """--dry-run prints the exact commands and the undo, exits 10, and leaves port and store as they were."""
    ran = here("port", "block", "--ip", OFFICE_PC, "-m", "test", "--dry-run", "--json")
    assert 10 == ran.code
    step = ran.rows[0]["plan"]["steps"][0]
    assert ["interface ge9", "shutdown"] == step["commands"]
    assert ["interface ge9", "no shutdown"] == step["undo"]
    assert admin(world, "sw2", "ge9")
    assert [] == here("action", "ls", "--json").rows


def test_block_then_release(here: Run, world: DemoWorld) -> None:
    """block shuts the port and reads it back; release gives it the state it had; both are in the audit log."""
    blocked = here("port", "block", "--ip", OFFICE_PC, "-m", "test", "--for", "2h", "--yes", "--json")
    assert 0 == blocked.code
    assert "contained" == blocked.rows[0]["state"]
    assert not admin(world, "sw2", "ge9")
    shown = here("action", "show", blocked.rows[0]["containment_id"], "--json").rows[0]
    assert "verified" == shown["journal"][0]["state"]
    released = here("port", "release", "--ip", OFFICE_PC, "-m", "cleaned", "--json")
    assert 0 == released.code
    assert "released" == released.rows[0]["state"]
    assert admin(world, "sw2", "ge9")
    whats = [row["what"] for row in here("audit", "ls", "--json").rows]
    assert {"containment.contained", "containment.released"} <= set(whats)


def test_protected_asset_waits_for_approval_of_two(here: Run, world: DemoWorld) -> None:
    """A protected MAC is not cut off by one person: exit 6; one yes is not enough; a no ends it."""
    asked = here("port", "block", "--mac", VENTILATOR, "-m", "test", "--yes", "--json")
    assert 6 == asked.code
    containment_id = asked.rows[0]["containment_id"]
    assert 6 == here("action", "approve", containment_id, "-m", "yes").code
    assert 0 == here("action", "reject", containment_id, "-m", "no").code
    assert "refused" == here("action", "show", containment_id, "--json").rows[0]["state"]
    assert admin(world, "sw1", "ge5")


def test_uplink_is_refused(here: Run, world: DemoWorld) -> None:
    """A port that leads to another switch is refused with the reason, exit 5."""
    ran = here("port", "block", "--switch", "sw1", "--port", "up1", "-m", "test", "--yes")
    assert 5 == ran.code
    assert "uplink" in ran.err
    assert admin(world, "sw1", "up1")


@pytest.mark.parametrize(
    ("language", "says", "do"),
    [
        ("en", "is an uplink", "→ act at the edge port behind it"),
        ("zh_CN.UTF-8", "是上联端口", "→ 应在其后的接入端口处置"),
    ],
)
def test_refusals_say_what_to_do(here: Run, monkeypatch: pytest.MonkeyPatch, language: str, says: str, do: str) -> None:
    """Each reason on a line of its own, then what a person can do, each once; in the reader's language."""
    monkeypatch.setenv("CORDON_LANG", language)
    ran = here("port", "block", "--switch", "sw1", "--port", "up1", "-m", "test", "--yes")
    assert says in ran.err
    assert 1 == ran.err.count(do)
    preview = here("port", "block", "--switch", "sw1", "--port", "up1", "-m", "test", "--dry-run")
    assert (5, 1) == (preview.code, preview.out.count(do.removeprefix("→ ")))
    assert "none of this would be sent" in preview.out


def test_contained_already_is_said_by_name(here: Run) -> None:
    """Behind a closed port nothing is learned: a second request is told which containment has it."""
    first = here("port", "block", "--ip", OFFICE_PC, "-m", "test", "--yes", "--json").rows[0]["containment_id"]
    again = here("port", "block", "--ip", OFFICE_PC, "-m", "test", "--yes")
    assert 5 == again.code
    assert f"contained already, by {first} on sw2 ge9" in again.err
    assert 0 == here("port", "release", first, "-m", "done").code


def test_endpoint_find_contained(here: Run) -> None:
    """Behind a port that is closed to it nothing is learned: the containment is named."""
    blocked = here("port", "block", "--ip", "10.77.0.36", "-m", "test", "--yes", "--json").rows[0]["containment_id"]
    ran = here("endpoint", "find", "10.77.0.36")
    assert (3, True) == (ran.code, f"cordon action show {blocked}" in " ".join(ran.err.split()))
    assert 0 == here("port", "release", blocked, "-m", "done").code


def test_release_of_nothing_is_not_found(here: Run) -> None:
    """Releasing what is not contained exits 3 and says where to look."""
    ran = here("port", "release", "--ip", "10.77.0.31", "-m", "x")
    assert 3 == ran.code
    assert "cordon action ls" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("--ip", "10.77.0.300"),
        ("--mac", "nonsense"),
        ("--switch", "sw1"),
        (),
        ("--ip", OFFICE_PC, "--for", "soon"),
        ("--ip", OFFICE_PC, "--for", "0"),
    ],
)
def test_wrong_words_exit_2(here: Run, words: tuple[str, ...]) -> None:
    """A target or duration that is none is a usage error, before anything is read or sent."""
    assert 2 == here("port", "block", *words, "-m", "test").code


def test_audit_verifies_and_finds_a_change(here: Run, world: DemoWorld) -> None:
    """verify exits 0 on a whole chain, and 1 naming the entry once somebody edited it."""
    whole = here("audit", "verify", "--json")
    assert (0, True) == (whole.code, whole.rows[0]["intact"])
    assert world.services is not None
    with world.services.store.transaction() as tx:
        tx.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    broken = here("audit", "verify")
    assert 1 == broken.code
    assert "entry 2" in broken.err


def test_disconnect_where_no_switch_takes_it(here: Run, world: DemoWorld) -> None:
    """A switch without a coa section has no such verb: refused with what it offers, exit 5."""
    ran = here("port", "disconnect", "--ip", "10.77.0.31", "-m", "to authenticate anew", "--yes")
    assert 5 == ran.code, ran.err
    assert "does not offer disconnect" in " ".join(ran.err.split())


@pytest.fixture
def silent(world: DemoWorld, tmp_path: Path) -> Path:
    """A configuration of the same switches at addresses where nothing answers."""
    switches = re.sub(r"(\n +port:) \d+", r"\1 9", (world.root / "switches.yaml").read_text(encoding="utf-8"))
    switches = switches.replace("    timeout_s: 15.0\n", "    timeout_s: 0.05\n    retries: 0\n")
    (tmp_path / "switches.yaml").write_text(switches, encoding="utf-8")
    settings = (world.root / "cordon.yaml").read_text(encoding="utf-8")
    (tmp_path / "silent.yaml").write_text(settings, encoding="utf-8")
    return tmp_path / "silent.yaml"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("port", "block", "--ip", OFFICE_PC, "-m", "x", "--yes"), "sw1, sw2, sw3"),
        (("port", "block", "--mac", "02:77:00:00:00:30", "-m", "x", "--dry-run", "--json"), "sw1, sw2, sw3"),
        (("port", "block", "--switch", "sw1", "--port", "ge4", "-m", "x", "--dry-run"), "sw1"),
        (("endpoint", "find", OFFICE_PC), "sw1, sw2, sw3"),
    ],
)
def test_switches_that_do_not_answer(cordon: Run, silent: Path, words: tuple[str, ...], named: str) -> None:
    """Exit 7 and not a refusal: which switches were not read, why each of them, and what to do."""
    ran = cordon(*words, "--config", silent)
    assert 7 == ran.code, ran.err
    assert f"not read: {named}, so nothing is known of" in ran.err
    assert "not read sw1: " in ran.err
    assert "cordon doctor" in ran.err


@pytest.mark.parametrize(
    ("ip", "port", "password", "exit_code"), [("10.77.0.37", "9", None, 7), ("10.77.0.38", None, "wrong", 4)]
)
def test_a_log_in_that_fails_before_anything_was_sent(
    cordon: Run, world: DemoWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    ip: str, port: str | None, password: str | None, exit_code: int,
) -> None:  # fmt: skip
    """Tables come over SNMP, commands would go over SSH: nothing was sent, the port is free, and the next one gets it.

    Each on a machine of its own: one that was just released is learned again only when its link is up.
    """
    file = yaml.safe_load((world.root / "switches.yaml").read_text(encoding="utf-8"))
    sw2 = next(one for one in file["switches"] if one["name"] == "sw2")
    sw2["ssh"] |= {"timeout_s": 20, **({"port": int(port)} if port else {})}
    (tmp_path / "switches.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    (tmp_path / "cordon.yaml").write_text((world.root / "cordon.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    right = world.credentials.password
    monkeypatch.setenv("CORDONDEMO_PASSWORD", password or right)
    config = ("--config", tmp_path / "cordon.yaml")
    words = ("port", "block", "--ip", ip, "-m", "test", "--yes", "--json", *config)
    ran = cordon(*words)
    assert exit_code == ran.code, ran.err
    assert ("failed", False) == (ran.rows[0]["state"], ran.rows[0]["unsettled"])
    assert "nothing was sent" in ran.rows[0]["why"]
    monkeypatch.setenv("CORDONDEMO_PASSWORD", right)
    sw2["ssh"]["port"] = world.switch("sw2").ssh_port
    (tmp_path / "switches.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    assert 0 == cordon(*words).code
    assert 0 == cordon("port", "release", "--ip", ip, "-m", "done", *config).code


def test_an_unknown_machine_among_switches_that_answer(here: Run) -> None:
    """That is a refusal, as before."""
    assert 5 == here("port", "block", "--ip", "10.77.9.9", "-m", "x", "--dry-run").code


def test_one_switch_is_read_where_the_service_knows_the_port(
    here: Run, world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that sat at one edge port for minutes: only its switch is asked."""
    from controller.inventory import Inventory
    from controller.store import endpoints
    from controller.store.endpoints import Sighting

    assert world.services is not None
    asked: list[str | None] = []
    refresh = Inventory.refresh
    monkeypatch.setattr(
        Inventory, "refresh", lambda self, switch=None: (asked.append(switch), refresh(self, switch))[1]
    )
    now_ms = world.clock.now_ms()
    with world.services.store.transaction() as tx:
        for ago_ms in (600_000, 1_000):
            seen = Sighting("02:77:00:00:00:14", now_ms - ago_ms, "10.77.0.21", "lab", "sw1", 23, "ge20")
            endpoints.see(tx, seen)
    here("port", "block", "--mac", "02:77:00:00:00:14", "-m", "x", "--dry-run")
    here("port", "block", "--mac", "02:77:00:00:00:15", "-m", "x", "--dry-run")
    assert ["sw1", None] == asked


def test_by_hand_needs_no_compiled_code(world: DemoWorld) -> None:
    """`cordon port` starts in the time of plain Python: nothing that it does loads numba."""
    words = ["port", "block", "--switch", "sw1", "--port", "ge4", "-m", "x", "--dry-run"]
    command = [sys.executable, "-X", "importtime", "-m", "controller.cli.main", *words]
    ran = subprocess.run(
        [*command, "--config", str(world.root / "cordon.yaml")], capture_output=True, text=True, check=False
    )
    assert 10 == ran.returncode, ran.stderr[-500:]
    assert "controller.switches.wire" in ran.stderr
    assert "numba" not in ran.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--ip", "10.0.0.999"), "--ip: '10.0.0.999' is no address"),
        (("--mac", "zz"), "--mac: 'zz' is no MAC"),
        (("--switch", "sw1"), "cordon: a target needs an ip, a mac, or a switch and a port"),
        (("--ip", OFFICE_PC, "-m", ""), "reason: must not be empty"),
    ],
)
def test_wrong_words_are_told_plainly(here: Run, words: tuple[str, ...], says: str) -> None:
    """Exit 2, which option, what is wanted; no word of a library."""
    ran = here("port", "block", "-m", "x", "--dry-run", *words)
    assert 2 == ran.code
    assert says in ran.err, ran.err
    assert "Value error" not in ran.err


def test_a_port_in_another_spelling(here: Run, world: DemoWorld) -> None:
    """A named port may be shortened or written out; one that the switch does not have exits 3 with those it has."""
    blocked = here("port", "block", "--switch", "sw3", "--port", "GigabitEthernet7", "-m", "test", "--yes", "--json")
    assert (0, "ge7", False) == (blocked.code, blocked.rows[0]["port"], admin(world, "sw3", "ge7"))
    assert 0 == here("port", "release", "--switch", "sw3", "--port", "GE 7", "-m", "done").code
    assert admin(world, "sw3", "ge7")
    none = here("port", "block", "--switch", "sw3", "--port", "ge99", "-m", "test", "--yes")
    assert (3, True) == (none.code, "no port is called ge99 (it has up1, ge1, ge2" in none.err)
