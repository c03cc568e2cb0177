"""The SSH driver: what the vendor file says, sent over a kept session, read back by command. Nothing it prints is believed."""

from __future__ import annotations

import re

from controller.core.clock import Clock
from controller.core.errors import DeviceError, NotFound, Unsupported
from controller.core.sites import SwitchEntry
from controller.core.tables import ArpRow, DeviceFacts, FdbRow, Neighbour, PortRow
from playbooks.plan import Action, Admin, Expectation, Oper, PortRef, PortState, Step, Verb

from . import sshtables, verbs
from .driver import Capabilities, Exchange, ReadBack
from .shell import ShellSession
from .vendor import Vendor

UNITS_MS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000}


class SshDriver:
    """One switch over SSH. Commands are the lines sent in configuration mode."""

    via = "ssh"

    def __init__(self, entry: SwitchEntry, vendor: Vendor, session: ShellSession, clock: Clock) -> None:
        self.switch = entry.name
        self._vendor, self._session, self._clock = vendor, session, clock
        self._ifindexes: dict[str, int] | None = None
        self._modes: dict[str, str] = {}
        self._vlan_names: dict[str, str | None] = {}

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
        read = self._vendor.reads.version
        if read is None:
            raise Unsupported("the vendor file does not say how to read the version", where=self.switch)
        text = self._session.show(read.command)
        name, uptime = re.search(read.name, text) if read.name else None, re.search(read.uptime, text)
        # Counted to the end of the minute: a device is never taken for rebooted because the display is coarse.
        uptime_ms = uptime_of(uptime.group(1)) + 59_999 if uptime else 0
        called = name.group(1) if name else self._session.device_name or self.switch
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return DeviceFacts(called, lines[0] if lines else "", uptime_ms)

    def ports(self) -> tuple[PortRow, ...]:
        """The interface table, with the VLAN table where the VLANs stand there."""
        reads = self._vendor.reads
        vlans = self._session.show(reads.vlans.command) if reads.vlans else ""
        return sshtables.ports(self._vendor, self._session.show(reads.status.command), vlans, self._indexes())

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
        return self._read(port, {"pvid", "blocked", "description"})

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        """The vendor's lines with this port's values in them."""
        if action.verb is Verb.RESTORE:
            now = self.port_state(action.port)
            return verbs.restoring(self._vendor, now, prior, self._traits(action.port))
        return (verbs.step(self._vendor, action, prior, self._traits(action.port)),)

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
        wanted = {"pvid"} if expectation.pvid is not None else set()
        wanted |= {"description"} if expectation.description is not None else set()
        if expectation.blocked_mac is not None or expectation.unblocked_mac is not None:
            wanted.add("blocked")
        state = self._read(expectation.port, wanted)
        return ReadBack(expectation, state, expectation.differences(state))

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _read(self, port: PortRef, wanted: set[str]) -> PortState:
        texts: dict[str, str] = {}
        state = self._admin_state(port, texts)
        changes: dict[str, object] = {}
        if "description" in wanted:
            changes["description"] = self._description(port, texts)
        if "pvid" in wanted:
            changes["pvid"] = self._pvid(port, texts)
        if "blocked" in wanted:
            changes["blocked_macs"] = self._blocked()
        return state.model_copy(update=changes)

    def _admin_state(self, port: PortRef, texts: dict[str, str]) -> PortState:
        read, vendor = self._vendor.reads.port, self._vendor
        try:
            text = self._show(read.command, port, texts)
            text += "\n" + self._show(read.link, port, texts) if read.link else ""
        except Unsupported:
            raise
        except DeviceError as error:
            raise NotFound(f"has no interface {port.name}", where=self.switch) from error
        if not re.search(vendor.pattern(read.exists, port.name), text):
            raise NotFound(f"does not show interface {port.name}", where=self.switch)
        admin, up, down = (
            re.search(vendor.pattern(p, port.name), text) for p in (read.admin_down, read.oper_up, read.oper_down)
        )
        return PortState(
            port=port,
            admin=Admin.DOWN if admin else Admin.UP,
            oper=Oper.UP if up else Oper.DOWN if down else Oper.UNKNOWN,
            read_ms=self._clock.now_ms(),
        )

    def _description(self, port: PortRef, texts: dict[str, str]) -> str:
        read = self._vendor.reads.port
        text = self._show(read.config or read.command, port, texts)
        found = re.search(self._vendor.pattern(read.description, port.name), text)
        return self._vendor.shown(found.group(1).strip()) if found else ""

    def _pvid(self, port: PortRef, texts: dict[str, str]) -> int | None:
        read = self._vendor.reads.pvid
        if read is None:
            return None
        text = self._show(read.command, port, texts)
        trunk, hybrid, value = (
            re.search(self._vendor.pattern(p, port.name), text) if p else None
            for p in (read.trunk, read.hybrid, read.value)
        )
        name = re.search(self._vendor.pattern(read.name, port.name), text) if read.name else None
        self._vlan_names[port.name] = name.group(1) if name else None
        self._modes[port.name] = "trunk" if trunk else "hybrid" if hybrid else "access"
        return int(next(group for group in value.groups() if group)) if value else read.default

    def _traits(self, port: PortRef) -> verbs.Traits:
        """What the commands depend on, as last read; read now if it never was."""
        if port.name not in self._modes and self._vendor.reads.pvid is not None:
            self._pvid(port, {})
        return verbs.Traits(self._modes.get(port.name, "access"), self._vlan_names.get(port.name))

    def _blocked(self) -> tuple[str, ...] | None:
        read = self._vendor.reads.blocked
        if read is None:
            return None
        text = self._session.show(read.command)
        return tuple(sshtables.mac(found) for found in re.findall(read.row, text, re.IGNORECASE))

    def _show(self, command: str, port: PortRef, texts: dict[str, str]) -> str:
        line = verbs.filled(command, {"port": verbs.safe(port.name)})
        if line not in texts:
            texts[line] = self._session.show(line)
        return texts[line]

    def _indexes(self) -> dict[str, int]:
        read = self._vendor.reads.ifindex
        if self._ifindexes is None:
            text = self._session.show(read.command) if read else ""
            rows = re.finditer(read.row, text) if read else ()
            found = {self._vendor.long_name(r["port"]): int(r["ifindex"]) for r in rows}
            self._ifindexes = found
        return self._ifindexes


def uptime_of(text: str) -> int:
    """Milliseconds of `1 week, 2 days`, `1w2d`, `2 days 03:04:05`, `2:03:04:05`."""
    found = re.findall(r"(\d+)\s*(y|w|d|h|m)(?!s)", text.lower())
    clock = re.search(r"\b(?:(\d+):(?=\d+:\d+:))?(\d+):(\d\d)(?::(\d\d))?\b", text)
    clock_ms = (int(clock[1] or 0) * 1440 + int(clock[2]) * 60 + int(clock[3])) * 60_000 if clock else 0
    return clock_ms + sum(int(number) * UNITS_MS[unit] for number, unit in found)
