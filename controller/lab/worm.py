"""A harmless worm: the SI model on real connections.

Every host listens on TCP 445. Three octets from a peer mark it infected, and from then on it connects to random addresses at a
given rate, with exponential gaps, and sends them the same three octets. Nothing is executed anywhere; no host learns more than
"infected". One process plays all hosts: each socket is opened inside its host's namespace, after the guard has looked, so every
packet takes the way through the switches that it would take. Caps: scans a host, and a deadline.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import random
import selectors
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .namespace import Namespaces, enter_handle
from .topology import ADDRESSES, Host

PORT, MARK = 445, b"\x53\x49\x21"
GIVE_UP_S = 3.0  # a connect that nobody answers
MOST_S = 110.0  # of an outbreak that is let loose by hand


@dataclass(frozen=True, slots=True)
class Outbreak:
    """How it went: seconds after the seed at which each host was infected (the seed itself at 0), and connects begun."""

    seed_host: str
    infected_s: Mapping[str, float]
    infected_by: Mapping[str, str]  # host -> host; the seed was infected by nobody
    scans: int
    ended_s: float

    @property
    def infected(self) -> int:
        """Hosts infected, the seed not counted."""
        return len(self.infected_s) - 1


@dataclass(slots=True)
class _Victim:
    host: Host
    namespace: int  # descriptor of /run/netns/...
    dice: random.Random
    scans: int = 0
    open: dict[socket.socket, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Temper:
    """How a worm behaves: `rate` connects a second and host, at most `most_scans` of each, targets among the first `addresses` of
    the network, over after `limit_s`; with `most_infected` hosts it goes on and infects nobody else."""

    rate: float = 1.0
    limit_s: float = 240.0
    most_scans: int = 2000
    addresses: int = ADDRESSES
    most_infected: int | None = None


class Worm:
    """One outbreak among these hosts. `first` is patient zero, else the dice say who."""

    def __init__(
        self,
        namespaces: Namespaces,
        hosts: tuple[Host, ...],
        temper: Temper,
        *,
        seed: int,
        first: str | None = None,
    ) -> None:
        self._temper = temper
        self._most_infected = temper.most_infected or len(hosts)
        self._selector = selectors.DefaultSelector()
        self._due: list[tuple[float, str]] = []
        self._infected: dict[str, float] = {}
        self._by: dict[str, str] = {}
        self._name_of = {host.ip: host.name for host in hosts}
        self._begun = 0.0
        self._victims: dict[str, _Victim] = {}
        for host in hosts:
            namespaces.guard(host.name)
            handle = os.open(Path("/run/netns") / namespaces.full(host.name), os.O_RDONLY)
            self._victims[host.name] = _Victim(host, handle, random.Random(f"{seed} {host.name}"))
            listener = namespaces.socket(host.name, socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host.ip, PORT))
            listener.listen(64)
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, (self._accept, host.name))
        self.seed_host = first or random.Random(seed).choice(sorted(self._victims))
        self._namespaces = namespaces

    def run(self, over: Callable[[Mapping[str, float], float], bool] = lambda *_: False) -> Outbreak:
        """Until the time is up, everyone is infected, or `over(infected, elapsed)` says that nothing more can happen."""
        return self._namespaces.inside(self.seed_host, lambda: self._run(over))

    def close(self) -> None:
        """Close every socket."""
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        for victim in self._victims.values():
            os.close(victim.namespace)

    def _run(self, over: Callable[[Mapping[str, float], float], bool]) -> Outbreak:
        self._begun = time.monotonic()
        self._infect(self.seed_host, None)
        checked = 0.0
        while (elapsed := self._elapsed()) < self._temper.limit_s and len(self._infected) < len(self._victims):
            if elapsed - checked > 0.2:
                checked = elapsed
                self._give_up()
                if over(self._infected, elapsed):
                    break
            wait_s = min(self._due[0][0] - elapsed, 0.1) if self._due else 0.1
            for key, _ in self._selector.select(max(wait_s, 0)):
                call, name = key.data
                call(key.fileobj, name)
            self._scan_due()
        scans = sum(victim.scans for victim in self._victims.values())
        return Outbreak(self.seed_host, dict(self._infected), dict(self._by), scans, self._elapsed())

    def _elapsed(self) -> float:
        return time.monotonic() - self._begun

    def _infect(self, name: str, by: str | None) -> None:
        if name in self._infected or len(self._infected) >= self._most_infected:
            return
        self._infected[name] = self._elapsed() if self._infected else 0.0
        if by:
            self._by[name] = by
        self._next_scan(name)

    def _next_scan(self, name: str) -> None:
        victim = self._victims[name]
        if victim.scans < self._temper.most_scans:
            heapq.heappush(self._due, (self._elapsed() + victim.dice.expovariate(self._temper.rate), name))

    def _scan_due(self) -> None:
        while self._due and self._due[0][0] <= self._elapsed():
            _, name = heapq.heappop(self._due)
            self._scan(name)
            self._next_scan(name)

    def _scan(self, name: str) -> None:
        victim = self._victims[name]
        victim.scans += 1
        number = victim.dice.randrange(1, self._temper.addresses + 1)
        enter_handle(victim.namespace)
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect_ex((f"10.77.{number // 256}.{number % 256}", PORT))
        victim.open[sock] = self._elapsed()
        self._selector.register(sock, selectors.EVENT_WRITE, (self._connected, name))

    def _connected(self, sock: socket.socket, name: str) -> None:
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            with contextlib.suppress(OSError):
                sock.send(MARK)
        self._drop(sock, name)

    def _accept(self, listener: socket.socket, name: str) -> None:
        with contextlib.suppress(OSError):
            sock, _ = listener.accept()
            sock.setblocking(False)
            self._victims[name].open[sock] = self._elapsed()
            self._selector.register(sock, selectors.EVENT_READ, (self._read, name))

    def _read(self, sock: socket.socket, name: str) -> None:
        with contextlib.suppress(OSError):
            if sock.recv(len(MARK)) == MARK:
                self._infect(name, self._name_of.get(sock.getpeername()[0]))
        self._drop(sock, name)

    def _drop(self, sock: socket.socket, name: str) -> None:
        self._victims[name].open.pop(sock, None)
        self._selector.unregister(sock)
        sock.close()

    def _give_up(self) -> None:
        for name, victim in self._victims.items():
            for sock, begun in list(victim.open.items()):
                if self._elapsed() - begun > GIVE_UP_S:
                    self._drop(sock, name)


def main(words: Sequence[str]) -> None:
    """LAB FIRST RATE SECONDS ADDRESSES SEED: one outbreak among the desks of a lab; prints who was infected by whom, and when."""
    from .attacks import desks  # noqa: PLC0415 attacks start this program
    from .lab import Lab  # noqa: PLC0415

    lab, first, rate, seconds, addresses, seed = words
    opened = Lab.open(lab)
    hosts = desks(opened)
    temper = Temper(rate=float(rate), limit_s=min(float(seconds), MOST_S), addresses=int(addresses))
    worm = Worm(opened.namespaces, hosts, temper, seed=int(seed), first=first)
    try:
        outbreak = worm.run()
    finally:
        worm.close()
    for name, at_s in sorted(outbreak.infected_s.items(), key=lambda one: one[1]):
        print(f"{at_s:7.2f} s  {name}  {outbreak.infected_by.get(name, 'patient zero')}")  # noqa: T201 its output is kept


if __name__ == "__main__":
    main(sys.argv[1:])
