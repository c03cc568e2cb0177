"""pcapng: sections, interfaces with clocks of their own, blocks to step over, damage."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.collector import Capture
from tests.controller.collector import datagrams as d

PAYLOAD = b"\0\0\0\x05hello"
AT_S, AT_MS = 1_700_000_000, 1_700_000_000_250
ETHERNET = d.frame(
    0x0800,
    d.ipv4(struct.pack("!HHHH", 40000, 6343, 8 + len(PAYLOAD), 0) + PAYLOAD, proto=17, src="192.0.2.9"),
)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A block: its type, its length at both ends, its body padded."""
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    """Section Header, version 1.0, of a length that is not said."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """One option, padded."""
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(*options: bytes, link: int = 1, order: str = "<") -> bytes:
    """Interface Description."""
    end = option(0, b"", order) if options else b""
    return block(1, struct.pack(order + "HHI", link, 0, 65535) + b"".join(options) + end, order)


def enhanced(at: int, data: bytes = ETHERNET, number: int = 0, order: str = "<") -> bytes:
    """Enhanced Packet with a comment behind it."""
    head = struct.pack(order + "IIIII", number, at >> 32, at & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data + bytes(-len(data) % 4) + option(1, b"seen", order), order)


def capture(tmp_path: Path, *blocks: bytes) -> Capture:
    """A file of these blocks."""
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"".join(blocks))
    return Capture(path)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("options", "at"),
    [
        ((), AT_MS * 1000),
        (((9, b"\x09"),), AT_MS * 1_000_000),
        (((9, b"\x03"),), AT_MS),
        (((9, b"\x8a"),), AT_S * 1024 + 256),
        (((2, b"eth0"), (14, "q", 1_000_000_000)), AT_MS * 1000 - 10**15),
    ],
    ids=["microseconds", "nanoseconds", "milliseconds", "2^-10 s", "an offset"],
)
def test_clocks(tmp_path: Path, order: str, options: tuple[tuple[object, ...], ...], at: int) -> None:
    """Resolution and offset are the interface's, in either byte order."""
    made = [
        option(int(str(o[0])), o[1] if isinstance(o[1], bytes) else struct.pack(order + str(o[1]), o[2]), order)
        for o in options
    ]
    (found,) = capture(tmp_path, section(order), interface(*made, order=order), enhanced(at, order=order))
    assert (PAYLOAD, 40000, AT_MS) == (found.payload, found.port, found.received_ms)


def test_several_sections_and_interfaces(tmp_path: Path) -> None:
    """A section begins interfaces anew, and may be of another byte order; each packet is read by its own interface."""
    found = capture(
        tmp_path,
        section(),
        interface(link=101),
        interface(option(9, b"\x03")),
        enhanced(AT_MS, number=1),
        enhanced(AT_MS * 1000, ETHERNET[14:]),
        section(">"),
        interface(order=">"),
        enhanced(AT_MS * 1000, order=">"),
    )
    assert [(PAYLOAD, AT_MS)] * 3 == [(one.payload, one.received_ms) for one in found]


def test_the_obsolete_packet_block(tmp_path: Path) -> None:
    """Old files have it: a 16-bit interface, and drops."""
    ticks = AT_MS * 1000
    head = struct.pack("<HHIIII", 0, 3, ticks >> 32, ticks & 0xFFFFFFFF, len(ETHERNET), len(ETHERNET))
    (found,) = capture(tmp_path, section(), interface(), block(2, head + ETHERNET))
    assert (PAYLOAD, AT_MS) == (found.payload, found.received_ms)


def test_what_is_no_packet_with_a_time(tmp_path: Path) -> None:
    """Name resolution, statistics and unknown blocks are stepped over; a Simple Packet, and links nobody reads, are counted."""
    found = capture(
        tmp_path,
        section(),
        interface(),
        interface(link=105),
        block(4, bytes(4)),
        block(5, bytes(12)),
        block(0x80000BAD, b"any"),
        block(3, struct.pack("<I", len(ETHERNET)) + ETHERNET),
        enhanced(AT_MS * 1000, number=1),
        enhanced(AT_MS * 1000),
    )
    assert 1 == len(list(found))
    assert {"no time": 1, "link type 105": 1} == dict(found.skipped)
    assert found.cut_off is None


@pytest.mark.parametrize(
    ("tail", "says"),
    [
        (enhanced(AT_MS)[:-5], "in the middle of a block"),
        (enhanced(AT_MS)[:6], "in the middle of a block"),
        (enhanced(AT_MS, number=7), "not described"),
        (struct.pack("<II", 6, 13) + bytes(8), "a block of 13 octets"),
        (struct.pack("<II", 6, 1 << 31) + bytes(8), "a block of 2147483648 octets"),
        (enhanced(AT_MS)[:-4] + b"\0\0\0\1", "two lengths differ"),
        (block(6, struct.pack("<IIIII", 0, 0, 0, 60_000, 60_000)), "a packet of 60000 octets"),
        (block(6, bytes(8)), "too short"),
        (block(0x0A0D0D0A, bytes(16)), "no byte order"),
    ],
)
def test_damage(tmp_path: Path, tail: bytes, says: str) -> None:
    """What is whole is read, and a sentence says what is wrong with the rest."""
    found = capture(tmp_path, section(), interface(), enhanced(AT_MS * 1000), tail)
    assert 1 == len(list(found))
    assert says in str(found.cut_off)


@given(st.binary(max_size=80), st.integers(0, 250))
def test_any_octets_end(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int) -> None:
    """Octets written over a file anywhere: it is read to some end, and never raises."""
    path = tmp_path_factory.mktemp("junk") / "x.pcapng"
    whole = section() + interface(option(9, b"\x09")) + enhanced(AT_MS * 1000) * 2
    path.write_bytes(section()[:4] + (whole[:at] + junk + whole[at + len(junk) :])[4:])
    assert len(list(Capture(path))) <= len(whole) // 12
