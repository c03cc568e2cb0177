"""One port's bit in a PortList (RFC 4363): bit 1 is the top bit of the first octet."""

from __future__ import annotations


def holds(octets: bytes, port: int) -> bool:
    """Whether the port is in the list."""
    at = (port - 1) // 8
    return at < len(octets) and bool(octets[at] & (0x80 >> (port - 1) % 8))


def with_port(octets: bytes, port: int, *, present: bool) -> bytes:
    """The list with this port's bit set or cleared, and no other bit touched; longer if it was too short for the port."""
    at, bit = (port - 1) // 8, 0x80 >> (port - 1) % 8
    found = bytearray(octets)
    if present:
        found.extend(bytes(max(0, at + 1 - len(found))))
        found[at] |= bit
    elif at < len(found):
        found[at] &= ~bit
    return bytes(found)
