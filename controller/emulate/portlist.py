"""PortList of Q-BRIDGE-MIB (RFC 4363): bit 1 is the top bit of the first octet."""

from __future__ import annotations

from collections.abc import Iterable


def octets_of(bridge_ports: Iterable[int]) -> bytes:
    """Four octets at least, as switches of up to 32 ports have them."""
    numbers = set(bridge_ports)
    octets = bytearray(max(4, (max(numbers, default=1) + 7) // 8))
    for number in numbers:
        octets[(number - 1) // 8] |= 0x80 >> ((number - 1) % 8)
    return bytes(octets)


def ports_of(octets: bytes) -> set[int]:
    """Bridge ports whose bit is set."""
    return {at * 8 + bit + 1 for at, octet in enumerate(octets) for bit in range(8) if octet & (0x80 >> bit)}
