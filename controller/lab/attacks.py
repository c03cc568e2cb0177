"""Attacks and their look-alikes, on real packets: each runs inside one host's namespace, bounded in count and time.

Nothing is exploited and nothing executed on a target. A program of ours that sends calls `assert_inside` first.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from controller.core.errors import UsageError

from .lab import Lab
from .management import ROOT
from .topology import Host

LATERAL = "22,80,135,139,445,3389"
LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Attack:
    """What runs where. `from_host` is the default source; `hostile` tells attacks from look-alikes."""

    title: str
    from_host: str
    hostile: bool
    command: Callable[[Lab, str], list[str]]


def start(lab: Lab, name: str, host: str | None = None) -> subprocess.Popen[bytes]:
    """Start an attack; it ends by itself within two minutes. UsageError for one that there is not."""
    if name not in ATTACKS:
        raise UsageError(f"there is no attack {name}", do=f"one of: {', '.join(ATTACKS)}")
    attack = ATTACKS[name]
    source = host or attack.from_host
    command = ["timeout", str(LIMIT_S), *attack.command(lab, source)]
    return lab.namespaces.spawn(source, command, lab.folder / f"attack-{name}.log", cwd=str(ROOT), env=_environment())


def start_command(lab: Lab, host: str, words: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start our traffic program with words of one's own."""
    command = ["timeout", str(LIMIT_S), *ours(lab, host, *words)]
    return lab.namespaces.spawn(host, command, log, cwd=str(ROOT), env=_environment())


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


def ours(lab: Lab, host: str, *words: str) -> list[str]:
    """A program of this package, told which namespace it has to find itself in."""
    return [sys.executable, "-m", "controller.lab.traffic", lab.namespaces.full(host), *words]


def _others(lab: Lab, host: str) -> list[str]:
    return [one.ip for one in lab.topology.hosts if one.name != host and one.prefix == 16 and not one.behind]


def _span(lab: Lab) -> str:
    """The desks: unused addresses among them, and behind them."""
    return "10.77.0.0/25" if len(lab.topology.hosts) < 120 else "10.77.0.0/24"


def _nmap(*words: str) -> list[str]:
    return ["nmap", "-n", "--max-retries", "0", *words]


def _hydra(lab: Lab, host: str) -> list[str]:
    words = lab.folder / "words.txt"
    words.write_text("".join(f"guess{n}\n" for n in range(60)), encoding="ascii")
    return ["hydra", "-q", "-I", "-t", "4", "-l", "root", "-P", str(words), f"ssh://{_victim(lab, host)}"]


def _victim(lab: Lab, host: str) -> str:
    return _others(lab, host)[-1]


ATTACKS: Mapping[str, Attack] = {
    "nmap-sweep": Attack(
        "SYN scan of six ports on 128 addresses, half of them unused, 200/s",
        "h1",
        True,
        lambda lab, _: _nmap("-sS", "-p", LATERAL, "--max-rate", "200", _span(lab)),
    ),
    "connect-sweep": Attack(
        "TCP connects to port 445 of every desk, 50/s",
        "h1",
        True,
        lambda lab, host: ours(lab, host, "connect", "445", "50", "2", *_others(lab, host)),
    ),
    "arp-sweep": Attack(
        "ARP requests for 256 addresses of the own network, 50/s",
        "h1",
        True,
        lambda lab, host: ours(lab, host, "arp", "50", "1", *(f"10.77.2.{n}" for n in range(256))),
    ),
    "icmp-sweep": Attack(
        "ICMP echo to 254 addresses behind the gateway and to every desk, 50/s",
        "h1",
        True,
        lambda lab, host: ours(
            lab, host, "ping", "50", "1", *_others(lab, host), *(f"10.78.0.{n}" for n in range(1, 255))
        ),
    ),
    "l3-sweep": Attack(
        "SYN scan of port 445 of another network, through the gateway, 100/s",
        "h1",
        True,
        lambda *_: _nmap("-Pn", "-sS", "-p", "445", "--max-rate", "100", "10.78.0.0/24"),
    ),
    "spoofed": Attack(
        "SYNs to port 445 of every desk under the address and MAC of another desk, 100/s",
        "h1",
        True,
        lambda lab, host: ours(lab, host, "spoof", *_twin(lab, host), "100", "3", *_others(lab, host)),
    ),
    "ssh-brute": Attack("60 guesses of an SSH password", "h1", True, _hydra),
    "smb-brute": Attack(
        "150 SMB log-ins with wrong passwords",
        "h1",
        True,
        lambda lab, host: ours(lab, host, "smb", "150", "20", _victim(lab, host)),
    ),
    "nms": Attack(
        "a monitoring server: echo, SSH and SNMP to every desk, again and again",
        "h3",
        False,
        lambda lab, host: ours(lab, host, "poll", "40", "3", *_others(lab, host)),
    ),
    "backup": Attack(
        "one long fast transfer",
        "h2",
        False,
        lambda lab, host: ours(lab, host, "bulk", "20000000", "1", _victim(lab, host)),
    ),
    "office": Attack(
        "a desk that uses two servers",
        "h2",
        False,
        lambda lab, host: ours(lab, host, "office", "5", "30", *_others(lab, host)[-2:]),
    ),
}


def borrowed_from(lab: Lab, host: str) -> Host:
    """Whose name is borrowed: another desk on the same switch."""
    mine = lab.topology.host(host)
    return next(h for h in lab.topology.hosts if h.switch == mine.switch and h.name != host and h.prefix == 16)


def _twin(lab: Lab, host: str) -> tuple[str, str]:
    other = borrowed_from(lab, host)
    return other.ip, other.mac
