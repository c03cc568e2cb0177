"""The SNMP driver: tables by GETBULK; ports, VLANs, static entries and descriptions by SET; everything read back by GET."""

from __future__ import annotations

from controller.core.clock import Clock
from controller.core.errors import DeviceError, NotFound, Unsupported
from controller.core.sites import SwitchEntry
from controller.core.tables import ArpRow, DeviceFacts, FdbRow, Neighbour, PortRow
from playbooks.plan import Action, Admin, Expectation, Oper, PortRef, PortState, Step, Verb

from .driver import Capabilities, Exchange, Glance, ReadBack
from .faceplate import marked
from .find import Ahead, Finder, Gets
from .mib import objects as o
from .mib.arp import arp_rows
from .mib.fdb import fdb_rows
from .mib.neighbours import neighbour_rows
from .mib.ports import OPER, port_rows
from .mib.private import has_rows, wanted
from .mib.tagged import MORE
from .mib.walk import Oid, Value, Walk
from .portlist import holds
from .session import Session
from .snmpoffers import membership, offered_verbs
from .snmpsend import SnmpSender
from .snmpsteps import (
    INVALID,
    UP,
    admin_step,
    describe_step,
    dot1q_step,
    mac_block_step,
    no_such_verb,
    vmvlan_step,
    wanted_actions,
)
from .views import Views

AUTHORISED, UNAUTHORISED = 1, 2
STATE_COLUMNS = (o.IF_ADMIN, o.IF_OPER, o.IF_NAME, o.IF_DESCR, o.IF_ALIAS, o.VM_VLAN)


class SnmpDriver:
    """One switch over SNMP v2c or v3. Its commands are those of snmpsteps.py."""

    via = "snmp"

    def __init__(self, entry: SwitchEntry, session: Session, clock: Clock) -> None:
        self.switch = entry.name
        self._session, self._clock = session, clock
        self._bridge_of: dict[int, int] = {}
        self._verbs: frozenset[Verb] | None = None
        self._sender = SnmpSender(entry.name, session)
        self._views = Views(session, entry.snmp.version if entry.snmp else "2c")
        self._finder = Finder(session, self._views)

    def capabilities(self) -> Capabilities:
        """What the agent shows that it has: read once, at the first question."""
        if self._verbs is None:
            self._verbs = offered_verbs(self._session)
        return Capabilities(self._verbs)

    def facts(self) -> DeviceFacts:
        """The system group."""
        name, description, uptime = self._session.get(o.SYS_NAME, o.SYS_DESCR, o.SYS_UPTIME)
        return DeviceFacts(_text(name), _text(description), (uptime if isinstance(uptime, int) else 0) * 10)

    def ports(self) -> tuple[PortRow, ...]:
        """ifTable, ifXTable, bridge ports, VLANs."""
        columns = self._session.columns((*o.PORT_COLUMNS, *o.VLAN_COLUMNS, o.LAG_ATTACHED))
        if not columns[o.VLAN_EGRESS]:
            columns = {**columns, **self._if_it_can(MORE)}
        rows = marked(port_rows(Walk.by_column(columns)))
        self._bridge_of = {row.ifindex: row.bridge_port for row in rows if row.bridge_port is not None}
        return rows

    def fdb(self) -> tuple[FdbRow, ...]:
        """Every learned MAC with its verdict."""
        columns = self._session.columns((*o.FDB_COLUMNS, o.IF_NAME, o.IF_DESCR, o.IF_TYPE, o.LAG_ATTACHED))
        walk = Walk.by_column(columns)
        private, views = self._private(walk), self._views.read(walk)
        # Rows of a maker's own table cannot be asked for one by one: what is not in the standard tables would seem gone.
        if has_rows(private):
            self._finder.forget()
        else:
            self._finder.remember(columns, views)
        return fdb_rows(Walk.by_column(columns | private), views)

    def _private(self, walk: Walk) -> dict[Oid, dict[Oid, Value]]:
        """Columns of the maker's own tables."""
        return self._if_it_can(wanted(walk))

    def _if_it_can(self, columns: tuple[Oid, ...]) -> dict[Oid, dict[Oid, Value]]:
        """None if the agent cannot cope with the question: the others are good."""
        try:
            return self._session.columns(columns) if columns else {}
        except DeviceError:
            return {}

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

    def look(self, mac: str, *, ip: str | None, ifindex: int | None, port: PortRef | None = None) -> Glance | None:
        """Both, and the state of a port, by one GET where the MAC hangs on the interface where it hung before."""
        bridge_port = self._bridge_of.get(ifindex or 0)
        questions = self._finder.questions(mac, ip, bridge_port)
        if questions is None:
            return None
        ahead = Ahead(self._session, questions + (self._state_names(port) if port else []))
        state = self._state(port, ahead) if port else None
        rows, bindings = self._finder.find(mac, ahead), self._finder.bindings(ip, ahead) if ip else ()
        return None if rows is None or bindings is None else Glance(rows, bindings, state)

    def authorised(self, port: PortRef) -> bool | None:
        """dot1xAuthAuthControlledPortStatus; None where there is none."""
        (status,) = self._session.get((*o.DOT1X_STATUS, port.ifindex))
        return {AUTHORISED: True, UNAUTHORISED: False}.get(status if isinstance(status, int) else 0)

    def neighbours(self) -> tuple[Neighbour, ...]:
        """LLDP and CDP."""
        return neighbour_rows(
            self._walk(
                *o.LLDP_COLUMNS,
                *o.LLDP2_COLUMNS,
                *o.CDP_COLUMNS,
                o.IF_NAME,
                o.IF_DESCR,
                o.IF_ALIAS,
                o.BASE_PORT_IFINDEX,
            )
        )

    def port_state(self, port: PortRef) -> PortState:
        """One GET: names must still fit, or the ifIndex has become another port's."""
        return self._state(port, self._session)

    def _state_names(self, port: PortRef) -> list[Oid]:
        bridge_port = self._bridge_port(port)
        names: list[Oid] = [(*column, port.ifindex) for column in STATE_COLUMNS]
        return names if bridge_port is None else [*names, (*o.PVID, bridge_port)]

    def _state(self, port: PortRef, by: Gets) -> PortState:
        admin, oper, name, descr, alias, vm_vlan, *pvid = by.get(*self._state_names(port))
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
            oper=OPER.get(oper if isinstance(oper, int) else 0, Oper.UNKNOWN),
            pvid=next((v for v in (vm_vlan, *pvid) if isinstance(v, int) and v > 0), None),
            description=_alias(alias),
            read_ms=self._clock.now_ms(),
        )

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        """One step, and the one back to the prior state; reads what the undo must know. `restore` makes `prior` so again."""
        if action.verb is Verb.RESTORE:
            now = self.port_state(action.port)
            return tuple(self._step(a, now, i) for i, a in enumerate(wanted_actions(action.port, now, prior)))
        return (self._step(action, prior, 0),)

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        """SET."""
        return self._sender.send(step.commands)

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        """SET back."""
        return self._sender.send(step.undo)

    def confirm(self) -> None:
        """Nothing to confirm: a SET is not a candidate configuration."""

    def read_back(self, expectation: Expectation) -> ReadBack:
        """GET and compare. A PVID is met only if the VLAN's untagged list, where there is one, holds the port too, and the
        egress lists of the VLANs that it left do not."""
        state = self.port_state(expectation.port)
        if expectation.blocked_mac or expectation.unblocked_mac:
            state = state.model_copy(update={"blocked_macs": self._blocked()})
        wrong = expectation.differences(state)
        if expectation.pvid is not None and state.pvid == expectation.pvid:
            wrong += self._not_member(expectation.port, expectation.pvid, expectation.left_vlans)
        return ReadBack(expectation, state, wrong)

    def close(self) -> None:
        """Let go of the socket."""
        self._session.close()

    def _step(self, action: Action, prior: PortState, index: int) -> Step:
        port = action.port
        if action.verb in (Verb.SHUT, Verb.UNSHUT):
            return admin_step(port, up=action.verb is Verb.UNSHUT, index=index)
        if action.verb is Verb.DESCRIBE and action.text is not None and prior.description is not None:
            return describe_step(port, action.text, prior.description, index)
        if action.verb is Verb.QUARANTINE_VLAN and action.vlan is not None and prior.pvid is not None:
            return self._move(port, action.vlan, prior.pvid, index)
        if action.verb is Verb.MAC_BLOCK and action.mac and Verb.MAC_BLOCK in self.capabilities().verbs:
            return self._block(port, action.mac.lower(), index)
        raise no_such_verb(action.verb, self.switch)

    def _move(self, port: PortRef, vlan: int, prior: int, index: int) -> Step:
        (vm_vlan,) = self._session.get((*o.VM_VLAN, port.ifindex))
        if isinstance(vm_vlan, int) and vm_vlan > 0:
            return vmvlan_step(port, vlan, prior, index)
        bridge_port = self._bridge_port(port)
        if bridge_port is None:
            raise Unsupported(f"{port.name} is no bridge port", where=self.switch)
        member = membership(self._walk(o.VLAN_EGRESS, o.VLAN_UNTAGGED), bridge_port, (vlan, prior))
        if member is None:
            raise Unsupported(f"VLAN {vlan} or {prior} is not in its table of VLANs", where=self.switch)
        if member.lists and prior not in member.untagged:
            raise Unsupported(f"PVID {prior} of {port.name} is not a VLAN it is untagged in", where=self.switch)
        return dot1q_step(port, vlan, prior, member, index)

    def _block(self, port: PortRef, mac: str, index: int) -> Step:
        found = self.find(mac)
        rows = [row for row in (self.fdb() if found is None else found) if row.mac == mac and row.fid is not None]
        rows = [row for row in rows if row.ifindex == port.ifindex]
        if len(rows) != 1 or rows[0].fid is None:
            raise Unsupported(f"{mac} is not in exactly one forwarding database at {port.name}", where=self.switch)
        fid, octets = rows[0].fid, bytes.fromhex(mac.replace(":", ""))
        if self._session.get((*o.STATIC_STATUS, fid, *octets, 0)) != [None]:
            raise Unsupported(f"{mac} has a static entry already, which is not overwritten", where=self.switch)
        lists = self._walk(o.VLAN_EGRESS).column(o.VLAN_EGRESS).values()
        size = max((len(value) for value in lists if isinstance(value, bytes)), default=4)
        return mac_block_step(port, mac, fid, size, index)

    def _blocked(self) -> tuple[str, ...]:
        """MACs with a static entry that lets them out of no port."""
        walk = self._walk(o.STATIC_ALLOWED, o.STATIC_STATUS)
        status = dict(walk.numbers(o.STATIC_STATUS))
        empty = (i for i, ports in walk.column(o.STATIC_ALLOWED).items() if isinstance(ports, bytes) and not any(ports))
        return tuple(sorted(bytes(i[1:7]).hex(":") for i in empty if len(i) == 8 and status.get(i, INVALID) != INVALID))

    def _not_member(self, port: PortRef, vlan: int, left: tuple[int, ...]) -> tuple[str, ...]:
        """It is untagged in its VLAN, and out of those that it left: a port may be a member of VLANs beside its PVID's."""
        bridge_port = self._bridge_port(port)
        if bridge_port is None:
            return ()
        untagged, *others = self._session.get((*o.VLAN_UNTAGGED, vlan), *((*o.VLAN_EGRESS, old) for old in left))
        wrong = [f"it is no untagged member of VLAN {vlan}"] if _misses(untagged, bridge_port) else []
        still = (
            old
            for old, ports in zip(left, others, strict=True)
            if isinstance(ports, bytes) and holds(ports, bridge_port)
        )
        return (*wrong, *(f"it is still a member of VLAN {old}" for old in still))

    def _bridge_port(self, port: PortRef) -> int | None:
        if not self._bridge_of:
            column = self._walk(o.BASE_PORT_IFINDEX)
            self._bridge_of = {v: i[0] for i, v in column.numbers(o.BASE_PORT_IFINDEX)}
        return self._bridge_of.get(port.ifindex)

    def _walk(self, *roots: Oid) -> Walk:
        return Walk.by_column(self._session.columns(roots))


def _text(value: Value | None) -> str:
    return value.decode("utf-8", "replace").strip("\x00\r\n ") if isinstance(value, bytes) else ""


def _misses(ports: Value | None, bridge_port: int) -> bool:
    return isinstance(ports, bytes) and not holds(ports, bridge_port)


def _alias(value: Value | None) -> str | None:
    """ifAlias; None for one that is no text, and could not be restored as it was."""
    try:
        return value.decode().strip("\x00\r\n ") if isinstance(value, bytes) else ""
    except UnicodeDecodeError:
        return None
