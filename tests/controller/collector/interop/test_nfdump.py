"""nfdump's csv: what a line carries, what it does not, and what is no line of flows."""

import io
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from controller.collector.interop import Damaged, nfdump
from controller.collector.records import record
from controller.core.errors import UsageError
from detectors.address import packed
from detectors.flow import Has, from_rows

from . import csvlines as c

UTC = ZoneInfo("UTC")


def rows(data: bytes, skipped: Counter[str] | None = None, **options: Any) -> list[dict[str, Any]]:
    """Rows of an output."""
    found = nfdump.read(io.BytesIO(data), Counter() if skipped is None else skipped, **{"zone": UTC, **options})
    return [row for batch in found for row in batch]


def one(**changes: str) -> dict[str, Any]:
    """The record of one line."""
    (row,) = from_rows(rows(c.file(c.line(**changes)))).rows()
    return record(row)


def test_a_line() -> None:
    """Every column that Cordon has one for; sampling is unknown because nfdump does not say by what it multiplied."""
    want = {
        "kind": "flow", "version": 9, "exporter": "192.0.2.1", "src_ip": "10.0.0.1", "dst_ip": "10.0.0.2",
        "src_mac": "02:00:00:00:00:01", "dst_mac": "02:00:00:00:00:02", "src_port": 50000, "dst_port": 445, "proto": 6,
        "tcp_flags": 2, "bytes": 180, "packets": 3, "in_if": 4, "out_if": 5, "vlan": 10, "first_ms": 1_699_999_998_000,
        "last_ms": 1_700_000_000_000,
    }  # fmt: skip
    assert want == one()
    assert 1_700_000_000_123 == rows(c.file(c.line()))[0]["received_ms"]


def test_what_is_zero_was_not_sent() -> None:
    """nfdump prints zeros for what it does not have."""
    none = "00:00:00:00:00:00"
    found = one(ismc=none, idmc=none, svln="0", out="0", ipkt="0", flg="........")
    assert set() == {"src_mac", "dst_mac", "vlan", "out_if", "packets", "tcp_flags", "sampling_rate"} & set(found)


def test_the_destination_of_sfcapd() -> None:
    """sfcapd keeps the destination MAC of the frame as the outgoing one."""
    assert "02:00:00:00:00:09" == one(idmc="00:00:00:00:00:00", odmc="02:00:00:00:00:09")["dst_mac"]


@pytest.mark.parametrize(
    ("flags", "want"), [("...A..S.", 0x12), ("CEUAPRSF", 0xFF), (".......F", 1), ("0xc2", 0xC2)]
)  # fmt: skip
def test_tcp_flags(flags: str, want: int) -> None:
    """Letters, or as 1.6 prints what has ECN in it."""
    assert want == one(flg=flags)["tcp_flags"]


@pytest.mark.parametrize(("name", "want"), [("UDP", 17), ("ICMP6", 58), ("SCTP", 132), ("200", 200), ("XYZ", None)])
def test_protocols(name: str, want: int | None) -> None:
    """Names and numbers; a name that is not known leaves the protocol out, not the row."""
    assert want == one(pr=name).get("proto")


@pytest.mark.parametrize(
    ("proto", "ports", "want"),
    [
        ("ICMP", ("0", "8.0"), (8, 0)),
        ("ICMP", ("0", "3.13"), (3, 13)),
        ("ICMP", ("0", "2048"), (8, 0)),
        ("ICMP", ("8", "0"), (8, 0)),
        ("ICMP", ("0", "0"), (0, 0)),
        ("ICMP6", ("0", "128.0"), (128, 0)),
        ("ICMP6", ("0", "0"), None),
    ],
)
def test_icmp(proto: str, ports: tuple[str, str], want: tuple[int, int] | None) -> None:
    """type.code, NetFlow's number, or sfcapd's two ports."""
    (row,) = rows(c.file(c.line(pr=proto, sp=ports[0], dp=ports[1], flg="........")))
    assert want == ((row["icmp_type"], row["icmp_code"]) if row["has"] & Has.ICMP else None)


def test_times_have_the_zone_of_the_machine_that_printed_them() -> None:
    """An hour east of Greenwich is an hour earlier; daylight saving counts."""
    data = c.file(c.line(), c.line(ts="2023-07-01 02:00:00"))
    first = [row["first_ms"] for row in rows(data, zone=ZoneInfo("Europe/Berlin"))]
    assert [1_699_999_998_000 - 3_600_000, 1_688_169_600_000] == first


def test_no_time_of_receipt() -> None:
    """Aggregated flows have 1970 there: the end counts."""
    assert 1_700_000_000_000 == rows(c.file(c.line(tr="1970-01-01 00:00:00.000")))[0]["received_ms"]


def test_a_router_that_is_not_named() -> None:
    """Skipped and counted, unless its address is given."""
    data, skipped = c.file(c.line(ra="0.0.0.0")), Counter[str]()
    assert ([], {"no-exporter": 1}) == (rows(data, skipped), skipped)
    assert packed("192.0.2.9") == rows(data, exporter=packed("192.0.2.9"))[0]["agent"]


def test_the_address_given_does_not_replace_one_that_is_named() -> None:
    """--exporter is for rows without one."""
    assert packed("192.0.2.1") == rows(c.file(c.line()), exporter=packed("192.0.2.9"))[0]["agent"]


def test_summaries_are_no_flows() -> None:
    """Neither one at the end, nor between two files that were joined, nor an output without flows."""
    skipped: Counter[str] = Counter()
    nothing = c.file("No matching flows")
    assert 2 == len(rows(c.file(c.line()) + nothing + c.file(c.line()), skipped))
    assert {} == skipped


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sa": "fe80::1%eth0x,"}, "bad-line"),
        ({"sa": "10.0.0.300"}, "bad-address"),
        ({"ts": "yesterday"}, "bad-time"),
        ({"sp": "-1"}, "bad-number"),
        ({"ibyt": "1.2 G"}, "bad-number"),
        ({"ibyt": "9" * 5000}, "bad-number"),
        ({"sp": "70000"}, "out-of-range"),
        ({"ismc": "nonsense"}, "bad-mac"),
        ({"flg": "0xzz"}, "bad-number"),
        ({"te": "1970-01-01 00:00:00", "tr": ""}, "no-time"),
    ],
)
def test_what_makes_no_row_is_counted(changes: dict[str, str], reason: str) -> None:
    """A line that cannot be a row is left out by reason; its neighbours are kept."""
    skipped: Counter[str] = Counter()
    assert 2 == len(rows(c.file(c.line(), c.line(**changes), c.line()), skipped))
    assert {reason: 1} == skipped


@pytest.mark.parametrize("data", [b'{"type":"SFLOW_5"}\n', b"firstSeen,duration,proto,srcAddr\n", b"\xff\xfe\x00\n"])
def test_another_format(data: bytes) -> None:
    """A file that does not begin with nfdump's columns is refused before a row is taken."""
    with pytest.raises(UsageError, match="nfdump -o csv"):
        rows(data)


@pytest.mark.security
def test_a_line_without_end() -> None:
    """A line may be 64 KiB; the offset of a longer one is named, the rows before it are given."""
    good = "\n".join([c.HEADER, c.line(), ""]).encode()
    found = nfdump.read(io.BytesIO(good + b"x" * 100_000), Counter(), zone=UTC)
    assert 1 == len(next(found))
    with pytest.raises(Damaged) as caught:
        next(found)
    assert len(good) == caught.value.details["offset"]
