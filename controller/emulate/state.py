"""The state of an emulated switch: ports, FDB, VLANs, neighbours; one truth behind its SSH and SNMP faces.

Behaves as measured on real ones: ifOperStatus follows ifAdminStatus late, learned MACs vanish with the link and come back
after it, and what was not saved is gone after a reboot.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from controller.core.clock import Clock

from .faults import Faults
from .vlanlists import VlanLists

# (admin up, PVID, description, untagged VLANs) by port, and blocked (MAC, VLAN).
Configuration = tuple[dict[str, tuple[bool, int, str, set[int]]], set[tuple[str, int]]]


@dataclass(slots=True)
class EmulatedNeighbour:
    """What LLDP says is on the other side. `capability`: bridge, router, wlan, phone or station."""

    system_name: str
    port_id: str
    capability: str = "station"


@dataclass(slots=True)
class EmulatedPort:
    """One port. `bridge_port` differs from `ifindex` on purpose: a tool that confuses them shuts the wrong port."""

    ifindex: int
    name: str
    bridge_port: int
    pvid: int = 10
    admin_up: bool = True
    linked: bool = True
    trunk: bool = False
    hybrid: bool = False  # VRP and Comware: untagged in several VLANs, its own frames in `pvid`
    untagged: set[int] = field(default_factory=set)
    tagged: set[int] = field(default_factory=set)
    held: str = ""  # why the switch itself keeps the port down, in the dialect's own words
    bound: bool = False  # port security binds a MAC to the port
    lag: bool = False
    alias: str = ""
    macs: set[str] = field(default_factory=set)
    neighbour: EmulatedNeighbour | None = None
    authorised: bool | None = None  # by 802.1X; None: the port has none
    changed_s: float = -1e9  # when admin_up last changed (monotonic)


@dataclass(frozen=True, slots=True)
class Write:
    """One write that arrived, and whether it had an effect."""

    at_ms: int
    via: str
    text: str
    effect: bool


class SwitchState:
    """Thread-safe. Every change goes through `write`, where faults strike and the journal is kept."""

    def __init__(
        self,
        name: str,
        ports: list[EmulatedPort],
        clock: Clock,
        *,
        arp: dict[str, str] | None = None,
        oper_lag_s: float = 0.7,
        faults: Faults | None = None,
    ) -> None:
        self.name, self.clock, self.oper_lag_s = name, clock, oper_lag_s
        self.ports = {port.name: port for port in ports}
        self.arp = dict(arp or {})
        self.faults = faults or Faults()
        self.blocked: set[tuple[str, int]] = set()  # (MAC, VLAN)
        self.vlans = {10, 666} | {port.pvid for port in ports}
        self.lists = VlanLists()
        self.filters_vlans = True  # RouterOS: without it a PVID means nothing
        self.staged = True  # VRP 8: what is typed waits for a commit, unless the device begins in immediate mode
        self.journal: list[Write] = []
        self.lock = threading.RLock()
        self.version = 0  # grows with every change: caches compare it
        self.boots = 0
        self._booted_s = clock.monotonic_s()
        self._startup = self._configuration()

    def port(self, name: str) -> EmulatedPort | None:
        """A port by name, case and the usual abbreviations aside."""
        with self.lock:
            wanted = name.lower().replace(" ", "")
            return next((p for p in self.ports.values() if p.name.lower() == wanted), None)

    def by_ifindex(self, ifindex: int) -> EmulatedPort | None:
        """A port by ifIndex."""
        with self.lock:
            return next((p for p in self.ports.values() if p.ifindex == ifindex), None)

    def oper_up(self, port: EmulatedPort) -> bool:
        """Link state, which follows the administrative one only after a while."""
        settled = self.clock.monotonic_s() - port.changed_s >= self.oper_lag_s
        now_up = port.admin_up and port.linked and not port.held
        return now_up if settled else not now_up and port.linked

    def fdb(self) -> list[tuple[str, int, EmulatedPort]]:
        """(MAC, VLAN, port) of what is learned now: nothing on a port that is down or not yet up again."""
        with self.lock:
            return [
                (mac, port.pvid if not port.trunk else 10, port)
                for port in self.ports.values()
                if port.admin_up and self.oper_up(port)
                for mac in sorted(port.macs)
                if (mac, port.pvid) not in self.blocked
            ]

    def uptime_ms(self) -> int:
        """Since the last boot."""
        return int((self.clock.monotonic_s() - self._booted_s) * 1000)

    def write(self, via: str, text: str, effect: Callable[[], None]) -> None:
        """A write by `via` (ssh or snmp): faults first, then the effect, and a line in the journal either way."""
        self.faults.before_write(via)
        takes = self.faults.takes_effect(via)
        with self.lock:
            if takes:
                effect()
                self.version += 1
            self.journal.append(Write(self.clock.now_ms(), via, text, takes))
        self.faults.after_write(via)

    def set_admin(self, port: EmulatedPort, *, up: bool, via: str, text: str) -> None:
        """Shut or open a port."""

        def effect() -> None:
            if port.admin_up != up:
                port.admin_up, port.changed_s = up, self.clock.monotonic_s()

        self.write(via, text, effect)

    def set_pvid(self, port: EmulatedPort, vlan: int, *, via: str, text: str) -> None:
        """Move an access port to another VLAN."""
        self.write(via, text, lambda: setattr(port, "pvid", vlan))

    def set_alias(self, port: EmulatedPort, alias: str, *, via: str, text: str) -> None:
        """Describe a port."""
        self.write(via, text, lambda: setattr(port, "alias", alias))

    def set_blocked(self, mac: str, vlan: int, *, blocked: bool, via: str, text: str) -> None:
        """Drop, or no longer drop, a MAC in a VLAN."""
        change = self.blocked.add if blocked else self.blocked.discard
        self.write(via, text, lambda: change((mac, vlan)))

    def save(self) -> None:
        """Running configuration to startup configuration."""
        with self.lock:
            self._startup = self._configuration()

    def reboot(self) -> None:
        """Come up with the startup configuration; sessions see `boots` grow and end."""
        with self.lock:
            self.load(self._startup)
            self.lists.forget()
            self._booted_s = self.clock.monotonic_s()
            self.boots += 1

    def configuration(self) -> Configuration:
        """What is configured now, to come back to."""
        with self.lock:
            return copy.deepcopy(self._configuration())

    def load(self, configuration: Configuration) -> None:
        """Make it so again, as a device does that goes back by itself."""
        with self.lock:
            ports, self.blocked = copy.deepcopy(configuration)
            for name, (admin_up, pvid, alias, untagged) in ports.items():
                port = self.ports[name]
                port.admin_up, port.pvid, port.alias, port.changed_s = admin_up, pvid, alias, -1e9
                port.untagged = untagged
            self.version += 1

    def candidate(self) -> SwitchState:
        """A switch with the same configuration, on which lines can be tried."""
        with self.lock:
            found = SwitchState(self.name, copy.deepcopy(list(self.ports.values())), self.clock)
            found.blocked, found.vlans = set(self.blocked), set(self.vlans)
            return found

    def _configuration(self) -> Configuration:
        return {p.name: (p.admin_up, p.pvid, p.alias, set(p.untagged)) for p in self.ports.values()}, set(self.blocked)
