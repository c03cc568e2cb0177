"""Attacks and their look-alikes, on real packets: each runs inside one host's namespace, bounded in count and time.

Nothing is exploited and nothing executed on a target. A program of ours that sends calls `assert_inside` first.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from controller.core.errors import NotFound, UsageError

from .lab import Lab
from .management import ROOT
from .topology import Host

LATERAL = "22,80,135,139,445,3389"
LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Attack:
    """What runs where. `from_host` is the default source; `hostile` tells attacks from look-alikes. A program that plays many
    hosts (`roams`) starts outside and enters each namespace past the guard; dice it throws are told by a seed."""

    title: str
    from_host: str
    hostile: bool
    command: Callable[[Lab, str], list[str]]
    roams: bool = False


def start(lab: Lab, name: str, host: str | None = None, *, seed: int = 1) -> subprocess.Popen[bytes]:
    """Start an attack; it ends by itself within two minutes. UsageError for one that there is not."""
    if name not in ATTACKS:
        raise UsageError(f"there is no attack {name}", do=f"one of: {', '.join(ATTACKS)}")
    attack = ATTACKS[name]
    source = host or attack.from_host
    if source not in {one.name for one in lab.topology.hosts}:
        raise NotFound(f"there is no host {source}", where=lab.name, do="cordon lab status --hosts")
    command = ["timeout", str(LIMIT_S), *attack.command(lab, source)]
    options = {"cwd": str(ROOT), "env": _environment()}
    if attack.roams:
        with log_of(lab, name).open("wb") as out:
            return subprocess.Popen([*command, str(seed)], stdin=subprocess.DEVNULL, stdout=out, stderr=out, **options)  # type: ignore[call-overload, no-any-return]
    log_of(lab, name).unlink(missing_ok=True)
    return lab.namespaces.spawn(source, command, log_of(lab, name), **options)


def log_of(lab: Lab, name: str) -> Path:
    """What the program of an attack printed, the last time."""
    return lab.folder / f"attack-{name}.log"


def start_command(lab: Lab, host: str, words: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start our traffic program with words of one's own."""
    command = ["timeout", str(LIMIT_S), *ours(lab, host, *words)]
    return lab.namespaces.spawn(host, command, log, cwd=str(ROOT), env=_environment())


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


def ours(lab: Lab, host: str, *words: str) -> list[str]:
    """A program of this package, told which namespace it has to find itself in."""
    return [sys.executable, "-m", "controller.lab.traffic", lab.namespaces.full(host), *words]


def desks(lab: Lab) -> tuple[Host, ...]:
    """The ordinary hosts: one on a port, in the network of the desks."""
    return tuple(one for one in lab.topology.hosts if one.prefix == 16 and not one.behind)


def _others(lab: Lab, host: str) -> list[str]:
    return [one.ip for one in desks(lab) if one.name != host]


def _span(lab: Lab) -> str:
    """The desks: unused addresses among them, and behind them."""
    return "10.77.0.0/25" if len(lab.topology.hosts) < 120 else "10.77.0.0/24"


def _nmap(*words: str) -> list[str]:
    return ["nmap", "-n", "--max-retries", "0", *words]


def _hydra(lab: Lab, host: str) -> list[str]:
    words = lab.folder / "words.txt"
    words.write_text("".join(f"guess{n}\n" for n in range(60)), encoding="ascii")
    return ["hydra", "-q", "-I", "-t", "4", "-l", "root", "-P", str(words), f"ssh://{_victim(lab, host)}"]


def _spoof(lab: Lab, host: str) -> list[str]:
    lent = borrowed_from(lab, host)
    targets = [f"{one.ip}/{one.mac}" for one in desks(lab) if one.name not in (host, lent.name)]
    return ours(lab, host, "spoof", lent.ip, lent.mac, "100", "3", *targets)


def _worm(lab: Lab, host: str) -> list[str]:
    addresses = 3 * len(desks(lab))
    return [sys.executable, "-m", "controller.lab.worm", lab.name, host, "1", str(LIMIT_S // 2), str(addresses)]


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
        "ICMP echo to every desk and to 120 addresses behind the gateway, 50/s",
        "h1",
        True,
        lambda lab, host: ours(
            lab, host, "ping", "50", "1", *_others(lab, host), *(f"10.78.0.{n}" for n in range(1, 121))
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
        _spoof,
    ),
    "worm": Attack(
        "a harmless worm: who is infected connects to port 445 of random addresses, 1/s; a third of them are desks",
        "h1",
        True,
        _worm,
        roams=True,
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
