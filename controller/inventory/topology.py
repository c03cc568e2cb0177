"""Which ports lead to other switches: by configuration, by LLDP, and by what their forwarding tables share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from controller.core.sites import SwitchFile
from controller.core.tables import PortRow

from .snapshot import Snapshot

PortKey = tuple[str, str]  # switch, interface name


def interswitch_ports(file: SwitchFile, snapshots: Mapping[str, Snapshot]) -> frozenset[PortKey]:
    """Every port that leads to another switch, router or access point, as far as anything shows it."""
    found: set[PortKey] = set()
    for name, snapshot in snapshots.items():
        entry = file.switch(name)
        configured = set(entry.uplinks) if entry else set()
        found |= {(name, p.name) for p in snapshot.ports if p.name in configured or snapshot.leads_on(p)}
    return frozenset(found | by_overlap(snapshots.values()))


def by_overlap(snapshots: Iterable[Snapshot]) -> set[PortKey]:
    """A port behind which MACs are learned that another switch has on two or more of its own ports leads to that switch.

    One shared MAC proves nothing (it may have moved between two readings); two MACs that hang on different ports of
    another switch cannot both hang on one port here unless that port leads there.
    """
    places: dict[str, list[tuple[str, PortRow]]] = defaultdict(list)
    for snapshot in snapshots:
        for row in snapshot.fdb:
            port = snapshot.port_of(row)
            if port is not None:
                places[row.mac].append((snapshot.switch, port))
    behind: dict[PortKey, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for seen in places.values():
        for switch, port in seen:
            for other, other_port in seen:
                if other != switch:
                    behind[switch, port.name][other].add(other_port.name)
    return {key for key, others in behind.items() if any(len(ports) >= 2 for ports in others.values())}
