"""What the standards say, one datagram at a time: sFlow v5, sampled headers, NetFlow v5."""

from typing import Any

import pytest

from controller.collector import ReferenceDecoder
from controller.collector.records import records

from . import datagrams as d


def decode(*payloads: bytes) -> list[dict[str, Any]]:
    """Records of datagrams."""
    return list(records(ReferenceDecoder().decode([d.datagram(p) for p in payloads])))


def one(header: bytes, **options: Any) -> dict[str, Any]:
    """The record of one sampled header."""
    (record,) = decode(d.sflow(d.flow_sample(d.raw_header(header, **options))))
    return record


def trouble(*payloads: bytes) -> dict[str, int]:
    """Trouble by kind."""
    decoded = ReferenceDecoder().decode([d.datagram(p) for p in payloads])
    found: dict[str, int] = {}
    for (kind, _), number in decoded.trouble.items():
        found[kind] = found.get(kind, 0) + number
    return found


def test_tcp_in_ethernet() -> None:
    """Addresses, ports, flags, MACs, interfaces, sampling rate and frame length."""
    record = one(d.frame(0x0800, d.ipv4(d.tcp())), length=1500)
    want = {
        "kind": "flow_sample", "version": "sflow5", "agent": "192.0.2.1", "src_ip": "10.0.0.1", "dst_ip": "10.0.0.2",
        "src_port": 50000, "dst_port": 445, "proto": 6, "tcp_flags": 2, "bytes": 1500, "packets": 1, "sampling_rate": 1,
        "in_if": 4, "out_if": 5, "src_mac": "02:00:00:00:00:01", "dst_mac": "02:00:00:00:00:02",
    }  # fmt: skip
    assert want == {k: record[k] for k in want}


def test_arp_request_is_a_flow_row() -> None:
    """A sweep of unused addresses is nothing but ARP: the target is the destination."""
    record = one(d.frame(0x0806, d.arp()))
    assert ("10.0.0.1", "10.0.0.9", 0x0806) == (record["src_ip"], record["dst_ip"], record["ethertype"])


@pytest.mark.parametrize("tags", [(10,), (10, 20), (1, 2, 3)])
def test_the_outer_tag_is_the_vlan(tags: tuple[int, ...]) -> None:
    """802.1Q stacks: the first tag is the switch's own; what is behind them all is read."""
    record = one(d.frame(0x0800, d.ipv4(d.tcp()), tags=tags))
    assert (tags[0], 445) == (record["vlan"], record["dst_port"])


def test_ipv6_behind_extension_headers() -> None:
    """Hop-by-hop and destination options are stepped over."""
    options = bytes([60, 0, 0, 0, 0, 0, 0, 0]) + bytes([6, 0, 0, 0, 0, 0, 0, 0])
    record = one(d.frame(0x86DD, d.ipv6(options + d.tcp(), proto=0)))
    assert ("2001:db8::1", 6, 445) == (record["src_ip"], record["proto"], record["dst_port"])


def test_a_later_fragment_has_no_ports() -> None:
    """What stands where the ports would be is payload."""
    record = one(d.frame(0x0800, d.ipv4(d.tcp(), fragment=100)))
    assert "dst_port" not in record
    assert "10.0.0.2" == record["dst_ip"]


def test_cut_off_header_keeps_whole_layers() -> None:
    """A header of 34 octets has addresses and no ports; nothing is made up."""
    record = one(d.frame(0x0800, d.ipv4(d.tcp()))[:34], length=1500)
    assert "10.0.0.2" == record["dst_ip"]
    assert "dst_port" not in record


@pytest.mark.parametrize("into", [(0, 4), (0, 70_000)])
def test_expanded_sample(into: tuple[int, int]) -> None:
    """flow_sample_expanded: interfaces of 32 bit."""
    (record,) = decode(d.sflow(d.expanded_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))), into=into)))
    assert into[1] == record["in_if"]


def test_discarded_and_multiple_out_interfaces() -> None:
    """Formats 1 and 2 of an interface are reasons and counts, never an ifIndex."""
    sample = d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))), out_if=(1 << 30) | 258)
    (record,) = decode(d.sflow(sample))
    assert 1 == record["out_if_format"]


def test_ipv6_agent() -> None:
    """The agent address may be IPv6."""
    sample = d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))))
    (record,) = decode(d.sflow(sample, agent="2001:db8::7"))
    assert "2001:db8::7" == record["agent"]


def test_unknown_samples_are_skipped_by_length() -> None:
    """An unknown tag costs nothing but itself."""
    unknown = (4300 << 12 | 99).to_bytes(4, "big") + (8).to_bytes(4, "big") + bytes(8)
    good = d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))))
    assert 1 == len(decode(d.sflow(unknown, good)))


def test_a_sample_that_lies_about_its_length_is_counted() -> None:
    """What came before it is kept."""
    good = d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))))
    liar = (1).to_bytes(4, "big") + (100_000).to_bytes(4, "big") + bytes(40)
    assert 1 == len(decode(d.sflow(good, liar)))
    assert {"bad-length": 1} == trouble(d.sflow(good, liar))


def test_a_count_that_lies_is_counted() -> None:
    """More samples announced than are there."""
    assert {"truncated": 1} == trouble(d.sflow(count=4_000_000_000))


def test_netflow5_times_counts_and_interfaces() -> None:
    """first and last are epoch ms by uptime; packets and octets are never multiplied."""
    (record,) = decode(d.netflow5(d.row5(), sampling=(1 << 14) | 100))
    want = {"first_ms": 1_699_999_998_000, "last_ms": 1_699_999_999_000, "packets": 3, "bytes": 180, "in_if": 4}
    assert want == {k: record[k] for k in want}
    assert 100 == record["sampling_rate"]


def test_netflow5_uptime_wrap() -> None:
    """A flow that began before the 32-bit uptime wrapped lies in the past, not in the far future."""
    (record,) = decode(d.netflow5(d.row5(first=2**32 - 1000)))
    assert 1_700_000_000_000 - 11_000 == record["first_ms"]


def test_netflow5_that_says_more_rows_than_it_has() -> None:
    """The rows that are there are kept; the rest is counted."""
    assert 2 == len(decode(d.netflow5(d.row5(), d.row5(), count=30)))
    assert 1 == sum(trouble(d.netflow5(d.row5(), d.row5(), count=30)).values())


def test_unknown_versions_are_counted_by_exporter() -> None:
    """Garbage is counted under who sent it, and the next datagram is read as ever."""
    good = d.sflow(d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp())))))
    assert 1 == len(decode(b"GET / HTTP/1.1", good))
    assert 1 == sum(trouble(b"GET / HTTP/1.1", good).values())
