"""SNMPv2c messages (RFC 3416, RFC 1901)."""

from __future__ import annotations

from . import ber
from .ber import Malformed
from .pdu import Pdu, read_pdu

V2C = 1


def seal(community: bytes, pdu: bytes) -> bytes:
    """A message."""
    return ber.element(ber.SEQUENCE, head_of(community) + pdu)


def head_of(community: bytes) -> bytes:
    """What is in front of the PDU: the same in every message of one community."""
    return ber.integer(V2C) + ber.octet_string(community)


def open_message(data: bytes) -> tuple[bytes, Pdu]:
    """(community, PDU) of a message."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    version, at = ber.read_integer(data, at, end)
    if version != V2C:
        raise Malformed(f"SNMP version {version}, not 2c")
    community, at = ber.read_octets(data, at, end)
    return community, read_pdu(data, at, end)


def version_of(data: bytes) -> int:
    """1 = v2c, 3 = v3."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    return ber.read_integer(data, at, end)[0]
