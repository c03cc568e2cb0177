"""The whole loop on a real recording: in this process on both buses, and as the command that people type."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.clock import SystemClock
from controller.runtime.demo import Demo
from controller.runtime.demoworld import DemoWorld

ROOT = Path(__file__).parents[2]
DEMO_S = 600  # compiled kernels may have to be made first


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def story(request: pytest.FixtureRequest) -> Iterator[Demo]:
    """A demo world on either bus."""
    bus = "embedded" if request.param == "embedded" else request.getfixturevalue("broker").address
    with DemoWorld(SystemClock(), bus=bus) as world:
        yield Demo(world)


def test_the_loop_closes(story: Demo) -> None:
    """Datagrams in, alert, location, plan, shut, read back, released; a signed request; a forged one; audit intact."""
    story.start()
    alert = story.attack()
    assert ("10.77.0.2", "172.30.0.11", 4) == (alert["src_ip"], alert["exporter"], alert["in_if"])
    shut = story.contained(alert)
    assert ("sw1", "ge1", "administratively down") == (shut.row["switch"], shut.row["port"], shut.oper)
    assert {"flow", "fdb"} <= {evidence["source"] for evidence in shut.location["evidence"]}
    assert shut.seconds is not None
    assert shut.seconds < 10  # the recording's own pace is most of it
    assert story.released(shut)["state"] in ("probation", "released")
    assert "up" == story.port_state("sw1", "ge1")
    posted, second = story.requested()
    assert 202 == posted.status
    assert ("sw2", "administratively down") == (second.row["switch"], second.oper)
    assert 401 == story.forged().status
    assert story.audited().intact


def test_the_command() -> None:
    """`cordon demo` ends with 0 and tells its story."""
    command = [sys.executable, "-m", "controller.cli.main", "demo"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ.copy(), capture_output=True, text=True, timeout=DEMO_S, check=False
    )
    assert 0 == done.returncode, done.stderr
    for word in ("Alert", "Location", "Plan", "Read back", "Release", "Forgery", "401", "Audit", "Done"):
        assert word in done.stdout
