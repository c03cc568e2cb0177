"""Records of the embedded log: found again after damage, and never misread.

Layout, little endian: magic `CDN1`, u32 size of what follows the fixed part, u32 CRC-32C over everything behind it, u64 offset,
i64 timestamp (epoch ms), u32 size of the headers, headers (JSON), payload.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct

import crc32c

MAGIC = b"CDN1"
FIXED = Struct("<4sII")
BODY = Struct("<QqI")
LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One record, and where the next one starts in its file."""

    offset: int
    timestamp_ms: int
    headers: Mapping[str, str]
    payload: bytes
    end: int


def pack(offset: int, timestamp_ms: int, headers: Mapping[str, str], payload: bytes) -> bytes:
    """Bytes of a record."""
    text = json.dumps(dict(headers), separators=(",", ":")).encode()
    body = BODY.pack(offset, timestamp_ms, len(text)) + text + payload
    return FIXED.pack(MAGIC, len(body), crc32c.crc32c(body)) + body


def unpack(data: bytes, at: int) -> Record | None:
    """The record at `at`; None if it is not whole, or not what was written."""
    if len(data) < at + FIXED.size:
        return None
    magic, size, checksum = FIXED.unpack_from(data, at)
    start, end = at + FIXED.size, at + FIXED.size + size
    if magic != MAGIC or not BODY.size <= size <= LARGEST or len(data) < end:
        return None
    body = data[start:end]
    if crc32c.crc32c(body) != checksum:
        return None
    offset, timestamp_ms, header_size = BODY.unpack_from(body)
    text = body[BODY.size : BODY.size + header_size]
    return Record(offset, timestamp_ms, json.loads(text), body[BODY.size + header_size :], end)


def find(data: bytes, at: int) -> int | None:
    """Where the first whole record at or behind `at` starts: the way on after damage."""
    while (at := data.find(MAGIC, at)) >= 0:
        if unpack(data, at) is not None:
            return at
        at += 1
    return None


def declared_size(data: bytes) -> int:
    """How long the record at the start of `data` says it is; 0 if there is no record there."""
    if len(data) < FIXED.size:
        return 0
    magic, size, _ = FIXED.unpack_from(data)
    return FIXED.size + size if magic == MAGIC and size <= LARGEST else 0
