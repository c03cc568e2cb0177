"""Which ports lead to other switches: by configuration, by LLDP and CDP, and by what their forwarding tables share."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from controller.core.portname import is_called
from controller.core.sites import SwitchFile
from controller.core.tables import NOBODY, Neighbour, PortRow
from playbooks.facts import Verdict

from .overlap import Overlap
from .snapshot import INTERSWITCH, Snapshot

PortKey = tuple[str, str]  # switch, interface name


def port_key(switch: str, port: PortRow) -> PortKey:
    """A port's name in this room; the number where it has none."""
    return switch, port.name or f"ifIndex {port.ifindex}"


def _is_among(configured: frozenset[str], port: PortRow) -> bool:
    return port.name in configured or any(is_called(written, port.name) for written in configured)


class Topology:
    """Ports that lead on, kept up to date switch by switch. Safe from any thread."""

    def __init__(self, file: SwitchFile) -> None:
        self._uplinks = {entry.name: frozenset(entry.uplinks) for entry in file.switches}
        # What a neighbour may call itself, if it is one of ours.
        self._names = {
            name.lower() for entry in file.switches for name in (entry.name, entry.address, entry.agent_address)
        }
        self._lock = threading.Lock()
        self._overlap = Overlap()
        self._told: dict[str, frozenset[PortKey]] = {}
        self._found: frozenset[PortKey] = frozenset()
        self._addresses = {address for entry in file.switches for address in (entry.address, entry.agent_address)}
        self._devices: dict[str, frozenset[str]] = {}
        self._all_devices: frozenset[str] = frozenset()

    def update(self, snapshot: Snapshot) -> None:
        """Take the tables that were read of one switch."""
        configured = self._uplinks.get(snapshot.switch, frozenset())
        told = {p for p in snapshot.ports if _is_among(configured, p) or self._says_so(snapshot, p)}
        places: dict[str, set[PortKey]] = {}
        for row in snapshot.fdb:
            port = snapshot.port_of(row) if row.verdict in (Verdict.PORT, Verdict.UNNAMED) else None
            if port is not None:
                places.setdefault(row.mac, set()).add(port_key(snapshot.switch, port))
        devices = frozenset(self._device_macs(snapshot))
        with self._lock:
            self._devices[snapshot.switch] = devices
            self._all_devices = frozenset().union(*self._devices.values())
            self._told[snapshot.switch] = frozenset(port_key(snapshot.switch, port) for port in told)
            self._overlap.update(snapshot.switch, places)
            by_overlap = {key for _, key in self._overlap.leading() if isinstance(key, tuple)}
            self._found = frozenset().union(by_overlap, *self._told.values())

    def leading(self) -> frozenset[PortKey]:
        """Every port that leads to another switch, router or access point, as far as anything shows it."""
        return self._found

    def devices(self) -> frozenset[str]:
        """MACs of switches, routers and access points themselves. Where one is learned, one of them is behind the port. It is
        enough to refuse, and not enough to say that something else hangs elsewhere: a MAC is easily copied."""
        return self._all_devices

    def _device_macs(self, snapshot: Snapshot) -> Iterator[str]:
        """Its own addresses (ifPhysAddress, dot1dTpFdbStatus self), its neighbours' (LldpChassisId), and who answers for their
        addresses."""
        theirs = set(self._addresses)
        for neighbour in snapshot.neighbours:
            if neighbour.kind in INTERSWITCH or self._is_ours(neighbour):
                theirs.update(neighbour.addresses)
                if neighbour.chassis:
                    yield neighbour.chassis
        yield from snapshot.own
        yield from (row.mac for row in snapshot.fdb if row.verdict is Verdict.SELF)
        yield from (row.mac for row in snapshot.arp if row.ip in theirs and row.mac != NOBODY)

    def _says_so(self, snapshot: Snapshot, port: PortRow) -> bool:
        return any(n.kind in INTERSWITCH or self._is_ours(n) for n in snapshot.heard_on(port))

    def _is_ours(self, neighbour: Neighbour) -> bool:
        """A switch of the file is one, even if it does not say so."""
        called = {neighbour.system_name.lower(), neighbour.system_name.lower().split(".")[0], *neighbour.addresses}
        return bool(called & self._names)


def interswitch_ports(file: SwitchFile, snapshots: Mapping[str, Snapshot]) -> frozenset[PortKey]:
    """The same, of tables at hand."""
    topology = Topology(file)
    for snapshot in snapshots.values():
        topology.update(snapshot)
    return topology.leading()
