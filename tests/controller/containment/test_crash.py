"""SIGKILL after every durable write of a containment and of its release, over SNMP and over SSH (marker crash).

After a restart each one must be definite: the port is what the store says, the switch took each effect once, and nothing
hangs in between.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.core.clock import SystemClock
from controller.runtime.demoworld import DemoWorld
from controller.store import containments, open_store

pytestmark = pytest.mark.crash

ROOT = Path(__file__).parents[3]
PLACES = {"snmp": ("10.77.0.4", "sw1", "ge3"), "ssh": ("10.77.0.30", "sw2", "ge9")}
# Durable writes of the way in: requested, locating, planned, applying, intent, sent, verified, verifying, contained.
APPLY_POINTS = [*map(str, range(1, 10)), "sent", "never"]
# And of the way out: releasing, intent, sent, verified, released.
RELEASE_POINTS = [*map(str, range(1, 6)), "sent", "never"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    """Emulated switches that live on while the processes that drive them die."""
    with DemoWorld(SystemClock(), root=tmp_path_factory.mktemp("world")) as found:
        yield found


@dataclass(frozen=True)
class Case:
    """One driver, one store of its own, one port of the shared switches."""

    world: DemoWorld
    data: Path
    address: str
    switch: str
    port: str

    def run(self, what: str, point: str = "never") -> tuple[int, dict[str, object]]:
        """Run the process; its exit status, and what it printed if it lived."""
        module = "tests.controller.containment.crash_runner"
        config = str(self.world.root / "cordon.yaml")
        command = [sys.executable, "-m", module, config, what, self.address, point]
        environment = {**os.environ, "CORDON_DATA_DIR": str(self.data)}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode, json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}

    def is_up(self) -> bool:
        """What the switch itself has."""
        port = self.world.switch(self.switch).state.port(self.port)
        assert port is not None
        return bool(port.admin_up)

    def writes(self) -> list[str]:
        """Every write that reached the switch since the case began, on any port, whether it changed something or not."""
        return [write.text for write in self.world.switch(self.switch).state.journal]

    def settled(self) -> list[tuple[str, str]]:
        """The store's own journal: (direction, state) of each step that is not a begun one left by a dead process."""
        store = open_store(f"sqlite:///{self.data / 'cordon.db'}")
        with store.reading() as connection:
            (row,) = containments.listed(connection)
            steps = containments.journal(connection, row["containment_id"])
        store.close()
        return [(s["direction"], s["state"]) for s in steps if s["state"] not in ("intent", "sent")]


@pytest.fixture(params=["snmp", "ssh"])
def case(request: pytest.FixtureRequest, world: DemoWorld, tmp_path: Path) -> Iterator[Case]:
    """A case with its port up and a journal that is empty."""
    address, switch, port = PLACES[request.param]
    state = world.switch(switch).state
    state.reboot()
    state.journal.clear()
    yield Case(world, tmp_path / "data", address, switch, port)
    shutil.rmtree(tmp_path / "data", ignore_errors=True)


@pytest.mark.parametrize("point", APPLY_POINTS)
def test_killed_on_the_way_in(case: Case, point: str) -> None:
    """Wherever it dies, after a restart the port is shut and contained, and the switch was told once."""
    status, _ = case.run("apply", point)
    assert (0 if point == "never" else -signal.SIGKILL) == status
    _, after = case.run("recover")
    assert "contained" == after["state"]
    assert not case.is_up()
    assert 1 == len(case.writes()), case.writes()
    assert {("apply", "verified")} == set(case.settled())


@pytest.mark.parametrize("point", RELEASE_POINTS)
def test_killed_on_the_way_out(case: Case, point: str) -> None:
    """Wherever it dies, after a restart the port is open and released, and the switch was told once each way."""
    assert "contained" == case.run("apply")[1]["state"]
    status, _ = case.run("release", point)
    assert (0 if point == "never" else -signal.SIGKILL) == status
    _, after = case.run("recover")
    assert "released" == after["state"]
    assert case.is_up()
    assert 2 == len(case.writes()), case.writes()
    assert ("undo", "verified") == case.settled()[-1]


def test_the_points_are_all_there_are(case: Case) -> None:
    """If the engine gains a durable write, this file must kill there too."""
    assert len(APPLY_POINTS) - 2 == case.run("apply")[1]["writes"]
    assert len(RELEASE_POINTS) - 2 == case.run("release")[1]["writes"]
