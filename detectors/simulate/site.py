"""A hospital's plan: which machine has which address, MAC, network, switch and port. Drawn once from a seed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.address import V4_PREFIX, packed

from .kinds import DECLARED, NETWORKS, SERVERS, SHARES, SINGLE, Kind

PORTS_A_SWITCH = 44
UPLINK = 49
FILLED = 0.55  # of the addresses of a network are in use
GROUPS = ("224.0.0.251", "239.255.255.250", "255.255.255.255", "224.0.0.252", "ff02::fb")
MDNS, SSDP, BROADCAST, LLMNR = range(4)
OUTSIDE = 200
NOWHERE = -1  # the core router exports nothing

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Site:
    """Columns over every address of the hospital; an index into them names a machine."""

    seed: int
    kind: NDArray[np.uint8]
    address: NDArray[np.uint8]  # (n, 16)
    mac: NDArray[np.uint64]
    network: NDArray[np.int16]  # -1 outside
    switch: NDArray[np.int32]  # NOWHERE for the core router and what lies behind it
    port: NDArray[np.uint32]
    agents: NDArray[np.uint8]  # (switches, 16)
    routers: Ints  # index of the router's leg, by network
    busy: NDArray[np.float64]  # how much more or less than others of its kind a machine does

    def of(self, *kinds: Kind) -> Ints:
        """Indexes of the machines of these kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))

    def machines(self) -> Ints:
        """Every machine that is one."""
        return np.flatnonzero(self.kind > Kind.ROUTER)

    def dark(self) -> dict[bytes, bool]:
        """Of every address of the hospital's networks whether nobody has it."""
        inside = np.flatnonzero(self.network >= 0)
        return {self.address[host].tobytes(): bool(self.kind[host] == Kind.DARK) for host in inside}

    def neighbourhood(self, host: int) -> Ints:
        """Every address of a host's network but its own and the router's: machines and dark ones."""
        found = np.flatnonzero((self.network == self.network[host]) & (self.kind != Kind.ROUTER))
        return np.asarray(found[found != host])

    def text(self, host: int) -> str:
        """Its address."""
        return ".".join(str(octet) for octet in self.address[host, 12:])

    def roles(self, agent: bytes, port: int) -> str:  # noqa: ARG002 every switch has its uplink at the same place
        """Role of a port, as the inventory would say."""
        return "uplink" if port >= UPLINK else "edge"

    def declared(self) -> dict[bytes, str]:
        """What the hospital's people told Cordon about its servers."""
        return {self.address[host].tobytes(): role for kind, role in DECLARED.items() for host in self.of(kind)}


def build(hosts: int, seed: int) -> Site:
    """A hospital of about so many machines. Servers hang on switch 0, the rest on floors in no order; half of the phones have
    a computer behind them, at the same port."""
    rng = np.random.default_rng([seed, 0])
    kinds = _kinds(hosts)
    networks = np.array([NETWORKS[Kind(k)] for k in kinds])
    addresses, legs, dark = _addresses(rng, networks)
    server = networks == 0
    switch, port = _ports(rng, kinds, server)
    n_dark, n_groups, n_legs = len(dark), len(GROUPS), len(legs)
    others = n_legs + n_dark + n_groups + OUTSIDE
    first_leg = len(kinds)
    kind = np.concatenate([
        kinds, np.full(n_legs, Kind.ROUTER), np.full(n_dark, Kind.DARK), np.full(n_groups, Kind.GROUP),
        np.full(OUTSIDE, Kind.OUTSIDE),
    ])  # fmt: skip
    switches = int(switch.max()) + 1
    outside = [f"203.0.113.{i + 1}" for i in range(OUTSIDE)]
    spare = np.full(n_groups + OUTSIDE, -1)
    return Site(
        seed=seed,
        kind=kind.astype(np.uint8),
        address=np.concatenate([_octets(np.concatenate([addresses, legs, dark])), _packed([*GROUPS, *outside])]),
        mac=_macs(rng, len(kinds), others),
        network=np.concatenate([networks, np.arange(n_legs), _network_of(dark), spare]).astype(np.int16),
        switch=np.concatenate([switch, np.full(others, NOWHERE)]).astype(np.int32),
        port=np.concatenate([port, np.zeros(others)]).astype(np.uint32),
        agents=_octets((10 << 24) + (9 << 16) + np.arange(1, switches + 1)),
        routers=np.arange(first_leg, first_leg + n_legs),
        busy=np.concatenate([rng.gamma(2.0, 0.5, len(kinds)), np.ones(others)]),
    )


def _kinds(hosts: int) -> NDArray[np.int64]:
    lots = math.ceil(hosts / 300)
    found: list[int] = []
    for kind, count in SERVERS.items():
        found += [int(kind)] * (count * lots)
    found += [int(kind) for kind in SINGLE]
    left = max(hosts - len(found), 20)
    for kind, share in SHARES.items():
        found += [int(kind)] * max(round(left * share), 2)
    return np.array(found)


def _addresses(rng: np.random.Generator, networks: Ints) -> tuple[Ints, Ints, Ints]:
    """Addresses of the machines, of the router's legs, and all that are dark, as 32-bit numbers."""
    addresses, legs, dark = np.zeros(len(networks), dtype=np.int64), [], []
    for network in range(int(networks.max()) + 1):
        members = np.flatnonzero(networks == network)
        size = 256 * math.ceil(len(members) / FILLED / 254)
        base = (10 << 24) + ((20 + network) << 16)
        free = rng.permutation(np.arange(base + 2, base + size - 1))
        addresses[members] = free[: len(members)]
        dark.append(np.sort(free[len(members) :]))
        legs.append(base + 1)
    return addresses, np.array(legs), np.concatenate(dark)


def _ports(rng: np.random.Generator, kinds: Ints, server: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Switch and port of each machine. Server switches have as many ports as they need."""
    switch, port = np.zeros(len(kinds), dtype=np.int64), np.zeros(len(kinds), dtype=np.int64)
    n_servers = int(server.sum())
    racks = math.ceil(n_servers / PORTS_A_SWITCH)
    switch[server], port[server] = np.divmod(np.arange(n_servers), PORTS_A_SWITCH)
    rest = np.flatnonzero(~server)
    place = rng.permutation(len(rest))
    switch[rest], port[rest] = racks + place // PORTS_A_SWITCH, place % PORTS_A_SWITCH
    phones = np.flatnonzero(kinds == Kind.PHONE)
    desks = np.flatnonzero(kinds == Kind.OFFICE)
    pairs = min(len(phones) // 2, len(desks))
    switch[phones[:pairs]], port[phones[:pairs]] = switch[desks[:pairs]], port[desks[:pairs]]
    return switch, port + 1


def _macs(rng: np.random.Generator, machines: int, others: int) -> NDArray[np.uint64]:
    """Locally administered; the router has one for all its legs, and forwards with it."""
    own = rng.permutation(np.arange(1, machines + 1)).astype(np.uint64) + np.uint64(0x020000000000)
    return np.concatenate([own, np.full(others, 0x02FFFF000001, dtype=np.uint64)])


def _octets(numbers: Ints) -> NDArray[np.uint8]:
    found = np.zeros((len(numbers), 16), dtype=np.uint8)
    found[:, :12] = np.frombuffer(V4_PREFIX, dtype=np.uint8)
    found[:, 12:] = numbers.astype(">u4").view(np.uint8).reshape(-1, 4)
    return found


def _packed(texts: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(packed(text) for text in texts), dtype=np.uint8).reshape(-1, 16)


def _network_of(addresses: Ints) -> Ints:
    return ((addresses >> 16) & 0xFF) - 20
