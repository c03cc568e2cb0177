"""What a row says about somebody's first contacts, in the one shape that the compiled watch and its plain twin share.

An event is one element of EVENT: who opened what towards whom, or what came back. Times are epoch ms; addresses are two
64-bit words, big end first; `port` is the service contacted (0 for ARP and ICMP), `sport` the client's port (0 = unknown).
"""

from __future__ import annotations

import struct
from enum import IntEnum

import numpy as np

from .address import V4_PREFIX


class Verb(IntEnum):
    """What a row says."""

    NOTHING = 0
    OPEN = 1  # its source opened something
    ANSWER = 2  # its source answered what its destination had opened
    REFUSE = 3  # its source refused it
    EITHER = 4  # one of the two opened it; who, only the other direction or nobody can tell
    CALM = 6  # made by the watch: its source is suspicious no more
    LOGINS = 5  # made by the watch: so many connections of one pair that somebody should look
    WENT = 8  # its source went on with what it had opened, so there was an answer
    ON = 7  # made by the watch: its source, which acts, went on; it is only told because something waited for this time


class Kind(IntEnum):
    """What carried a contact."""

    ARP = 0
    TCP = 1
    ICMP = 2
    UDP = 3


class Hint(IntEnum):
    """What a record of a whole connection already says about its outcome. A sampled packet says nothing."""

    NONE = 0
    ANSWERED = 1
    REFUSED = 2
    UNANSWERED = 3


class Quality:
    """How well a contact was seen: bits, more is better."""

    PORT = 1  # the ingress ifIndex is proven
    KNOWN = 2  # the sampling rate is known
    EXACT = 4  # every packet is exported: silence means silence
    FRESH = 8  # LOGINS: counted in the bucket of pairs that are new


EVENT = np.dtype(
    [
        ("at_ms", "i8"),
        ("now_ms", "i8"),  # the latest time of any row up to this one
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("agent_hi", "u8"),
        ("agent_lo", "u8"),
        ("mac", "u8"),  # of the source; 0 = not sent
        ("twin", "u8"),  # MAC of a second machine with this address; 0 = the first one
        ("in_if", "u4"),
        ("rate", "u4"),
        ("count", "u4"),  # LOGINS: connections of the burst
        ("level", "u4"),  # LOGINS: what is left of them in the leaking bucket
        ("port", "u2"),
        ("sport", "u2"),
        ("verb", "u1"),
        ("kind", "u1"),
        ("hint", "u1"),
        ("quality", "u1"),
        ("outside", "u1"),  # the target is not inside
        ("size", "u1"),  # quarter octaves of the bytes of a whole connection, both directions; 0 = unknown
        ("alike", "u1"),  # LOGINS: by how many tenths of them those of one size outnumber the others
    ],
    align=True,
)

SYN, RST, ACK = 0x02, 0x04, 0x10
FLAGS = 0x3F  # without ECN and the rest
ARP_REQUEST, ARP_REPLY = 1, 2
# RFC 792 echo, timestamp and information, RFC 950 address mask; RFC 4443 echo: the reply of each request. Other types, neighbour
# discovery and errors above all, contact nobody.
ECHO, ECHO6 = 8, 128
REPLY_OF = {ECHO: 0, 13: 14, 15: 16, 17: 18}
REPLY_OF6 = {ECHO6: 129}
WELL_KNOWN, EPHEMERAL = 1024, 32768  # RFC 6335: system ports; where Linux begins to give ports to clients
# Services above the system ports that many clients talk to, from ports that some systems begin to give at 1025: SQL Server,
# Oracle, NFS, MySQL, RDP, PostgreSQL, SIP, VNC, WinRM, Redis, web, printers, DICOM.
SERVICES = (1433, 1521, 2049, 3306, 3389, 5060, 5432, 5900, 5985, 5986, 6379, 8080, 8443, 9100, 11112)
LONE = 64  # octets of one IPv4 segment without data, at most; of two it is more
BROADCAST_MAC = 0xFFFF_FFFF_FFFF
# A host has a few IPv6 addresses in one /64, seldom three; so many at a time are others', which it forwards. Link-local ones are
# its own. Each is a bit of 64, so that two may count as one.
LINK_LOCAL, MOST_NETS, MOST_ADDRESSES = 0x3FA, 3, 12
PHI = 0x9E37_79B9_7F4A_7C15  # Knuth 6.4, multiplicative hashing
TWO_WORDS = struct.Struct(">2Q")
V4_HIGH = 0
V4_LOW = 0xFFFF_0000_0000


def words(address: bytes) -> tuple[int, int]:
    """Two 64-bit words of 16 octets."""
    return int.from_bytes(address[:8], "big"), int.from_bytes(address[8:], "big")


def octets(high: int, low: int) -> bytes:
    """16 octets of two words."""
    return TWO_WORDS.pack(high, low)


def is_v4(address: bytes) -> bool:
    """An IPv4 address, mapped."""
    return address[:12] == V4_PREFIX
