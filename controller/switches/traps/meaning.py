"""What a notification says, by the MIB that defines it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from controller.core.snmp.ber import Oid
from controller.switches.mib import objects as o
from controller.switches.mib.arp import mac_of
from controller.switches.mib.fdb import octets_as_mac
from controller.switches.mib.walk import Value, oid

TRAP_OID = oid("1.3.6.1.6.3.1.1.4.1.0")
LINK_DOWN, LINK_UP = oid("1.3.6.1.6.3.1.1.5.3"), oid("1.3.6.1.6.3.1.1.5.4")
IF_INDEX = oid("1.3.6.1.2.1.2.2.1.1")
# CISCO-MAC-NOTIFICATION-MIB cmnHistMacChangedMsg: records of operation, VLAN, MAC, dot1dBasePort
CISCO_CHANGES = oid("1.3.6.1.4.1.9.9.215.1.1.8.1.2")
CISCO_RECORD = 11
CISCO_LEARNED, CISCO_REMOVED = 1, 2
# HP-ICF-MACNOTIFY-MIB
HPE_CHANGE = oid("1.3.6.1.4.1.11.2.14.11.5.1.66.0.1")
HPE = oid("1.3.6.1.4.1.11.2.14.11.5.1.66.1")
HPE_ACTION, HPE_MAC, HPE_TO, HPE_VLAN = 6, 7, 9, 10
HPE_LEARNED, HPE_MOVED = 1, 2
# H3C-MAC-INFORMATION-MIB and HH3C-MAC-INFORMATION-MIB: a MAC that moved, objects 5 to 8 of both
H3C_MOVED = (oid("1.3.6.1.4.1.2011.10.2.87.1.4.2"), oid("1.3.6.1.4.1.25506.2.87.1.4.2"))
H3C_MAC, H3C_VLAN, H3C_TO = 5, 6, 8

Bindings = Sequence[tuple[Oid, Value | None]]


@dataclass(frozen=True, slots=True)
class LinkNews:
    """A link went up or down."""

    ifindex: int
    up: bool


@dataclass(frozen=True, slots=True)
class MacNews:
    """A MAC was learned or forgotten, on a bridge port or on an interface."""

    mac: str
    vlan: int | None
    learned: bool
    bridge_port: int | None = None
    ifindex: int = 0


def news_of(bindings: Bindings) -> list[LinkNews | MacNews]:
    """Everything that a notification says of links and MACs; nothing for one of other things."""
    kind = next((value for name, value in bindings if name == TRAP_OID), None)
    if kind in (LINK_DOWN, LINK_UP):
        return [LinkNews(ifindex, kind == LINK_UP) for ifindex in _interfaces(bindings)]
    if kind == HPE_CHANGE:
        return list(_hpe(bindings))
    for root in H3C_MOVED:
        if moved := _told(bindings, root):
            return list(_h3c(moved))
    found: list[LinkNews | MacNews] = []
    for name, value in bindings:
        if name[: len(CISCO_CHANGES)] == CISCO_CHANGES and isinstance(value, bytes):
            found += _cisco(value)
        elif isinstance(value, int):
            found += _row(name, value)
    return found


def _interfaces(bindings: Bindings) -> Iterator[int]:
    """ifIndex of linkUp and linkDown: a value, and part of every name of the ifTable."""
    for name, value in bindings:
        if name[: len(IF_INDEX)] == IF_INDEX and isinstance(value, int) and value > 0:
            yield value
            return


def _cisco(records: bytes) -> Iterator[MacNews]:
    for at in range(0, len(records) - CISCO_RECORD + 1, CISCO_RECORD):
        operation, record = records[at], records[at : at + CISCO_RECORD]
        if operation in (CISCO_LEARNED, CISCO_REMOVED):
            yield MacNews(
                record[3:9].hex(":"),
                int.from_bytes(record[1:3], "big") or None,
                operation == CISCO_LEARNED,
                bridge_port=int.from_bytes(record[9:11], "big"),
            )


def _hpe(bindings: Bindings) -> Iterator[MacNews]:
    told = _told(bindings, HPE)
    mac, action, port, vlan = (told.get(n) for n in (HPE_MAC, HPE_ACTION, HPE_TO, HPE_VLAN))
    text = mac_of(mac) if mac is not None else None
    if text and isinstance(action, int) and isinstance(port, int):
        # Its port ids are those of the bridge; a MAC that goes has none to go to.
        learned = action in (HPE_LEARNED, HPE_MOVED)
        yield MacNews(text, vlan if isinstance(vlan, int) and vlan else None, learned, bridge_port=port or None)


def _h3c(told: dict[int, Value | None]) -> Iterator[MacNews]:
    mac, vlan, ifindex = (told.get(n) for n in (H3C_MAC, H3C_VLAN, H3C_TO))
    text = mac_of(mac) if mac is not None else None
    if text and isinstance(ifindex, int) and ifindex > 0:
        yield MacNews(text, vlan if isinstance(vlan, int) and vlan else None, learned=True, ifindex=ifindex)


def _told(bindings: Bindings, root: Oid) -> dict[int, Value | None]:
    """Objects right below `root`, by their number."""
    return {name[len(root)]: value for name, value in bindings if name[: len(root)] == root and len(name) > len(root)}


def _row(name: Oid, value: int) -> Iterator[MacNews]:
    """A row of a forwarding table inside a notification (Arista, Huawei): its name has the MAC, its value the port."""
    if name[: len(o.HUAWEI_FDB_PORT)] == o.HUAWEI_FDB_PORT:
        instance = name[len(o.HUAWEI_FDB_PORT) :]
        mac = octets_as_mac(instance[:6])
        if mac and len(instance) > 6:
            yield MacNews(mac, instance[6] or None, value > 0, ifindex=value)
    elif name[: len(o.Q_FDB_PORT)] == o.Q_FDB_PORT:
        mac = octets_as_mac(name[-6:])
        if mac:
            yield MacNews(mac, None, value > 0, bridge_port=value or None)  # the FID's VLAN is for the table to tell
