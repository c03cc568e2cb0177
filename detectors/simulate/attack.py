"""Attacks put among the hospital's traffic, each with its truth. Harmless: rows in memory.

The shapes follow tools as their manuals and captures show them (nmap, masscan, hydra, a worm that draws random addresses,
PsExec/WMI/WinRM chains, copies over SMB); paces run from loud to one contact a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .connection import ARP, ICMP, TCP, UDP, Connections, Outcome, join, make
from .kinds import COMPUTERS, WINDOWS_SERVERS, Kind
from .rhythm import DAY_MS, START_MS, Presence
from .site import Site

Ints = NDArray[np.int64]
WINDOWS_PORTS = (135, 139, 445, 3389, 5985)
FIREWALLED = -1  # lasts_ms of a machine that is there and says nothing


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an attack takes place: the hospital, who is on, the dice, and who already takes part in another attack."""

    site: Site
    present: Presence
    rng: np.random.Generator
    taken: set[int] = field(default_factory=set)

    def on(self, hosts: Ints, since_ms: int) -> Ints:
        """Those of these hosts that are on at a time and for the next three hours."""
        there = self.present.is_on(hosts, np.full(len(hosts), since_ms % DAY_MS))
        there &= self.present.is_on(hosts, np.full(len(hosts), min(since_ms % DAY_MS + 3 * 3_600_000, DAY_MS - 1)))
        return hosts[there]


Make = Callable[[Scene, Sequence[int], int], Connections]  # attackers, start in ms since day 0


@dataclass(frozen=True, slots=True)
class Plan:
    """One type of attack: its family (what a detector is asked for) and how many machines take part."""

    name: str
    family: str
    make: Make
    attackers: int = 1


def sweep(
    scene: Scene,
    attackers: Sequence[int],
    start_ms: int,
    *,
    proto: int,
    port: int,
    every_ms: int,
    targets: int,
    away: bool = False,
) -> Connections:
    """Addresses of the attacker's network (or of the servers' and the wards'), in no order, shared among the attackers."""
    site, parts = scene.site, []
    near = site.neighbourhood(attackers[0])
    if away:
        near = np.flatnonzero(
            (site.network == (1 if site.network[attackers[0]] != 1 else 2)) & (site.kind != Kind.ROUTER)
        )
    chosen = scene.rng.permutation(near[~np.isin(near, attackers)])[: targets * len(attackers)]
    for number, attacker in enumerate(attackers):
        mine = chosen[number :: len(attackers)]
        since = start_ms + np.arange(len(mine)) * every_ms + scene.rng.integers(0, max(every_ms // 4, 1), len(mine))
        parts.append(_towards(scene, attacker, mine, since, proto, np.full(len(mine), port)))
    return join(*parts)


def wide(scene: Scene, attackers: Sequence[int], start_ms: int) -> Connections:
    """Eight ports of every address, 40 a second: what a persistent scanner leaves for a sampled exporter."""
    ports = (22, 80, 135, 139, 443, 445, 3389, 8080)
    return join(*(
        sweep(scene, attackers, start_ms + number * 7000, proto=TCP, port=port, every_ms=200, targets=250)
        for number, port in enumerate(ports)
    ))  # fmt: skip


def portscan(scene: Scene, attackers: Sequence[int], start_ms: int, *, ports: int, every_ms: int) -> Connections:
    """Many ports of one server."""
    targets = scene.on(scene.site.of(*WINDOWS_SERVERS), start_ms)
    target = int(scene.rng.choice(targets))
    wanted = 1 + scene.rng.permutation(10_000)[:ports]
    since = start_ms + np.arange(ports) * every_ms
    found = _towards(scene, attackers[0], np.full(ports, target), since, TCP, wanted)
    # A server without a host firewall: what does not listen refuses.
    quiet = found["outcome"] == Outcome.SILENT
    found["outcome"][quiet], found["lasts_ms"][quiet] = Outcome.REFUSED, 0
    return found


def guess(
    scene: Scene,
    attackers: Sequence[int],
    start_ms: int,
    *,
    port: int,
    times: int,
    every_ms: int,
    packets: int = 14,
    lasts_ms: int = 800,
) -> Connections:
    """Log-ins to one service of one server, as hydra or a script makes them."""
    targets = scene.on(scene.site.of(Kind.FILE, Kind.APP, Kind.PACS, Kind.HL7), start_ms)
    since = start_ms + np.arange(times) * every_ms + scene.rng.integers(0, max(every_ms // 3, 1), times)
    return _session(
        scene, attackers[0], np.full(times, int(scene.rng.choice(targets))), since, port, packets, 130, lasts_ms
    )


def worm(scene: Scene, attackers: Sequence[int], start_ms: int, *, seconds: int = 300, most: int = 12) -> Connections:
    """One connection a second to random addresses of the network; who listens is infected and does the same two seconds later."""
    near = np.append(scene.site.neighbourhood(attackers[0]), attackers[0])
    open_ = set(near[_listens(scene.site, near, np.full(len(near), 445))].tolist()) - scene.taken
    infected, parts = {int(attackers[0]): start_ms}, []
    queue = [int(attackers[0])]
    while queue:
        host = queue.pop(0)
        gaps = scene.rng.exponential(1000, seconds).astype(np.int64).cumsum()
        since = infected[host] + gaps[gaps < start_ms + seconds * 1000 - infected[host]]
        targets = scene.rng.choice(near[near != host], len(since))
        found = _towards(scene, host, targets, since, TCP, np.full(len(since), 445))
        parts.append(found)
        for at_ms, target, outcome in zip(since.tolist(), targets.tolist(), found["outcome"].tolist(), strict=True):
            if outcome == Outcome.ANSWERED and target in open_ and target not in infected and len(infected) < most:
                infected[target] = at_ms + 2000
                queue.append(target)
        queue.sort(key=infected.__getitem__)
    return join(*parts)


def chain(scene: Scene, attackers: Sequence[int], start_ms: int) -> Connections:
    """A log-in from machine to machine, ten minutes apart, few connections each: SMB and RPC, then WinRM, then RDP."""
    last = int(scene.rng.choice(scene.on(scene.site.of(*WINDOWS_SERVERS), start_ms)))
    steps = ((445, 135, 49_667, 445), (5985, 5985, 5985), (3389,))
    path, parts = [*attackers, last], []
    for step, ports in enumerate(steps):
        for number, port in enumerate(ports):
            since = np.array([start_ms + step * 600_000 + number * 9_000])
            parts.append(_session(scene, path[step], np.array([path[step + 1]]), since, port, 60, 400, 30_000))
    return join(*parts)


def copy(scene: Scene, attackers: Sequence[int], start_ms: int, *, peers: int = 12) -> Connections:
    """200 MB to each of a dozen machines over SMB, one every twenty seconds."""
    near = scene.on(scene.site.of(*COMPUTERS, Kind.APP, Kind.FILE), start_ms)
    targets = scene.rng.permutation(near[near != attackers[0]])[:peers]
    since = start_ms + np.arange(len(targets)) * 20_000
    return _session(scene, attackers[0], targets, since, 445, 145_000, 1400, 18_000)


def _sweep(proto: int, port: int, every_ms: int, targets: int, *, away: bool = False) -> Make:
    def made(scene: Scene, attackers: Sequence[int], start_ms: int) -> Connections:
        return sweep(scene, attackers, start_ms, proto=proto, port=port, every_ms=every_ms, targets=targets, away=away)

    return made


def _guess(port: int, times: int, every_ms: int, packets: int = 14, lasts_ms: int = 800) -> Make:
    def made(scene: Scene, attackers: Sequence[int], start_ms: int) -> Connections:
        return guess(
            scene, attackers, start_ms, port=port, times=times, every_ms=every_ms, packets=packets, lasts_ms=lasts_ms
        )

    return made


def _scan(ports: int, every_ms: int) -> Make:
    def made(scene: Scene, attackers: Sequence[int], start_ms: int) -> Connections:
        return portscan(scene, attackers, start_ms, ports=ports, every_ms=every_ms)

    return made


PLANS: tuple[Plan, ...] = (
    Plan("tcp sweep, 20/s", "sweep", _sweep(TCP, 445, 50, 250)),
    Plan("tcp sweep of 8 ports, 40/s", "sweep", wide),
    Plan("tcp sweep, routed, 5/s", "sweep", _sweep(TCP, 3389, 200, 250, away=True)),
    Plan("tcp sweep, 1/min", "sweep", _sweep(TCP, 445, 60_000, 120)),
    Plan("tcp sweep, 5 hosts, 6/min each", "sweep", _sweep(TCP, 22, 10_000, 40), attackers=5),
    Plan("arp sweep, 25/s", "sweep", _sweep(ARP, 0, 40, 250)),
    Plan("icmp sweep, 10/s", "sweep", _sweep(ICMP, 0, 100, 250)),
    Plan("udp sweep, 10/s", "sweep", _sweep(UDP, 161, 100, 250, away=True)),
    Plan("port scan, 50/s", "portscan", _scan(1000, 20)),
    Plan("port scan, 3/min", "portscan", _scan(200, 20_000)),
    Plan("ssh guesses, 1/s", "bruteforce", _guess(22, 100, 1000)),
    Plan("ssh guesses on port 2022", "bruteforce", _guess(2022, 80, 1500)),
    Plan("smb guesses, 4/s", "bruteforce", _guess(445, 150, 250, 16, 120)),
    Plan("rdp guesses, 1 in 3 s", "bruteforce", _guess(3389, 60, 3000, 40, 2500)),
    Plan("ssh guesses, few and long", "bruteforce", _guess(22, 14, 7000, 60, 24_000)),
    Plan("worm, 1/s", "worm", worm),
    Plan("chain of log-ins", "lateral", chain, attackers=3),
    Plan("bulk copy", "transfer", copy),
)


def _listens(site: Site, hosts: Ints, ports: Ints) -> NDArray[np.bool_]:
    """Half of the computers leave Windows' ports open, servers all; SSH on half of what is no computer."""
    kind, windows = site.kind[hosts], np.isin(ports, WINDOWS_PORTS)
    coin = (hosts * 2654435761 + 17 * ports) % 1009 < 505
    return np.asarray(
        (np.isin(kind, WINDOWS_SERVERS) & windows)
        | (np.isin(kind, COMPUTERS) & windows & coin)
        | (~np.isin(kind, COMPUTERS) & (kind > Kind.ROUTER) & (ports == 22) & coin)
        | (np.isin(kind, (Kind.PRINTER, Kind.ACCESS_POINT)) & (ports == 161))
    )


def _towards(scene: Scene, attacker: int, targets: Ints, since: Ints, proto: int, ports: Ints) -> Connections:
    """Contacts whose outcome is decided by who is there: an answer, a refusal, a firewall's silence, nobody's."""
    there = scene.present.is_on(targets, since % DAY_MS)
    computer = np.isin(scene.site.kind[targets], COMPUTERS)
    closed = np.where(computer, Outcome.SILENT, Outcome.REFUSED)  # a closed UDP port: ICMP port unreachable
    heard = _listens(scene.site, targets, ports) | (proto in (ARP, ICMP))
    outcome = np.where(there, np.where(heard, Outcome.ANSWERED, closed), Outcome.SILENT)
    found = make(START_MS + since, src=attacker, dst=targets, proto=proto, dport=ports, outcome=outcome)
    found["sport"] = 0 if proto in (ARP, ICMP) else scene.rng.integers(40_000, 65_000, len(targets))
    found["in_packets"] = np.where(outcome == Outcome.ANSWERED, 1, 0)
    found["lasts_ms"] = np.where(there & (outcome == Outcome.SILENT), FIREWALLED, 5)
    return found


def _session(
    scene: Scene, attacker: int, targets: Ints, since: Ints, port: int, packets: int, size: int, lasts_ms: int
) -> Connections:
    """Connections that are answered."""
    n = len(targets)
    return make(
        START_MS + since, src=attacker, dst=targets, proto=TCP, dport=port, outcome=Outcome.ANSWERED,
        sport=scene.rng.integers(40_000, 65_000, n), out_packets=packets, out_bytes=packets * size,
        in_packets=max(packets * 3 // 4, 1), in_bytes=max(packets * 3 // 4, 1) * 120, lasts_ms=lasts_ms,
    )  # fmt: skip
