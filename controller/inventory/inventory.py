"""The inventory: tables of every switch, read again and again, and the answers that rest on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from controller.core.clock import Clock
from controller.core.sites import SwitchFile
from controller.core.tables import FdbRow, MacEvent, PortEvent, PortRow
from playbooks.facts import Location, PortFacts, Verdict
from playbooks.plan import PortRef
from playbooks.request import FlowEvidence, Target

from .case import Network
from .config import InventoryConfig
from .events import mac_seen, port_changed
from .locate import locate
from .phones import phone_macs
from .reading import InventoryCounts, Reading
from .snapshot import Snapshot, SourceOf
from .topology import Topology, port_key
from .turns import Turns

ROUNDS = 2  # an answer that turns out to be elsewhere is looked for once more


class Inventory:
    """Inert until asked. Safe from any thread; tables of one switch are read by one thread at a time."""

    def __init__(self, file: SwitchFile, sources: SourceOf, config: InventoryConfig, clock: Clock) -> None:
        self._file, self._sources, self._config, self._clock = file, sources, config, clock
        self._snapshots = {entry.name: Snapshot(entry.name) for entry in file.switches}
        self._topology = Topology(file)
        self._reading = Reading(self._snapshots, sources, self._topology, config, clock)
        self._turns = Turns(self._snapshots, config.poll_s)
        self._locks = self._reading.locks
        self._protects_addresses = any(asset.ip for asset in file.protected)

    @property
    def counts(self) -> InventoryCounts:
        """What was read, asked and told."""
        return self._reading.counts

    def refresh(self, switch: str | None = None) -> Mapping[str, str]:
        """Read all tables of one switch, or of all of them in parallel; gives what failed, by switch."""
        return self._reading.everything([switch] if switch else self._snapshots)

    def poll(self) -> int:
        """Refresh the switches whose turn it is; gives how many. Called by the runtime's loop."""
        due = self._turns.take(self._clock.now_ms(), self._config.workers)
        if due:
            failed = self._reading.everything(due)
            self._turns.settle(due, failed, self._clock.now_ms())
        return len(due)

    def locate(self, target: Target, flow: FlowEvidence | None = None) -> Location:
        """Where it is. Tables that the answer rests on are read anew first, unless they are only seconds old."""
        found = locate(self._network(), target, flow)
        for _ in range(ROUNDS):
            stale = self._to_read(found, target, flow)
            if not stale:
                break
            self._reading.freshen(stale, found.mac, target.ip)
            found = locate(self._network(), target, flow)
        return found

    def port_changed(self, event: PortEvent) -> None:
        """A link went up or down: what was known of that port is old, and the switch is read again soon."""
        self._tell(event.switch, port_changed(self._snapshots.get(event.switch), event, self.counts))

    def mac_seen(self, event: MacEvent) -> None:
        """A switch learned or forgot a MAC: that is known at once, and the switch is read again soon."""
        self._tell(event.switch, mac_seen(self._snapshots.get(event.switch), event, self.counts))

    def port_facts(self, port: PortRef, mac: str | None = None) -> PortFacts:
        """State and MACs of a port read from the switch now; names and neighbours may be up to a minute old.

        Where the way in can ask for one MAC (a GET instead of a walk) only `mac` is read now: that it is on this port is
        what an action rests on. Who else is there is as old as the last poll; if it was on another port then, or nowhere, all
        tables of the switch are read once more.
        """
        snapshot = self._snapshots[port.switch]
        state, read_ms = self._reading.port(port, mac)
        row = snapshot.numbered(port.ifindex) or snapshot.named(port.name)
        heard = snapshot.heard_on(row) if row is not None else []
        macs = tuple(sorted(snapshot.macs_on(row))) if row else ()
        leads_on = (port.switch, port.name) in self._topology.leading() or bool(row and row.to_root)
        return PortFacts(
            state=state,
            macs=macs,
            addresses=self._addresses_of(macs) if self._protects_addresses else (),
            neighbours=tuple(neighbour.kind for neighbour in heard),
            phones=phone_macs(heard),
            uplink=leads_on or not self._topology.devices().isdisjoint(macs),
            lag=bool(row and row.lag),
            trunk=row is not None and snapshot.is_trunk(row),
            read_ms=read_ms,
        )

    def switch_of_agent(self, agent: str) -> str | None:
        """The switch whose sFlow agent address this is."""
        return self._network().switch_of_agent(agent)

    def edge_roles(self) -> dict[tuple[str, int], str]:
        """(agent address, ifIndex) -> `edge` or `uplink`, for the detectors."""
        roles, leading = {}, self._topology.leading()
        for entry in self._file.switches:
            snapshot = self._snapshots[entry.name]
            for port in snapshot.ports:
                leads_on = port_key(entry.name, port) in leading or snapshot.is_trunk(port)
                roles[entry.agent_address, port.ifindex] = "uplink" if leads_on else "edge"
        return roles

    def at_the_edge(self, switch: str) -> tuple[int, list[tuple[FdbRow, PortRow]]]:
        """When a switch's FDB was read, and which MACs hang on its edge ports."""
        snapshot = self._snapshots[switch]
        with self._locks[switch]:
            placed = [(row, snapshot.port_of(row)) for row in snapshot.fdb if row.verdict is Verdict.PORT]
            read_ms = snapshot.fdb_ms
        leading, own = self._topology.leading(), snapshot.own
        return read_ms, [
            (row, port)
            for row, port in placed
            if port is not None and port_key(switch, port) not in leading and not snapshot.is_trunk(port)
            if row.mac not in own
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

    def _addresses_of(self, macs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """(MAC, address) of every table: tens of thousands of rows, so only where an address is protected."""
        rows = (row for snapshot in self._snapshots.values() for row in snapshot.arp if row.mac in macs)
        return tuple(sorted({(row.mac, row.ip) for row in rows}))

    def _network(self) -> Network:
        leading, devices = self._topology.leading(), self._topology.devices()
        return Network(self._file, self._snapshots, leading, self._config, self._clock.now_ms(), devices)

    def _to_read(self, found: Location, target: Target, flow: FlowEvidence | None) -> list[str]:
        """Switches that the answer rests on and that were not asked just now; with no answer at all, every one."""
        named = {found.port.switch} if found.port else set()
        if flow:
            named |= {s.name for s in self._file.switches if s.agent_address == flow.agent}
        named |= {e.switch for e in found.evidence if e.source in ("fdb", "arp", "nd", "trap")} & set(self._snapshots)
        oldest_ms = self._clock.now_ms() - self._config.reuse_s * 1000
        return [
            name for name in sorted(named or self._snapshots) if self._known_ms(name, found.mac, target.ip) < oldest_ms
        ]

    def _known_ms(self, name: str, mac: str | None, ip: str | None) -> int:
        """How old the oldest of what a switch told of this machine is."""
        snapshot = self._snapshots[name]
        at_ms, source = snapshot.seen(mac) if mac else (snapshot.fdb_ms, "fdb")
        if source == "trap":  # a notification is no proof: the table has to say the same
            at_ms = snapshot.fdb_ms
        if any(row.ifindex in snapshot.doubted for row in snapshot.by_mac.get(mac or "", ())):
            return 0
        return min(at_ms, snapshot.bound_ms(ip) if ip else snapshot.arp_ms)

    def _tell(self, switch: str, known: bool) -> None:
        """Read the switch at the next turn of the poll, but not oftener than an answer may be reused."""
        if known:
            soonest_ms = self._snapshots[switch].fdb_ms + int(self._config.reuse_s * 1000)
            self._turns.soon(switch, soonest_ms)
