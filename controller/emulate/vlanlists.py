"""Who is a member of which VLAN, and how that hangs together with the PVID: makers differ."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

# follows: membership follows the PVID, the lists cannot be written. free: PVID and lists are set each for itself, and a PVID
# needs membership. ordered: as free, and a SET with more than one object is refused.
VlanMode = Literal["follows", "free", "ordered"]


class Placed(Protocol):
    """What of a port matters here."""

    bridge_port: int
    pvid: int
    trunk: bool


class VlanLists:
    """Egress and untagged lists by VLAN, in bridge ports. Trunks are tagged everywhere."""

    def __init__(self) -> None:
        self.mode: VlanMode = "follows"
        self.static_unicast = False  # dot1qStaticUnicastTable is there
        self._set: dict[tuple[int, int], set[int]] = {}  # (VLAN, 2 egress or 4 untagged) -> what was written

    def of(self, vlan: int, ports: Iterable[Placed]) -> tuple[set[int], set[int]]:
        """(egress, untagged) of a VLAN."""
        ports = tuple(ports)
        untagged = {port.bridge_port for port in ports if not port.trunk and port.pvid == vlan}
        egress = untagged | {port.bridge_port for port in ports if port.trunk}
        if self.mode == "follows":
            return egress, untagged
        return self._set.setdefault((vlan, 2), egress), self._set.setdefault((vlan, 4), untagged)

    def write(self, vlan: int, column: int, members: set[int]) -> None:
        """Column 2 = egress, 4 = untagged."""
        self._set[vlan, column] = set(members)

    def forget(self) -> None:
        """As the configuration at start says: what the PVIDs say."""
        self._set.clear()
