"""SNMPv2c messages (RFC 3416, RFC 1901)."""

from __future__ import annotations

from . import ber
from .ber import Malformed
from .pdu import Pdu, quick_answer, read_pdu

V2C = 1
_LONG = bytes((ber.SEQUENCE, 0x82))  # a message whose length stands in two octets


def seal(community: bytes, pdu: bytes) -> bytes:
    """A message."""
    return ber.element(ber.SEQUENCE, head_of(community) + pdu)


def head_of(community: bytes) -> bytes:
    """What is in front of the PDU: the same in every message of one community."""
    return ber.integer(V2C) + ber.octet_string(community)


def quick_open(data: bytes, head: bytes) -> Pdu | None:
    """As `open_message` has it, of an answer that begins with this head and is as most are; None for any other."""
    if data.startswith(_LONG) and data.startswith(head, 4) and data[2] << 8 | data[3] == len(data) - 4:
        return quick_answer(data, 4 + len(head), len(data))
    return None


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
