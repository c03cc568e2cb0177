"""Who types a command: the two-person rule and the audit log rest on it."""

import os
import pwd
import socket
from pathlib import Path

import pytest

from controller.cli.common import person

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture(autouse=True)
def liar(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says it is somebody else's."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER", "SUDO_UID"):
        monkeypatch.setenv(name, "0" if name == "SUDO_UID" else "somebody-else")


@pytest.mark.parametrize(
    ("says", "name"),
    [
        ("4294967295", ME),
        ("", ME),
        (None, ME),
        (str(pwd.getpwnam("nobody").pw_uid), "nobody"),
        ("4100100100", "uid-4100100100"),
    ],
)
def test_nobody_is_somebody_else_by_saying_so(tmp_path: Path, says: str | None, name: str) -> None:
    """Who logged in, by the kernel; else the process's own user. One person cannot approve twice with another LOGNAME."""
    loginuid = tmp_path / "loginuid"
    if says is not None:
        loginuid.write_text(says)
    assert f"{name}@{socket.gethostname()}" == person(loginuid)
