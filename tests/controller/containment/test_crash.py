"""SIGKILL after every durable write of a containment and of its release, and a switch that misbehaves, for every driver.

After a restart each one must be definite: the port is what the store says, the switch took each effect once, and nothing
hangs in between. CI kills at every step over SNMP and over one SSH driver, and at one step over each other driver;
`make crash` (CORDON_CRASH=full) kills at every step of every driver.
"""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .crashworld import Case, World, kinds

pytestmark = pytest.mark.crash

THOROUGH = frozenset({"snmp", "ssh-cisco_ios"})
FAULTS: tuple[Any, ...] = ("lie", "refuse", "drop-before", "drop-after", "half", "hang")
FULL = os.environ.get("CORDON_CRASH") == "full"
CHOSEN = [kind for kind in kinds() if FULL or kind in THOROUGH]  # for what takes long
TABLE: list[tuple[str, ...]] = []


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: SIGKILL loses nothing that was written, so there is no disk to wait for."""
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=shared, prefix="cordon-crash-") as name:
        yield Path(name)


@pytest.fixture
def data(memory: Path) -> Path:
    """Where a case keeps its store."""
    return memory / "data"


@pytest.fixture(scope="module")
def world(memory: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """Emulated switches that live on while the processes that drive them die."""
    found = World(memory / "world")
    found.root.mkdir()
    found.start()
    yield found
    found.stop()
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        _print_table()  # the table is what this file is for, and is shown when all is well too


def points_of(case: Case, what: str) -> list[str]:
    """Every point there is: one after each durable write, one between the switch and the journal, and none."""
    kind = case.kind
    if kind not in THOROUGH and not FULL:
        return ["sent"]
    case = case.world.case(kind, case.data, case.verb)
    applied = case.run("apply")
    writes = applied["writes"] if what == "apply" else case.run("release")["writes"]
    return [*map(str, range(1, len(writes) + 1)), "sent", "never"]


@pytest.mark.parametrize("kind", kinds())
def test_killed_on_the_way_in(world: World, kind: str, data: Path) -> None:
    """Wherever it dies, after a restart the port is shut and contained, and the switch was told once."""
    case = world.case(kind, data)
    for point in points_of(case, "apply"):
        case = world.case(kind, data)
        died = case.run("apply", point)
        assert (0 if point == "never" else signal.SIGKILL) == died["killed"], died
        after = case.run("recover")["state"]
        note(case, "apply", f"killed at {point}", after)
        assert "contained" == after
        assert case.is_definite(after)
        assert 1 == case.effects(), case.state.journal
        assert case.notes() <= 1, case.state.journal


@pytest.mark.parametrize("kind", kinds())
def test_killed_on_the_way_out(world: World, kind: str, data: Path) -> None:
    """Wherever it dies, after a restart the port is open and released, and the switch was told once each way."""
    case = world.case(kind, data)
    for point in points_of(case, "release"):
        case = world.case(kind, data)
        assert "contained" == case.run("apply")["state"], case.rows()
        died = case.run("release", point)
        assert (0 if point == "never" else signal.SIGKILL) == died["killed"], died
        after = case.run("recover")["state"]
        note(case, "release", f"killed at {point}", after)
        assert "released" == after
        assert case.is_definite(after)
        assert 2 == case.effects(), case.state.journal
        assert case.notes() <= 2, case.state.journal
        assert "" == case.port.alias


@pytest.mark.parametrize("kind", CHOSEN)
@pytest.mark.parametrize("what", ["apply", "release"])
def test_a_switch_that_misbehaves(world: World, kind: str, what: str, data: Path) -> None:
    """Lies, refusals, sessions that end, half a change, silence: definite once the switch answers again."""
    slow = what == "release" and kind != "snmp" and not FULL
    faults = ("lie", "drop-after") if slow else FAULTS
    for fault in faults:
        case = world.case(kind, data, "quarantine-vlan" if fault == "half" else "shut")
        if what == "release":
            assert "contained" == case.run("apply")["state"]
        case.state.faults.set(fault)
        during = case.run(what)
        assert 0 == during["killed"], during
        case.state.faults.set("none")
        after = case.run("recover")["state"]
        note(case, what, f"{fault} ({during['state']})", after)
        assert case.is_definite(after), (fault, during, after, case.rows())


@pytest.mark.parametrize("kind", CHOSEN)
def test_a_switch_that_reboots(world: World, kind: str, data: Path) -> None:
    """The running configuration is lost while the port is contained: contained again, or ended, and it says which."""
    case = world.case(kind, data)
    assert "contained" == case.run("apply")["state"]
    case.state.reboot()
    after = case.run("recover")["state"]
    note(case, "contained", "reboot", after)
    assert case.is_definite(after)


def note(case: Case, what: str, where: str, after: str) -> None:
    """A line of the table."""
    definite = "definite" if case.is_definite(after) else "NOT DEFINITE"
    port = "open" if case.is_up() else "closed"
    TABLE.append((case.kind, what, where, after, port, str(case.effects()), definite))


def _print_table() -> None:
    head = ("driver", "way", "what happened", "state", "port", "effects", "")
    widths = [max(len(row[i]) for row in (head, *TABLE)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *TABLE)]
    good = sum(row[-1] == "definite" for row in TABLE)
    text = "\n".join(["", *lines, f"{good} of {len(TABLE)} definite"])
    os.write(2, f"{text}\n".encode())
