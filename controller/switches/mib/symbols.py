"""Names of objects as net-snmp prints them, led back to identifiers: those that are read, and where the tree's branches begin."""

from __future__ import annotations

import ipaddress
import re

from controller.core.snmp.ber import LARGEST_ARC

from . import objects as o
from .walk import Oid, oid

MOST_ARCS = 128  # RFC 2578 section 3.5
BRANCHES = {
    "iso": (1,),
    "org": oid("1.3"),
    "internet": oid("1.3.6.1"),
    "mgmt": oid("1.3.6.1.2"),
    "mib-2": oid("1.3.6.1.2.1"),
    "private": oid("1.3.6.1.4"),
    "enterprises": oid("1.3.6.1.4.1"),
    "sysUpTimeInstance": o.SYS_UPTIME,
}
_LLDP2 = ("ChassisIdSubtype", "ChassisId", "PortIdSubtype", "PortId", "SysName", "SysDesc", "SysCapSupported")
OBJECTS: dict[str, Oid] = {
    "sysDescr": o.SYS_DESCR[:-1],
    "sysObjectID": o.SYS_OBJECT_ID[:-1],
    "sysUpTime": o.SYS_UPTIME[:-1],
    "sysName": o.SYS_NAME[:-1],
    "ifDescr": o.IF_DESCR,
    "ifType": o.IF_TYPE,
    "ifPhysAddress": o.IF_PHYSICAL,
    "ifAdminStatus": o.IF_ADMIN,
    "ifOperStatus": o.IF_OPER,
    "ifName": o.IF_NAME,
    "ifAlias": o.IF_ALIAS,
    "ifStackStatus": o.IF_STACK,
    "dot1dBaseBridgeAddress": o.BRIDGE_ADDRESS[:-1],
    "dot1dBasePort": o.BASE_PORT,
    "dot1dBasePortIfIndex": o.BASE_PORT_IFINDEX,
    "dot1dTpFdbAddress": o.TP_FDB_ADDRESS,
    "dot1dTpFdbPort": o.TP_FDB_PORT,
    "dot1dTpFdbStatus": o.TP_FDB_STATUS,
    "dot1qTpFdbPort": o.Q_FDB_PORT,
    "dot1qTpFdbStatus": o.Q_FDB_STATUS,
    "dot1qVlanFdbId": o.VLAN_FDB_ID,
    "dot1qVlanStaticEgressPorts": o.VLAN_EGRESS,
    "dot1qVlanStaticUntaggedPorts": o.VLAN_UNTAGGED,
    "dot1qVlanCurrentEgressPorts": o.CURRENT_EGRESS,
    "dot1qVlanCurrentUntaggedPorts": o.CURRENT_UNTAGGED,
    "dot1qPvid": o.PVID,
    "dot3adAggPortAttachedAggID": o.LAG_ATTACHED,
    "hwDynFdbPort": o.HUAWEI_FDB_PORT,
    "jnxExVlanTag": o.JUNIPER_EX_TAG,
    "jnxL2aldVlanTag": o.JUNIPER_L2_TAG,
    "jnxL2aldVlanFdbId": o.JUNIPER_L2_FID,
    "ipNetToMediaPhysAddress": o.ARP_MAC,
    "ipNetToMediaType": o.ARP_TYPE,
    "ipNetToPhysicalPhysAddress": o.NEIGHBOUR_MAC,
    "ipNetToPhysicalType": o.NEIGHBOUR_TYPE,
    "lldpLocPortIdSubtype": o.LLDP_LOCAL_KIND,
    "lldpLocPortId": o.LLDP_LOCAL_ID,
    "lldpLocPortDesc": o.LLDP_LOCAL_DESCR,
    "lldpRemChassisIdSubtype": o.LLDP_REMOTE_CHASSIS_KIND,
    "lldpRemChassisId": o.LLDP_REMOTE_CHASSIS,
    "lldpRemPortIdSubtype": o.LLDP_REMOTE_PORT_KIND,
    "lldpRemPortId": o.LLDP_REMOTE_PORT,
    "lldpRemSysName": o.LLDP_REMOTE_NAME,
    "lldpRemSysDesc": o.LLDP_REMOTE_DESCR,
    "lldpRemSysCapSupported": o.LLDP_REMOTE_CAPS_SUPPORTED,
    "lldpRemSysCapEnabled": o.LLDP_REMOTE_CAPS,
    "lldpRemManAddrIfSubtype": o.LLDP_REMOTE_ADDRESS_IF,
    **{f"lldpV2Rem{name}": column for name, column in zip((*_LLDP2, "SysCapEnabled"), o.LLDP2_COLUMNS, strict=False)},
    "lldpV2RemManAddrIfSubtype": o.LLDP2_REMOTE_ADDRESS_IF,
    "cdpCacheAddressType": o.CDP_ADDRESS_KIND,
    "cdpCacheAddress": o.CDP_ADDRESS,
    "cdpCacheDeviceId": o.CDP_DEVICE,
    "cdpCacheDevicePort": o.CDP_PORT,
    "cdpCachePlatform": o.CDP_PLATFORM,
    "cdpCacheCapabilities": o.CDP_CAPS,
    "vtpVlanState": o.VTP_VLAN_STATE,
    "vmVlan": o.VM_VLAN,
}
# InetAddressType: the address behind one of these is an octet string, shown as an address.
INET = {"ipv4": 1, "ipv6": 2, "ipv4z": 3, "ipv6z": 4}
NAME = re.compile(r"(?:[A-Z][\w-]*::)?([a-zA-Z][\w-]*)(.*)", re.DOTALL)
PART = re.compile(r'\.?(?:"((?:[^"\\]|\\.)*)"|\[(?:[A-Za-z0-9-]+: )?("?)([^\]"]*)\2\]|([\w:-]+))')
MAC = re.compile(r"[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5}")
OCTETS = re.compile(r"[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){3,19}")


class NotRead(Exception):
    """An object of a name that nothing here asks for."""


def identifier(text: str) -> Oid:
    """`.1.3.6.1`, `iso.3.6.1`, `IF-MIB::ifName.3`, `dot1qTpFdbPort[10][0:1b:2:3:4:5]`, `.iso.org...ifEntry.ifName.3`.

    ValueError if it is none, or has lost something: an index of octets shown as characters ('..a.'). NotRead if it is of a
    name that is not known.
    """
    text = text.strip()
    if re.fullmatch(r"\.?\d+(\.\d+)*", text):
        return _in_range(oid(text))
    if text.startswith("."):  # in full: the last name counts
        text = re.sub(r"^\.(?:[A-Za-z][\w-]*\.)*(?=[A-Za-z][\w-]*)", "", text)
    match = NAME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no identifier")
    root = OBJECTS.get(match[1]) or BRANCHES.get(match[1])
    if root is None:
        raise NotRead(match[1])
    return _in_range((*root, *_index(match[2])))


def _in_range(arcs: Oid) -> Oid:
    if max(arcs) > LARGEST_ARC or len(arcs) > MOST_ARCS:
        raise ValueError("an arc out of range, or too many")
    return arcs


def _index(text: str) -> Oid:
    arcs: list[int] = []
    at, of_address = 0, False
    while at < len(text):
        part = PART.match(text, at)
        if part is None:
            raise ValueError(f"{text!r} is no index")
        quoted, bracketed, is_quoted, plain = part[1], part[3], part[2], part[4]
        shown = next(word for word in (quoted, bracketed, plain) if word is not None)
        is_text = quoted is not None or bool(is_quoted)
        arcs += _arcs(shown, is_text=is_text, of_address=of_address)
        of_address, at = shown in INET, part.end()
    return tuple(arcs)


def _arcs(shown: str, *, is_text: bool, of_address: bool) -> list[int]:
    if of_address:
        octets = _address(shown)
        return [len(octets), *octets]
    if is_text:
        octets = shown.encode("latin-1")
        return [len(octets), *octets]
    if shown in INET:
        return [INET[shown]]
    if MAC.fullmatch(shown):
        return [int(octet, 16) for octet in shown.split(":")]
    return [int(arc) for arc in shown.split(".")]


def _address(shown: str) -> bytes:
    if OCTETS.fullmatch(shown) and shown.count(":") in (3, 15, 19):
        return bytes(int(octet, 16) for octet in shown.split(":"))
    return ipaddress.ip_address(shown).packed
