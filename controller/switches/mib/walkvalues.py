"""Values as net-snmp prints them: with their type (`INTEGER: up(1)`), or without (`-Oq`, `-OQ`)."""

from __future__ import annotations

import re
from collections.abc import Callable

from . import objects as o
from .symbols import NotRead, identifier
from .walk import Oid, Value

TYPE = re.compile(r"(?:Wrong Type \(should be [^)]*\): )?([A-Z][A-Za-z0-9-]*(?: Address)?): ?(.*)", re.DOTALL)
NOTHING = re.compile(r"No Such (Object|Instance)|No more variables|NULL\b|End of MIB", re.IGNORECASE)
NUMBER = re.compile(r"(?:[\w+/-]+\()?(-?\d+)\)?(?: [A-Za-z%/-][\w .%/-]*)?")
TICKS = re.compile(r"\((\d+)\)|(\d+)$")
NUMERIC = ("INTEGER", "Integer32", "Gauge32", "Unsigned32", "UInteger32", "Counter32", "Counter64")
# Columns of text and of octets: without a type, `1` is a text there.
TEXTS = frozenset(
    {
        o.IF_NAME, o.IF_DESCR, o.IF_ALIAS, o.IF_PHYSICAL, o.ARP_MAC, o.NEIGHBOUR_MAC, o.VLAN_EGRESS, o.VLAN_UNTAGGED,
        o.LLDP_LOCAL_ID, o.LLDP_LOCAL_DESCR, o.LLDP_REMOTE_CHASSIS, o.LLDP_REMOTE_PORT, o.LLDP_REMOTE_NAME,
        o.LLDP_REMOTE_DESCR, o.CDP_ADDRESS, o.CDP_DEVICE, o.CDP_PORT, o.CDP_PLATFORM, o.CDP_CAPS, o.LLDP_REMOTE_CAPS,
        o.LLDP_REMOTE_CAPS_SUPPORTED, *(o.LLDP2_COLUMNS[i] for i in (1, 3, 4, 5, 6, 7)), o.SYS_NAME[:-1], o.SYS_DESCR[:-1],
        o.BRIDGE_ADDRESS[:-1], o.TP_FDB_ADDRESS, o.CURRENT_EGRESS, o.CURRENT_UNTAGGED,
    }
)  # fmt: skip
OCTETS = frozenset(
    {
        o.ARP_MAC, o.NEIGHBOUR_MAC, o.IF_PHYSICAL, o.VLAN_EGRESS, o.VLAN_UNTAGGED, o.CDP_ADDRESS, o.CDP_CAPS,
        o.BRIDGE_ADDRESS[:-1], o.TP_FDB_ADDRESS, o.CURRENT_EGRESS, o.CURRENT_UNTAGGED,
    }
)  # fmt: skip
_STATUS = {"other": 1, "invalid": 2, "learned": 3, "self": 4, "mgmt": 5}
_UP = {"up": 1, "down": 2, "testing": 3, "unknown": 4, "dormant": 5, "notPresent": 6, "lowerLayerDown": 7}
_BOUND = {"other": 1, "invalid": 2, "dynamic": 3, "static": 4, "local": 5}
# Words for numbers, by column (BRIDGE-MIB, Q-BRIDGE-MIB, IF-MIB, IANAifType-MIB, IP-MIB). Others are not guessed.
WORDS: dict[Oid, dict[str, int]] = {
    o.TP_FDB_STATUS: _STATUS,
    o.Q_FDB_STATUS: _STATUS,
    o.IF_ADMIN: _UP,
    o.IF_OPER: _UP,
    o.ARP_TYPE: _BOUND,
    o.NEIGHBOUR_TYPE: _BOUND,
    o.IF_STACK: {"active": 1, "notInService": 2, "notReady": 3},
    o.IF_TYPE: {
        "other": 1, "ethernetCsmacd": 6, "softwareLoopback": 24, "propVirtual": 53, "propMultiplexor": 54,
        "fastEther": 62, "gigabitEthernet": 117, "tunnel": 131, "l2vlan": 135, "l3ipvlan": 136, "mpls": 166,
        "ieee8023adLag": 161, "bridge": 209,
    },
    o.VTP_VLAN_STATE: {"operational": 1, "suspended": 2},
}  # fmt: skip


class NoObject(Exception):
    """The agent has no such object, or the walk ended here."""


def value_of(shown: str, column: Oid) -> Value:
    """A value of that column. ValueError if it cannot be had back, NoObject if there is none."""
    shown = shown.strip(" \n") if not shown.startswith(("STRING:", '"')) else shown.rstrip("\n")
    if NOTHING.match(shown):
        raise NoObject
    typed = TYPE.fullmatch(shown)
    if typed is not None and typed[1] == "STRING" and column in OCTETS:
        return _octets(typed[2])
    if typed is not None and (typed[1] in NUMERIC or typed[1] in TYPED):
        return _number(typed[2], column) if typed[1] in NUMERIC else TYPED[typed[1]](typed[2])
    if column == o.SYS_OBJECT_ID[:-1]:
        return _object_id(shown)
    if column not in TEXTS and not shown.startswith('"'):
        return _number(shown, column)
    # Octets that are no text are shown with a blank behind each.
    octets = re.fullmatch(r'"?((?:[0-9A-Fa-f]{2}\s+)+)"?\s*', shown + " " * (column in OCTETS and shown[-1:] != '"'))
    return bytes.fromhex(octets[1]) if octets else _text(shown)


def _number(shown: str, column: Oid) -> int:
    """`3`, `up(1)`, `up` where the column's words are known, `300 seconds`."""
    shown = shown.strip()
    if shown in WORDS.get(column, {}):
        return WORDS[column][shown]
    match = NUMBER.fullmatch(shown)
    if match is None:
        raise ValueError(f"{shown!r} is no number")
    return int(match[1])


def _text(shown: str) -> bytes:
    text = shown.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
    return text.encode("latin-1")


def _octets(shown: str) -> bytes:
    """Octets that happen to be text, or a MAC with colons. With -Oa a dot stands for every octet that is no character."""
    text = _text(shown)
    if b"." in text:
        raise ValueError(f"{shown!r} may have lost octets")
    return text


def _hexadecimal(shown: str) -> bytes:
    """Octets, on several lines; with -OT the same as characters behind each line."""
    return bytes.fromhex(re.sub(r"\[[^\]]*\]\s*", "", shown))


def _bits(shown: str) -> bytes:
    """`28 00 bridge(2) router(4)`, `28 00 2 4`: octets, then the bits that are set."""
    match = re.match(r"\s*((?:[0-9A-Fa-f]{2}(?:\s+|$))*)", shown)
    return bytes.fromhex(match[1]) if match else b""


def _ticks(shown: str) -> int:
    match = TICKS.search(shown.split(" ", maxsplit=1)[0])
    if match is None:
        raise ValueError(f"{shown!r} are no timeticks")
    return int(match[1] or match[2])


def _object_id(shown: str) -> Oid:
    try:
        return identifier(shown)
    except NotRead as error:
        raise ValueError(f"{shown!r} is a name that is not known") from error


def _address(shown: str) -> bytes:
    parts = shown.strip().split(".")
    return bytes(map(int, parts)) if len(parts) == 4 else bytes(int(part, 16) for part in shown.strip().split(":"))


TYPED: dict[str, Callable[[str], Value]] = {
    "STRING": _text,
    "Hex-STRING": _hexadecimal,
    "BITS": _bits,
    "Timeticks": _ticks,
    "OID": _object_id,
    "IpAddress": _address,
    "Network Address": _address,
}
