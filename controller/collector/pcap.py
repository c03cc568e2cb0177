"""Capture files of export datagrams: classic pcap, both byte orders, micro- and nanoseconds (draft-ietf-opsawg-pcap).

Link types Ethernet, raw IP, BSD loopback and Linux cooked. IP fragments are not put together: they are counted, like all non-UDP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from controller.core.errors import UsageError
from controller.core.files import unreadable
from detectors.address import V4_PREFIX

from .datagram import Datagram

MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000),
}
PCAPNG = b"\x0a\x0d\x0d\x0a"
IP_AT = {12: 0, 14: 0, 101: 0, 228: 0, 229: 0, 0: 4, 108: 4}  # link types without an ethertype: where IP begins
TYPE_AT, AFTER_TYPE = {1: 12, 113: 14, 276: 0}, {1: 2, 113: 2, 276: 20}  # where it stands, and so much further IP
LARGEST_PACKET = 256 * 1024
TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)


class Capture:
    """A capture file, read once from start to end. `skipped` counts packets that held no export datagram, by reason;
    `cut_off` is a sentence where the file ended before its end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.skipped: Counter[str] = Counter()
        self.cut_off: str | None = None

    def __iter__(self) -> Iterator[Datagram]:
        """Datagrams in file order, `received_ms` = capture time. UsageError if the file is no capture."""
        try:
            stream = self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error
        with stream:
            yield from self._read(stream)

    def _read(self, stream: BinaryIO) -> Iterator[Datagram]:
        head = stream.read(24)
        if head[:4] == PCAPNG:
            raise UsageError("is pcapng", where=str(self.path), do="convert it: editcap -F pcap IN OUT")
        if len(head) < 24 or head[:4] not in MAGIC:
            raise UsageError("is no pcap file", where=str(self.path))
        order, per_ms = MAGIC[head[:4]]
        packet = Struct(order + "IIII")
        link = Struct(order + "I").unpack(head[20:24])[0] & 0xFFFF
        if link not in IP_AT and link not in TYPE_AT:
            raise UsageError(f"has link type {link}", where=str(self.path), do="capture on an Ethernet interface")
        while header := stream.read(16):
            if len(header) < 16:
                self.cut_off = "the file ends in the middle of a packet's header"
                return
            seconds, fraction, captured, _ = packet.unpack(header)
            if captured > LARGEST_PACKET:
                self.cut_off = f"the file is damaged: a packet of {captured} octets"
                return
            data = stream.read(captured)
            if len(data) < captured:
                self.cut_off = "the file ends in the middle of a packet"
                return
            datagram = self._datagram(data, link, seconds * 1000 + fraction // per_ms)
            if datagram is not None:
                yield datagram

    def _datagram(self, data: bytes, link: int, at_ms: int) -> Datagram | None:
        offset = _ip_offset(data, link)
        version = data[offset] >> 4 if offset < len(data) else 0
        if version == 4 and len(data) >= offset + 20:
            return self._ipv4(data, offset, at_ms)
        if version == 6 and len(data) >= offset + 40:
            return self._udp(data, offset + 40, data[offset + 6], data[offset + 8 : offset + 24], at_ms)
        self.skipped["not IP"] += 1
        return None

    def _ipv4(self, data: bytes, offset: int, at_ms: int) -> Datagram | None:
        if int.from_bytes(data[offset + 6 : offset + 8], "big") & 0x3FFF:
            self.skipped["fragment"] += 1
            return None
        source = V4_PREFIX + data[offset + 12 : offset + 16]
        return self._udp(data, offset + (data[offset] & 15) * 4, data[offset + 9], source, at_ms)

    def _udp(self, data: bytes, offset: int, proto: int, source: bytes, at_ms: int) -> Datagram | None:
        if proto != 17 or len(data) < offset + 8:
            self.skipped["not UDP"] += 1
            return None
        size = int.from_bytes(data[offset + 4 : offset + 6], "big")
        end = offset + size if 8 <= size <= len(data) - offset else len(data)
        port = int.from_bytes(data[offset : offset + 2], "big")
        return Datagram(data[offset + 8 : end], source, port, at_ms)


def _ip_offset(data: bytes, link: int) -> int:
    if link in IP_AT:
        return IP_AT[link]
    at = TYPE_AT[link]
    offset = at + AFTER_TYPE[link]
    kind = int.from_bytes(data[at : at + 2], "big")
    while kind in TAGS and len(data) >= offset + 4:
        kind = int.from_bytes(data[offset + 2 : offset + 4], "big")
        offset += 4
    return offset
