"""NetFlow v9 and IPFIX messages made by hand, from RFC 3954 and RFC 7011."""

import struct

from .datagrams import datagram

__all__ = ["datagram"]

Fields = tuple[tuple[int, ...], ...]
BASIC: Fields = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (1, 4), (2, 4), (10, 4), (22, 4), (21, 4))


def basic(src: int = 1, dst: int = 2) -> bytes:
    """A record of BASIC: 3 packets, 180 octets, from uptime 8 s to 9 s."""
    ends = bytes([10, 0, 0, src, 10, 0, 0, dst])
    return ends + struct.pack("!HHBBIIIII", 50000, 445, 6, 2, 180, 3, 4, 8_000, 9_000)


def a_set(number: int, body: bytes) -> bytes:
    """A (Flow)Set, padded to four octets."""
    padded = body + bytes(-len(body) % 4)
    return struct.pack("!HH", number, 4 + len(padded)) + padded


def data(number: int, *rows: bytes) -> bytes:
    """A data set."""
    return a_set(number, b"".join(rows))


def v9_template(number: int, fields: Fields) -> bytes:
    """A template FlowSet."""
    return a_set(0, struct.pack("!HH", number, len(fields)) + b"".join(struct.pack("!HH", *f) for f in fields))


def v9(*sets: bytes, domain: int = 7) -> bytes:
    """A v9 message: uptime 10 s, exported at second 1700000000."""
    return struct.pack("!HHIIII", 9, len(sets), 10_000, 1_700_000_000, 1, domain) + b"".join(sets)


def ipfix_template(number: int, fields: Fields, *, scopes: int = 0) -> bytes:
    """A template set, or an options template set; a third number of a field is its enterprise."""
    head = struct.pack("!HH", number, len(fields)) + (struct.pack("!H", scopes) if scopes else b"")
    body = b"".join(struct.pack("!HH", *f[:2]) + (struct.pack("!I", f[2]) if len(f) > 2 else b"") for f in fields)
    return a_set(3 if scopes else 2, head + body)


def ipfix(*sets: bytes, domain: int = 7) -> bytes:
    """An IPFIX message."""
    body = b"".join(sets)
    return struct.pack("!HHIII", 10, 16 + len(body), 1_700_000_000, 1, domain) + body
