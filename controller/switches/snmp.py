"""The SNMP driver: tables by GETBULK, ifAdminStatus and dot1qPvid by SET, everything read back by GET."""

from __future__ import annotations

import time

from controller.core.clock import Clock
from controller.core.errors import CommandRejected, DeviceError, NotFound, Unsupported
from controller.core.sites import SwitchEntry
from controller.core.tables import ArpRow, DeviceFacts, FdbRow, Neighbour, PortRow
from playbooks.plan import Action, Admin, Expectation, Oper, PortRef, PortState, Step, Verb

from .driver import Capabilities, Exchange, ReadBack
from .find import Finder
from .mib import objects as o
from .mib.arp import arp_rows
from .mib.fdb import fdb_rows
from .mib.neighbours import neighbour_rows
from .mib.ports import port_rows
from .mib.walk import Oid, Value, Walk, oid
from .session import Session
from .views import Views
from .wire.setting import Setting

UP, DOWN = 1, 2


class SnmpDriver:
    """One switch over SNMP v2c or v3. Commands are text: `set OID TYPE VALUE` with snmpset's types i, u and s."""

    via = "snmp"

    def __init__(self, entry: SwitchEntry, session: Session, clock: Clock) -> None:
        self.switch = entry.name
        self._session, self._clock = session, clock
        self._bridge_of: dict[int, int] = {}
        self._views = Views(session, entry.snmp.version if entry.snmp else "2c")
        self._finder = Finder(session, self._views)

    def capabilities(self) -> Capabilities:
        """Shut, and quarantine by PVID."""
        return Capabilities(frozenset({Verb.SHUT, Verb.QUARANTINE_VLAN, Verb.OBSERVE}))

    def facts(self) -> DeviceFacts:
        """The system group."""
        name, description, uptime = self._session.get(o.SYS_NAME, o.SYS_DESCR, o.SYS_UPTIME)
        return DeviceFacts(_text(name), _text(description), (uptime if isinstance(uptime, int) else 0) * 10)

    def ports(self) -> tuple[PortRow, ...]:
        """ifTable, ifXTable, bridge ports, VLANs."""
        rows = port_rows(self._walk(*o.PORT_COLUMNS, *o.VLAN_COLUMNS, o.LAG_ATTACHED))
        self._bridge_of = {row.ifindex: row.bridge_port for row in rows if row.bridge_port is not None}
        return rows

    def fdb(self) -> tuple[FdbRow, ...]:
        """Every learned MAC with its verdict."""
        columns = self._session.columns((*o.FDB_COLUMNS, o.IF_NAME, o.IF_DESCR, o.IF_TYPE, o.LAG_ATTACHED))
        walk = Walk.by_column(columns)
        views = self._views.read(walk)
        self._finder.remember(columns, views)
        return fdb_rows(walk, views)

    def arp(self) -> tuple[ArpRow, ...]:
        """IPv4 and IPv6 bindings."""
        rows = arp_rows(self._walk(o.ARP_MAC, o.ARP_TYPE, o.NEIGHBOUR_MAC, o.NEIGHBOUR_TYPE))
        self._finder.remember_addresses(rows)
        return rows

    def find(self, mac: str) -> tuple[FdbRow, ...] | None:
        """One MAC by GET."""
        return self._finder.find(mac)

    def bindings(self, ip: str) -> tuple[ArpRow, ...] | None:
        """One IPv4 address by GET."""
        return self._finder.bindings(ip)

    def neighbours(self) -> tuple[Neighbour, ...]:
        """LLDP and CDP."""
        return neighbour_rows(self._walk(*o.LLDP_COLUMNS, *o.CDP_COLUMNS, o.IF_NAME, o.IF_DESCR, o.BASE_PORT_IFINDEX))

    def port_state(self, port: PortRef) -> PortState:
        """One GET: names must still fit, or the ifIndex has become another port's."""
        bridge_port = self._bridge_port(port)
        wanted = [o.IF_ADMIN, o.IF_OPER, o.IF_NAME, o.IF_DESCR, o.IF_ALIAS]
        oids: list[Oid] = [(*column, port.ifindex) for column in wanted]
        if bridge_port is not None:
            oids.append((*o.PVID, bridge_port))
        admin, oper, name, descr, alias, *pvid = self._session.get(*oids)
        if not isinstance(admin, int):
            raise NotFound(f"has no interface with ifIndex {port.ifindex}", where=self.switch)
        if port.name not in (_text(name), _text(descr)):
            seen = _text(name) or _text(descr)
            raise DeviceError(
                f"ifIndex {port.ifindex} is {seen} now, not {port.name}",
                where=self.switch,
                do="read the port table again",
            )
        return PortState(
            port=port,
            admin=Admin.UP if admin == UP else Admin.DOWN,
            oper={UP: Oper.UP, DOWN: Oper.DOWN}.get(oper if isinstance(oper, int) else 0, Oper.UNKNOWN),
            pvid=pvid[0] if pvid and isinstance(pvid[0], int) else None,
            description=_text(alias),
            read_ms=self._clock.now_ms(),
        )

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        """One SET, and one back to the prior value."""
        port = action.port
        if action.verb is Verb.SHUT:
            return (self._shut(port),)
        if action.verb is Verb.QUARANTINE_VLAN and action.vlan is not None and prior.pvid is not None:
            return (self._quarantine(port, action.vlan, prior.pvid),)
        raise Unsupported(f"the SNMP driver cannot {action.verb} on this switch", where=self.switch, do="use via: ssh")

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        """SET."""
        return tuple(self._run(command) for command in step.commands)

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        """SET back."""
        return tuple(self._run(command) for command in step.undo)

    def confirm(self) -> None:
        """Nothing to confirm: a SET is not a candidate configuration."""

    def read_back(self, expectation: Expectation) -> ReadBack:
        """GET and compare."""
        state = self.port_state(expectation.port)
        return ReadBack(expectation, state, expectation.differences(state))

    def close(self) -> None:
        """Let go of the socket."""
        self._session.close()

    def _shut(self, port: PortRef) -> Step:
        where = ".".join(map(str, (*o.IF_ADMIN, port.ifindex)))
        return Step(
            index=0,
            title=f"shut {port.name}",
            commands=(f"set {where} i {DOWN}",),
            undo=(f"set {where} i {UP}",),
            expect=Expectation(port=port, admin=Admin.DOWN),
            undo_expect=Expectation(port=port, admin=Admin.UP),
        )

    def _quarantine(self, port: PortRef, vlan: int, prior: int) -> Step:
        bridge_port = self._bridge_port(port)
        if bridge_port is None:
            raise Unsupported(f"{port.name} is no bridge port", where=self.switch)
        where = ".".join(map(str, (*o.PVID, bridge_port)))
        return Step(
            index=0,
            title=f"move {port.name} to VLAN {vlan}",
            commands=(f"set {where} u {vlan}",),
            undo=(f"set {where} u {prior}",),
            expect=Expectation(port=port, pvid=vlan),
            undo_expect=Expectation(port=port, pvid=prior),
        )

    def _run(self, command: str) -> Exchange:
        _, where, kind, value = command.split(maxsplit=3)
        begun = time.perf_counter()
        try:
            answered = self._session.set(Setting(oid(where), kind, value.encode() if kind == "s" else int(value)))
        except CommandRejected as error:
            error.details["exchanges"] = (Exchange(command, error.what, _ms(begun)),)
            raise
        return Exchange(command, f"answered {answered!r}", _ms(begun))

    def _bridge_port(self, port: PortRef) -> int | None:
        if not self._bridge_of:
            column = self._walk(o.BASE_PORT_IFINDEX)
            self._bridge_of = {v: i[0] for i, v in column.numbers(o.BASE_PORT_IFINDEX)}
        return self._bridge_of.get(port.ifindex)

    def _walk(self, *roots: Oid) -> Walk:
        return Walk.by_column(self._session.columns(roots))


def _text(value: Value | None) -> str:
    return value.decode("utf-8", "replace").strip("\x00\r\n ") if isinstance(value, bytes) else ""


def _ms(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)
