"""From a captured packet to the export datagram in it: link type, IP, UDP.

Link types Ethernet, raw IP, BSD loopback and Linux cooked. IP fragments are not put together: they are counted, like all non-UDP.
"""

from __future__ import annotations

from controller.collector.datagram import Datagram
from detectors.address import V4_PREFIX

from .packet import Packet

IP_AT = {12: 0, 14: 0, 101: 0, 228: 0, 229: 0, 0: 4, 108: 4}  # link types without an ethertype: where IP begins
TYPE_AT, AFTER_TYPE = {1: 12, 113: 14, 276: 0}, {1: 2, 113: 2, 276: 20}  # where it stands, and so much further IP
TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)


def is_known(link: int) -> bool:
    """Whether packets of a link type can be read."""
    return link in IP_AT or link in TYPE_AT


def datagram(packet: Packet) -> Datagram | str:
    """The export datagram of a packet, `received_ms` = capture time; or in a few words what else it is."""
    link, data, at_ms = packet
    if not is_known(link):
        return f"link type {link}"
    offset = _ip_offset(data, link)
    version = data[offset] >> 4 if offset < len(data) else 0
    if version == 4 and len(data) >= offset + 20:
        return _ipv4(data, offset, at_ms)
    if version == 6 and len(data) >= offset + 40:
        return _udp(data, offset + 40, data[offset + 6], data[offset + 8 : offset + 24], at_ms)
    return "not IP"


def _ipv4(data: bytes, offset: int, at_ms: int) -> Datagram | str:
    if int.from_bytes(data[offset + 6 : offset + 8], "big") & 0x3FFF:
        return "fragment"
    source = V4_PREFIX + data[offset + 12 : offset + 16]
    return _udp(data, offset + (data[offset] & 15) * 4, data[offset + 9], source, at_ms)


def _udp(data: bytes, offset: int, proto: int, source: bytes, at_ms: int) -> Datagram | str:
    if proto != 17 or len(data) < offset + 8:
        return "not UDP"
    size = int.from_bytes(data[offset + 4 : offset + 6], "big")
    end = offset + size if 8 <= size <= len(data) - offset else len(data)
    port = int.from_bytes(data[offset : offset + 2], "big")
    return Datagram(data[offset + 8 : end], source, port, at_ms)


def _ip_offset(data: bytes, link: int) -> int:
    if link in IP_AT:
        return IP_AT[link]
    at = TYPE_AT[link]
    offset = at + AFTER_TYPE[link]
    kind = int.from_bytes(data[at : at + 2], "big")
    while kind in TAGS and len(data) >= offset + 4:
        kind = int.from_bytes(data[offset + 2 : offset + 4], "big")
        offset += 4
    return offset
