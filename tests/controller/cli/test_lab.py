"""`cordon lab` where no lab is up: what it lists, and what it refuses."""

import fcntl
import json
import subprocess
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner

from controller.cli.lab import app
from controller.core.errors import CordonError, NotFound, UsageError
from controller.lab.lab import Lab
from controller.lab.service import LabService

RUNNER = CliRunner()


def test_attacks_are_listed() -> None:
    """One line an attack, look-alikes among them; the worm is one."""
    lines = [json.loads(line) for line in RUNNER.invoke(app, ["attack", "--json"]).stdout.splitlines()]
    assert {True, False} == {line["hostile"] for line in lines}
    assert "worm" in {line["attack"] for line in lines}


def test_recordings_are_those_of_the_manifest() -> None:
    """What can be made again is listed; a name that is none is refused."""
    listed = [json.loads(line)["recording"] for line in RUNNER.invoke(app, ["record", "--json"]).stdout.splitlines()]
    assert ["attack_icmp_sweep", "attack_worm", "attack_spoofed_source"] == listed
    assert isinstance(RUNNER.invoke(app, ["record", "nothing"]).exception, UsageError)


@pytest.mark.parametrize("words", [["attack", "worm"], ["serve"], ["status"], ["run", "action"]], ids=" ".join)
def test_no_lab_of_that_name(words: list[str]) -> None:
    """Said plainly, and nothing begins."""
    assert isinstance(RUNNER.invoke(app, [words[0], "--name", "no-such-lab", *words[1:]]).exception, NotFound)


@pytest.mark.parametrize(
    ("design", "named"), [("ovs", {"ovs-vswitchd", "nmap"}), ("bridge", {"nmap", "pmacctd", "softflowd"})]
)
def test_programs_that_a_design_needs(monkeypatch: pytest.MonkeyPatch, design: str, named: set[str]) -> None:
    """Every one that is missing is named before anything is built, those that export for Linux bridges too."""
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    raised = RUNNER.invoke(app, ["up", "--name", "no-such-lab", "--design", design]).exception
    assert isinstance(raised, CordonError)
    assert "make parts" in str(raised)
    assert named <= set(raised.what.removeprefix("not installed: ").split(", "))
    assert ("softflowd" in raised.what) == (design == "bridge")


def test_one_service_a_lab(tmp_path: Path) -> None:
    """While one runs a second does not write its configuration over the first one's, and does not say that it serves."""
    with (tmp_path / "serve.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = LabService(cast("Lab", None), tmp_path)
        with pytest.raises(CordonError, match="runs already"), second:
            pass
    assert ["serve.lock"] == [path.name for path in tmp_path.iterdir()]


def test_a_service_that_does_not_come_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended, and the next one of that lab may start."""
    ended: list[str] = []

    class Process:
        """What was started."""

        def send_signal(self, _: int) -> None:
            ended.append("told")

        def wait(self, _: float) -> None:
            ended.append("waited for")

    def never_ready(service: LabService) -> None:
        service._process = cast("subprocess.Popen[bytes]", Process())
        raise CordonError("cordon serve did not come up")

    monkeypatch.setattr(LabService, "_start", never_ready)
    for _ in range(2):
        with pytest.raises(CordonError, match="did not come up"), LabService(cast("Lab", None), tmp_path):
            pass
    assert ["told", "waited for"] * 2 == ended
