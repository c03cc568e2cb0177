"""The endpoint inventory: what the switches' tables show at edge ports, kept with every change of address and port."""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.sites import SwitchFile
from controller.inventory import Inventory
from controller.store import Store, endpoints
from controller.store.endpoints import Sighting


@dataclass(slots=True)
class SightingCounts:
    """MACs seen at edge ports, and those that were new or had moved."""

    seen: int = 0
    changed: int = 0


class SightingKeeper:
    """One turn = every switch whose FDB was read since the last one, a transaction a switch."""

    def __init__(self, inventory: Inventory, store: Store, file: SwitchFile) -> None:
        self._inventory, self._store, self._file = inventory, store, file
        self._done_ms: dict[str, int] = {}
        self.counts = SightingCounts()

    def turn(self) -> None:
        """Keep what is new."""
        addresses = self._inventory.addresses()
        for entry in self._file.switches:
            read_ms, placed = self._inventory.at_the_edge(entry.name)
            if read_ms <= self._done_ms.get(entry.name, 0):
                continue
            with self._store.transaction() as tx:
                for row, port in placed:
                    sighting = Sighting(
                        row.mac,
                        read_ms,
                        ip=addresses.get(row.mac),
                        site=entry.site,
                        switch=entry.name,
                        ifindex=port.ifindex,
                        port=port.name,
                        vlan=row.vlan,
                    )
                    self.counts.changed += endpoints.see(tx, sighting)
                    self.counts.seen += 1
            self._done_ms[entry.name] = read_ms
