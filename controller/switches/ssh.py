"""The SSH driver: what the vendor file says, sent by netmiko, read back by command. Nothing it prints is believed."""

from __future__ import annotations

import re

from controller.core.clock import Clock
from controller.core.errors import DeviceError, NotFound, Unsupported
from controller.core.sites import SwitchEntry
from controller.core.tables import ArpRow, DeviceFacts, FdbRow, Neighbour, PortRow
from playbooks.plan import Action, Admin, Expectation, Oper, PortRef, PortState, Step, Verb

from . import sshtables
from .driver import Capabilities, Exchange, ReadBack
from .shell import ShellSession
from .vendor import Vendor

UNITS_MS = {"year": 31_536_000_000, "week": 604_800_000, "day": 86_400_000, "hour": 3_600_000, "minute": 60_000}


class SshDriver:
    """One switch over SSH. Commands are the lines sent in configuration mode."""

    via = "ssh"

    def __init__(self, entry: SwitchEntry, vendor: Vendor, session: ShellSession, clock: Clock) -> None:
        self.switch = entry.name
        self._vendor, self._session, self._clock = vendor, session, clock
        self._ifindexes: dict[str, int] | None = None

    def capabilities(self) -> Capabilities:
        """The verbs of the vendor file."""
        return Capabilities(frozenset(self._vendor.verbs) | {Verb.OBSERVE})

    def facts(self) -> DeviceFacts:
        """`show version`, to the minute."""
        read = self._vendor.reads.version
        if read is None:
            raise Unsupported("the vendor file does not say how to read the version", where=self.switch)
        text = self._session.show(read.command)
        name, uptime = re.search(read.name, text), re.search(read.uptime, text)
        # Counted to the end of the minute: a device is never taken for rebooted because the display is coarse.
        uptime_ms = _uptime_ms(uptime.group(1)) + 59_999 if uptime else 0
        return DeviceFacts(name.group(1) if name else self.switch, text.strip().splitlines()[0], uptime_ms)

    def ports(self) -> tuple[PortRow, ...]:
        """The interface table."""
        table = self._vendor.reads.status
        return sshtables.ports(self._vendor, self._session.show(table.command), self._indexes())

    def fdb(self) -> tuple[FdbRow, ...]:
        """The MAC table."""
        return sshtables.fdb(self._vendor, self._session.show(self._vendor.reads.macs.command), self._indexes())

    def arp(self) -> tuple[ArpRow, ...]:
        """The ARP table, where the vendor file has one."""
        table = self._vendor.reads.arp
        return sshtables.arp(self._vendor, self._session.show(table.command)) if table else ()

    def neighbours(self) -> tuple[Neighbour, ...]:
        """LLDP, where the vendor file has it."""
        table = self._vendor.reads.lldp
        return sshtables.neighbours(self._vendor, self._session.show(table.command), self._indexes()) if table else ()

    def port_state(self, port: PortRef) -> PortState:
        """Everything that can be read of a port."""
        state = self._admin_state(port)
        return state.model_copy(update={"pvid": self._pvid(port), "blocked_macs": self._blocked()})

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        """The vendor's lines with this port's values in them."""
        lines = self._vendor.verbs.get(action.verb)
        if lines is None:
            raise Unsupported(f"{self._vendor.title} has no {action.verb} here", where=self.switch)
        values: dict[str, object] = {
            "port": action.port.name,
            "vlan": action.vlan,
            "prior_pvid": prior.pvid,
            "pvid": prior.pvid,
            "mac": self._vendor.mac(action.mac) if action.mac else None,
        }
        return (
            Step(
                index=0,
                title=f"{action.verb} {action.port.name}",
                commands=tuple(self._fill(line, values) for line in lines.commands),
                undo=tuple(self._fill(line, values) for line in lines.undo),
                expect=_expectation(action),
                undo_expect=_undone(action, prior),
            ),
        )

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        """Send the lines."""
        return self._session.configure(step.commands)

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        """Send the undo."""
        return self._session.configure(step.undo)

    def confirm(self) -> None:
        """Nothing to confirm: the running configuration is changed, and not saved."""

    def read_back(self, expectation: Expectation) -> ReadBack:
        """Read what the expectation speaks of, and only that: each command costs a tenth of a second."""
        state = self._admin_state(expectation.port)
        if expectation.pvid is not None:
            state = state.model_copy(update={"pvid": self._pvid(expectation.port)})
        if expectation.blocked_mac is not None or expectation.unblocked_mac is not None:
            state = state.model_copy(update={"blocked_macs": self._blocked()})
        return ReadBack(expectation, state, expectation.differences(state))

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _admin_state(self, port: PortRef) -> PortState:
        read, name = self._vendor.reads.port, re.escape(port.name)
        try:
            text = self._session.show(read.command.format(port=port.name))
        except DeviceError as error:
            raise NotFound(f"has no interface {port.name}", where=self.switch) from error
        if not re.search(read.exists.format(port=name), text):
            raise NotFound(f"does not show interface {port.name}", where=self.switch)
        description = re.search(read.description, text)
        up, down = re.search(read.oper_up, text), re.search(read.oper_down, text)
        return PortState(
            port=port,
            admin=Admin.DOWN if re.search(read.admin_down.format(port=name), text) else Admin.UP,
            oper=Oper.UP if up else Oper.DOWN if down else Oper.UNKNOWN,
            description=description.group(1) if description else "",
            read_ms=self._clock.now_ms(),
        )

    def _pvid(self, port: PortRef) -> int | None:
        read = self._vendor.reads.pvid
        found = re.search(read.value, self._session.show(read.command.format(port=port.name))) if read else None
        return int(found.group(1)) if found else None

    def _blocked(self) -> tuple[str, ...] | None:
        read = self._vendor.reads.blocked
        if read is None:
            return None
        text = self._session.show(read.command)
        return tuple(sshtables.mac(found) for found in re.findall(read.row.format(), text, re.IGNORECASE))

    def _indexes(self) -> dict[str, int]:
        read = self._vendor.reads.ifindex
        if self._ifindexes is None:
            text = self._session.show(read.command) if read else ""
            rows = re.findall(read.row, text) if read else []
            self._ifindexes = {name: int(number) for name, number in rows}
        return self._ifindexes

    def _fill(self, line: str, values: dict[str, object]) -> str:
        missing = [key for key, value in values.items() if value is None and f"{{{key}}}" in line]
        if missing:
            raise Unsupported(f"{missing[0]} is not known, so there is no exact command and no undo", where=self.switch)
        return line.format(**values)


def _expectation(action: Action) -> Expectation:
    if action.verb is Verb.SHUT:
        return Expectation(port=action.port, admin=Admin.DOWN)
    if action.verb is Verb.QUARANTINE_VLAN:
        return Expectation(port=action.port, pvid=action.vlan)
    return Expectation(port=action.port, blocked_mac=action.mac)


def _undone(action: Action, prior: PortState) -> Expectation:
    if action.verb is Verb.SHUT:
        return Expectation(port=action.port, admin=Admin.UP)
    if action.verb is Verb.QUARANTINE_VLAN:
        return Expectation(port=action.port, pvid=prior.pvid)
    return Expectation(port=action.port, unblocked_mac=action.mac)


def _uptime_ms(text: str) -> int:
    found = re.findall(r"(\d+) (year|week|day|hour|minute)", text)
    return sum(int(number) * UNITS_MS[unit] for number, unit in found)
