"""Addresses that nobody has, as the routers' ARP tables and the flows themselves let one know.

`refresh` reads the inventory on a loop of its own; `turn` puts what it found in place on the detectors' thread, which alone
changes anything. If the loop does not come any more, nothing is dark.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from controller.core.clock import Clock
from controller.core.sites import SwitchFile
from controller.core.tables import NOBODY, ArpRow
from controller.inventory.inventory import Inventory
from detectors.dark.space import DarkSpace

from .settings import DetectionConfig
from .vouching import Vouching

DAY_S = 86_400


class _Network(NamedTuple):
    first: int
    last: int
    gateways: tuple[str, ...]


class _Read(NamedTuple):
    """What one look at the inventory found: addresses that somebody has, and of each network the oldest reading and its hosts."""

    at_ms: int
    inhabited: frozenset[int]
    networks: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class DarkCounts:
    """Looks at the inventory; how often a network was vouched for then, and how often not; how often all were given up because
    no look came."""

    looks: int = 0
    vouched: int = 0
    doubted: int = 0
    given_up: int = 0


class InventoryDark:
    """Built with nothing known. `space` is what the engine asks, and an observer of its."""

    def __init__(self, detection: DetectionConfig, inventory: Inventory, file: SwitchFile, clock: Clock) -> None:
        """ConfigError if a gateway is no switch of the file."""
        config = detection.dark
        for _, error in config.unknown(file):
            raise error
        self.space = DarkSpace(config.ranges(), config.forget_days)
        self._inventory, self._clock = inventory, clock
        self._stale_ms, learn_ms = int(config.stale_s * 1000), int(config.learn_days * DAY_S * 1000)
        self._networks = tuple(_network(n.prefix, n.gateways) for n in config.networks)
        self._prefixes = tuple(n.prefix for n in config.networks)
        self._vouching = [
            Vouching(0 if n.complete else learn_ms, self._stale_ms, 0 if n.complete else learn_ms)
            for n in config.networks
        ]
        named = [address for entry in file.switches for address in (entry.address, entry.agent_address)]
        self._used = frozenset(_numbers(chain(named, *detection.hosts.values())))
        self._found: _Read | None = None
        self._told_ms = 0
        self.counts = DarkCounts()

    @property
    def parts(self) -> tuple[InventoryDark, ...]:
        """Itself, or nothing where no network is configured: then there is nothing to do."""
        return (self,) if self._networks else ()

    def refresh(self) -> None:
        """Look again at who has which address."""
        now_ms, snapshots = self._clock.now_ms(), {each.switch: each for each in self._inventory.snapshots()}
        hosts = {name: frozenset(_hosts(each.arp)) for name, each in snapshots.items()}
        heard = (address for each in snapshots.values() for n in each.neighbours for address in n.addresses)
        networks = []
        for network in self._networks:
            known = {host for name in network.gateways for host in hosts[name] if network.first <= host <= network.last}
            oldest_ms = min((snapshots[name].arp_ms for name in network.gateways), default=now_ms)
            networks.append((oldest_ms, len(known) if network.gateways else 1))
        self._found = _Read(now_ms, self._used.union(_numbers(heard), *hosts.values()), tuple(networks))

    def turn(self) -> None:
        """Put in place what the last look found; on the thread that asks."""
        found, self._found = self._found, None
        if found is None:
            if self._told_ms and self._clock.now_ms() - self._told_ms > self._stale_ms:
                self._told_ms = 0
                self.counts.given_up += 1
                self.space.ready([False] * len(self._networks))
            return
        self._told_ms = found.at_ms
        self.space.inhabited(found.inhabited, found.at_ms)
        told = zip(self._vouching, found.networks, strict=True)
        vouched = [each.note(read_ms, hosts, found.at_ms) for each, (read_ms, hosts) in told]
        self.space.ready(vouched)
        self.counts.looks += 1
        self.counts.vouched += sum(vouched)
        self.counts.doubted += len(vouched) - sum(vouched)

    def warnings(self) -> list[str]:
        """Networks that were learned and are not vouched for now, a sentence each."""
        return [
            f"detection.dark: {prefix}: its gateways are not read, or know too few hosts: nothing there counts as dark"
            for prefix, each, ready in zip(self._prefixes, self._vouching, self.space.vouched, strict=True)
            if each.noted_ms and not each.owed_ms and not ready
        ]

    def state(self) -> dict[str, Any]:
        """What is known, and how long each network still has to be read."""
        return {
            **self.space.state(),
            "network": np.array(self._prefixes, dtype=np.str_),
            "owed_ms": np.array([each.owed_ms for each in self._vouching], dtype=np.int64),
            "noted_ms": np.array([each.noted_ms for each in self._vouching], dtype=np.int64),
            "most": np.array([each.most for each in self._vouching], dtype=np.float64),
        }

    def learn(self, state: Mapping[str, Any]) -> None:
        """Take that, as far as the networks are those of today; KeyError or ValueError if it is none."""
        self.space.learn(state)
        now = dict(zip(self._prefixes, self._vouching, strict=True))
        columns = (state[name].tolist() for name in ("network", "owed_ms", "noted_ms", "most"))
        for prefix, owed_ms, noted_ms, most in zip(*columns, strict=True):
            if (each := now.get(prefix)) is not None:
                each.owed_ms, each.noted_ms, each.most = min(max(owed_ms, 0), each.learn_ms), noted_ms, most


def _network(prefix: str, gateways: tuple[str, ...]) -> _Network:
    found = IPv4Network(prefix)
    return _Network(int(found.network_address), int(found.broadcast_address), gateways)


def _hosts(rows: Iterable[ArpRow]) -> Iterable[int]:
    """Addresses that somebody answered for: agents also show those that were only asked for."""
    return _numbers(row.ip for row in rows if row.mac and row.mac != NOBODY)


def _numbers(addresses: Iterable[str]) -> Iterable[int]:
    for address in addresses:
        try:
            yield int.from_bytes(socket.inet_pton(socket.AF_INET, address))
        except OSError:
            continue  # IPv6, or a name
