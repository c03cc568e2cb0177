"""`cordon serve` as its own process: it comes up, takes a signed request, and ends when told."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from controller.runtime.demoworld import DemoWorld

from .conftest import Run

START_S = 600.0  # of silence: a first start compiles, on a machine with other work for minutes


@pytest.fixture
def served(world: DemoWorld) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`cordon serve` on the network's configuration, and the address it answers on."""
    command = [sys.executable, "-m", "controller.cli.main", "serve", "--config", str(world.root / "cordon.yaml")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ.copy()) as process:
        lines: Queue[str] = Queue()
        reading = threading.Thread(target=lambda: [lines.put(line) for line in process.stderr or ()])
        reading.start()
        try:
            yield process, _address(lines)
        finally:
            process.kill()
            reading.join()  # it has the pipe to itself until its end


def _address(lines: "Queue[str]") -> str:
    seen = []
    while True:
        try:
            seen.append(lines.get(timeout=START_S))
        except Empty:
            pytest.fail(f"cordon serve did not come up: {seen}")
        if found := re.search(r"web: (http\S+)", seen[-1]):
            return found[1]


def test_signed_request_is_followed_to_its_end(
    served: tuple[subprocess.Popen[str], str], cordon: Run, world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """request send --follow ends with the port shut; a forged one exits 4; SIGTERM ends the service with 0."""
    process, url = served
    monkeypatch.setenv("CORDON_WEBHOOK_SECRET", world.webhook_secret)
    monkeypatch.setenv("CORDON_TOKEN", world.token)
    sent = cordon("request", "send", "--ip", "10.77.0.30", "-m", "risk", "--url", url, "--follow", "--json")
    assert (0, "contained") == (sent.code, sent.rows[0]["state"])
    port = world.switch("sw2").state.port("ge9")
    assert port is not None
    assert not port.admin_up
    monkeypatch.setenv("CORDON_WEBHOOK_SECRET", "whsec_" + "QQ" * 22)
    assert 4 == cordon("request", "send", "--ip", "10.77.0.31", "-m", "x", "--url", url).code
    process.send_signal(signal.SIGTERM)
    assert 0 == process.wait(START_S)


def test_secret_on_the_command_line_is_refused(cordon: Run) -> None:
    """A secret is given by reference; one in clear exits 2 and is not repeated."""
    ran = cordon("request", "send", "--ip", "10.77.0.30", "-m", "x", "--secret", "whsec_abc")
    assert 2 == ran.code
    assert "whsec_abc" not in ran.err


def test_nobody_answers(cordon: Run, monkeypatch: pytest.MonkeyPatch, world: DemoWorld) -> None:
    """No service there: exit 7."""
    monkeypatch.setenv("CORDON_WEBHOOK_SECRET", world.webhook_secret)
    assert 7 == cordon("request", "send", "--ip", "10.77.0.30", "-m", "x", "--url", "http://127.0.0.1:1").code


@pytest.mark.parametrize("role", ["collect", "web"])
def test_a_data_folder_that_cannot_be_made(
    cordon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    """Said before anything is received: where, why, what to do; exit 2 and no traceback. The database is elsewhere."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the service would keep what it sets of this process
    monkeypatch.setattr(sys, "setswitchinterval", lambda _: None)
    (tmp_path / "file").touch()
    (tmp_path / "switches.yaml").write_text("sites: []\nswitches: []\n", encoding="utf-8")
    (tmp_path / "cordon.yaml").write_text(
        f"data_dir: file/data\nstore: {'sqlite://' if role == 'collect' else 'null'}\n"
        "collector: {listen: ['127.0.0.1:0']}\nweb: {port: 0}\n",
        encoding="utf-8",
    )
    ran = cordon("serve", role)
    assert 2 == ran.code
    assert "cannot be made: Not a directory (name a folder that Cordon may write to)" in ran.err
    assert "file/data" in ran.err
