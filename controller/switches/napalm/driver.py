"""The NAPALM driver: the vendor file's lines as a candidate configuration, getters for tables, the port read by command."""

from __future__ import annotations

import contextlib
from typing import Any

from controller.core.clock import Clock
from controller.core.errors import CordonError, DeviceError, Unsupported
from controller.core.sites import SwitchEntry
from controller.core.tables import ArpRow, DeviceFacts, FdbRow, Neighbour, PortRow
from controller.switches import sshtables, verbs
from controller.switches.cli import getters
from controller.switches.cli.macs import mac_table
from controller.switches.driver import Capabilities, Exchange, ReadBack
from controller.switches.facts import device_facts
from controller.switches.portread import EVERYTHING, PortReader
from controller.switches.vendor import Vendor
from playbooks.plan import Action, Expectation, PortRef, PortState, Step, Verb

from .session import NapalmSession


class NapalmDriver:
    """One switch. Commands are the lines of the candidate."""

    via = "napalm"

    def __init__(self, entry: SwitchEntry, vendor: Vendor, session: NapalmSession, clock: Clock) -> None:
        self.switch = entry.name
        self._vendor, self._session = vendor, session
        self._ports = PortReader(entry.name, vendor, session.show, clock)

    def capabilities(self) -> Capabilities:
        """The verbs of the vendor file. NAPALM saves what it commits."""
        found = {*self._vendor.verbs, Verb.OBSERVE}
        found |= {Verb.UNSHUT, Verb.RESTORE} if Verb.SHUT in found else set()
        return Capabilities(frozenset(found), confirm=self._session.confirms, persists=True)

    def ready(self) -> None:
        """Open the session ahead of need, or again after a loss."""
        self._session.ready()

    def facts(self) -> DeviceFacts:
        """By the version command: get_facts takes the device's clock for ours, and a wrong one for a reboot."""
        return device_facts(self._vendor, self._session.show, lambda: "", self.switch)

    def ports(self) -> tuple[PortRow, ...]:
        """get_interfaces, with VLAN and trunk of the status table: NAPALM's getters do not tell a trunk from an access port."""
        reads, vendor, indexes = self._vendor.reads, self._vendor, self._ports.indexes()
        vlans = self._session.show(reads.vlans.command) if reads.vlans else ""
        known = {
            row.name: row for row in sshtables.ports(vendor, self._session.show(reads.status.command), vlans, indexes)
        }
        rows = getters.ports(self._session.table("get_interfaces"), indexes)
        return tuple(getters.with_vlan(row, known[row.name]) for row in rows if row.name in known)

    def fdb(self) -> tuple[FdbRow, ...]:
        """get_mac_address_table."""
        try:
            table = self._session.table("get_mac_address_table")
        except DeviceError:  # one line that NAPALM does not know loses it the whole table
            return self._fdb_by_command()
        named = [{**entry, "interface": self._vendor.long_name(str(entry.get("interface") or ""))} for entry in table]
        return getters.fdb(named, self._ports.indexes())

    def arp(self) -> tuple[ArpRow, ...]:
        """get_arp_table, and get_ipv6_neighbors_table where there is one."""
        found = self._session.table("get_arp_table")
        with contextlib.suppress(Unsupported):  # EOS and NX-OS: NAPALM reads no IPv6 neighbours there
            found = [*found, *self._session.table("get_ipv6_neighbors_table")]
        return getters.arp(found, self._ports.indexes())

    def neighbours(self) -> tuple[Neighbour, ...]:
        """get_lldp_neighbors_detail."""
        found: dict[str, Any] = self._session.table("get_lldp_neighbors_detail")
        return getters.neighbours({self._vendor.long_name(k): v for k, v in found.items()}, self._ports.indexes())

    def port_state(self, port: PortRef) -> PortState:
        """Everything that can be read of a port."""
        return self._ports.read(port, EVERYTHING)

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        """The vendor's lines with this port's values in them; the device is not told yet."""
        if action.verb is Verb.RESTORE:
            now = self.port_state(action.port)
            return verbs.restoring(self._vendor, now, prior, self._ports.traits(action.port, action.verb))
        return (verbs.step(self._vendor, action, prior, self._ports.traits(action.port, action.verb)),)

    def difference(self, step: Step) -> str:
        """What the device says the step would change: a candidate, compared and thrown away."""
        return self._session.difference(step.commands)

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        """Candidate, comparison, commit; with a timer where the device has one."""
        return self._session.configure(step.commands, confirm_later=True)

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        """The device's own way back if the commit still waits, then the undo's lines: no change where all is so already."""
        dropped = self._session.drop()
        try:
            return (*dropped, *self._session.configure(step.undo))
        except CordonError as error:
            error.unsent &= not dropped
            raise

    def confirm(self) -> None:
        """Keep what was committed; nothing to do where no commit of ours waits."""
        if self._session.confirms:
            self._session.confirm()

    def read_back(self, expectation: Expectation) -> ReadBack:
        """By the vendor's show commands, only what is expected."""
        return self._ports.read_back(expectation)

    def close(self) -> None:
        """Let go of the session. A commit that waits goes on waiting."""
        self._session.close()

    def _fdb_by_command(self) -> tuple[FdbRow, ...]:
        """The same table line by line: what cannot be read is left out."""
        table = mac_table(self._vendor.platform, self._session.show(self._vendor.reads.macs.command))
        rows = [row for found in table.rows if (row := found.fdb({})) is not None]
        longs = [self._vendor.long_name(row.port) if row.port else None for row in rows]
        indexes = self._ports.indexes()
        return tuple(
            row._replace(port=name, ifindex=indexes.get(name) if name else None)
            for row, name in zip(rows, longs, strict=True)
        )
