"""The state as a sorted list of SNMP objects, and the few of them that can be set.

Objects: SNMPv2-MIB system, IF-MIB (RFC 2863), BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), ipNetToMedia (RFC 4293), LLDP-MIB
(IEEE 802.1AB). The FID of a VLAN is not its number, and a bridge port is not an ifIndex: both on purpose.
"""

from __future__ import annotations

import bisect
from typing import Any

from pysnmp.proto import rfc1902

from .state import EmulatedPort, SwitchState

Oid = tuple[int, ...]
IF = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
BRIDGE = (1, 3, 6, 1, 2, 1, 17)
QBRIDGE = (*BRIDGE, 7, 1)
LLDP = (1, 0, 8802, 1, 1, 2, 1)
PVID = (*QBRIDGE, 4, 5, 1, 1)
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
        self._oids: list[Oid] = []
        self._values: dict[Oid, Any] = {}

    def get(self, oid: Oid) -> Any | None:
        """The value of an instance, or None."""
        self._refresh()
        return self._values.get(oid)

    def after(self, oid: Oid) -> tuple[Oid, Any] | None:
        """The first instance behind `oid`, or None at the end."""
        self._refresh()
        at = bisect.bisect_right(self._oids, oid)
        return (self._oids[at], self._values[self._oids[at]]) if at < len(self._oids) else None

    def _refresh(self) -> None:
        now_s = self._state.clock.monotonic_s()
        if self._made[0] == self._state.version and now_s - self._made[1] < 0.05:
            return
        with self._state.lock:
            self._made = (self._state.version, now_s)
            self._values = _objects(self._state)
        self._oids = sorted(self._values)


def _objects(state: SwitchState) -> dict[Oid, Any]:
    values: dict[Oid, Any] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): rfc1902.OctetString(f"Cordon emulated switch, {len(state.ports)} ports"),
        (1, 3, 6, 1, 2, 1, 1, 2, 0): rfc1902.ObjectIdentifier((1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): rfc1902.TimeTicks(state.uptime_ms() // 10),
        (1, 3, 6, 1, 2, 1, 1, 5, 0): rfc1902.OctetString(state.name),
    }
    for port in state.ports.values():
        _interface(values, state, port)
        _lldp(values, port)
    _vlans(values, state)
    for mac, vlan, port in state.fdb():
        row = (vlan + FID_OF_VLAN_OFFSET, *bytes.fromhex(mac.replace(":", "")))
        values[(*QBRIDGE, 2, 2, 1, 2, *row)] = rfc1902.Integer32(port.bridge_port)
        values[(*QBRIDGE, 2, 2, 1, 3, *row)] = rfc1902.Integer32(3)  # learned
    for ip, mac in state.arp.items():
        row = (1, *(int(part) for part in ip.split(".")))
        values[(1, 3, 6, 1, 2, 1, 4, 22, 1, 2, *row)] = rfc1902.OctetString(bytes.fromhex(mac.replace(":", "")))
    return values


def _interface(values: dict[Oid, Any], state: SwitchState, port: EmulatedPort) -> None:
    ix = port.ifindex
    values[(*IF, 1, ix)] = rfc1902.Integer32(ix)
    values[(*IF, 2, ix)] = rfc1902.OctetString(port.name)
    values[(*IF, 3, ix)] = rfc1902.Integer32(IEEE8023AD_LAG if port.lag else ETHERNET_CSMACD)
    values[(*ADMIN, ix)] = rfc1902.Integer32(1 if port.admin_up else 2)
    values[(*IF, 8, ix)] = rfc1902.Integer32(1 if state.oper_up(port) else 2)
    values[(*IFX, 1, ix)] = rfc1902.OctetString(port.name)
    values[(*ALIAS, ix)] = rfc1902.OctetString(port.alias)
    values[(*BRIDGE, 1, 4, 1, 1, port.bridge_port)] = rfc1902.Integer32(port.bridge_port)
    values[(*BRIDGE, 1, 4, 1, 2, port.bridge_port)] = rfc1902.Integer32(ix)
    values[(*PVID, port.bridge_port)] = rfc1902.Gauge32(port.pvid)


def _vlans(values: dict[Oid, Any], state: SwitchState) -> None:
    vlans = sorted({port.pvid for port in state.ports.values()} | {10})
    for vlan in vlans:
        tagged = [p.bridge_port for p in state.ports.values() if p.trunk]
        untagged = [p.bridge_port for p in state.ports.values() if not p.trunk and p.pvid == vlan]
        values[(*QBRIDGE, 4, 2, 1, 3, 0, vlan)] = rfc1902.Gauge32(vlan + FID_OF_VLAN_OFFSET)
        values[(*QBRIDGE, 4, 3, 1, 1, vlan)] = rfc1902.OctetString(f"VLAN{vlan:04d}")
        values[(*QBRIDGE, 4, 3, 1, 2, vlan)] = rfc1902.OctetString(_port_list(tagged + untagged))
        values[(*QBRIDGE, 4, 3, 1, 4, vlan)] = rfc1902.OctetString(_port_list(untagged))


def _lldp(values: dict[Oid, Any], port: EmulatedPort) -> None:
    number = port.bridge_port + 1000  # LLDP's own numbering of local ports is neither of the other two
    values[(*LLDP, 3, 7, 1, 2, number)] = rfc1902.Integer32(5)  # interfaceName
    values[(*LLDP, 3, 7, 1, 3, number)] = rfc1902.OctetString(port.name)
    values[(*LLDP, 3, 7, 1, 4, number)] = rfc1902.OctetString(port.name)
    if port.neighbour is None:
        return
    row, bits = (0, number, 1), bytes([CAPABILITY_BITS[port.neighbour.capability], 0])
    values[(*LLDP, 4, 1, 1, 6, *row)] = rfc1902.Integer32(5)
    values[(*LLDP, 4, 1, 1, 7, *row)] = rfc1902.OctetString(port.neighbour.port_id)
    values[(*LLDP, 4, 1, 1, 9, *row)] = rfc1902.OctetString(port.neighbour.system_name)
    values[(*LLDP, 4, 1, 1, 11, *row)] = rfc1902.OctetString(bits)
    values[(*LLDP, 4, 1, 1, 12, *row)] = rfc1902.OctetString(bits)


def _port_list(bridge_ports: list[int]) -> bytes:
    """PortList of Q-BRIDGE-MIB: bit 1 is the top bit of the first octet."""
    octets = bytearray(max(bridge_ports, default=0) // 8 + 1)
    for number in bridge_ports:
        octets[(number - 1) // 8] |= 0x80 >> ((number - 1) % 8)
    return bytes(octets)
