"""goflow2's protobuf: what a message carries, what it does not, and files that end or lie."""

import io
from collections import Counter
from typing import Any

import pytest

from controller.collector.interop import BATCH_ROWS, Damaged, goflow2
from controller.collector.records import record
from detectors.address import packed
from detectors.flow import Has, from_rows

from . import protobuf as p


def rows(data: bytes, skipped: Counter[str] | None = None, exporter: str | None = None) -> list[dict[str, Any]]:
    """Rows of a file."""
    found = goflow2.read(
        io.BytesIO(data), Counter() if skipped is None else skipped, exporter=packed(exporter) if exporter else None
    )
    return [row for batch in found for row in batch]


def one(**changes: int | str) -> dict[str, Any]:
    """The record of one message."""
    (row,) = from_rows(rows(p.delimited(p.flow(**changes)))).rows()
    return record(row)


def test_a_sample() -> None:
    """Every field of a sampled SYN; the times that goflow2 invents for it are not among them."""
    want = {
        "kind": "flow_sample", "version": "sflow5", "exporter": "192.0.2.1", "agent": "192.0.2.1", "in_if_format": 0,
        "out_if_format": 0, "src_ip": "10.0.0.1", "dst_ip": "10.0.0.2", "src_mac": "02:00:00:00:00:01",
        "dst_mac": "02:00:00:00:00:02", "src_port": 50000, "dst_port": 445, "proto": 6, "tcp_flags": 2, "bytes": 74,
        "packets": 1, "sampling_rate": 1, "in_if": 4, "out_if": 5, "ethertype": 0x0800,
    }  # fmt: skip
    assert want == one()
    assert 1_700_000_000_123 == rows(p.delimited(p.flow()))[0]["received_ms"]


@pytest.mark.parametrize(("kind", "version"), [(p.SFLOW, "sflow5"), (p.V5, 5), (p.V9, 9), (p.IPFIX, 10)])
def test_the_protocol_is_kept(kind: int, version: object) -> None:
    """Detection believes an interface of sFlow only, so that the protocol must survive."""
    assert version == one(type=kind)["version"]


def test_no_sampling_rate_is_unknown() -> None:
    """0 is not "every packet": the column is not carried."""
    assert "sampling_rate" not in one(sampling_rate=0)


def test_times_of_netflow() -> None:
    """Nanoseconds become milliseconds; the second of export, which goflow2 gives to a record without times, is none."""
    begun = p.AT_NS - 2_000_000_000
    assert (1_699_999_998_123, 1_700_000_000_123) == tuple(
        one(type=p.V9, time_flow_start_ns=begun)[name] for name in ("first_ms", "last_ms")
    )
    second = p.AT_NS // 1_000_000_000 * 1_000_000_000
    assert "first_ms" not in one(type=p.IPFIX, time_flow_start_ns=second, time_flow_end_ns=second)


def test_the_interface_format_is_taken_off() -> None:
    """goflow2 leaves sFlow's format in the top two bits; a discarded packet has no output interface."""
    found = one(out_if=1 << 30 | 7)
    assert (7, 1) == (found["out_if"], found["out_if_format"])
    assert 0x8000_0007 == one(type=p.V9, out_if=0x8000_0007)["out_if"]


def test_vlan_without_its_priority() -> None:
    """The tag's priority bits are no part of the VLAN; without a tag the switch's own word counts."""
    assert (10, 12) == (one(vlan_id=0xE00A)["vlan"], one(src_vlan=12)["vlan"])


@pytest.mark.parametrize(
    ("changes", "want"),
    [
        ({"type": p.V5, "proto": 1, "dst_port": 8 << 8}, (8, 0)),
        ({"type": p.V5, "proto": 1, "dst_port": 0}, (0, 0)),
        ({"type": p.IPFIX, "proto": 58, "icmp_type": 128, "dst_port": 0}, (128, 0)),
        ({"type": p.SFLOW, "proto": 1, "icmp_type": 3, "icmp_code": 1}, (3, 1)),
        ({"type": p.SFLOW, "proto": 1}, None),  # goflow2 2.2.6 loses the type of a sampled echo request
        ({"type": p.IPFIX, "proto": 58, "dst_port": 0}, None),
        ({"type": p.SFLOW, "proto": 1, "icmp_type": 8, "fragment_offset": 185}, None),
    ],
)
def test_icmp(changes: dict[str, Any], want: tuple[int, int] | None) -> None:
    """Type and code in their fields, or in NetFlow's destination port; unknown stays unknown."""
    (row,) = rows(p.delimited(p.flow(**{"src_port": 0, **changes})))
    assert want == ((row["icmp_type"], row["icmp_code"]) if row["has"] & Has.ICMP else None)


def test_ipv6() -> None:
    """16 octets are IPv6."""
    found = one(src_addr="2001:db8::1", dst_addr="2001:db8::2", sampler_address="2001:db8::ff")
    assert ("2001:db8::1", "2001:db8::ff") == (found["src_ip"], found["agent"])


def test_the_line_feed_between_messages() -> None:
    """goflow2's default separator is stepped over."""
    message = p.delimited(p.flow())
    assert 3 == len(rows((message + b"\n") * 3))


def test_unknown_fields_are_stepped_over() -> None:
    """Of every wire type: a newer goflow2, or a mapping of the user's."""
    extra = p.field(2000, 0, p.varint(1 << 63)) + p.field(2001, 1, bytes(8)) + p.field(2002, 5, bytes(4))
    extra += p.field(2003, 2, p.varint(3) + b"abc") + p.field(20, 2, p.varint(1) + b"x")
    assert 445 == rows(p.delimited(p.flow() + extra))[0]["dst_port"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": 0}, "unknown-type"),
        ({"type": 9}, "unknown-type"),
        ({"src_port": 70_000}, "out-of-range"),
        ({"sampling_rate": 1 << 40}, "out-of-range"),
        ({"time_received_ns": 0, "time_flow_end_ns": 0}, "no-time"),
    ],
)
def test_what_makes_no_row_is_counted(changes: dict[str, Any], reason: str) -> None:
    """A message that cannot be a row is left out by reason; its neighbours are kept."""
    skipped: Counter[str] = Counter()
    assert 2 == len(rows(p.delimited(p.flow(), p.flow(**changes), p.flow()), skipped))
    assert {reason: 1} == skipped


def test_a_sampler_that_is_not_named() -> None:
    """Skipped and counted, unless its address is given."""
    nameless = p.delimited(p.body(type=p.V9, time_received_ns=p.AT_NS))
    skipped: Counter[str] = Counter()
    assert ([], {"no-exporter": 1}) == (rows(nameless, skipped), skipped)
    assert packed("192.0.2.9") == rows(nameless, exporter="192.0.2.9")[0]["agent"]


def _kept(data: bytes) -> tuple[int, int]:
    """Rows before the damage, and its offset."""
    batches = goflow2.read(io.BytesIO(data), Counter())
    kept = len(next(batches))
    with pytest.raises(Damaged) as caught:
        next(batches)
    return kept, caught.value.details["offset"]


@pytest.mark.parametrize(
    "tail",
    [
        b"\xff" * 10,  # a length without an end
        b"\x80",  # cut off inside the length
        b"\x00",  # an empty message
        p.varint(1 << 21) + b"x",  # larger than any
        p.delimited(b"\x0f\x00"),  # wire type 7
        p.delimited(p.field(0, 0, b"\x01")),  # field number 0
        p.delimited(p.field(6, 2, p.varint(200) + b"x")),  # longer than its message
        p.delimited(b"\x08" + b"\xff" * 11),  # a varint without an end
        p.delimited(p.field(9, 1, b"1234")),  # half a fixed field
    ],
)
@pytest.mark.security
def test_damage_keeps_what_came_before(tail: bytes) -> None:
    """The error names the byte where the bad message begins; the two before it are given."""
    good = p.delimited(p.flow(), p.flow())
    assert (2, len(good)) == _kept(good + tail)


def test_cut_off_anywhere() -> None:
    """A file cut at any byte gives the whole messages before, then says so, unless the cut is between two."""
    message = p.delimited(p.flow())
    for cut in range(1, len(message)):
        assert (1, len(message)) == _kept(message + message[:cut])


def test_batches() -> None:
    """Rows come in batches of bounded size, none of them empty."""
    data = p.delimited(p.flow()) * (BATCH_ROWS + 1)
    assert [BATCH_ROWS, 1] == [len(batch) for batch in goflow2.read(io.BytesIO(data), Counter())]
    assert [] == list(goflow2.read(io.BytesIO(b""), Counter()))
