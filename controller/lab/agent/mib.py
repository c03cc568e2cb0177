"""BRIDGE-MIB (RFC 4188) and Q-BRIDGE-MIB (RFC 4363) of a lab switch as a sorted table of objects, and what can be set."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field

from .bridge import Bridge

Oid = tuple[int, ...]
Varbind = tuple[Oid, str, str]  # pass_persist's type word and text

ROOT: Oid = (1, 3, 6, 1, 2, 1, 17)
BASE_PORT, BASE_IFINDEX = (*ROOT, 1, 4, 1, 1), (*ROOT, 1, 4, 1, 2)
TP_ADDRESS, TP_PORT, TP_STATUS = ((*ROOT, 4, 3, 1, n) for n in (1, 2, 3))
Q_PORT, Q_STATUS = (*ROOT, 7, 1, 2, 2, 1, 2), (*ROOT, 7, 1, 2, 2, 1, 3)
VLAN_FDB_ID, VLAN_NOW_EGRESS, VLAN_NOW_UNTAGGED = ((*ROOT, 7, 1, 4, 2, 1, n) for n in (3, 4, 5))
STATIC_NAME, STATIC_EGRESS, STATIC_UNTAGGED, STATIC_STATUS = ((*ROOT, 7, 1, 4, 3, 1, n) for n in (1, 2, 4, 5))
PVID = (*ROOT, 7, 1, 4, 5, 1, 1)
LEARNED = 3


@dataclass
class Mib:
    """Objects of one switch. `egress` and `untagged` are static member lists that somebody has set: VLAN -> ports."""

    bridge: Bridge
    egress: dict[int, set[int]] = field(default_factory=dict)
    untagged: dict[int, set[int]] = field(default_factory=dict)

    _table: list[Varbind] = field(default_factory=list)
    _names: list[Oid] = field(default_factory=list)

    def get(self, oid: Oid) -> Varbind | None:
        """One object."""
        self._renew()
        place = bisect.bisect_left(self._names, oid)
        return self._table[place] if place < len(self._names) and self._names[place] == oid else None

    def after(self, oid: Oid) -> Varbind | None:
        """The next object."""
        self._renew()
        place = bisect.bisect_right(self._names, oid)
        return self._table[place] if place < len(self._table) else None

    def _renew(self) -> None:
        """Make the table anew if the switch was read anew."""
        if self.bridge.refresh() or not self._table:
            self._table = sorted(self._objects())
            self._names = [oid for oid, _, _ in self._table]

    def set(self, oid: Oid, kind: str, value: str) -> str:
        """Change an object; pass_persist's word for how it went."""
        self.bridge.refresh()
        self._table = []
        if oid[:-1] == PVID:
            return self._set_pvid(oid[-1], kind, value)
        if oid[:-1] in (STATIC_EGRESS, STATIC_UNTAGGED):
            return self._set_members(oid, kind, value)
        return "not-writable"

    def _set_pvid(self, number: int, kind: str, value: str) -> str:
        port = self.bridge.ports.get(number)
        if port is None:
            return "no-creation"
        if kind not in ("gauge", "unsigned", "integer"):
            return "wrong-type"
        vlan = int(value)
        if not 1 <= vlan <= 4094 or not port.tag:  # the PVID of a trunk is not ours to change
            return "wrong-value"
        self.bridge.move(number, vlan)
        for members in (self.egress, self.untagged):
            for ports in members.values():
                ports.discard(number)
        return "DONE"

    def _set_members(self, oid: Oid, kind: str, value: str) -> str:
        """Static members: kept, and shown beside what the PVIDs make; Open vSwitch forwards access ports by PVID alone."""
        vlan = oid[-1]
        if kind not in ("octet", "string"):
            return "wrong-type"
        if vlan not in self.bridge.vlans():
            return "no-creation"
        asked = port_numbers(bytes.fromhex(value.replace(" ", "")) if kind == "octet" else value.encode("latin-1"))
        if not asked <= set(self.bridge.ports):
            return "wrong-value"
        table = self.egress if oid[:-1] == STATIC_EGRESS else self.untagged
        table[vlan] = asked
        return "DONE"

    def _objects(self) -> Iterator[Varbind]:
        for number, port in self.bridge.ports.items():
            yield (*BASE_PORT, number), "integer", str(number)
            yield (*BASE_IFINDEX, number), "integer", str(port.ifindex)
            yield (*PVID, number), "gauge", str(port.tag or 1)
        for number, vlan, mac in self.bridge.rows:
            octets = tuple(int(part, 16) for part in mac.split(":"))
            if number not in self.bridge.ports:
                continue
            yield (*TP_ADDRESS, *octets), "octet", mac.replace(":", " ")
            yield (*TP_PORT, *octets), "integer", str(number)
            yield (*TP_STATUS, *octets), "integer", str(LEARNED)
            yield (*Q_PORT, vlan, *octets), "integer", str(number)
            yield (*Q_STATUS, vlan, *octets), "integer", str(LEARNED)
        yield from self._vlans()

    def _vlans(self) -> Iterator[Varbind]:
        for vlan in self.bridge.vlans():
            access = {n for n, port in self.bridge.ports.items() if port.tag == vlan}
            tagged = {n for n, port in self.bridge.ports.items() if not port.tag and vlan in port.trunks}
            egress = self.egress.get(vlan, access | tagged)
            untagged = self.untagged.get(vlan, access)
            yield (*VLAN_FDB_ID, 0, vlan), "gauge", str(vlan)
            yield (*VLAN_NOW_EGRESS, 0, vlan), "octet", _hex(access | tagged)
            yield (*VLAN_NOW_UNTAGGED, 0, vlan), "octet", _hex(access)
            yield (*STATIC_NAME, vlan), "string", f"vlan{vlan}"
            yield (*STATIC_EGRESS, vlan), "octet", _hex(egress)
            yield (*STATIC_UNTAGGED, vlan), "octet", _hex(untagged)
            yield (*STATIC_STATUS, vlan), "integer", "1"


def port_numbers(octets: bytes) -> set[int]:
    """PortList (RFC 4363): bit 1 is the top bit of the first octet."""
    return {place * 8 + bit + 1 for place, octet in enumerate(octets) for bit in range(8) if octet & (0x80 >> bit)}


def port_octets(numbers: set[int], size: int = 8) -> bytes:
    """The other way."""
    octets = bytearray(max(size, (max(numbers, default=1) + 7) // 8))
    for number in numbers:
        octets[(number - 1) // 8] |= 0x80 >> ((number - 1) % 8)
    return bytes(octets)


def _hex(numbers: set[int]) -> str:
    return port_octets(numbers).hex(" ")
