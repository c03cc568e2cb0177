"""Network namespaces of a lab, and the guard: nothing of the lab happens outside of them.

A command runs in a namespace by `ip netns exec`, and only after the guard has looked at the name and at the inode: a lab
namespace is called `cordon.LAB.NAME`, exists under /run/netns, and is not the one this process lives in.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from controller.core.errors import CordonError, NotAllowed

NETNS = Path("/run/netns")
PREFIX = "cordon."
CLONE_NEWNET = 0x40000000
T = TypeVar("T")
_LIBC = ctypes.CDLL(None, use_errno=True)


class Namespaces:
    """The namespaces of one lab."""

    def __init__(self, lab: str) -> None:
        self.lab = lab
        self._children: list[subprocess.Popen[bytes]] = []

    def full(self, name: str) -> str:
        """The name under /run/netns."""
        return f"{PREFIX}{self.lab}.{name}"

    def there(self) -> list[str]:
        """Names of this lab that exist now, also those a killed run has left."""
        start = f"{PREFIX}{self.lab}."
        names = (path.name for path in NETNS.iterdir()) if NETNS.is_dir() else ()
        return sorted(name.removeprefix(start) for name in names if name.startswith(start))

    def add(self, names: Iterable[str]) -> None:
        """Make them, in one batch."""
        run(["ip", "-b", "-"], text="".join(f"netns add {self.full(name)}\n" for name in names))

    def delete(self, names: Iterable[str]) -> None:
        """End every process inside, by its number, and take the namespace away."""
        for name in names:
            self.end_processes(name)
        lines = "".join(f"netns del {self.full(name)}\n" for name in names)
        if lines:
            run(["ip", "-force", "-b", "-"], text=lines)
        for child in self._children:
            child.wait(10)
        self._children.clear()

    def end_processes(self, name: str) -> None:
        """SIGKILL to each process that lives in this namespace; nobody else's is there."""
        self.guard(name)
        for pid in self.pids(name):
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue

    def pids(self, name: str) -> list[int]:
        """Processes inside."""
        return [int(pid) for pid in run(["ip", "netns", "pids", self.full(name)]).split()]

    def links(self, name: str, lines: Iterable[str]) -> None:
        """`ip` commands inside one namespace, in one batch."""
        self.guard(name)
        run(["ip", "-n", self.full(name), "-b", "-"], text="".join(f"{line}\n" for line in lines))

    def exec(self, name: str, command: Sequence[object], **options: Any) -> str:
        """Run a program inside and give what it printed; CordonError if it failed."""
        return run(self.command(name, command), **options)

    def spawn(self, name: str, command: Sequence[object], log: Path, **options: Any) -> subprocess.Popen[bytes]:
        """Start a program inside that goes on; what it prints goes to `log`."""
        with log.open("ab") as out:
            child = subprocess.Popen(
                self.command(name, command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, **options
            )
        self._children.append(child)
        return child

    def command(self, name: str, command: Sequence[object]) -> list[str]:
        """The command line that runs `command` inside, guarded."""
        self.guard(name)
        return ["ip", "netns", "exec", self.full(name), *map(str, command)]

    def guard(self, name: str) -> None:
        """NotAllowed unless this is a namespace of the lab, and another one than that this process was born into."""
        path = NETNS / self.full(name)
        if not path.exists():
            raise NotAllowed("there is no such lab namespace", where=self.full(name), do="cordon lab up")
        if path.stat().st_ino == _BORN_IN:
            raise NotAllowed("this is the machine's own network namespace", where=self.full(name))

    def inside(self, name: str, call: Callable[[], T]) -> T:
        """Call a function on a thread that has entered the namespace; what it opens belongs there, the caller stays."""
        self.guard(name)
        found: list[T] = []
        failed: list[BaseException] = []

        def enter() -> None:
            try:
                enter_thread(self.full(name))
                found.append(call())
            except BaseException as error:  # noqa: BLE001 it is raised again by the caller's thread
                failed.append(error)

        thread = threading.Thread(target=enter, name=f"cordon-lab-{name}", daemon=True)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return found[0]

    def socket(self, name: str, family: int, kind: int, proto: int = 0) -> socket.socket:
        """A socket that lives in the namespace; the thread that uses it need not."""
        return self.inside(name, lambda: socket.socket(family, kind, proto))


def enter_thread(full: str) -> None:
    """Move this thread into a lab namespace, for good; NotAllowed unless it is there afterwards."""
    if not full.startswith(PREFIX):
        raise NotAllowed("this is no lab namespace", where=full)
    with (NETNS / full).open("rb") as handle:
        enter_handle(handle.fileno())
    assert_inside(full)


def enter_handle(handle: int) -> None:
    """Move this thread into the namespace of an open descriptor, which the guard has looked at before."""
    if _LIBC.setns(handle, CLONE_NEWNET):
        raise CordonError(f"cannot enter the namespace: {os.strerror(ctypes.get_errno())}")


def assert_inside(full: str) -> None:
    """NotAllowed unless this thread is in that lab namespace. Whatever attacks or writes calls it first."""
    path = NETNS / full
    ours = Path("/proc/thread-self/ns/net").stat().st_ino
    if not full.startswith(PREFIX) or not path.exists() or path.stat().st_ino != ours:
        raise NotAllowed(
            "refuses to run outside of its lab namespace", where=full, do="start it with cordon lab attack"
        )


def run(command: Sequence[object], *, text: str = "", timeout_s: float = 120.0, **options: Any) -> str:
    """A program's output; CordonError with its complaint if it failed."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            input=text,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            **options,
        )
    except FileNotFoundError as error:
        raise CordonError(f"{command[0]} is not installed", do="make parts") from error
    if done.returncode:
        complaint = (done.stderr or done.stdout).strip().splitlines()
        raise CordonError(
            f"{command[0]} failed: {complaint[-1] if complaint else done.returncode}", where=" ".join(map(str, command))
        )
    return str(done.stdout)


_BORN_IN = Path("/proc/self/ns/net").stat().st_ino
