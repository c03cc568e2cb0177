"""What a neighbour is, by what it says it can do. What it can do for others decides, before what it is itself."""

from __future__ import annotations

import re

from playbooks.facts import NeighbourKind

# LldpSystemCapabilitiesMap, two octets: bit 0 is the top bit. The second has those of IEEE 802.1AB-2009: components of bridges
# for customer and service VLANs, and a relay with two ports.
REPEATER, BRIDGE, AP, ROUTER, PHONE = 0x4000, 0x2000, 0x1000, 0x0800, 0x0400
C_VLAN, S_VLAN, TWO_PORTS = 0x0080, 0x0040, 0x0020
BRIDGING = REPEATER | BRIDGE | C_VLAN | S_VLAN | TWO_PORTS
# cdpCacheCapabilities
CDP_ROUTER, CDP_SWITCHES, CDP_PHONE = 0x01, 0x02 | 0x04 | 0x08 | 0x40, 0x80
RENDERED = re.compile(rb"([0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2})*)((?: \d{1,2})*) ?$")

# Words of descriptions, for neighbours that tell no capabilities and for access points that call themselves bridges.
WORDS = (
    (
        NeighbourKind.PHONE,
        re.compile(
            r"\b(ip ?phone|telephone|SIP phone|SoundPoint|VVX|SEP[0-9A-F]{12}|yealink|snom\d*|gxp\d+|openstage|innovaphone)\b",
            re.IGNORECASE,
        ),
    ),
    (
        NeighbourKind.AP,
        re.compile(r"\b(AIR-|access point|aironet|wireless ap|WAP\d|AP-?\d{2,}|UAP\b|U[67]-)", re.IGNORECASE),
    ),
    (
        NeighbourKind.SWITCH,
        re.compile(
            r"\b(switch\w*|IOS|NX-OS|comware|versatile routing platform|VRP|junos|EOS|ProCurve|ArubaOS-CX|ExtremeXOS|RouterOS"
            r"|YunShan OS|CloudEngine|FortiSwitch\w*|EdgeSwitch\w*|PowerConnect|Catalyst|JetStream|WS-C\w+|USW|mikrotik)\b",
            re.IGNORECASE,
        ),
    ),
    (NeighbourKind.ROUTER, re.compile(r"\brouter\b", re.IGNORECASE)),
)
# Descriptions of machines: what they do not tell of capabilities, they do not have.
HOSTS = re.compile(
    r"\b(linux|windows|ubuntu|debian|red hat|centos|freebsd|darwin|mac ?os|esxi?|printer|jetdirect)\b", re.IGNORECASE
)


def kind_by_words(*texts: str) -> NeighbourKind | None:
    """What platform and description say; None if nothing known."""
    text = " ".join(texts)
    return next((kind for kind, pattern in WORDS if pattern.search(text)), None)


def kind_by_lldp(enabled: bytes, supported: bytes = b"", description: str = "", name: str = "") -> NeighbourKind:
    """Of the enabled capabilities, else the supported ones, else the words: a small switch may say that it is a station only
    (USW-Flex). A phone with a switch inside is a phone. The capabilities are optional (IEEE 802.1AB section 8.5.8): what has a
    name and says neither what it can do nor what it is may be a switch, and is treated as one.
    """
    bits = _two_octets(enabled) or _two_octets(supported)
    if bits & PHONE:
        return NeighbourKind.PHONE
    if bits & AP:
        return NeighbourKind.AP
    if bits & BRIDGING:
        return NeighbourKind.SWITCH
    if bits & ROUTER:
        return NeighbourKind.ROUTER
    unsaid = NeighbourKind.SWITCH if name and not bits and not HOSTS.search(description) else NeighbourKind.OTHER
    return kind_by_words(description, name) or unsaid


def kind_by_cdp(capabilities: bytes, platform: str) -> NeighbourKind:
    """Of cdpCacheCapabilities and the platform: an access point says that it is a bridge."""
    bits = _cdp_bits(capabilities)
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


def _cdp_bits(capabilities: bytes) -> int:
    """Four octets; or their text, as recorders keep it."""
    if re.fullmatch(rb"[0-9A-Fa-f]{2}( [0-9A-Fa-f]{2}){3} ?", capabilities):
        capabilities = bytes.fromhex(capabilities.decode("ascii"))
    return int.from_bytes(capabilities[:4], "big")


def _two_octets(bits: bytes) -> int:
    """A BITS value; or its text as net-snmp shows it and recorders keep it: octets in hex, then the numbers of set bits.

    Where those cannot be told from octets (`28 00 2 4` can, `28 00 12` cannot), the first two are octets.
    """
    text = RENDERED.match(bits)
    if text is not None:
        bits = bytes.fromhex(text[1].decode("ascii"))
    return int.from_bytes(bits[:2].ljust(2, b"\0"), "big")
