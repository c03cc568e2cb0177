"""pcap files: byte orders, clocks, link types, gzip, and files that were cut or are something else."""

import gzip
import struct
from pathlib import Path

import pytest

from controller.collector import Capture
from controller.core.errors import UsageError
from tests.controller.collector import datagrams as d

PAYLOAD = b"\0\0\0\x05hello"


def udp(payload: bytes = PAYLOAD) -> bytes:
    """UDP 40000 -> 6343."""
    return struct.pack("!HHHH", 40000, 6343, 8 + len(payload), 0) + payload


def write(path: Path, packets: list[bytes], *, order: str = "<", magic: int = 0xA1B2C3D4, link: int = 1) -> Path:
    """A pcap file."""
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for packet in packets:
        data += struct.pack(order + "IIII", 1_700_000_000, 5000, len(packet), len(packet)) + packet
    path.write_bytes(data)
    return path


ETHERNET = d.frame(0x0800, d.ipv4(udp(), proto=17, src="192.0.2.9"))
RAW = d.ipv4(udp(), proto=17, src="192.0.2.9")


@pytest.mark.parametrize(
    ("order", "magic", "at_ms"),
    [
        ("<", 0xA1B2C3D4, 1_700_000_000_005),
        (">", 0xA1B2C3D4, 1_700_000_000_005),
        ("<", 0xA1B23C4D, 1_700_000_000_000),
        (">", 0xA1B23C4D, 1_700_000_000_000),
    ],
)
def test_both_byte_orders_and_clocks(tmp_path: Path, order: str, magic: int, at_ms: int) -> None:
    """Micro- and nanoseconds, little and big endian."""
    (found,) = Capture(write(tmp_path / "x.pcap", [ETHERNET], order=order, magic=magic))
    assert (PAYLOAD, 40000, at_ms) == (found.payload, found.port, found.received_ms)


@pytest.mark.parametrize(
    ("link", "packet"),
    [
        (1, d.frame(0x0800, RAW, tags=(10, 20))),
        (1, ETHERNET[:12] + b"\x91\x00\0\x05" + ETHERNET[12:]),
        *((link, RAW) for link in (12, 14, 101, 228)),
        (229, d.ipv6(udp(), proto=17)),
        (0, struct.pack("<I", 2) + RAW),
        (108, struct.pack(">I", 2) + RAW),
        (113, bytes(14) + b"\x08\x00" + RAW),
        (276, b"\x08\x00" + bytes(18) + RAW),
        (1, d.frame(0x86DD, d.ipv6(udp(), proto=17))),
    ],
)
def test_link_types(tmp_path: Path, link: int, packet: bytes) -> None:
    """Ethernet with tags, raw IP of any version, BSD loopback, Linux cooked 1 and 2, IPv6."""
    (found,) = Capture(write(tmp_path / "x.pcap", [packet], link=link))
    assert PAYLOAD == found.payload


def test_other_packets_are_counted(tmp_path: Path) -> None:
    """ARP, TCP and fragments are no export datagrams."""
    others = [
        d.frame(0x0806, d.arp()),
        d.frame(0x0800, d.ipv4(d.tcp())),
        d.frame(0x0800, d.ipv4(udp(), fragment=0x2000)),
    ]
    capture = Capture(write(tmp_path / "x.pcap", [*others, ETHERNET]))
    assert 1 == len(list(capture))
    assert {"not IP": 1, "not UDP": 1, "fragment": 1} == dict(capture.skipped)


def test_a_file_that_was_cut_off(tmp_path: Path) -> None:
    """What is whole is read; the rest is counted."""
    path = write(tmp_path / "x.pcap", [ETHERNET, ETHERNET])
    path.write_bytes(path.read_bytes()[:-5])
    capture = Capture(path)
    assert 1 == len(list(capture))
    assert "the file ends in the middle of a packet" == capture.cut_off


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "no pcap"), (b"PK\x03\x04" + bytes(40), "no pcap"), (b"\xd4\xc3\xb2\xa1", "no pcap")],
)
def test_files_that_are_something_else(tmp_path: Path, content: bytes, says: str) -> None:
    """Which file, what it is, what to do."""
    path = tmp_path / "x.pcap"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        list(Capture(path))


def test_gzip(tmp_path: Path) -> None:
    """A packed file is read as it is; one that was cut off gives what is whole."""
    path = write(tmp_path / "x.pcap", [ETHERNET] * 3000)
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed)
    assert 3000 == len(list(Capture(path)))
    path.write_bytes(packed[:-30])
    capture = Capture(path)
    assert len(list(capture)) < 3000
    assert "gzip" in str(capture.cut_off)
