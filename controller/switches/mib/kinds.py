"""What a neighbour is, by what it says it can do. What it can do for others decides, before what it is itself."""

from __future__ import annotations

import re

from playbooks.facts import NeighbourKind

# LldpSystemCapabilitiesMap, first octet: bit 0 is the top bit.
REPEATER, BRIDGE, AP, ROUTER, PHONE = 0x40, 0x20, 0x10, 0x08, 0x04
# cdpCacheCapabilities
CDP_ROUTER, CDP_SWITCHES, CDP_PHONE = 0x01, 0x02 | 0x04 | 0x08 | 0x40, 0x80
RENDERED = re.compile(rb"([0-9A-Fa-f]{2})( [0-9A-Fa-f]{2})*( \d{1,2})* ?$")

# Words of descriptions, for neighbours that tell no capabilities and for access points that call themselves bridges.
WORDS = (
    (NeighbourKind.PHONE, re.compile(r"\b(ip ?phone|telephone|SIP phone|SoundPoint|VVX)\b", re.IGNORECASE)),
    (NeighbourKind.AP, re.compile(r"\b(AIR-|access point|aironet|wireless ap|WAP\d|AP-?\d{2,})", re.IGNORECASE)),
    (
        NeighbourKind.SWITCH,
        re.compile(
            r"\b(switch\w*|IOS|NX-OS|comware|versatile routing platform|VRP|junos|EOS|ProCurve|ArubaOS-CX|ExtremeXOS|RouterOS"
            r"|FortiSwitch\w*|PowerConnect|Catalyst|JetStream|WS-C\w+)\b",
            re.IGNORECASE,
        ),
    ),
    (NeighbourKind.ROUTER, re.compile(r"\brouter\b", re.IGNORECASE)),
)


def kind_by_words(*texts: str) -> NeighbourKind | None:
    """What platform and description say; None if nothing known."""
    text = " ".join(texts)
    return next((kind for kind, pattern in WORDS if pattern.search(text)), None)


def kind_by_lldp(enabled: bytes, supported: bytes = b"", description: str = "") -> NeighbourKind:
    """Of the enabled capabilities, else the supported ones, else the words. A phone with a switch inside is a phone."""
    bits = _first_octet(enabled) or _first_octet(supported)
    if bits & PHONE:
        return NeighbourKind.PHONE
    if bits & AP:
        return NeighbourKind.AP
    if bits & (BRIDGE | REPEATER):
        return NeighbourKind.SWITCH
    if bits & ROUTER:
        return NeighbourKind.ROUTER
    return NeighbourKind.OTHER if bits else kind_by_words(description) or NeighbourKind.OTHER


def kind_by_cdp(capabilities: bytes, platform: str) -> NeighbourKind:
    """Of cdpCacheCapabilities and the platform: an access point says that it is a bridge."""
    bits = int.from_bytes(capabilities[:4], "big")
    words = kind_by_words(platform)
    if bits & CDP_PHONE or words is NeighbourKind.PHONE:
        return NeighbourKind.PHONE
    if words is NeighbourKind.AP:
        return NeighbourKind.AP
    if bits & CDP_SWITCHES:
        return NeighbourKind.SWITCH
    if bits & CDP_ROUTER:
        return NeighbourKind.ROUTER
    return NeighbourKind.OTHER if bits else words or NeighbourKind.OTHER


def _first_octet(bits: bytes) -> int:
    """A BITS value; or its text as net-snmp shows it and recorders keep it: octets in hex, then the numbers of set bits."""
    text = RENDERED.match(bits)
    if text is not None:
        return int(text[1], 16)
    return bits[0] if bits else 0
