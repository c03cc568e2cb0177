"""NetFlow v5, compiled: the twin of collector/netflow5.py."""

from __future__ import annotations

from typing import Any

from controller.collector.netflow5 import BASE as V5_BASE
from detectors.flow import Has, Version

from . import columns as c
from .compiled import inlined
from .octets import address4, u8, u16, u32
from .rows import D, begin

HEADER, RECORD = 24, 48
FINE, TRUNCATED, BEYOND = 0, 1, 5
BASE, ICMP, VERSION = int(V5_BASE | Has.ENGINE | Has.SAMPLING), int(Has.ICMP), int(Version.V5)


@inlined
def datagram(bulk: Any, memory: Any, out: Any, cursor: Any) -> int:
    """Trouble. The agent is the exporter; there must be room."""
    data, starts, ends, exporters, _, _ = bulk
    w, a, _, _ = memory
    d = cursor[D]
    at, end = starts[d], ends[d]
    if end - at < HEADER:
        return TRUNCATED
    count, uptime = u16(data, at + 2), u32(data, at + 4)
    export_ms = u32(data, at + 8) * 1000 + u32(data, at + 12) // 1_000_000
    engine, rate = u16(data, at + 20), u16(data, at + 22) & 0x3FFF
    whole = (end - at - HEADER) // RECORD
    for n in range(min(count, whole)):
        r = begin(bulk, memory, out, cursor)
        a[c.AGENT + 2 * r], a[c.AGENT + 2 * r + 1] = exporters[d, 0], exporters[d, 1]
        w[c.VERSION + r] = VERSION
        w[c.HAS + r] = BASE
        w[c.ENGINE + r] = engine
        w[c.SAMPLING_RATE + r] = rate
        record(data, at + HEADER + n * RECORD, export_ms, uptime, w, a, r)
    return BEYOND if count > whole else FINE


@inlined
def record(data: Any, at: int, export_ms: int, uptime: int, w: Any, a: Any, r: int) -> None:
    """One record."""
    address4(a, r, c.SRC, data, at)
    address4(a, r, c.DST, data, at + 4)
    w[c.IN_IF + r] = u16(data, at + 12)
    w[c.OUT_IF + r] = u16(data, at + 14)
    w[c.PACKETS + r] = u32(data, at + 16)
    w[c.BYTES + r] = u32(data, at + 20)
    w[c.FIRST_MS + r] = export_ms - signed(uptime - u32(data, at + 24))
    w[c.LAST_MS + r] = export_ms - signed(uptime - u32(data, at + 28))
    w[c.SRC_PORT + r] = u16(data, at + 32)
    w[c.DST_PORT + r] = u16(data, at + 34)
    w[c.TCP_FLAGS + r] = u8(data, at + 37)
    w[c.PROTO + r] = u8(data, at + 38)
    if u8(data, at + 38) == 1:
        w[c.ICMP_TYPE + r] = u8(data, at + 34)
        w[c.ICMP_CODE + r] = u8(data, at + 35)
        w[c.HAS + r] |= ICMP


@inlined
def signed(difference: int) -> int:
    """Modulo 2^32, as a signed number."""
    low = difference & 0xFFFFFFFF
    return low - 0x100000000 if low & 0x80000000 else low
