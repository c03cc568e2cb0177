"""What every form of capture file gives."""

from __future__ import annotations

from typing import NamedTuple

LARGEST_PACKET = 256 * 1024  # octets; what claims to be longer is damage


class Packet(NamedTuple):
    """One packet as captured: link type (the LINKTYPE numbers of tcpdump.org), octets, capture time in epoch ms."""

    link: int
    data: bytes
    at_ms: int


class CutOff(Exception):
    """The file ends, or cannot be followed, here; says how in a sentence."""
