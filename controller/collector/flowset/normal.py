"""Information elements (RFC 7012, RFC 3954 section 8) to the columns of FlowBatch. A field that is not there stays absent."""

from __future__ import annotations

from controller.collector import packet
from controller.collector.datagram import Row
from detectors.address import V4_PREFIX
from detectors.flow import OWN_SHIFT, Has, Version

from .options import SAMPLER_ID, SELECTOR_ID, number, rate
from .store import About, Origin
from .template import Values
from .times import times

REVERSE = 29305  # RFC 5103: the same elements, of the other direction
# The first that is there. Bytes: delta, total, initiator, post delta, frame size; packets likewise.
BYTES, PACKETS = (1, 85, 231, 23, 312), (2, 86, 298, 24)
# element -> (column, bit): plain numbers; of several elements for one column the first that is there.
NUMBERS = (
    (4, "proto", Has.PROTO),
    (6, "tcp_flags", Has.TCP_FLAGS),
    (10, "in_if", Has.IN_IF),
    (14, "out_if", Has.OUT_IF),
    (58, "vlan", Has.VLAN),
    (61, "direction", Has.DIRECTION),
    (256, "ethertype", Has.ETHERTYPE),
    (56, "src_mac", Has.SRC_MAC),
    (80, "dst_mac", Has.DST_MAC),
)
SRC_PORTS, DST_PORTS = (7, 180, 182), (11, 181, 183)
LIMITS = {"proto": 0xFF, "tcp_flags": 0xFFFF, "vlan": 0xFFFF, "direction": 0xFF, "ethertype": 0xFFFF}
SRC4, DST4, SRC6, DST6 = 8, 12, 27, 28
ICMP_TYPE_CODE, ICMP_TYPE_CODE6 = 32, 139
SECTION = 315  # dataLinkFrameSection (RFC 7133)
ZERO = bytes(16)
ANY_ADDRESS, ANY_PORT = Has.ADDRESSES | Has.SRC_ADDR | Has.DST_ADDR, Has.PORTS | Has.SRC_PORT | Has.DST_PORT
# Columns that a frame in a record fills only where the record says nothing of its own.
OWN = {
    **{name: bit for _, name, bit in NUMBERS if bit not in (Has.IN_IF, Has.OUT_IF, Has.DIRECTION)},
    "src_port": ANY_PORT,
    "dst_port": ANY_PORT,
    "icmp_type": Has.ICMP,
    "icmp_code": Has.ICMP,
}
ANY_OWN = int(ANY_PORT | Has.ICMP | sum(bit for _, name, bit in NUMBERS if name in OWN))


def row(origin: Origin, values: Values, about: About) -> Row:
    """One row, also of a record with nothing that has a column: it was sent, and is counted."""
    found: Row = {
        "version": Version.V9 if origin.session[1] == Version.V9 else Version.IPFIX,
        "received_ms": origin.received_ms,
        "exporter": origin.session[0],
        "agent": origin.session[0],
        "odid": origin.session[2],
        "has": int(Has.ODID),
    }
    _numbers(values, found)
    _addresses(values, found)
    _counters(values, found)
    times(origin, values, about, found)
    _sampling(values, about, found)
    _icmp(values, found)
    if (0, SECTION) in values:
        _section(values[0, SECTION][-1], found)
    return found


def _numbers(values: Values, found: Row) -> None:
    for element, column, bit in NUMBERS:
        value = number(values, element)
        if value is not None:
            found[column] = value & LIMITS.get(column, 0xFFFF_FFFF_FFFF)
            found["has"] |= bit
    for column in ("in_if", "out_if"):
        if column in found:
            found[column] &= 0xFFFF_FFFF
    src, dst = _first(values, SRC_PORTS), _first(values, DST_PORTS)
    if src is not None:
        found["src_port"] = src & 0xFFFF
    if dst is not None:
        found["dst_port"] = dst & 0xFFFF
    found["has"] |= _sides(src, dst, (Has.PORTS, Has.SRC_PORT, Has.DST_PORT))


def _addresses(values: Values, found: Row) -> None:
    src, dst = _address(values, SRC4, SRC6), _address(values, DST4, DST6)
    if src is not None:
        found["src_addr"] = src
    if dst is not None:
        found["dst_addr"] = dst
    found["has"] |= _sides(src, dst, (Has.ADDRESSES, Has.SRC_ADDR, Has.DST_ADDR))


def _sides(src: object, dst: object, bits: tuple[Has, Has, Has]) -> int:
    """The bit of a pair only if there are both: a side that is missing must never be taken for a 0."""
    if src is not None and dst is not None:
        return bits[0]
    return 0 if src is dst is None else bits[1] if dst is None else bits[2]


def _address(values: Values, four: int, six: int) -> bytes | None:
    """An all-zero address of one family beside a real one of the other is a dual-family template's filler."""
    v4, v6 = values.get((0, four)), values.get((0, six))
    if v4 and len(v4[-1]) == 4 and (any(v4[-1]) or not v6 or v6[-1] == ZERO):
        return V4_PREFIX + v4[-1]
    return v6[-1] if v6 and len(v6[-1]) == 16 else None


def _counters(values: Values, found: Row) -> None:
    for column, elements, bit in (("bytes", BYTES, Has.BYTES), ("packets", PACKETS, Has.PACKETS)):
        value = _first(values, elements)
        if value is not None:
            found[column] = value
            found["has"] |= bit
    back = number(values, 1, REVERSE), number(values, 2, REVERSE)
    if back != (None, None):
        found["reverse_bytes"], found["reverse_packets"] = back[0] or 0, back[1] or 0
        found["has"] |= Has.REVERSE


def _sampling(values: Values, about: About, found: Row) -> None:
    """In the record, else by its sampler or selector, else what holds for the whole session."""
    value = rate(values)
    if value is None and about.rates:
        sampler = number(values, SAMPLER_ID)
        value = about.rates.get(number(values, SELECTOR_ID) if sampler is None else sampler, about.rates.get(None))
    if value is not None:
        found["sampling_rate"] = value & 0xFFFF_FFFF
        found["has"] |= Has.SAMPLING


def _icmp(values: Values, found: Row) -> None:
    both = _first(values, (ICMP_TYPE_CODE, ICMP_TYPE_CODE6))
    kind, code = _first(values, (176, 178)), _first(values, (177, 179))
    if kind is not None:
        both = (kind & 0xFF) << 8 | (code or 0) & 0xFF
    if both is not None and found.get("proto") in (packet.ICMP, packet.ICMPV6):
        found["icmp_type"], found["icmp_code"] = both >> 8 & 0xFF, both & 0xFF
        found["has"] |= Has.ICMP


def _section(data: bytes, found: Row) -> None:
    """A sampled frame instead of a flow key: its layers fill the columns that the record has nothing of its own for, and the
    row says which are whose."""
    if found["has"] & ANY_ADDRESS:
        return
    frame: Row = {"has": 0}
    packet.ethernet(data, frame)
    has, own = frame.pop("has"), found["has"] & ANY_OWN
    if own & ANY_PORT:
        has &= ~Has.PORTS
    found |= {name: value for name, value in frame.items() if not own & OWN.get(name, 0)}
    found["has"] |= has | Has.SECTION | own << OWN_SHIFT


def _first(values: Values, elements: tuple[int, ...]) -> int | None:
    return next((found for e in elements if (found := number(values, e)) is not None), None)
