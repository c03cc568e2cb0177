"""Nothing of the lab may happen outside of its namespaces."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from controller.core.errors import NotAllowed
from controller.lab.lab import Lab
from controller.lab.namespace import PREFIX, Namespaces, assert_inside, enter_thread


def test_a_namespace_that_is_not_there() -> None:
    """Refused before anything is run."""
    with pytest.raises(NotAllowed):
        Namespaces("no-such-lab").command("h1", ["true"])


def test_an_attack_on_the_machine_itself() -> None:
    """The traffic program ends at once where it is not inside the namespace it was told."""
    command = [sys.executable, "-m", "controller.lab.traffic", f"{PREFIX}none.h1", "ping", "1", "1", "127.0.0.1"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2], timeout=30
    )
    assert 0 != done.returncode
    assert "refuses to run outside" in done.stderr


def test_only_lab_namespaces_are_entered() -> None:
    """A name without the prefix is refused, whatever it points to."""
    with pytest.raises(NotAllowed):
        enter_thread("init")


@pytest.mark.lab
def test_the_machine_s_own_namespace_under_a_lab_s_name(lab: Lab) -> None:
    """A lab name that leads to the namespace this process was born into is seen by its inode."""
    fake = Path("/run/netns") / lab.namespaces.full("fake")
    fake.touch()
    subprocess.run(["mount", "--bind", "/proc/self/ns/net", str(fake)], check=True)
    try:
        with pytest.raises(NotAllowed, match="own network namespace"):
            lab.namespaces.guard("fake")
    finally:
        subprocess.run(["umount", str(fake)], check=True)
        fake.unlink()


@pytest.mark.lab
def test_a_thread_inside_and_the_caller_outside(lab: Lab) -> None:
    """`inside` moves its own thread only; a socket made there sees the host's one interface."""
    full = lab.namespaces.full("h1")
    lab.namespaces.inside("h1", lambda: assert_inside(full))
    with pytest.raises(NotAllowed):
        assert_inside(full)
    names = lab.namespaces.inside("h1", lambda: {name for _, name in socket.if_nameindex()})
    assert {"lo", "eth0"} <= names
