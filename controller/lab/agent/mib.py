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
# What is registered with net-snmp: each part has a process of its own, and what is in none of them does not exist here.
# Everything that can be set is in one part.
PORTS, LEARNED_ROWS, VLAN_ROWS, VLANS = (*ROOT, 1), (*ROOT, 4), (*ROOT, 7, 1, 2), (*ROOT, 7, 1, 4)
PARTS: tuple[Oid, ...] = (PORTS, LEARNED_ROWS, VLAN_ROWS, VLANS)


@dataclass
class Mib:
    """Objects of one switch. `egress` and `untagged`: VLAN -> port -> whether it is a static member, where somebody has set
    that to something else than the PVIDs make it."""

    bridge: Bridge
    root: Oid = ROOT
    egress: dict[int, dict[int, bool]] = field(default_factory=dict)
    untagged: dict[int, dict[int, bool]] = field(default_factory=dict)

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

    def _has(self, part: Oid) -> bool:
        """Whether a part is below the root, or the root in that part."""
        size = min(len(part), len(self.root))
        return part[:size] == self.root[:size]

    def _renew(self) -> None:
        """Make the table anew if the switch was read anew: a real agent answers in a millisecond, and nothing else of the
        lab should look slow for this one."""
        rows = self._has(LEARNED_ROWS) or self._has(VLAN_ROWS)
        if self.bridge.refresh(rows=rows) or not self._table:
            size = len(self.root)
            self._table = sorted(found for found in self._objects() if found[0][:size] == self.root)
            self._names = [oid for oid, _, _ in self._table]

    def set(self, oid: Oid, kind: str, value: str) -> str:
        """Change an object; pass_persist's word for how it went."""
        self.bridge.refresh(rows=False)
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
        is_egress = oid[:-1] == STATIC_EGRESS
        access, tagged = _made_by_pvids(self.bridge, vlan)
        made = access | tagged if is_egress else access
        table = self.egress if is_egress else self.untagged
        table[vlan] = {number: number in asked for number in asked ^ made}
        return "DONE"

    def _objects(self) -> Iterator[Varbind]:
        for part, objects in (
            (PORTS, self._ports),
            (LEARNED_ROWS, self._learned),
            (VLAN_ROWS, self._learned),
            (VLANS, self._vlans),
        ):
            if self._has(part):
                yield from (found for found in objects() if found[0][: len(part)] == part)

    def _ports(self) -> Iterator[Varbind]:
        for number, port in self.bridge.ports.items():
            yield (*BASE_PORT, number), "integer", str(number)
            yield (*BASE_IFINDEX, number), "integer", str(port.ifindex)

    def _learned(self) -> Iterator[Varbind]:
        for number, vlan, mac in self.bridge.rows:
            octets = tuple(int(part, 16) for part in mac.split(":"))
            if number not in self.bridge.ports:
                continue
            yield (*TP_ADDRESS, *octets), "octet", mac.replace(":", " ")
            yield (*TP_PORT, *octets), "integer", str(number)
            yield (*TP_STATUS, *octets), "integer", str(LEARNED)
            yield (*Q_PORT, vlan, *octets), "integer", str(number)
            yield (*Q_STATUS, vlan, *octets), "integer", str(LEARNED)

    def _vlans(self) -> Iterator[Varbind]:
        for number, port in self.bridge.ports.items():
            yield (*PVID, number), "gauge", str(port.tag or 1)
        for vlan in self.bridge.vlans():
            access, tagged = _made_by_pvids(self.bridge, vlan)
            egress = _changed(access | tagged, self.egress.get(vlan, {}))
            untagged = _changed(access, self.untagged.get(vlan, {}))
            yield (*VLAN_FDB_ID, 0, vlan), "gauge", str(vlan)
            yield (*VLAN_NOW_EGRESS, 0, vlan), "octet", _hex(access | tagged)
            yield (*VLAN_NOW_UNTAGGED, 0, vlan), "octet", _hex(access)
            yield (*STATIC_NAME, vlan), "string", f"vlan{vlan}"
            yield (*STATIC_EGRESS, vlan), "octet", _hex(egress)
            yield (*STATIC_UNTAGGED, vlan), "octet", _hex(untagged)
            yield (*STATIC_STATUS, vlan), "integer", "1"


def _made_by_pvids(bridge: Bridge, vlan: int) -> tuple[set[int], set[int]]:
    """Access ports of a VLAN, and trunks that carry it."""
    ports = bridge.ports.items()
    return {n for n, p in ports if p.tag == vlan}, {n for n, p in ports if not p.tag and vlan in p.trunks}


def _changed(made: set[int], changes: dict[int, bool]) -> set[int]:
    """With what was set; a change that has come true meanwhile is forgotten."""
    for number in [n for n, member in changes.items() if member == (n in made)]:
        del changes[number]
    return {n for n in made | set(changes) if changes.get(n, True)}


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
