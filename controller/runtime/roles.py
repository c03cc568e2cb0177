"""Port roles for the engine: the inventory's, or inferred from a recording, which is what `detector replay` has instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from controller.inventory.inventory import Inventory
from detectors.event import MOST_ADDRESSES, MOST_NETS, is_v4
from detectors.flow import ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, FlowBatch, Has, InterfaceFormat, Version
from detectors.plainparts import is_link_local

SPOKEN = (ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_IPV6)
MANY_MACS = 5  # source MACs behind one port: more than a desk has, so another switch is behind it


class InferredRoles:
    """Roles of ports, and MACs that forward, after one pass over the recording."""

    def __init__(self, batches: Iterable[FlowBatch]) -> None:
        macs: dict[tuple[bytes, int], set[int]] = defaultdict(set)
        addresses: dict[int, set[bytes]] = defaultdict(set)
        for batch in batches:
            _collect(batch, macs, addresses)
        self._uplinks = _uplinks(macs)
        self.routers = frozenset(mac for mac, seen in addresses.items() if _forwards(seen))

    def __call__(self, agent: bytes, ifindex: int) -> str | None:
        """`uplink` or `edge`."""
        return "uplink" if (agent, ifindex) in self._uplinks else "edge"


def _collect(batch: FlowBatch, macs: dict[tuple[bytes, int], set[int]], addresses: dict[int, set[bytes]]) -> None:
    wanted = (
        (batch["version"] == Version.SFLOW5)
        & batch.carries(Has.SRC_MAC)
        & batch.carries(Has.IN_IF)
        & (batch["in_if_format"] == InterfaceFormat.IFINDEX)
    )
    for row in batch.take(np.flatnonzero(wanted)).rows():
        macs[row["agent"], row["in_if"]].add(row["src_mac"])  # type: ignore[index, arg-type]
        source = row["src_addr"]
        spoken = row["ethertype"] in SPOKEN  # its own address by ARP, others' by forwarding
        if spoken and isinstance(source, bytes) and source[12:] != bytes(4) and not is_link_local(source):
            addresses[row["src_mac"]].add(source)  # type: ignore[index]


def _forwards(seen: set[bytes]) -> bool:
    """More addresses than a host has: two of IPv4, and of IPv6 as the watch counts them."""
    six = {address for address in seen if not is_v4(address)}
    nets = {address[:8] for address in six}
    return len(seen) - len(six) > 1 or len(nets) > MOST_NETS or len(six) > MOST_ADDRESSES


def _uplinks(macs: dict[tuple[bytes, int], set[int]]) -> set[tuple[bytes, int]]:
    """Ports with many MACs, and ports where a MAC enters that enters another switch behind fewer. Two ports of one switch say
    nothing about each other: the MAC has moved, or somebody has borrowed it."""
    found = {port for port, seen in macs.items() if len(seen) >= MANY_MACS}
    places: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
    for port, seen in macs.items():
        for mac in seen:
            places[mac].append(port)
    for ports in places.values():
        for port in ports:
            elsewhere = [len(macs[other]) for other in ports if other[0] != port[0]]
            if elsewhere and len(macs[port]) > min(elsewhere):
                found.add(port)
    return found


class InventoryRoles:
    """A snapshot of the inventory's, taken every few seconds, asked millions of times."""

    def __init__(self, inventory: Inventory, text: Callable[[bytes], str]) -> None:
        self._inventory, self._text = inventory, text
        self._roles = inventory.edge_roles()
        self.version = 0  # the engine asks again when it changes

    def __call__(self, agent: bytes, ifindex: int) -> str | None:
        return self._roles.get((self._text(agent), ifindex))

    def refresh(self) -> None:
        roles = self._inventory.edge_roles()
        if roles != self._roles:
            self._roles = roles
            self.version += 1
