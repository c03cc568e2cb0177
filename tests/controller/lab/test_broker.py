"""A broker that does not come up."""

import subprocess
from pathlib import Path

import pytest

from controller.core.errors import Unreachable
from controller.lab.kafka import broker
from controller.lab.kafka.broker import KafkaBroker


def test_one_that_does_not_come_up_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing for so long: Unreachable with its log, and no process stays behind."""
    java, started = tmp_path / "java", list[subprocess.Popen[bytes]]()
    java.write_text("#!/bin/sh\nexec sleep 1000\n", encoding="ascii")
    java.chmod(0o755)
    popen = subprocess.Popen
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(broker, "jars", lambda: tmp_path)
    monkeypatch.setattr(broker, "START_TIMEOUT_S", 0.5)
    monkeypatch.setattr(
        subprocess, "Popen", lambda *words, **more: started.append(popen(*words, **more)) or started[-1]
    )
    formatted = tmp_path / "broker" / "logs" / "meta.properties"
    formatted.parent.mkdir(parents=True)
    formatted.touch()
    found = KafkaBroker(tmp_path / "broker")
    with pytest.raises(Unreachable, match="did not come up"):
        found.start()
    assert found.pid is None
    assert [] == [one for one in started if one.poll() is None]
