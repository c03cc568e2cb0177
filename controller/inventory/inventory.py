"""The inventory: tables of every switch, read again and again, and the answers that rest on them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from controller.core.clock import Clock
from controller.core.errors import CordonError
from controller.core.sites import SwitchFile
from controller.core.tables import FdbRow, PortRow
from playbooks.facts import Location, PortFacts, Verdict
from playbooks.plan import PortRef
from playbooks.request import FlowEvidence, Target

from .config import InventoryConfig
from .locate import Network, locate
from .snapshot import Snapshot, SourceOf, TableSource
from .topology import interswitch_ports


@dataclass(slots=True)
class InventoryCounts:
    """Readings of switches, and those that failed, by switch."""

    readings: int = 0
    failures: dict[str, int] = field(default_factory=dict)


class Inventory:
    """Inert until asked. Safe from any thread; one switch is read by one thread at a time."""

    def __init__(self, file: SwitchFile, sources: SourceOf, config: InventoryConfig, clock: Clock) -> None:
        self._file, self._sources, self._config, self._clock = file, sources, config, clock
        self._snapshots = {entry.name: Snapshot(entry.name) for entry in file.switches}
        self._locks: dict[str, threading.RLock] = defaultdict(threading.RLock)
        self._next_ms = {entry.name: 0 for entry in file.switches}
        self._interswitch = interswitch_ports(file, self._snapshots)
        self.counts = InventoryCounts()

    def refresh(self, switch: str | None = None) -> Mapping[str, str]:
        """Read all tables of one switch, or of all of them in parallel; gives what failed, by switch."""
        names = [switch] if switch else list(self._snapshots)
        with ThreadPoolExecutor(min(self._config.workers, max(len(names), 1)), "cordon-inventory") as pool:
            results = dict(zip(names, pool.map(self._read_all, names), strict=True))
        return {name: error for name, error in results.items() if error}

    def poll(self) -> int:
        """Refresh the switches whose turn it is; gives how many. Called by the runtime's loop."""
        now_ms = self._clock.now_ms()
        due = [name for name, at in self._next_ms.items() if at <= now_ms]
        interval_ms = int(self._config.poll_s * 1000)
        for place, name in enumerate(due):
            # The first round is spread over the interval, and stays so.
            first = self._next_ms[name] == 0 and len(due) > self._config.workers
            self._next_ms[name] = now_ms + (interval_ms * (place + 1) // len(due) if first else interval_ms)
        if due:
            with ThreadPoolExecutor(min(self._config.workers, len(due)), "cordon-inventory") as pool:
                list(pool.map(self._read_all, due))
        return len(due)

    def locate(self, target: Target, flow: FlowEvidence | None = None) -> Location:
        """Where it is. Tables that the answer rests on are read anew first, unless they are only seconds old."""
        found = locate(self._network(), target, flow)
        stale = self._to_read(found, flow)
        for name in stale:
            self._read_tables(name)
        return locate(self._network(), target, flow) if stale else found

    def port_facts(self, port: PortRef, mac: str | None = None) -> PortFacts:
        """State and MACs of a port read from the switch now; names and neighbours may be up to a minute old.

        Where the way in can ask for one MAC (a GET instead of a walk) only `mac` is read now: that it is on this port is
        what an action rests on. Who else is there is as old as the last poll.
        """
        snapshot = self._snapshots[port.switch]
        with self._locks[port.switch]:
            source = self._sources(port.switch)
            state = source.port_state(port)
            read_ms = self._read_one(source, snapshot, mac)
            if read_ms is None:
                self._read_tables(port.switch, need_fdb=True)
                read_ms = snapshot.fdb_ms
        row = snapshot.numbered(port.ifindex) or snapshot.named(port.name)
        kinds = tuple(n.kind for n in snapshot.neighbours if row is not None and n.ifindex == row.ifindex)
        return PortFacts(
            state=state,
            macs=tuple(sorted(snapshot.macs_on(row))) if row else (),
            neighbours=kinds,
            uplink=(port.switch, port.name) in self._interswitch,
            lag=bool(row and row.lag),
            trunk=bool(row and row.trunk),
            read_ms=read_ms,
        )

    def switch_of_agent(self, agent: str) -> str | None:
        """The switch whose sFlow agent address this is."""
        return self._network().switch_of_agent(agent)

    def edge_roles(self) -> dict[tuple[str, int], str]:
        """(agent address, ifIndex) -> `edge` or `uplink`, for the detectors."""
        roles = {}
        for entry in self._file.switches:
            for port in self._snapshots[entry.name].ports:
                leads_on = (entry.name, port.name) in self._interswitch or port.trunk
                roles[entry.agent_address, port.ifindex] = "uplink" if leads_on else "edge"
        return roles

    def at_the_edge(self, switch: str) -> tuple[int, list[tuple[FdbRow, PortRow]]]:
        """When a switch's FDB was read, and which MACs hang on its edge ports."""
        snapshot = self._snapshots[switch]
        with self._locks[switch]:
            placed = [(row, snapshot.port_of(row)) for row in snapshot.fdb if row.verdict is Verdict.PORT]
            read_ms = snapshot.fdb_ms
        return read_ms, [
            (row, port)
            for row, port in placed
            if port is not None and not port.trunk and (switch, port.name) not in self._interswitch
        ]

    def addresses(self) -> dict[str, str]:
        """MAC -> address, of MACs that answer for exactly one IPv4 address."""
        found: dict[str, set[str]] = defaultdict(set)
        for snapshot in self._snapshots.values():
            for row in snapshot.arp:
                if ":" not in row.ip:
                    found[row.mac].add(row.ip)
        return {mac: next(iter(ips)) for mac, ips in found.items() if len(ips) == 1}

    def snapshots(self) -> Iterable[Snapshot]:
        """What was last read of every switch."""
        return tuple(self._snapshots.values())

    def _network(self) -> Network:
        return Network(self._file, self._snapshots, self._interswitch, self._config, self._clock.now_ms())

    def _to_read(self, found: Location, flow: FlowEvidence | None) -> list[str]:
        """Switches whose tables the answer needs and that were not read just now; with no answer at all, every one."""
        named = {found.port.switch} if found.port else set()
        if flow:
            named |= {s.name for s in self._file.switches if s.agent_address == flow.agent}
        named |= {e.switch for e in found.evidence if e.source in ("fdb", "arp")} & set(self._snapshots)
        wanted = named or set(self._snapshots)
        oldest_ms = self._clock.now_ms() - self._config.reuse_s * 1000
        return [n for n in sorted(wanted) if min(self._snapshots[n].fdb_ms, self._snapshots[n].arp_ms) < oldest_ms]

    def _read_one(self, source: TableSource, snapshot: Snapshot, mac: str | None) -> int | None:
        """Read one MAC's rows now; None = only the tables can tell."""
        find: Callable[[str], tuple[FdbRow, ...] | None] | None = getattr(source, "find", None)
        is_old = self._clock.now_ms() - snapshot.fdb_ms > self._config.stale_s * 1000
        rows = None if mac is None or find is None or is_old else find(mac)
        if rows is None:
            return None
        snapshot.fdb = (*(row for row in snapshot.fdb if row.mac != mac), *rows)
        snapshot.index()
        return self._clock.now_ms()

    def _read_all(self, name: str) -> str | None:
        return self._guarded(name, lambda: self._read(name, everything=True))

    def _read_tables(self, name: str, *, need_fdb: bool = False) -> None:
        error = self._guarded(name, lambda: self._read(name, everything=False))
        if error and need_fdb:
            raise CordonError(f"its tables could not be read: {error}", where=name)

    def _read(self, name: str, *, everything: bool) -> None:
        snapshot, now = self._snapshots[name], self._clock.now_ms
        source = self._sources(name)
        if everything or now() - min(snapshot.ports_ms, snapshot.neighbours_ms) > self._config.ports_reuse_s * 1000:
            snapshot.ports, snapshot.ports_ms = source.ports(), now()
            snapshot.neighbours, snapshot.neighbours_ms = source.neighbours(), now()
        snapshot.fdb, snapshot.fdb_ms = source.fdb(), now()
        snapshot.arp, snapshot.arp_ms = source.arp(), now()
        snapshot.index()

    def _guarded(self, name: str, read: Callable[[], None]) -> str | None:
        """One dead switch never stops the others: its error is kept, its old tables grow old."""
        self.counts.readings += 1
        with self._locks[name]:
            try:
                read()
                self._snapshots[name].error = None
            except CordonError as error:
                self.counts.failures[name] = self.counts.failures.get(name, 0) + 1
                self._snapshots[name].error = str(error)
        self._interswitch = interswitch_ports(self._file, self._snapshots)
        return self._snapshots[name].error
