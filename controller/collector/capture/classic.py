"""Classic pcap: both byte orders, micro- and nanoseconds (draft-ietf-opsawg-pcap)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO

from controller.core.errors import UsageError

from .packet import LARGEST_PACKET, CutOff, Packet
from .payload import is_known

MAGIC = {  # byte order, and units of the fraction in a millisecond
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000),
}


def packets(stream: BinaryIO, where: str) -> Iterator[Packet]:
    """Every packet of a file that begins with one of MAGIC. UsageError for a link type that cannot be read, CutOff."""
    head = stream.read(24)
    if len(head) < 24:
        raise UsageError("is no pcap file", where=where)
    order, per_ms = MAGIC[head[:4]]
    link = Struct(order + "I").unpack(head[20:])[0] & 0xFFFF
    if not is_known(link):
        raise UsageError(f"has link type {link}", where=where, do="capture on an Ethernet interface")
    form = Struct(order + "IIII")
    while header := stream.read(form.size):
        if len(header) < form.size:
            raise CutOff("the file ends in the middle of a packet's header")
        seconds, fraction, captured, _ = form.unpack(header)
        if captured > LARGEST_PACKET:
            raise CutOff(f"the file is damaged: a packet of {captured} octets")
        data = stream.read(captured)
        if len(data) < captured:
            raise CutOff("the file ends in the middle of a packet")
        yield Packet(link, data, seconds * 1000 + fraction // per_ms)
