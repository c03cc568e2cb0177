"""The state as a sorted list of SNMP objects, and the few of them that can be set.

Objects: SNMPv2-MIB system, IF-MIB (RFC 2863), BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), ipNetToMedia (RFC 4293), LLDP-MIB
(IEEE 802.1AB). The FID of a VLAN is not its number, and a bridge port is not an ifIndex: both on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from controller.core.snmp import ber
from controller.core.snmp.ber import Oid

from .objects import ObjectTable
from .portlist import octets_of
from .state import EmulatedPort, SwitchState

IF = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
BRIDGE = (1, 3, 6, 1, 2, 1, 17)
QBRIDGE = (*BRIDGE, 7, 1)
LLDP = (1, 0, 8802, 1, 1, 2, 1)
PVID = (*QBRIDGE, 4, 5, 1, 1)
EGRESS, UNTAGGED = (*QBRIDGE, 4, 3, 1, 2), (*QBRIDGE, 4, 3, 1, 4)
STATIC_ALLOWED, STATIC_STATUS = (*QBRIDGE, 3, 1, 1, 3), (*QBRIDGE, 3, 1, 1, 4)
ADMIN = (*IF, 7)
ALIAS = (*IFX, 18)
CAPABILITY_BITS = {"bridge": 0x20, "wlan": 0x10, "router": 0x08, "phone": 0x04, "station": 0x01}
FID_OF_VLAN_OFFSET = 500
ETHERNET_CSMACD, IEEE8023AD_LAG = 6, 161


class MibView:
    """A sorted snapshot, made anew when the state has changed or link states may have settled."""

    def __init__(self, state: SwitchState) -> None:
        self._state = state
        self._made: tuple[int, float] = (-1, 0.0)
        self._tables: dict[str, ObjectTable] = {}

    def table(self, context: str = "") -> ObjectTable | None:
        """The whole switch, or one VLAN's forwarding table (`10`, `vlan-10`); None for a context that is none."""
        now_s = self._state.clock.monotonic_s()
        if self._made[0] != self._state.version or now_s - self._made[1] >= 0.05:
            self._made = (self._state.version, now_s)
            self._tables = {}
        if context not in self._tables:
            make = self._maker(context)
            if make is None:
                return None
            with self._state.lock:
                self._tables[context] = make(self._state)
        return self._tables[context]

    def _maker(self, context: str) -> Callable[[SwitchState], ObjectTable] | None:
        if not context:
            return _whole
        vlan = re.fullmatch(r"(?:vlan-)?(\d{1,4})", context)
        if vlan is None or int(vlan.group(1)) not in self._state.vlans:
            return None
        return lambda state: _of_vlan(state, int(vlan.group(1)))


def _text(value: str) -> bytes:
    return ber.octet_string(value.encode())


def _hex(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _whole(state: SwitchState) -> ObjectTable:
    values: dict[Oid, bytes] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): _text(f"Cordon emulated switch, {len(state.ports)} ports"),
        (1, 3, 6, 1, 2, 1, 1, 2, 0): ber.oid((1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): ber.integer(state.uptime_ms() // 10 % 2**32, ber.TIMETICKS),
        (1, 3, 6, 1, 2, 1, 1, 5, 0): _text(state.name),
    }
    for port in state.ports.values():
        _interface(values, state, port)
        if port.authorised is not None:  # dot1xAuthAuthControlledPortStatus
            values[(1, 0, 8802, 1, 1, 1, 1, 2, 1, 1, 5, port.ifindex)] = ber.integer(1 if port.authorised else 2)
        _lldp(values, port)
    _vlans(values, state)
    for mac, vlan, port in state.fdb():
        row = (vlan + FID_OF_VLAN_OFFSET, *_hex(mac))
        values[(*QBRIDGE, 2, 2, 1, 2, *row)] = ber.integer(port.bridge_port)
        values[(*QBRIDGE, 2, 2, 1, 3, *row)] = ber.integer(3)  # learned
    for ip, mac in state.arp.items():
        row = (1, *(int(part) for part in ip.split(".")))
        values[(1, 3, 6, 1, 2, 1, 4, 22, 1, 2, *row)] = ber.octet_string(_hex(mac))
    for mac, vlan in state.blocked:
        row = (vlan + FID_OF_VLAN_OFFSET, *_hex(mac), 0)
        values[(*STATIC_ALLOWED, *row)] = ber.octet_string(b"\0\0\0\0")
        values[(*STATIC_STATUS, *row)] = ber.integer(4)  # deleteOnReset
    return ObjectTable(values, (STATIC_ALLOWED, STATIC_STATUS) if state.lists.static_unicast else ())


def _of_vlan(state: SwitchState, vlan: int) -> ObjectTable:
    values: dict[Oid, bytes] = {(1, 3, 6, 1, 2, 1, 1, 5, 0): _text(state.name)}
    for mac, of, port in state.fdb():
        if of == vlan:
            values[(*BRIDGE, 1, 4, 1, 2, port.bridge_port)] = ber.integer(port.ifindex)
            values[(*BRIDGE, 4, 3, 1, 2, *_hex(mac))] = ber.integer(port.bridge_port)
            values[(*BRIDGE, 4, 3, 1, 3, *_hex(mac))] = ber.integer(3)
    return ObjectTable(values)


def _interface(values: dict[Oid, bytes], state: SwitchState, port: EmulatedPort) -> None:
    ix = port.ifindex
    values[(*IF, 1, ix)] = ber.integer(ix)
    values[(*IF, 2, ix)] = _text(port.name)
    values[(*IF, 3, ix)] = ber.integer(IEEE8023AD_LAG if port.lag else ETHERNET_CSMACD)
    values[(*ADMIN, ix)] = ber.integer(1 if port.admin_up else 2)
    values[(*IF, 8, ix)] = ber.integer(1 if state.oper_up(port) else 2)
    values[(*IFX, 1, ix)] = _text(port.name)
    values[(*ALIAS, ix)] = _text(port.alias)
    values[(*BRIDGE, 1, 4, 1, 1, port.bridge_port)] = ber.integer(port.bridge_port)
    values[(*BRIDGE, 1, 4, 1, 2, port.bridge_port)] = ber.integer(ix)
    values[(*PVID, port.bridge_port)] = ber.integer(port.pvid, ber.GAUGE32)


def _vlans(values: dict[Oid, bytes], state: SwitchState) -> None:
    for vlan in sorted(state.vlans | {port.pvid for port in state.ports.values()}):
        egress, untagged = state.lists.of(vlan, state.ports.values())
        values[(*QBRIDGE, 4, 2, 1, 3, 0, vlan)] = ber.integer(vlan + FID_OF_VLAN_OFFSET, ber.GAUGE32)
        values[(*QBRIDGE, 4, 3, 1, 1, vlan)] = _text(f"VLAN{vlan:04d}")
        values[(*EGRESS, vlan)] = ber.octet_string(octets_of(egress))
        values[(*UNTAGGED, vlan)] = ber.octet_string(octets_of(untagged))


def _lldp(values: dict[Oid, bytes], port: EmulatedPort) -> None:
    number = port.bridge_port + 1000  # LLDP's own numbering of local ports is neither of the other two
    values[(*LLDP, 3, 7, 1, 2, number)] = ber.integer(5)  # interfaceName
    values[(*LLDP, 3, 7, 1, 3, number)] = _text(port.name)
    values[(*LLDP, 3, 7, 1, 4, number)] = _text(port.name)
    if port.neighbour is None:
        return
    row, bits = (0, number, 1), bytes([CAPABILITY_BITS[port.neighbour.capability], 0])
    values[(*LLDP, 4, 1, 1, 6, *row)] = ber.integer(5)
    values[(*LLDP, 4, 1, 1, 7, *row)] = _text(port.neighbour.port_id)
    values[(*LLDP, 4, 1, 1, 9, *row)] = _text(port.neighbour.system_name)
    values[(*LLDP, 4, 1, 1, 11, *row)] = ber.octet_string(bits)
    values[(*LLDP, 4, 1, 1, 12, *row)] = ber.octet_string(bits)
