"""What the inventory read of the switches, as the collector wants it: ports, bridge ports, and where each MAC is learned."""

from __future__ import annotations

from controller.collector.portbook import PortBook, SwitchPorts
from controller.core.sites import SwitchFile
from controller.inventory import Inventory
from controller.inventory.snapshot import Snapshot
from detectors.address import mac_number, packed
from playbooks.facts import Verdict


class PortBooks:
    """Gives a new book when a switch was read since the last one."""

    def __init__(self, file: SwitchFile, inventory: Inventory) -> None:
        self._agents = {entry.name: packed(entry.agent_address) for entry in file.switches}
        self._inventory = inventory
        self._seen: dict[str, int] = {}

    def newer(self) -> PortBook | None:
        """The book of now; None if nothing was read since."""
        snapshots = {s.switch: s for s in self._inventory.snapshots() if s.ports_ms}
        seen = {name: s.fdb_ms + s.ports_ms for name, s in snapshots.items()}
        if not seen or seen == self._seen:
            return None
        self._seen = seen
        addresses = self._inventory.addresses()
        return PortBook(
            {self._agents[n]: switch_ports(s, addresses) for n, s in snapshots.items() if n in self._agents}
        )


def switch_ports(snapshot: Snapshot, addresses: dict[str, str]) -> SwitchPorts:
    """One switch. Only MACs at access ports are evidence: behind an aggregate the FDB names the aggregate and flow export a
    member of it, and a MAC learned on two ports says nothing. `addresses`: of MACs that answer for exactly one."""
    by_number = {port.ifindex: port for port in snapshot.ports}
    by_name = {port.name: port for port in snapshot.ports}
    places: dict[str, set[int]] = {}
    for row in snapshot.fdb:
        port = by_number.get(row.ifindex) if row.ifindex else by_name.get(row.port or "")
        if port is not None and row.verdict is Verdict.PORT and not (row.lag or port.lag):
            places.setdefault(row.mac, set()).add(port.ifindex)
    sure = {mac: next(iter(found)) for mac, found in places.items() if len(found) == 1}
    return SwitchPorts(
        ifindexes=frozenset(by_number),
        bridge={port.bridge_port: port.ifindex for port in snapshot.ports if port.bridge_port},
        macs={mac_number(mac): ifindex for mac, ifindex in sure.items()},
        addresses={packed(addresses[mac]): ifindex for mac, ifindex in sure.items() if mac in addresses},
    )
