"""NetFlow v5, compiled: the twin of collector/netflow5.py."""

from __future__ import annotations

from typing import Any

from controller.collector.netflow5 import BASE as V5_BASE
from detectors.flow import Has, Version

from . import columns as c
from .compiled import kernel
from .octets import address4, clear, u8, u16, u32

HEADER, RECORD = 24, 48
FINE, TRUNCATED, BEYOND = 0, 1, 5
BASE, ICMP, VERSION = int(V5_BASE | Has.ENGINE | Has.SAMPLING), int(Has.ICMP), int(Version.V5)


@kernel
def datagram(data: Any, at: int, end: int, w: Any, a: Any, exporter: Any) -> tuple[int, int]:
    """(rows, trouble). The agent is the exporter."""
    if end - at < HEADER:
        return 0, TRUNCATED
    count, uptime = u16(data, at + 2), u32(data, at + 4)
    export_ms = u32(data, at + 8) * 1000 + u32(data, at + 12) // 1_000_000
    engine, rate = u16(data, at + 20), u16(data, at + 22) & 0x3FFF
    whole = (end - at - HEADER) // RECORD
    for r in range(min(count, whole)):
        clear(w, a, r)
        a[r, c.AGENT], a[r, c.AGENT + 1] = exporter[0], exporter[1]
        w[r, c.VERSION] = VERSION
        w[r, c.HAS] = BASE
        w[r, c.ENGINE] = engine
        w[r, c.SAMPLING_RATE] = rate
        record(data, at + HEADER + r * RECORD, export_ms, uptime, w, a, r)
    return min(count, whole), BEYOND if count > whole else FINE


@kernel
def record(data: Any, at: int, export_ms: int, uptime: int, w: Any, a: Any, r: int) -> None:
    """One record."""
    address4(a, r, c.SRC, data, at)
    address4(a, r, c.DST, data, at + 4)
    w[r, c.IN_IF] = u16(data, at + 12)
    w[r, c.OUT_IF] = u16(data, at + 14)
    w[r, c.PACKETS] = u32(data, at + 16)
    w[r, c.BYTES] = u32(data, at + 20)
    w[r, c.FIRST_MS] = export_ms - signed(uptime - u32(data, at + 24))
    w[r, c.LAST_MS] = export_ms - signed(uptime - u32(data, at + 28))
    w[r, c.SRC_PORT] = u16(data, at + 32)
    w[r, c.DST_PORT] = u16(data, at + 34)
    w[r, c.TCP_FLAGS] = u8(data, at + 37)
    w[r, c.PROTO] = u8(data, at + 38)
    if u8(data, at + 38) == 1:
        w[r, c.ICMP_TYPE] = u8(data, at + 34)
        w[r, c.ICMP_CODE] = u8(data, at + 35)
        w[r, c.HAS] |= ICMP


@kernel
def signed(difference: int) -> int:
    """Modulo 2^32, as a signed number."""
    low = difference & 0xFFFFFFFF
    return low - 0x100000000 if low & 0x80000000 else low
