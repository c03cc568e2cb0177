"""BER as SNMP uses it (X.690; RFC 3417 section 8): definite lengths, low tag numbers. Malformed for everything else."""

from __future__ import annotations

from collections.abc import Sequence

Oid = tuple[int, ...]
INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB = 0x80, 0x81, 0x82
ABSENT = frozenset({NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB})
MOST_ARCS = 128  # RFC 3416 section 4.1
LARGEST_ARC = 2**32 - 1


class Malformed(ValueError):
    """These octets are no such SNMP message."""


def header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """(tag, first octet, octet behind the last) of the element at `at`, which lies inside `end`."""
    if at + 2 > end:
        raise Malformed("an element is cut off")
    tag, size = data[at], data[at + 1]
    at += 2
    if size >= 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or at + count > end:
            raise Malformed("a length is indefinite, too long or cut off")
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + size > end:
        raise Malformed("an element is longer than what holds it")
    return tag, at, at + size


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """(first octet, octet behind the last) of an element that must have this tag."""
    if at + 2 <= end and data[at] == tag and data[at + 1] < 0x80:  # the usual case, without a further call
        last = at + 2 + data[at + 1]
        if last <= end:
            return at + 2, last
    found, first, last = header(data, at, end)
    if found != tag:
        raise Malformed(f"tag {found:#x} where {tag:#x} is due")
    return first, last


def read_integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    """(value, what follows) of an INTEGER of at most 8 octets."""
    if (
        at + 3 <= end and data[at] == INTEGER and 0 < (size := data[at + 1]) <= 8
    ):  # the usual case, without a further call
        last = at + 2 + size
        if last <= end:
            octet = data[at + 2]
            if size == 1:
                return (octet if octet < 0x80 else octet - 256), last
            return int.from_bytes(data[at + 2 : last], "big", signed=True), last
    first, last = expect(data, at, end, INTEGER)
    return signed(data[first:last]), last


def read_octets(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """(value, what follows) of an OCTET STRING."""
    if at + 2 <= end and data[at] == OCTETS and (size := data[at + 1]) < 0x80 and at + 2 + size <= end:
        last = at + 2 + size
        return data[at + 2 : last], last
    first, last = expect(data, at, end, OCTETS)
    return data[first:last], last


def signed(octets: bytes) -> int:
    """An INTEGER's value."""
    if not 1 <= len(octets) <= 8:
        raise Malformed(f"an integer of {len(octets)} octets")
    return int.from_bytes(octets, "big", signed=True)


def unsigned(octets: bytes) -> int:
    """A counter's, gauge's or tick's value. Agents are met that leave out the leading zero octet: never negative."""
    if not 1 <= len(octets) <= 9:
        raise Malformed(f"a counter of {len(octets)} octets")
    return int.from_bytes(octets, "big")


def arcs(octets: bytes) -> Oid:
    """Sub-identifiers of a part of an OID behind its first octet."""
    if octets.isascii():  # every arc below 128: one octet each
        return tuple(octets)
    found, value = [], 0
    for octet in octets:
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            found.append(value)
            value = 0
        elif value > LARGEST_ARC >> 7:
            raise Malformed("an arc above 2^32 - 1")
    if octets[-1] >= 0x80:
        raise Malformed("an OID is cut off")
    return tuple(found)


def oid_of(octets: bytes) -> Oid:
    """A whole OID."""
    if not octets:
        raise Malformed("an empty OID")
    first, *rest = arcs(octets)
    if len(rest) > MOST_ARCS:
        raise Malformed(f"an OID of {len(rest)} arcs")
    top = min(first // 40, 2)
    return (top, first - 40 * top, *rest)


def oid_octets(oid: Sequence[int]) -> bytes:
    """Contents of an OID; one arc alone counts as `arc.0`."""
    first, second, *rest = (*oid, 0) if len(oid) == 1 else oid
    if not rest or max(rest) < 0x80:
        return bytes((*_arc(first * 40 + second), *rest))
    return b"".join((_arc(first * 40 + second), *(_arc(arc) for arc in rest)))


def _arc(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(value & 0x7F | 0x80)
    return bytes(reversed(octets))


def element(tag: int, contents: bytes) -> bytes:
    """One element with its header."""
    size = len(contents)
    if size < 0x80:
        return bytes((tag, size)) + contents
    if size < 0x10000:  # as all that fits into a datagram
        return bytes((tag, 0x82, size >> 8, size & 0xFF) if size > 0xFF else (tag, 0x81, size)) + contents
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + contents


def integer(value: int, tag: int = INTEGER) -> bytes:
    """An INTEGER, or with its tag a counter, gauge or tick."""
    if 0 <= value < 0x80:
        return bytes((tag, 1, value))
    return element(tag, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def octet_string(value: bytes) -> bytes:
    """An OCTET STRING."""
    return element(OCTETS, value)


def oid(value: Sequence[int]) -> bytes:
    """An OBJECT IDENTIFIER."""
    return element(OID, oid_octets(value))
