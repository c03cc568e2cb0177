"""sFlow version 5, structure by structure, from the standard: what recordings seldom hold. Both decoders, the same answers."""

import struct
from ipaddress import ip_address
from typing import Any

import pytest

from . import datagrams as d
from .both import decode, trouble

TCP = d.frame(0x0800, d.ipv4(d.tcp()))
OUTER = {"src_ip": "10.0.0.1", "dst_ip": "10.0.0.2"}


def flow_record(tag: int, body: bytes, *, enterprise: int = 0) -> bytes:
    """A flow record of any kind."""
    return struct.pack("!II", enterprise << 12 | tag, len(body)) + body


def sampled_ip(*, six: bool = False, proto: int = 6, flags: int = 0x12) -> bytes:
    """sampled_ipv4 or sampled_ipv6 (section 5.3): length, protocol, addresses, ports, TCP flags, TOS or priority."""
    ends = [ip_address(a).packed for a in (("2001:db8::1", "2001:db8::2") if six else ("10.0.0.1", "10.0.0.2"))]
    return flow_record(
        4 if six else 3, struct.pack("!II", 1400, proto) + b"".join(ends) + struct.pack("!IIII", 50000, 445, flags, 0)
    )


def one(*found: bytes, **options: Any) -> dict[str, Any]:
    """The record of a sample with these flow records."""
    (record,) = decode(d.sflow(d.flow_sample(*found, **options)))
    return record


def header(payload: bytes, **options: Any) -> dict[str, Any]:
    """The record of a raw header."""
    return one(d.raw_header(payload, **options))


def picked(record: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """Some of a record; None for what is absent."""
    return tuple(record.get(name) for name in names)


@pytest.mark.parametrize("six", [False, True])
def test_sampled_ip_alone(six: bool) -> None:
    """An agent that parses the packet itself: addresses, ports, flags and length without a raw header."""
    ends = ("2001:db8::1", "2001:db8::2") if six else ("10.0.0.1", "10.0.0.2")
    record = one(sampled_ip(six=six))
    assert (*ends, 50000, 445, 6, 0x12, 1400, 1) == picked(
        record, "src_ip", "dst_ip", "src_port", "dst_port", "proto", "tcp_flags", "bytes", "packets"
    )


def test_sampled_ip_of_a_protocol_without_ports() -> None:
    """The fields are there and mean nothing: no ports, no flags."""
    assert (47, None, None) == picked(one(sampled_ip(proto=47)), "proto", "src_port", "tcp_flags")


def test_sampled_ethernet_alone() -> None:
    """Two MACs in eight octets each, and the type."""
    macs = bytes.fromhex("020000000001") + bytes(2) + bytes.fromhex("020000000002") + bytes(2)
    record = one(flow_record(2, struct.pack("!I", 90) + macs + struct.pack("!I", 0x0800)))
    assert ("02:00:00:00:00:01", "02:00:00:00:00:02", 0x0800, 90) == picked(
        record, "src_mac", "dst_mac", "ethertype", "bytes"
    )


@pytest.mark.parametrize("first", [True, False])
def test_a_raw_header_wins(first: bool) -> None:
    """Whichever stands first: length and addresses are the header's."""
    both = [d.raw_header(TCP, length=1500), sampled_ip(six=True)]
    assert ("10.0.0.1", 1500) == picked(one(*(both if first else both[::-1])), "src_ip", "bytes")


@pytest.mark.parametrize(
    ("tag", "size", "enterprise"),
    [
        *((tag, 16, 0) for tag in (1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1012, 1013, 1021, 1031, 2206)),
        *((5, 40, 9), (1, 40, 4413), (1003, 64, 0)),
    ],
)
def test_other_records_are_stepped_over(tag: int, size: int, enterprise: int) -> None:
    """Extended switch, router, gateway, user (802.1X), URL, MPLS, NAT, tunnels, vendors' own: what stands behind is read, and
    a format 1 of another enterprise is no raw header."""
    extra = flow_record(tag, bytes(range(size)), enterprise=enterprise)
    assert ("10.0.0.1", 445) == picked(one(extra, d.raw_header(TCP), extra), "src_ip", "dst_port")
    assert picked(one(extra), "src_ip", "bytes") == (None, None)


@pytest.mark.parametrize(("protocol", "payload"), [(11, d.ipv4(d.tcp())), (12, d.ipv6(d.tcp()))])
def test_headers_without_ethernet(protocol: int, payload: bytes) -> None:
    """header_protocol 11 and 12: IP itself; there are no MACs."""
    assert (6, 445, None) == picked(header(payload, protocol=protocol), "proto", "dst_port", "src_mac")


def test_mpls_header() -> None:
    """header_protocol 13: it begins with the label stack."""
    assert ("10.0.0.2", 445) == picked(
        header(struct.pack("!I", 17 << 12 | 1 << 8) + d.ipv4(d.tcp()), protocol=13), "dst_ip", "dst_port"
    )


@pytest.mark.parametrize("protocol", [2, 3, 5, 7, 14, 15, 99])
def test_headers_of_links_that_are_not_read(protocol: int) -> None:
    """Token ring, PPP, 802.11 ...: frame length and interfaces, nothing made up."""
    record = header(TCP, protocol=protocol, length=1500)
    assert (1500, None, None, 4) == picked(record, "bytes", "src_ip", "src_mac", "in_if")


@pytest.mark.parametrize("kinds", [(0x88A8, 0x8100), (0x9100, 0x8100), (0x8100, 0x8100, 0x8100)])
def test_tag_stacks(kinds: tuple[int, ...]) -> None:
    """802.1ad, older provider tags, three deep: the outer VLAN, and what is inside; priority bits are no VLAN."""
    tags = b"".join(struct.pack("!HH", kind, 0xE000 | 100 + n) for n, kind in enumerate(kinds))
    frame = TCP[:12] + tags + TCP[12:]
    assert (100, 445) == picked(header(frame), "vlan", "dst_port")


def test_priority_tag() -> None:
    """VLAN 0 is carried as 0: it was sent."""
    assert 0 == header(TCP[:12] + struct.pack("!HH", 0x8100, 0xE000) + TCP[12:])["vlan"]


@pytest.mark.parametrize("labels", [1, 3])
@pytest.mark.parametrize(("inner", "address"), [(d.ipv4(d.tcp()), "10.0.0.2"), (d.ipv6(d.tcp()), "2001:db8::2")])
def test_label_stacks(labels: int, inner: bytes, address: str) -> None:
    """MPLS unicast: the first IP header under the stack."""
    stack = b"".join(struct.pack("!I", 100 + n << 12 | (n == labels - 1) << 8 | 64) for n in range(labels))
    assert (address, 445) == picked(header(d.frame(0x8847, stack + inner)), "dst_ip", "dst_port")


def test_ethernet_under_mpls_is_not_read_as_ip() -> None:
    """A pseudowire with a control word: no address is made up."""
    stack = struct.pack("!I", 100 << 12 | 1 << 8 | 64)
    assert (None, None) == picked(header(d.frame(0x8847, stack + bytes(4) + TCP)), "src_ip", "dst_port")


def test_extension_headers() -> None:
    """Hop by hop, routing, destination options, authentication: their lengths are counted as RFC 8200 and 4302 say."""
    chain = bytes([43, 0, *[0] * 6]) + bytes([60, 1, *[0] * 14]) + bytes([51, 0, *[0] * 6]) + bytes([6, 4, *[0] * 22])
    record = header(d.frame(0x86DD, d.ipv6(chain + d.tcp(), proto=0)))
    assert (6, 445, 2) == picked(record, "proto", "dst_port", "tcp_flags")


@pytest.mark.parametrize(("offset", "ports"), [(1, 445), (8, None)])
def test_ipv6_fragments(offset: int, ports: int | None) -> None:
    """The first fragment has ports, the others have payload there."""
    fragment = bytes([6, 0]) + struct.pack("!HI", offset, 1) + d.tcp()
    assert (6, ports) == picked(header(d.frame(0x86DD, d.ipv6(fragment, proto=44))), "proto", "dst_port")


def test_ipv4_fragments_and_options() -> None:
    """More-fragments of the first is no offset; options shift the ports."""
    assert 445 == header(d.frame(0x0800, d.ipv4(d.tcp(), fragment=0x2000)))["dst_port"]
    whole = bytearray(d.ipv4(bytes(8) + d.tcp()))
    whole[0] = 0x47
    assert 445 == header(d.frame(0x0800, bytes(whole)))["dst_port"]


@pytest.mark.parametrize(
    ("proto", "inner"),
    [
        (47, struct.pack("!HH", 0, 0x0800) + d.ipv4(d.tcp(), src="192.168.0.1")),
        (4, d.ipv4(d.tcp(), src="192.168.0.1")),
        (41, d.ipv6(d.tcp())),
        (17, struct.pack("!HHHHII", 50000, 4789, 58, 0, 0x0800_0000, 5000 << 8) + TCP),
    ],
)
def test_tunnels_have_their_outer_addresses(proto: int, inner: bytes) -> None:
    """GRE, IP in IP, 6in4, VXLAN: the switch forwarded by the outer addresses, and they belong to the port."""
    record = header(d.frame(0x0800, d.ipv4(inner, proto=proto)))
    assert OUTER == {key: record[key] for key in OUTER}
    assert proto == record["proto"]
    assert (4789 if proto == 17 else None) == record.get("dst_port")


@pytest.mark.parametrize(
    "frame",
    [TCP, d.frame(0x86DD, d.ipv6(d.tcp())), d.frame(0x0806, d.arp()), d.frame(0x0800, d.ipv4(d.tcp()), tags=(7, 8))],
)
def test_headers_cut_anywhere(frame: bytes) -> None:
    """Every whole layer is kept and nothing else: a longer cut never changes what a shorter one said."""
    before: dict[str, Any] = {}
    for size in range(len(frame) + 1):
        record = header(frame[:size], length=1500)
        kept = {k: v for k, v in record.items() if k in before}
        assert before == kept, size
        before = record


def test_an_llc_frame_has_no_addresses() -> None:
    """802.3 with a length instead of a type (spanning tree): MACs, and nothing made up."""
    record = header(d.frame(38, bytes.fromhex("424203") + bytes(35)))
    assert ("02:00:00:00:00:01", None) == picked(record, "src_mac", "src_ip")


@pytest.mark.parametrize(
    ("number", "want"), [(0x3FFFFFFF, (0x3FFFFFFF, 0)), (1 << 30 | 258, (258, 1)), (2 << 30 | 3, (3, 2))]
)
def test_interfaces_that_are_none(number: int, want: tuple[int, int]) -> None:
    """No interface, discarded with a reason, several: as sent, with their format."""
    assert want == picked(one(d.raw_header(TCP), out_if=number), "out_if", "out_if_format")


def test_samples_of_every_kind() -> None:
    """Counters, expanded counters, discarded packets (format 5) and an unknown one between two flow samples."""
    others = [struct.pack("!II", tag, 40) + bytes(40) for tag in (2, 4, 5, 77)]
    sample = d.flow_sample(d.raw_header(TCP))
    kinds = [r["kind"] for r in decode(d.sflow(sample, *others, sample))]
    assert {"flow_sample": 2, "counter_sample": 2, "discard_event": 1} == {
        kind: kinds.count(kind) for kind in set(kinds)
    }


def test_octets_behind_the_last_sample() -> None:
    """Ignored, without trouble."""
    assert {} == trouble(d.sflow(d.flow_sample(d.raw_header(TCP))) + bytes(332))


def test_a_record_that_is_longer_than_its_sample() -> None:
    """What of a raw header is inside the sample is read; nothing behind it is."""
    body = bytearray(d.flow_sample(d.raw_header(TCP)))
    body[44:48] = (4000).to_bytes(4, "big")
    first, second = decode(d.sflow(bytes(body), d.flow_sample(d.raw_header(TCP))))
    assert first == second


def test_rates_are_carried_as_sent() -> None:
    """0 and the greatest there is."""
    assert [0, 1, 16383, 2**32 - 1] == [
        one(d.raw_header(TCP), rate=rate)["sampling_rate"] for rate in (0, 1, 16383, 2**32 - 1)
    ]


KEY4 = struct.pack("!II4s4sIIII", 900, 6, bytes([10, 9, 9, 1]), bytes([10, 9, 9, 2]), 1, 2, 0x12, 0)
SAMPLED_IPV4 = struct.pack("!II", 3, len(KEY4)) + KEY4
KEY2 = struct.pack("!I8s8sI", 950, bytes([2, 9, 9, 9, 9, 9]), bytes([2, 9, 9, 9, 9, 8]), 0x1234)
SAMPLED_ETHERNET = struct.pack("!II", 2, len(KEY2)) + KEY2


@pytest.mark.parametrize(
    "raw",
    [
        d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()[:8], proto=17))),
        d.raw_header(d.frame(0x0806, d.arp())),
        d.raw_header(d.frame(38, bytes(38))),
        d.raw_header(d.ipv4(d.tcp()), protocol=11),
        d.raw_header(d.ipv4(d.tcp())[:20], protocol=11),
    ],
)
def test_a_raw_header_wins_wherever_it_stands(raw: bytes) -> None:
    """Before or behind sampled_ipv4 and sampled_ethernet: nothing of theirs is left, in a column or in a record."""
    alone = one(raw)
    for others in ((SAMPLED_IPV4,), (SAMPLED_ETHERNET,), (SAMPLED_ETHERNET, SAMPLED_IPV4)):
        assert alone == one(*others, raw) == one(raw, *others)


def test_a_later_fragment_of_extension_headers() -> None:
    """RFC 8200 section 4.5: behind an offset there is the middle of something, whatever the header before it was."""
    later = bytes([60, 0]) + struct.pack("!HI", 0x59, 9) + bytes([6, 0]) + bytes(6) + d.tcp()
    assert (60, None) == picked(header(d.frame(0x86DD, d.ipv6(later, proto=44))), "proto", "dst_port")
    first = bytes([60, 0]) + struct.pack("!HI", 1, 9) + bytes([6, 0]) + bytes(6) + d.tcp()
    assert (6, 445) == picked(header(d.frame(0x86DD, d.ipv6(first, proto=44))), "proto", "dst_port")


def test_snap() -> None:
    """RFC 1042: a length, AA AA 03, an ethertype behind three zeros. A length by itself is no ethertype."""
    inner = d.ipv4(d.tcp())
    snap = header(d.frame(8 + len(inner), bytes.fromhex("aaaa030000000800") + inner))
    assert ("10.0.0.1", 445, 0x0800) == picked(snap, "src_ip", "dst_port", "ethertype")
    other = header(d.frame(8 + len(inner), bytes.fromhex("aaaa0300000c0800") + inner))  # a vendor's own types
    assert (None, None) == picked(other, "src_ip", "ethertype")
    assert (None,) == picked(header(d.frame(38, bytes.fromhex("424203") + bytes(35))), "ethertype")


@pytest.mark.parametrize(
    ("protocol", "inner", "source"),
    [(0x21, d.ipv4(d.tcp()), "10.0.0.1"), (0x57, d.ipv6(d.tcp()), "2001:db8::1"), (0xC021, d.ipv4(d.tcp()), None)],
)
def test_pppoe(protocol: int, inner: bytes, source: str | None) -> None:
    """RFC 2516, session stage: IP inside PPP, under a tag too; link control is none."""
    session = struct.pack("!BBHHH", 0x11, 0, 1, 2 + len(inner), protocol) + inner
    record = header(d.frame(0x8864, session, tags=(7,)))
    assert (7, source, 445 if source else None) == picked(record, "vlan", "src_ip", "dst_port")
