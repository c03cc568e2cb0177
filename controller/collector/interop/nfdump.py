"""nfdump's `-o csv` of 1.6 and 1.7 up to 1.7.4: a line that names the columns, flows, a summary that is no flow.

nfdump has multiplied the counters by the sampling rate and does not say by what: sampling is unknown. Nor does it say the
protocol a flow came by; rows are NetFlow's, whose interface numbers are not believed. Times are local times of the
machine that ran nfdump, without a zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import BinaryIO

from controller.collector import packet
from controller.collector.datagram import Row
from controller.core.errors import UsageError
from detectors.address import mac_number, packed
from detectors.flow import Direction, Has, Version

from .rows import Damaged, Skip, carry, in_batches

NEEDED = frozenset({"ts", "te", "sa", "da", "sp", "dp", "pr", "flg"})
MOST_LINE = 64 * 1024
MOST_DIGITS = 20  # of a 64-bit number
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}
EMPTY = ([""], ["No matching flows"])
UNSET = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 an address that was not sent
# The protocols that nfdump names and networks have; a name that is not here leaves the protocol unknown.
PROTOCOLS: Mapping[str, int] = {
    "ICMP": 1, "IGMP": 2, "IPIP": 4, "TCP": 6, "EGP": 8, "UDP": 17, "DCCP": 33, "IPV6": 41, "RSVP": 46, "GRE": 47,
    "ESP": 50, "AH": 51, "ICMP6": 58, "EIGRP": 88, "OSPF": 89, "PIM": 103, "VRRP": 112, "L2TP": 115, "SCTP": 132,
}  # fmt: skip
# (csv column, column, bit): numbers that are copied where they are not zero; nfdump prints 0 for what was not sent.
COPIED = (
    ("ipkt", "packets", Has.PACKETS),
    ("ibyt", "bytes", Has.BYTES),
    ("in", "in_if", Has.IN_IF),
    ("out", "out_if", Has.OUT_IF),
    ("svln", "vlan", Has.VLAN),
)

Line = Mapping[str, str]


def read(
    stream: BinaryIO, skipped: Counter[str], *, exporter: bytes | None = None, zone: tzinfo | None = None
) -> Iterator[list[Row]]:
    """Rows in batches; `exporter` stands in where `ra` is empty, `zone` is that of the times (None: this machine's)."""
    return in_batches(_lines(stream), lambda line: _row(line, exporter, zone), skipped)


def _lines(stream: BinaryIO) -> Iterator[Line]:
    """Lines between a header and a summary; several files one behind the other are read as well."""
    names: list[str] | None = None
    offset, seen = 0, False
    while raw := stream.readline(MOST_LINE):
        if len(raw) == MOST_LINE:
            raise Damaged("a line has no end", offset)
        offset += len(raw)
        values = raw.decode("ascii", "replace").strip().split(",")
        if set(values) >= NEEDED:
            names, seen = values, True
        elif values == ["Summary"]:
            names = None
        elif values in EMPTY:
            continue
        elif names is not None:
            yield dict(zip(names, values, strict=True)) if len(names) == len(values) else {}
        elif not seen:
            raise UsageError(
                "begins with no line that names the columns ts,te,td,sa,da,sp,dp,pr,flg ...",
                do="nfdump -o csv, of nfdump 1.6 to 1.7.4 (1.7.5 prints other columns)",
            )


def _row(line: Line, exporter: bytes | None, zone: tzinfo | None) -> Row:
    if not line:
        raise Skip("bad-line")
    agent = exporter if line.get("ra", "") in UNSET else _address(line["ra"])
    if agent is None:
        raise Skip("no-exporter")
    first_ms, last_ms = _ms(line["ts"], zone), _ms(line["te"], zone)
    received_ms = _ms(line.get("tr", ""), zone) or last_ms
    if not received_ms:
        raise Skip("no-time")
    row: Row = {"has": 0, "version": Version.V9, "received_ms": received_ms, "exporter": agent, "agent": agent}
    carry(row, Has.ADDRESSES, src_addr=_address(line["sa"]), dst_addr=_address(line["da"]))
    if first_ms and last_ms:
        carry(row, Has.TIMES, first_ms=first_ms, last_ms=last_ms)
    for source, column, bit in COPIED:
        if value := _number(line.get(source, "0")):
            carry(row, bit, **{column: value})
    _macs(line, row)
    _transport(line, row)
    if _number(line.get("dir", "0")) == Direction.EGRESS:  # 0 is also what nfdump prints for no direction
        carry(row, Has.DIRECTION, direction=Direction.EGRESS)
    return row


def _transport(line: Line, row: Row) -> None:
    proto = _protocol(line["pr"])
    if proto is not None:
        carry(row, Has.PROTO, proto=proto)
    if proto in (packet.ICMP, packet.ICMPV6):
        _icmp(line, row, is_v6=proto == packet.ICMPV6)
        return
    source, target = _number(line["sp"]), _number(line["dp"])
    if proto in packet.WITH_PORTS and (source or target):
        carry(row, Has.PORTS, src_port=source, dst_port=target)
    if proto == packet.TCP and (flags := _flags(line["flg"])):
        carry(row, Has.TCP_FLAGS, tcp_flags=flags)


def _icmp(line: Line, row: Row, *, is_v6: bool) -> None:
    """`8.0` (type.code), 2048 (type * 256 + code, NetFlow), or 8 and 0 in the two ports (sfcapd)."""
    kind, dot, code = line["dp"].partition(".")
    source, target = _number(line["sp"]), _number(kind)
    if dot:
        values = (target, _number(code))
    elif 0 < source <= 0xFF and target <= 0xFF:
        values = (source, target)
    else:
        values = (target >> 8, target & 0xFF)
    # 0.0 is an echo reply where the exporter sends types at all; where nfdump lost the type (1.7.1 does for NetFlow v9
    # that has it in the port), no request is seen either that such a reply could answer. ICMPv6 has no type 0.
    if values[0] or not is_v6:
        carry(row, Has.ICMP, icmp_type=values[0], icmp_code=values[1])


def _macs(line: Line, row: Row) -> None:
    """The frame as it came in: `ismc` and `idmc`. sfcapd writes the destination of the one frame it saw to `odmc`."""
    try:
        source = mac_number(line.get("ismc", "") or "0" * 12)
        target = mac_number(line.get("idmc", "") or "0" * 12) or mac_number(line.get("odmc", "") or "0" * 12)
    except ValueError:
        raise Skip("bad-mac") from None
    if source:
        carry(row, Has.SRC_MAC, src_mac=source)
    if target:
        carry(row, Has.DST_MAC, dst_mac=target)


def _protocol(text: str) -> int | None:
    return _number(text) if text.isdecimal() else PROTOCOLS.get(text.strip().upper())


def _flags(text: str) -> int:
    """`...AP.S.`, or as older versions print what has ECN in it: 0xc2."""
    if text.startswith("0x"):
        try:
            return int(text, 16)
        except ValueError:
            raise Skip("bad-number") from None
    return sum(bit for letter, bit in FLAGS.items() if letter in text)


def _number(text: str) -> int:
    if len(text) > MOST_DIGITS or not text.isdecimal():
        raise Skip("bad-number")
    return int(text)


def _address(text: str) -> bytes:
    try:
        return packed(text.strip())
    except ValueError:
        raise Skip("bad-address") from None


def _ms(text: str, zone: tzinfo | None) -> int:
    """Epoch ms of a local time; 0 for none and for the 1970 that nfdump prints where it has none."""
    if not text or text.startswith(("1969-12-31", "1970-01-01")):
        return 0
    try:
        local = datetime.fromisoformat(text)
        return round((local.replace(tzinfo=zone) if zone else local.astimezone()).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise Skip("bad-time") from None
