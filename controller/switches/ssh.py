"""The SSH driver: what the vendor file says, sent over a kept session, read back by command. Nothing it prints is believed."""

from __future__ import annotations

import re

from controller.core.clock import Clock
from controller.core.errors import CommandRejected
from controller.core.sites import SwitchEntry
from controller.core.tables import ArpRow, DeviceFacts, FdbRow, Neighbour, PortRow
from playbooks.plan import Action, Expectation, PortRef, PortState, Step, Verb

from . import sshtables, verbs
from .driver import Capabilities, Exchange, ReadBack
from .facts import device_facts
from .portread import EVERYTHING, PortReader
from .shell import ShellSession
from .vendor import Vendor


class SshDriver:
    """One switch over SSH. Commands are the lines sent in configuration mode."""

    via = "ssh"

    def __init__(self, entry: SwitchEntry, vendor: Vendor, session: ShellSession, clock: Clock) -> None:
        self.switch = entry.name
        self._vendor, self._session = vendor, session
        self._ports = PortReader(entry.name, vendor, session.show, clock)

    def capabilities(self) -> Capabilities:
        """The verbs of the vendor file, and those that follow from them."""
        found = set(self._vendor.verbs) | {Verb.OBSERVE}
        found |= {Verb.UNSHUT, Verb.RESTORE} if Verb.SHUT in found else set()
        confirm = bool(self._vendor.session.config.commit_confirmed)
        return Capabilities(frozenset(found), confirm=confirm, persists=bool(self._vendor.saves))

    def ready(self) -> None:
        """Open the session ahead of need, or again after a loss."""
        self._session.ready()

    def facts(self) -> DeviceFacts:
        """Name, first line of the version, uptime to the minute."""
        return device_facts(self._vendor, self._session.show, lambda: self._session.device_name, self.switch)

    def ports(self) -> tuple[PortRow, ...]:
        """The interface table, with the tables of VLANs and of aggregates where these stand by themselves."""
        reads, show = self._vendor.reads, self._session.show
        vlans = show(reads.vlans.command) if reads.vlans else ""
        lags = sshtables.aggregated(self._vendor, show(reads.lags.command)) if reads.lags else frozenset()
        return sshtables.ports(self._vendor, show(reads.status.command), vlans, self._ports.indexes(), lags)

    def fdb(self) -> tuple[FdbRow, ...]:
        """The MAC table."""
        return sshtables.fdb(self._vendor, self._session.show(self._vendor.reads.macs.command), self._ports.indexes())

    def arp(self) -> tuple[ArpRow, ...]:
        """The ARP table, where the vendor file has one."""
        table = self._vendor.reads.arp
        return sshtables.arp(self._vendor, self._session.show(table.command)) if table else ()

    def neighbours(self) -> tuple[Neighbour, ...]:
        """LLDP, where the vendor file has it; none where the device says that it does not hear any."""
        table = self._vendor.reads.lldp
        if table is None:
            return ()
        try:
            text = self._session.show(table.command)
        except CommandRejected as error:
            if re.search(table.silent, error.what):
                return ()
            raise
        return sshtables.neighbours(self._vendor, text, self._ports.indexes())

    def port_state(self, port: PortRef) -> PortState:
        """Everything that can be read of a port."""
        return self._ports.read(port, EVERYTHING)

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        """The vendor's lines with this port's values in them. What a move depends on is read now."""
        traits = self._ports.traits(action.port, action.verb)
        if action.verb is Verb.RESTORE:
            return verbs.restoring(self._vendor, self.port_state(action.port), prior, traits)
        return (verbs.step(self._vendor, action, prior, traits),)

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        """Send the lines."""
        return self._session.configure(step.commands, confirm_later=True)

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        """Send the undo."""
        return self._session.configure(step.undo)

    def confirm(self) -> None:
        """Keep the last change, where the device would go back by itself; elsewhere nothing."""
        if self._vendor.session.config.commit_confirmed:
            self._session.configure(())

    def read_back(self, expectation: Expectation) -> ReadBack:
        """Read what the expectation speaks of, and only that: each command costs a round trip."""
        return self._ports.read_back(expectation)

    def close(self) -> None:
        """Hang up."""
        self._session.close()
