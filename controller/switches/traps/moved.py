"""MAC notifications that say one thing of one MAC in objects of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from controller.core.snmp.ber import Oid
from controller.switches.mib import objects as o
from controller.switches.mib.arp import mac_of
from controller.switches.mib.walk import Value, oid

from .packed import H3C_EXTENDED, MacNews

Bindings = Sequence[tuple[Oid, Value | None]]
# HP-ICF-MACNOTIFY-MIB
HPE_CHANGE = oid("1.3.6.1.4.1.11.2.14.11.5.1.66.0.1")
HPE = oid("1.3.6.1.4.1.11.2.14.11.5.1.66.1")
HPE_ACTION, HPE_MAC, HPE_TO, HPE_VLAN = 6, 7, 9, 10
HPE_LEARNED, HPE_MOVED = 1, 2
# H3C-MAC-INFORMATION-MIB under its four names: a MAC that moved, objects 5 to 8
H3C_MOVED = H3C_EXTENDED
H3C_MAC, H3C_VLAN, H3C_TO = 5, 6, 8
# CISCO-MAC-NOTIFICATION-MIB cmnMACMoveAddress, -VlanNumber, -ToPortId (dot1dBasePort)
CISCO_MOVED = oid("1.3.6.1.4.1.9.9.215.1.3")
CISCO_MAC, CISCO_VLAN, CISCO_TO = 3, 4, 6
# EXTREME-FDB-MIB extremeMACTrackingAdd, -Del, -Move; extremeMacTrackingMacAddress, -PortIfIndex. Its VLAN is an ifIndex.
EXTREME_ADDED, EXTREME_GONE, EXTREME_MOVED = (oid(f"1.3.6.1.4.1.1916.1.16.6.0.{n}") for n in (1, 2, 3))
EXTREME = oid("1.3.6.1.4.1.1916.1.16.6")
EXTREME_MAC, EXTREME_PORT = 1, 2
# HUAWEI-SWITCH-L2MAM-EXT-MIB hwMacTrapMacInfo: of hwMacTrapAlarm an octet for what happened, four of ifIndex, one, two of
# VLAN, six of MAC; of hwMacTrapPortCfgAlarm a text, with hwCfgFdbMac, hwCfgFdbVlanId and the ifDescr of the interface
HUAWEI_INFO = oid("1.3.6.1.4.1.2011.5.25.315.2.2")
HUAWEI_MAC, HUAWEI_VLAN = oid("1.3.6.1.4.1.2011.5.25.42.2.1.2.1.1"), oid("1.3.6.1.4.1.2011.5.25.42.2.1.2.1.2")
HUAWEI_OCTETS = 14
HUAWEI_LEARNED, HUAWEI_AGED = (1, b"learning"), (2, b"aging")


def moved_news(kind: Value | None, bindings: Bindings) -> Iterator[MacNews]:
    """What a notification says of one MAC; nothing if it is none of these."""
    if kind == HPE_CHANGE:
        yield from _hpe(told(bindings, HPE))
    elif kind in (EXTREME_ADDED, EXTREME_GONE, EXTREME_MOVED):
        found = told(bindings, EXTREME)
        yield from _news(found.get(EXTREME_MAC), None, found.get(EXTREME_PORT), learned=kind != EXTREME_GONE)
    for root in H3C_MOVED:
        found = told(bindings, root)
        yield from _news(found.get(H3C_MAC), found.get(H3C_VLAN), found.get(H3C_TO))
    found = told(bindings, CISCO_MOVED)
    yield from _news(found.get(CISCO_MAC), found.get(CISCO_VLAN), found.get(CISCO_TO), is_bridge_port=True)
    yield from _huawei(bindings)


def told(bindings: Bindings, root: Oid) -> dict[int, Value | None]:
    """Objects right below `root`, by their number."""
    return {name[len(root)]: value for name, value in bindings if name[: len(root)] == root and len(name) > len(root)}


def _news(
    mac: Value | None, vlan: Value | None, port: Value | None, *, learned: bool = True, is_bridge_port: bool = False
) -> Iterator[MacNews]:
    text = mac_of(mac) if mac is not None else None
    if text and isinstance(port, int) and port > 0:
        tag = vlan if isinstance(vlan, int) and vlan else None
        place = {"bridge_port": port} if is_bridge_port else {"ifindex": port}
        yield MacNews(text, tag, learned, **place)


def _hpe(found: dict[int, Value | None]) -> Iterator[MacNews]:
    mac, action, port, vlan = (found.get(n) for n in (HPE_MAC, HPE_ACTION, HPE_TO, HPE_VLAN))
    text = mac_of(mac) if mac is not None else None
    if text and isinstance(action, int) and isinstance(port, int):
        # Its port ids are those of the bridge; a MAC that goes has none to go to.
        learned = action in (HPE_LEARNED, HPE_MOVED)
        yield MacNews(text, vlan if isinstance(vlan, int) and vlan else None, learned, bridge_port=port or None)


def _huawei(bindings: Bindings) -> Iterator[MacNews]:
    info = next((value for name, value in bindings if name[: len(HUAWEI_INFO)] == HUAWEI_INFO), None)
    if not isinstance(info, bytes):
        return
    if len(info) == HUAWEI_OCTETS and info[0] in (HUAWEI_LEARNED[0], HUAWEI_AGED[0]):
        ifindex, vlan = int.from_bytes(info[1:5], "big"), int.from_bytes(info[6:8], "big")
        yield from _news(info[8:], vlan, ifindex, learned=info[0] == HUAWEI_LEARNED[0])
        return
    said = {word in info.lower(): learned for (_, word), learned in ((HUAWEI_LEARNED, True), (HUAWEI_AGED, False))}
    if True in said:
        mac, vlan_tag = (
            next((value for name, value in bindings if name[: len(root)] == root), None)
            for root in (HUAWEI_MAC, HUAWEI_VLAN)
        )
        ports = {name[-1] for name, _ in bindings if name[: len(o.IF_DESCR)] == o.IF_DESCR}
        yield from _news(mac, vlan_tag, ports.pop() if len(ports) == 1 else None, learned=said[True])
