"""A small network of emulated switches, and the command line beside it."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller.cli import main as cli
from controller.core.clock import SystemClock
from controller.runtime.demoworld import DemoWorld


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    """Three emulated switches and a configuration that names them."""
    with DemoWorld(SystemClock(), root=tmp_path_factory.mktemp("world")) as found:
        yield found


@pytest.fixture
def cordon(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `cordon WORDS` in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORDON_CONFIG", raising=False)

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["cordon", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def here(cordon: Run, world: DemoWorld) -> Run:
    """Run a command on that network's configuration."""
    return lambda *words: cordon(*words, "--config", world.root / "cordon.yaml")
