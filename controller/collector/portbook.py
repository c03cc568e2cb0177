"""What switches say about their ports, laid out so that a whole batch of rows can be looked up at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
MOST_SWITCHES = 1 << 16


@dataclass(frozen=True, slots=True)
class SwitchPorts:
    """One switch: its ifIndexes, bridge port -> ifIndex, and on which ifIndex a MAC (48-bit number) is learned, or an address
    (16 octets) answers."""

    ifindexes: frozenset[int]
    bridge: Mapping[int, int] = field(default_factory=dict)
    macs: Mapping[int, int] = field(default_factory=dict)
    addresses: Mapping[bytes, int] = field(default_factory=dict)


class PortBook:
    """Ports of many switches, by agent address. Every look-up takes the switch of each row and gives an ifIndex, 0 = unknown."""

    def __init__(self, switches: Mapping[bytes, SwitchPorts]) -> None:
        self.switches = {agent: place for place, agent in enumerate(list(switches)[:MOST_SWITCHES])}
        tables = [switches[agent] for agent in self.switches]
        self._ports = _Table((_number(n, i), i) for n, t in enumerate(tables) for i in t.ifindexes)
        self._bridge = _Table((_number(n, port), i) for n, t in enumerate(tables) for port, i in t.bridge.items())
        self._macs = _Table((_mac(n, mac), i) for n, t in enumerate(tables) for mac, i in t.macs.items())
        self._addresses = _Table(
            (int(_address_keys(np.uint64(n), np.frombuffer(a, np.uint8)[None, :])[0]), i)
            for n, t in enumerate(tables)
            for a, i in t.addresses.items()
        )

    def is_port(self, switch: Words, numbers: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether the switch has that ifIndex."""
        return self._ports.find(switch << np.uint64(32) | numbers.astype(np.uint64)) > 0

    def of_bridge_port(self, switch: Words, numbers: NDArray[Any]) -> NDArray[np.int64]:
        """dot1dBasePortIfIndex."""
        return self._bridge.find(switch << np.uint64(32) | numbers.astype(np.uint64))

    def of_mac(self, switch: Words, macs: NDArray[Any]) -> NDArray[np.int64]:
        """Where the MAC is learned."""
        return self._macs.find(switch << np.uint64(48) | macs.astype(np.uint64))

    def of_address(self, switch: Words, addresses: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Where the MAC of an address is learned."""
        return self._addresses.find(_address_keys(switch, addresses))


class _Table:
    """Sorted keys and their values."""

    def __init__(self, entries: Iterable[tuple[int, int]]) -> None:
        pairs = sorted(entries)
        self._keys = np.array([key for key, _ in pairs], dtype=np.uint64)
        self._values = np.array([value for _, value in pairs], dtype=np.int64)

    def find(self, wanted: Words) -> NDArray[np.int64]:
        """The value of each key; 0 where there is none."""
        if not len(self._keys):
            return np.zeros(len(wanted), dtype=np.int64)
        place = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        return np.where(self._keys[place] == wanted, self._values[place], 0)


def _number(switch: int, number: int) -> int:
    return switch << 32 | number & 0xFFFF_FFFF


def _mac(switch: int, mac: int) -> int:
    return switch << 48 | mac & 0xFFFF_FFFF_FFFF


def _address_keys(switch: Any, addresses: NDArray[np.uint8]) -> Words:
    """64 bits of switch and address: two that share them are as likely as two MACs being the same by chance."""
    words = np.ascontiguousarray(addresses).view(np.uint64).reshape(-1, 2)
    mixed = words[:, 0] * np.uint64(0x9E37_79B9_7F4A_7C15) ^ words[:, 1] * np.uint64(0xC2B2_AE3D_27D4_EB4F)
    mixed ^= (np.zeros(len(words), dtype=np.uint64) + switch) * np.uint64(0x1656_67B1_9E37_79F9)
    return np.asarray(mixed ^ (mixed >> np.uint64(29)))
