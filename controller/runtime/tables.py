"""Labelled flow tables (csv, csv.gz, parquet) as flow batches: a forward row, and a reverse row where something answered.

A forward row is a whole connection and says so (reverse counters); its reverse row comes right after it, at the same time.
Columns as in data/detect: ts_start ts_end src_ip dst_ip src_port dst_port proto packets_out bytes_out packets_in bytes_in
tcp_flags state. `state` uses Zeek's words; a flow that was picked up in its middle (OTH, or no SYN of its originator)
says nothing about who began it, so it becomes rows that open nothing.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from controller.core.errors import UsageError
from controller.core.files import must_exist
from detectors.address import packed
from detectors.flow import FlowBatch, Has, Version, from_rows

PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmp6": 58}
BASE = Has.ADDRESSES | Has.PORTS | Has.PROTO | Has.TIMES | Has.PACKETS | Has.BYTES | Has.REVERSE
SYN, SYN_ACK, RST_ACK, ACK = 0x02, 0x12, 0x14, 0x10
REJECTED = frozenset({"REJ"})
CHUNK = 4096
NEEDED = frozenset({"ts_start", "ts_end", "src_ip", "dst_ip", "src_port", "dst_port", "proto", "state", "tcp_flags"})


def read_table(path: Path) -> Iterator[FlowBatch]:
    """Batches in time order."""
    return frame_batches(read_frame(path))


def addresses_matching(path: Path, pattern: str) -> set[bytes]:
    """Addresses of a table whose text matches."""
    frame, found = read_frame(path), set()
    for name in ("src_ip", "dst_ip"):
        for address in frame[name].drop_duplicates():
            if re.match(pattern, str(address)):
                with contextlib.suppress(ValueError):
                    found.add(packed(str(address)))
    return found


def read_frame(path: Path) -> Any:
    """The table as a pandas frame, labels and all."""
    import pandas

    must_exist(path)
    try:
        frame = pandas.read_parquet(path) if path.suffix == ".parquet" else pandas.read_csv(path, low_memory=False)
    except (EOFError, zlib.error) as error:
        raise UsageError("is cut off or damaged, so nothing of it is used", where=str(path), do=str(error)) from error
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read as a table: {error}", where=str(path)) from error
    missing = NEEDED - set(frame.columns)
    if missing:
        raise UsageError(f"lacks the columns {', '.join(sorted(missing))}", where=str(path))
    return frame


def frame_batches(frame: Any) -> Iterator[FlowBatch]:
    """Rows of a frame as batches in time order."""
    rows: list[dict[str, Any]] = []
    for record in frame.to_dict("records"):
        rows.extend(_rows(record))
    rows.sort(key=lambda row: row["received_ms"])
    for start in range(0, len(rows), CHUNK):
        yield from_rows(rows[start : start + CHUNK])


def _rows(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    try:
        source, target = packed(str(record["src_ip"])), packed(str(record["dst_ip"]))
    except ValueError:
        return
    proto = PROTOCOLS.get(str(record["proto"]).lower(), 0)
    forward: dict[str, Any] = {
        "version": Version.TABLE,
        "has": int(BASE),
        "received_ms": int(float(record["ts_start"]) * 1000),
        "first_ms": int(float(record["ts_start"]) * 1000),
        "last_ms": int(float(record["ts_end"]) * 1000),
        "src_addr": source,
        "dst_addr": target,
        "src_port": _number(record["src_port"]),
        "dst_port": _number(record["dst_port"]),
        "proto": proto,
        "packets": _number(record.get("packets_out")),
        "bytes": _number(record.get("bytes_out")),
        "reverse_packets": _number(record.get("packets_in")),
        "reverse_bytes": _number(record.get("bytes_in")),
    }
    answered = _number(record.get("packets_in")) > 0
    if proto == 6:
        forward["has"] |= Has.TCP_FLAGS
        forward["tcp_flags"] = SYN if _opened(record) else ACK
    if proto in (1, 58):
        forward["has"] |= Has.ICMP
        forward["icmp_type"] = 8 if proto == 1 else 128
        if str(record["state"]) == "OTH":
            forward["icmp_type"] = 3  # Zeek's OTH of ICMP is no echo
    yield forward
    if answered:
        yield _reverse(forward, record)


def _reverse(forward: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    row = dict(forward)
    row.update(
        src_addr=forward["dst_addr"],
        dst_addr=forward["src_addr"],
        src_port=forward["dst_port"],
        dst_port=forward["src_port"],
        has=forward["has"] & ~Has.REVERSE,
        reverse_packets=0,
        reverse_bytes=0,
        packets=_number(record.get("packets_in")),
        bytes=_number(record.get("bytes_in")),
    )
    if forward["proto"] == 6:
        opened = forward["tcp_flags"] == SYN
        row["tcp_flags"] = (RST_ACK if str(record["state"]) in REJECTED else SYN_ACK) if opened else ACK
    if forward["proto"] in (1, 58):
        row["icmp_type"] = 0 if forward["proto"] == 1 else 129
    return row


def _opened(record: dict[str, Any]) -> bool:
    """The originator's SYN is in the record: Zeek history (`S`), forward_reverse flags (`SPA_SRA`), or counts (`S1F0...`)."""
    flags, state = record["tcp_flags"], str(record["state"])
    if not isinstance(flags, str):
        return state not in ("OTH", "RSTRH", "SHR", "RSTOS0")
    counted = re.match(r"S(\d+)F", flags)
    if counted:
        return int(counted.group(1)) > 0
    return "S" in (flags.split("_")[0] if "_" in flags else flags)


def _number(value: Any) -> int:
    try:
        return max(int(float(value)), 0)
    except (TypeError, ValueError):
        return 0
