"""Reading switches into snapshots: whole tables, or one MAC where the way in can ask for it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

from controller.core.clock import Clock
from controller.core.errors import CordonError
from controller.core.tables import ArpRow, FdbRow
from playbooks.plan import PortRef, PortState

from .config import InventoryConfig
from .snapshot import Finder, Looker, Seen, Snapshot, SourceOf
from .topology import Topology


@dataclass(slots=True)
class InventoryCounts:
    """Readings of whole switches, questions for one MAC, events that switches sent; readings that failed, by switch."""

    readings: int = 0
    questions: int = 0
    port_events: int = 0
    mac_events: int = 0
    unknown_events: int = 0  # of a switch, a port or an interface that is not known
    failures: dict[str, int] = field(default_factory=dict)


class _Asked(NamedTuple):
    rows: tuple[FdbRow, ...]
    bindings: tuple[ArpRow, ...]
    state: PortState | None = None


def _asked(source: Finder, mac: str, ip: str | None) -> Seen | None:
    """One question after the other."""
    rows = source.find(mac)
    bindings = source.bindings(ip) if ip and rows is not None else ()
    return None if rows is None or bindings is None else _Asked(rows, bindings)


class Reading:
    """The tables of one switch are read by one thread at a time; those of several at the same time.

    `locks` are held only while what was read is put in its place, never while a switch is asked: a question about one machine
    does not wait for the end of a walk.
    """

    def __init__(
        self,
        snapshots: Mapping[str, Snapshot],
        sources: SourceOf,
        topology: Topology,
        config: InventoryConfig,
        clock: Clock,
    ) -> None:
        self._snapshots, self._sources, self._topology = snapshots, sources, topology
        self._config, self._clock = config, clock
        self.locks: dict[str, threading.RLock] = defaultdict(threading.RLock)
        self._readers: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self.counts = InventoryCounts()

    def everything(self, names: Iterable[str]) -> dict[str, str]:
        """All tables of these switches, in parallel; gives what failed, by switch."""
        return self._parallel(list(names), lambda name: self._guarded(name, lambda: self._read(name, everything=True)))

    def tables(self, name: str, *, everything: bool = False) -> None:
        """Forwarding and ARP tables of one switch, or all that it has; CordonError if they cannot be read."""
        error = self._guarded(name, lambda: self._read(name, everything=everything))
        if error:
            raise CordonError(f"its tables could not be read: {error}", where=name)

    def freshen(self, names: Iterable[str], mac: str | None, ip: str | None) -> None:
        """What these switches know of one machine now, in parallel."""
        self._parallel(list(names), lambda name: self._guarded(name, lambda: self._freshen(name, mac, ip)))

    def one(self, name: str, mac: str | None) -> int:
        """Read one MAC's rows now, or the tables where only they can tell; gives when. CordonError if neither goes."""
        error = self._guarded(name, lambda: self._freshen(name, mac, None))
        if error:
            raise CordonError(f"its tables could not be read: {error}", where=name)
        return self._snapshots[name].seen(mac or "")[0]

    def port(self, port: PortRef, mac: str | None) -> tuple[PortState, int]:
        """State of a port and one MAC's rows, read now; gives the state, and when the rows were read.

        A machine that was not there when the tables were read may have brought others, a phone or a switch: everything is read.
        """
        source = self._sources(port.switch)
        snapshot = self._snapshots[port.switch]
        if mac is not None and snapshot.is_newcomer(mac, port):
            self.tables(port.switch, everything=True)
        if mac is None or self._is_old(snapshot) or not isinstance(source, Looker):
            return source.port_state(port), self.one(port.switch, mac)
        seen = source.look(mac, ip=None, ifindex=port.ifindex, port=port)
        if seen is None or seen.state is None:
            return source.port_state(port), self.one(port.switch, mac)
        self._placed(snapshot, mac, None, seen)
        return seen.state, snapshot.seen(mac)[0]

    def _parallel(self, names: list[str], work: Callable[[str], str | None]) -> dict[str, str]:
        if len(names) == 1:  # no thread for the usual case: it has to be quick
            results = {names[0]: work(names[0])}
        else:
            with ThreadPoolExecutor(min(self._config.workers, max(len(names), 1)), "cordon-inventory") as pool:
                results = dict(zip(names, pool.map(work, names), strict=True))
        return {name: error for name, error in results.items() if error}

    def _freshen(self, name: str, mac: str | None, ip: str | None) -> None:
        """By a few questions if the tables are not too old to tell what is around the machine; else by reading them."""
        snapshot, source = self._snapshots[name], self._sources(name)
        if mac is None or self._is_old(snapshot) or not isinstance(source, Finder):
            return self._read(name, everything=False)
        seen: Seen | None
        if isinstance(source, Looker):
            last = next((row.ifindex for row in snapshot.by_mac.get(mac, ())), None)
            seen = source.look(mac, ip=ip, ifindex=last)
        else:
            seen = _asked(source, mac, ip)
        if seen is None:
            return self._read(name, everything=False)
        return self._placed(snapshot, mac, ip, seen)

    def _is_old(self, snapshot: Snapshot) -> bool:
        """Too old to tell what is around a machine."""
        read_ms = min(snapshot.fdb_ms, snapshot.arp_ms)
        return self._clock.now_ms() - read_ms > self._config.stale_s * 1000

    def _placed(self, snapshot: Snapshot, mac: str, ip: str | None, seen: Seen) -> None:
        with self.locks[snapshot.switch]:
            self.counts.questions += 1
            at_ms = self._clock.now_ms()
            snapshot.place(mac, seen.rows, at_ms, "fdb")
            if ip:
                snapshot.bind(ip, seen.bindings, at_ms)

    def _read(self, name: str, *, everything: bool) -> None:
        wanted_ms = self._clock.now_ms()
        with self._readers[name]:
            if not everything and self._snapshots[name].fdb_ms >= wanted_ms:
                return  # somebody else read them while this one waited
            self._read_tables(name, everything=everything)

    def _read_tables(self, name: str, *, everything: bool) -> None:
        snapshot, now = self._snapshots[name], self._clock.now_ms
        source = self._sources(name)
        self.counts.readings += 1
        around = None
        if everything or now() - min(snapshot.ports_ms, snapshot.neighbours_ms) > self._config.ports_reuse_s * 1000:
            around = source.ports(), now(), source.neighbours(), now()
        # The time is that of the question: what changes while the table is read may be in it or not.
        fdb_ms, fdb = now(), source.fdb()
        arp_ms, arp = now(), source.arp()
        with self.locks[name]:
            if around is not None:
                snapshot.ports, snapshot.ports_ms, snapshot.neighbours, snapshot.neighbours_ms = around
            snapshot.fdb, snapshot.fdb_ms, snapshot.arp, snapshot.arp_ms = fdb, fdb_ms, arp, arp_ms
            snapshot.index()
        self._topology.update(snapshot)

    def _guarded(self, name: str, read: Callable[[], None]) -> str | None:
        """One dead switch never stops the others: its error is kept, its old tables grow old."""
        try:
            read()
        except CordonError as error:
            with self.locks[name]:
                self.counts.failures[name] = self.counts.failures.get(name, 0) + 1
                self._snapshots[name].error = str(error)
            return str(error)
        self._snapshots[name].error = None
        return None
