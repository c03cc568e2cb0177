"""Records that say little: one end of a flow, one of its times, a frame beside values of its own, nothing that has a column."""

from typing import Any

import pytest

from controller.collector import ReferenceDecoder
from detectors.flow import Has
from detectors.initiator import Verb, read

from . import flowsets as f
from .both import decode, trouble
from .datagrams import frame, ipv4, tcp
from .test_flowset_standard import ENDS, KEY, n

SIX = bytes.fromhex("20010db8" + "00" * 11 + "0a")
KEYS = ("src_ip", "dst_ip", "src_port", "dst_port", "first_ms", "last_ms")
T0 = 1_700_000_000_000


def picked(record: dict[str, Any]) -> dict[str, Any]:
    """The keys in question that a record has."""
    return {key: record[key] for key in KEYS if key in record}


def one(fields: f.Fields, values: bytes, *, v9: bool = True) -> dict[str, Any]:
    """The record of a template and one data record; the same many times over in both protocols."""
    record, *more = decode(f.ipfix(f.ipfix_template(256, fields), f.data(256, *[values] * 70)))
    assert [record] * 69 == [{**other, "dgram": 0} for other in more]
    if v9:
        (nine,) = decode(f.v9(f.v9_template(256, fields), f.data(256, values)))
        assert picked(record) == picked(nine)
    return record


@pytest.mark.parametrize(
    ("fields", "values", "want"),
    [
        (((8, 4),), ENDS[:4], {"src_ip": "10.0.0.1"}),
        (((12, 4),), ENDS[4:], {"dst_ip": "10.0.0.2"}),
        (((27, 16),), SIX, {"src_ip": "2001:db8::a"}),
        (((28, 16),), SIX, {"dst_ip": "2001:db8::a"}),
        (((8, 4), (28, 16)), ENDS[:4] + SIX, {"src_ip": "10.0.0.1", "dst_ip": "2001:db8::a"}),
        (((7, 2),), n(5, 2), {"src_port": 5}),
        (((11, 2),), n(443, 2), {"dst_port": 443}),
        (((180, 2), (183, 2)), n(5, 2) + n(443, 2), {"src_port": 5, "dst_port": 443}),
        ((*KEY, (183, 2)), ENDS + n(443, 2), {"src_ip": "10.0.0.1", "dst_ip": "10.0.0.2", "dst_port": 443}),
    ],
)
def test_one_end_of_a_flow(fields: f.Fields, values: bytes, want: dict[str, Any]) -> None:
    """A key on one side (per-host accounting, NAT port blocks) is that field alone: what was not sent is absent."""
    assert want == picked(one((*fields, (1, 4)), values + n(77)))


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        (((8, 4), (4, 1), (7, 2), (11, 2), (6, 1)), ENDS[:4] + b"\6" + n(50000, 2) + n(445, 2) + b"\2"),
        (((12, 4), (4, 1), (7, 2), (11, 2), (6, 1)), ENDS[:4] + b"\6" + n(50000, 2) + n(445, 2) + b"\2"),
        (((8, 4), (12, 4), (4, 1), (11, 2), (6, 1)), ENDS + b"\6" + n(445, 2) + b"\2"),
        (((8, 4), (12, 4), (4, 1), (7, 2), (6, 1)), ENDS + b"\6" + n(445, 2) + b"\2"),
    ],
)
def test_one_end_opens_nothing(fields: f.Fields, values: bytes) -> None:
    """For detection such a row has no addresses, or no ports: the missing side is never taken for 0."""
    decoded = ReferenceDecoder().decode([f.datagram(f.ipfix(f.ipfix_template(256, fields), f.data(256, values)))])
    row = decoded.batch.row(0)
    assert not int(row["has"]) & Has.ADDRESSES or not int(row["has"]) & Has.PORTS
    assert Verb.NOTHING == read(row).verb


@pytest.mark.parametrize("number", [151, 153, 155, 157])
def test_the_end_alone(number: int) -> None:
    """last_ms without first_ms, in every form."""
    ntp = n((T0 // 1000 + 2_208_988_800) << 32, 8)
    values = {151: n(T0 // 1000), 153: n(T0, 8), 155: ntp, 157: ntp}[number]
    assert {"last_ms": T0} == picked(one(((number, len(values)), (1, 4)), values + n(1)))
    assert {"first_ms": T0} == picked(one(((number - 1, len(values)), (1, 4)), values + n(1)))


def test_the_end_alone_by_uptime() -> None:
    """LAST_SWITCHED of v9, one second before the export; of IPFIX it is no time without a start."""
    fields = ((21, 4), (1, 4))
    (nine,) = decode(f.v9(f.v9_template(256, fields), f.data(256, n(9_000) + n(1))))
    assert {"last_ms": T0 - 1000} == picked(nine)
    assert {} == picked(one(fields, n(9_000) + n(1), v9=False))


@pytest.mark.parametrize("size", [4, 0xFFFF])
def test_nothing_that_has_a_column(size: int) -> None:
    """A record all the same: kind, version, exporter, domain. Its place in the sequence is that of any other."""
    record = bytes(4) if size == 4 else b"\3abc"
    message = f.ipfix(f.ipfix_template(256, ((0x8000 | 5, size, 9),)), f.data(256, record, record))
    want = {"kind": "flow", "version": 10, "exporter": "192.0.2.1", "odid": 7, "dgram": 0}
    assert [want, want] == decode(message)
    assert {} == trouble(message, message)


def test_options_are_no_flows() -> None:
    """Nor are options that say nothing we know."""
    told = f.ipfix(f.ipfix_template(300, ((149, 4), (82, 4)), scopes=1), f.data(300, n(7) + b"eth0"))
    assert [] == decode(told, told)


FRAME = frame(0x0800, ipv4(tcp()), tags=(9,))


@pytest.mark.parametrize("length", [0xFFFF, len(FRAME)])
def test_a_frame_beside_values_of_the_record(length: int) -> None:
    """What the record says itself keeps its name and value; the frame's goes by l2_* where the record says nothing."""
    fields = ((56, 6), (58, 2), (4, 1), (7, 2), (315, length))
    own = bytes.fromhex("020000000077") + n(5, 2) + b"\x11" + n(99, 2)
    record = one(fields, own + (bytes([len(FRAME)]) if length == 0xFFFF else b"") + FRAME, v9=length != 0xFFFF)
    want = {
        "src_mac": "02:00:00:00:00:77", "vlan": 5, "proto": 17, "src_port": 99,
        "l2_dst_mac": "02:00:00:00:00:02", "l2_src_ip": "10.0.0.1", "l2_dst_ip": "10.0.0.2", "l2_tcp_flags": 2,
        "l2_ethertype": 0x0800,
    }  # fmt: skip
    common = {"kind": "flow", "version": 10, "exporter": "192.0.2.1", "odid": 7, "dgram": 0}
    assert {**common, **want} == record


def test_a_frame_beside_addresses_of_the_record() -> None:
    """A flow key of its own, or half of one: the frame is left alone."""
    for fields, values in ((KEY, ENDS), (KEY[:1], ENDS[:4])):
        record = one((*fields, (315, len(FRAME))), values + FRAME)
        assert ("10.0.0.1", None) == (record.get("src_ip"), record.get("l2_src_mac"))
