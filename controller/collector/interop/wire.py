"""The protobuf wire format (protobuf.dev, "Encoding"): just enough of it to read length-delimited messages.

Varints and length-delimited fields are given, fixed-width ones are stepped over, groups (deprecated) are refused. Every
length is checked against what is there, and no message may be larger than `MOST_BYTES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from .rows import Damaged

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
FIXED = {FIXED64: 8, FIXED32: 4}
MOST_VARINT = 10
MOST_FIELD_NUMBER = (1 << 29) - 1
MOST_BYTES = 1 << 20
# goflow2 puts a line feed behind each message unless it is told not to (-transport.file.sep ""). As a length it would be
# 10, which no message of goflow2 has: the time of receipt alone takes 11 bytes.
SEPARATOR = 0x0A

Field = tuple[int, int | bytes]


class NotProtobuf(ValueError):
    """Bytes that are no message."""


def messages(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(offset of its length prefix, body) of each message of a stream; Damaged at the first that is not whole."""
    at = 0
    while (octet := stream.read(1)) != b"":
        if octet[0] == SEPARATOR:
            at += 1
            continue
        size, used = _length(stream, octet[0], at)
        if not 0 < size <= MOST_BYTES:
            raise Damaged(f"a message of {size} bytes: goflow2 writes none below 1 and none above {MOST_BYTES}", at)
        body = stream.read(size)
        if len(body) < size:
            raise Damaged(f"the file ends inside a message: {len(body)} of {size} bytes", at)
        yield at, body
        at += used + size


def _length(stream: BinaryIO, octet: int, at: int) -> tuple[int, int]:
    """A length whose first octet was read, and how many octets it took."""
    size = octet & 0x7F
    for used in range(1, MOST_VARINT):
        if octet < 0x80:
            return size, used
        more = stream.read(1)
        if not more:
            raise Damaged("the file ends inside the length of a message", at)
        octet = more[0]
        size |= (octet & 0x7F) << (7 * used)
    raise Damaged("the length of a message has no end", at)


def fields(data: bytes) -> Iterator[Field]:
    """(number, value) of the varint and length-delimited fields of a message, in order; NotProtobuf if it is none."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if not 0 < number <= MOST_FIELD_NUMBER:
            raise NotProtobuf(f"field number {number}")
        if kind == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == LENGTH:
            size, at = _varint(data, at)
        elif kind in FIXED:
            size = FIXED[kind]
        else:
            raise NotProtobuf(f"wire type {kind}")
        if end - at < size:
            raise NotProtobuf(f"field {number} is longer than its message")
        if kind == LENGTH:
            yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A varint and where it ends; 64 bits are kept, as every reader of protobuf does."""
    value = 0
    for used, octet in enumerate(data[at : at + MOST_VARINT]):
        value |= (octet & 0x7F) << (7 * used)
        if octet < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + used + 1
    raise NotProtobuf("a varint has no end")
