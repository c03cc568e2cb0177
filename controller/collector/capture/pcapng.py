"""pcapng (draft-ietf-opsawg-pcapng): sections of either byte order, any number of interfaces with clocks of their own.

Read are Section Header, Interface Description, Enhanced Packet and the obsolete Packet blocks. A Simple Packet block has no
time, without which a flow is worth nothing: it is counted. All other blocks are stepped over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct
from typing import BinaryIO

from .packet import LARGEST_PACKET, CutOff, Packet

MAGIC = b"\x0a\x0d\x0d\x0a"  # of a Section Header, the same in both byte orders
LITTLE, BIG = b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d"
INTERFACE, PACKET, SIMPLE, ENHANCED = 1, 2, 3, 6
END, TSRESOL, TSOFFSET = 0, 9, 14  # options
LARGEST_BLOCK = 16 * LARGEST_PACKET


@dataclass(frozen=True, slots=True)
class Interface:
    """Link type, units of its clock in a second, and seconds to add."""

    link: int
    per_s: int = 1_000_000
    offset_s: int = 0


@dataclass(slots=True)
class Section:
    """Byte order of a section, and its interfaces by number."""

    order: str
    interfaces: list[Interface] = field(default_factory=list)

    def numbers(self, form: str, data: bytes, at: int = 0) -> tuple[int, ...]:
        """Numbers in the byte order of the section. CutOff if there are too few octets."""
        numbers = Struct(self.order + form)
        if len(data) < at + numbers.size:
            raise CutOff("the file is damaged: a block is too short for what it is")
        return numbers.unpack_from(data, at)


def packets(stream: BinaryIO, skipped: Counter[str]) -> Iterator[Packet]:
    """Every packet that has a time. CutOff where the file ends early or cannot be followed."""
    section = Section("<")
    while head := stream.read(8):
        if head[:4] == MAGIC:
            section = Section(_order(head, stream))
            _block(section, head, stream, read=4)
            continue
        kind, body = section.numbers("I", head)[0], _block(section, head, stream)
        if kind == INTERFACE:
            section.interfaces.append(_interface(section, body))
        elif kind == ENHANCED:
            yield _packet(section, body, *section.numbers("IIII", body), start=20)
        elif kind == PACKET:
            number, _, *rest = section.numbers("HHIII", body)
            yield _packet(section, body, number, *rest, start=20)
        elif kind == SIMPLE:
            skipped["no time"] += 1


def _order(head: bytes, stream: BinaryIO) -> str:
    """By the octets after the length, which is of that order too."""
    if len(head) < 8:
        raise CutOff("the file ends in the middle of a block")
    magic = stream.read(4)
    if magic not in (LITTLE, BIG):
        raise CutOff("the file is damaged: a section of no byte order")
    return "<" if magic == LITTLE else ">"


def _block(section: Section, head: bytes, stream: BinaryIO, read: int = 0) -> bytes:
    """The rest of a block, of whose body `read` octets were read."""
    if len(head) < 8:
        raise CutOff("the file ends in the middle of a block")
    (size,) = section.numbers("I", head, 4)
    if size < 12 + read or size % 4 or size > LARGEST_BLOCK:
        raise CutOff(f"the file is damaged: a block of {size} octets")
    rest = stream.read(size - 8 - read)
    if len(rest) < size - 8 - read:
        raise CutOff("the file ends in the middle of a block")
    if section.numbers("I", rest, len(rest) - 4) != (size,):
        raise CutOff("the file is damaged: a block whose two lengths differ")
    return rest[:-4]


def _interface(section: Section, body: bytes) -> Interface:
    """Its clock counts microseconds unless an option says otherwise."""
    (link, _, _), at = section.numbers("HHI", body), 8
    per_s, offset_s = 1_000_000, 0
    while at + 4 <= len(body):
        code, size = section.numbers("HH", body, at)
        if code == END:
            break
        if code == TSRESOL and size >= 1 and at + 4 < len(body):
            power = body[at + 4]
            per_s = 1 << (power & 0x7F) if power & 0x80 else 10 ** min(power, 30)
        elif code == TSOFFSET and size >= 8:
            (offset_s,) = section.numbers("q", body, at + 4)
        at += 4 + -(-size // 4) * 4
    return Interface(link, per_s, offset_s)


def _packet(section: Section, body: bytes, number: int, high: int, low: int, captured: int, *, start: int) -> Packet:
    if number >= len(section.interfaces):
        raise CutOff("the file is damaged: a packet of an interface that is not described")
    if captured > min(LARGEST_PACKET, len(body) - start):
        raise CutOff(f"the file is damaged: a packet of {captured} octets")
    interface = section.interfaces[number]
    at_ms = (high << 32 | low) * 1000 // interface.per_s + interface.offset_s * 1000
    return Packet(interface.link, body[start : start + captured], at_ms)
