"""A collector as a process on loopback: start it, take its CPU time, stop it. Only processes started here are ever stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Protocol


class Running(Protocol):
    """A collector that is listening. `received` is asked after `stop`: flow records it has taken in, None if it cannot say."""

    @property
    def pid(self) -> int: ...

    @property
    def port(self) -> int: ...

    def stop(self) -> None: ...

    def received(self) -> int | None: ...


class Peer(Protocol):
    """A collector that can be measured. `start` gives None if it is not installed or does not read that protocol."""

    @property
    def name(self) -> str: ...

    def start(self, protocol: str, folder: Path) -> Running | None: ...


def cpu_s(pid: int) -> float:
    """User and system time of a process, its threads and its children, in seconds, by the scheduler's own clock (nanoseconds)."""
    total = 0
    for one in (pid, *_children(pid)):
        for task in Path(f"/proc/{one}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def _children(pid: int) -> list[int]:
    """Processes it has started: pmacct's plugins are such."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found


def rss_bytes(pid: int) -> int:
    """Resident memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def settled_cpu_s(pid: int, *, least_s: float = 0.3, most_s: float = 5.0) -> float:
    """CPU time once it does nothing more; programs that never rest are given `most_s`."""
    before, waited = cpu_s(pid), 0.0
    while waited < most_s:
        time.sleep(least_s)
        waited += least_s
        now = cpu_s(pid)
        if now - before < 0.02 * least_s:
            return now
        before = now
    return before


def free_port() -> int:
    """A UDP port of loopback that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def udp_drops(port: int) -> int:
    """Datagrams the kernel dropped on the sockets of a UDP port for want of buffer, of whatever process (proc(5))."""
    found = 0
    for name in ("udp", "udp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[1].endswith(f":{port:04X}"):
                found += int(columns[-1])
    return found


def wait_bound(port: int, process: subprocess.Popen[str], timeout_s: float = 20.0) -> bool:
    """Whether somebody listens on that port in time."""
    wanted = f":{port:04X}"
    for _ in range(int(timeout_s / 0.05)):
        tables = Path("/proc/net/udp").read_text() + Path("/proc/net/udp6").read_text()
        if any(line.split()[1].endswith(wanted) for line in tables.splitlines() if ":" in line.split()[1]):
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.05)
    return False


def end(process: subprocess.Popen[str], timeout_s: float = 15.0) -> None:
    """SIGTERM, and SIGKILL if that is not heard."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
