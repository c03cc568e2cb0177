"""FlowBatch: columns of flow records, the one shape that collector, bus and detectors share.

One row is one flow record, or one sampled packet of sFlow. Everything is as the exporter sent it; nothing is
multiplied by the sampling rate. A column that a record does not carry is zero there and its bit in `has` is unset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCHEMA_VERSION = 1

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_ARP = 0x0806
ETHERTYPE_IPV6 = 0x86DD
ARP_REQUEST = 1

# sFlow v5, "interface number 0x3FFFFFFF": the packet was not received on or sent to a physical interface.
NO_INTERFACE = 0x3FFFFFFF


class Version(IntEnum):
    """Export protocol of a row."""

    TABLE = 0  # labelled csv / parquet rows, no export protocol
    V1 = 1
    V5 = 5
    V9 = 9
    IPFIX = 10
    SFLOW5 = 105


class InterfaceFormat(IntEnum):
    """sFlow v5 interface format (top two bits of `interface`)."""

    IFINDEX = 0
    DISCARDED = 1  # the number is a reason code
    MULTIPLE = 2  # the number is a count of output interfaces


class Direction(IntEnum):
    """IPFIX flowDirection (IE 61)."""

    INGRESS = 0
    EGRESS = 1


class Has(IntFlag):
    """Which optional columns of a row were sent. Bit positions are part of the bus schema: append only."""

    SUB_AGENT = 1 << 0
    ODID = 1 << 1
    ENGINE = 1 << 2
    DATA_SOURCE = 1 << 3
    IN_IF = 1 << 4
    OUT_IF = 1 << 5
    ADDRESSES = 1 << 6
    PORTS = 1 << 7
    PROTO = 1 << 8
    TCP_FLAGS = 1 << 9
    ICMP = 1 << 10
    DIRECTION = 1 << 11
    TIMES = 1 << 12
    PACKETS = 1 << 13
    BYTES = 1 << 14
    REVERSE = 1 << 15
    SAMPLING = 1 << 16
    SRC_MAC = 1 << 17
    DST_MAC = 1 << 18
    VLAN = 1 << 19
    ETHERTYPE = 1 << 20
    ARP = 1 << 21
    NO_LAST = 1 << 22  # TIMES, but only the start was sent: last_ms repeats first_ms
    SECTION = 1 << 23  # the packet columns were read out of a sampled frame inside the record (IPFIX IE 315)
    PORT_PROVEN = (
        1 << 24
    )  # in_if is an ifIndex of the agent: the collector has proof, or the exporter's setting says so
    PORT_REWRITTEN = 1 << 25  # in_if was another number when it was sent: a bridge port, or stood in the data source
    # One side of a pair was sent alone: the other column is 0 and means nothing. Never beside ADDRESSES or PORTS.
    SRC_ADDR = 1 << 26
    DST_ADDR = 1 << 27
    SRC_PORT = 1 << 28
    DST_PORT = 1 << 29
    NO_FIRST = 1 << 30  # TIMES, but only the end was sent: first_ms repeats last_ms


# Of a row with SECTION: a bit this much higher says that the record itself sent the column, which the frame then left alone.
OWN_SHIFT = 32


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its numpy dtype, its width (16 for addresses) and the `Has` bit that says whether a row carries it."""

    name: str
    dtype: str
    has: Has | None = None
    width: int = 1


COLUMNS: tuple[Column, ...] = (
    Column("has", "u8"),
    Column("version", "u1"),
    Column("received_ms", "i8"),
    Column("exporter", "u1", width=16),
    Column("agent", "u1", width=16),
    Column("sub_agent", "u4", Has.SUB_AGENT),
    Column("odid", "u4", Has.ODID),
    Column("engine", "u2", Has.ENGINE),
    Column("ds_class", "u1", Has.DATA_SOURCE),
    Column("ds_index", "u4", Has.DATA_SOURCE),
    Column("in_if", "u4", Has.IN_IF),
    Column("in_if_format", "u1", Has.IN_IF),
    Column("out_if", "u4", Has.OUT_IF),
    Column("out_if_format", "u1", Has.OUT_IF),
    Column("first_ms", "i8", Has.TIMES),
    Column("last_ms", "i8", Has.TIMES),
    Column("src_addr", "u1", Has.ADDRESSES, width=16),
    Column("dst_addr", "u1", Has.ADDRESSES, width=16),
    Column("src_port", "u2", Has.PORTS),
    Column("dst_port", "u2", Has.PORTS),
    Column("proto", "u1", Has.PROTO),
    Column("tcp_flags", "u2", Has.TCP_FLAGS),
    Column("icmp_type", "u1", Has.ICMP),
    Column("icmp_code", "u1", Has.ICMP),
    Column("direction", "u1", Has.DIRECTION),
    Column("packets", "u8", Has.PACKETS),
    Column("bytes", "u8", Has.BYTES),
    Column("reverse_packets", "u8", Has.REVERSE),
    Column("reverse_bytes", "u8", Has.REVERSE),
    Column("sampling_rate", "u4", Has.SAMPLING),
    Column("src_mac", "u8", Has.SRC_MAC),
    Column("dst_mac", "u8", Has.DST_MAC),
    Column("vlan", "u2", Has.VLAN),
    Column("ethertype", "u2", Has.ETHERTYPE),
    Column("arp_op", "u2", Has.ARP),
)
BY_NAME: Mapping[str, Column] = {c.name: c for c in COLUMNS}


@dataclass(slots=True)
class FlowBatch:
    """Columns of equal length. Units: `*_ms` epoch milliseconds, `bytes` octets, MACs are 48-bit integers.

    Addresses are 16 octets, IPv4 mapped (RFC 4291 section 2.5.5.2), shape (n, 16); every other column has shape (n,).
    `exporter` is the UDP source, `agent` the sFlow agent address, else equal to `exporter`.
    `engine` is type * 256 + id.
    `sampling_rate` 1 = every packet; absent or 0 = unknown, and unknown never acts by itself.
    ARP requests inside sFlow headers are rows: proto 0, ethertype 0x0806, sender in src_addr, target in dst_addr.
    """

    columns: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.columns["has"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def carries(self, bit: Has) -> NDArray[np.bool_]:
        """Rows that carry what `bit` names."""
        return np.asarray((self.columns["has"] & np.uint64(bit)) != 0)

    def take(self, rows: NDArray[Any]) -> FlowBatch:
        """The rows of an index array or boolean mask, in that order."""
        return FlowBatch({name: column[rows] for name, column in self.columns.items()})

    def row(self, index: int) -> dict[str, int | bytes]:
        """One row as plain values; addresses as 16 bytes, absent columns as 0."""
        return {name: _plain(column[index]) for name, column in self.columns.items()}

    def rows(self) -> Iterator[dict[str, int | bytes]]:
        """All rows as plain values: for printing and for the reference implementations, not for hot paths."""
        lists = {name: _plain_list(column) for name, column in self.columns.items()}
        names = tuple(lists)
        for values in zip(*lists.values(), strict=True):
            yield dict(zip(names, values, strict=True))


def empty(rows: int = 0) -> FlowBatch:
    """A batch of `rows` zeroed rows that carry nothing."""
    return FlowBatch({c.name: np.zeros((rows, c.width) if c.width > 1 else rows, dtype=c.dtype) for c in COLUMNS})


def from_rows(rows: Iterable[Mapping[str, int | bytes]]) -> FlowBatch:
    """Build a batch from plain rows (any subset of the columns; missing ones are 0). The caller sets `has`."""
    kept = list(rows)
    batch = empty(len(kept))
    for column in COLUMNS:
        values = [row.get(column.name, 0) for row in kept]
        if column.width > 1:
            joined = b"".join(v if isinstance(v, bytes) else bytes(16) for v in values)
            batch.columns[column.name] = np.frombuffer(joined, dtype=np.uint8).reshape(len(kept), column.width).copy()
        elif kept:
            batch.columns[column.name] = np.array(values, dtype=column.dtype)
    return batch


def concatenate(batches: Iterable[FlowBatch]) -> FlowBatch:
    """All rows of all batches, in order."""
    kept = [b for b in batches if len(b)]
    if not kept:
        return empty()
    return FlowBatch({c.name: np.concatenate([b.columns[c.name] for b in kept]) for c in COLUMNS})


def _plain(value: Any) -> int | bytes:
    return bytes(value.tobytes()) if isinstance(value, np.ndarray) else int(value)


def _plain_list(column: NDArray[Any]) -> list[int] | list[bytes]:
    if column.ndim == 1:
        return list(column.tolist())
    raw, width = column.tobytes(), column.shape[1]
    return [raw[i : i + width] for i in range(0, len(raw), width)]
