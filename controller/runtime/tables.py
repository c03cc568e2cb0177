"""Labelled flow tables (csv, csv.gz, parquet) as flow batches: a forward row, and a reverse row where something answered.

A forward row is a whole connection and says so (reverse counters); its reverse row comes right after it, at the same time.
Columns as in data/detect: ts_start ts_end src_ip dst_ip src_port dst_port proto packets_out bytes_out packets_in bytes_in
tcp_flags state. `state` uses Zeek's words; a flow that was picked up in its middle (OTH, or no SYN of its originator)
says nothing about who began it, so it becomes rows that open nothing. A row that cannot be read is left out, and counted.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from controller.core.errors import UsageError
from controller.core.files import must_exist
from detectors.address import packed
from detectors.flow import FlowBatch, from_rows

from .tablerows import key_of, rows_of

CHUNK = 4096
NEEDED = frozenset({"ts_start", "ts_end", "src_ip", "dst_ip", "src_port", "dst_port", "proto", "state", "tcp_flags"})

COUNTERS = ("packets_out", "bytes_out", "packets_in", "bytes_in")
LATEST_S = 1e11  # beyond the year 5000: no seconds since 1970, milliseconds perhaps
MOST_PORT, MOST_COUNT = 0xFFFF, 2**53


@dataclass(slots=True)
class TableReading:
    """A table that was read: so many rows, and how many were left out, by reason."""

    path: Path
    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    what: ClassVar[str] = "rows"


Told = Callable[[TableReading], object]


def _quiet(_: TableReading) -> None:
    """For callers that have nobody to tell."""


def read_table(path: Path, told: Told = _quiet) -> Iterator[FlowBatch]:
    """Batches in time order."""
    return frame_batches(read_frame(path, told))


def addresses_matching(path: Path, pattern: str) -> set[bytes]:
    """Addresses of a table whose text matches."""
    frame, found = read_frame(path), set()
    for name in ("src_ip", "dst_ip"):
        found |= {packed(str(ip)) for ip in frame[name].drop_duplicates() if re.match(pattern, str(ip))}
    return found


def read_frame(path: Path, told: Told = _quiet) -> Any:
    """The table as a pandas frame, labels and all; only rows that can be read, with times, ports and counters as numbers."""
    import pandas

    must_exist(path)
    skipped = Counter[str]()
    try:
        frame = pandas.read_parquet(path) if path.suffix == ".parquet" else _csv(path, skipped)
    except (EOFError, zlib.error) as error:
        raise UsageError("is cut off or damaged, so nothing of it is used", where=str(path), do=str(error)) from error
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read as a table: {error}", where=str(path)) from error
    missing = NEEDED - set(frame.columns)
    if missing:
        raise UsageError(f"lacks the columns {', '.join(sorted(missing))}", where=str(path))
    kept = usable(frame, skipped)
    told(TableReading(path, len(kept), +skipped))
    return kept


def _csv(path: Path, skipped: Counter[str]) -> Any:
    """A csv file; the slow parser, which can go on after a line with too many cells, only where there is one."""
    import pandas

    def ragged(cells: list[str]) -> None:  # noqa: ARG001 they are not looked at
        skipped["more cells than columns"] += 1

    try:
        return pandas.read_csv(path, low_memory=False)
    except pandas.errors.ParserError:
        return pandas.read_csv(path, engine="python", on_bad_lines=ragged)


def usable(frame: Any, skipped: Counter[str]) -> Any:
    """Rows that can be read; `skipped` gets the others by their first reason. A time without an end lasted no time."""
    import numpy as np

    made = frame.copy()
    times = {name: _numbers(frame[name]) for name in ("ts_start", "ts_end")}
    ends = times["ts_end"].where(np.isfinite(times["ts_end"]), times["ts_start"])
    made["ts_start"], made["ts_end"] = times["ts_start"], ends.clip(0, LATEST_S)
    bad = {"ts_start is no time in seconds since 1970": ~times["ts_start"].between(0, LATEST_S)}
    for name in ("src_ip", "dst_ip"):
        known = {ip: _is_address(ip) for ip in frame[name].drop_duplicates()}
        bad[f"{name} is no address"] = ~frame[name].map(known).astype(bool)
    for name, most in (("src_port", MOST_PORT), ("dst_port", MOST_PORT), *((name, MOST_COUNT) for name in COUNTERS)):
        numbers = _numbers(frame[name], blank=0.0) if name in frame.columns else made["ts_start"] * 0
        bad[f"{name} is out of range"] = ~numbers.between(0, most)
        made[name] = numbers
    good = np.ones(len(frame), dtype=bool)
    for reason, rows in bad.items():
        found = rows.to_numpy(dtype=bool) & good
        skipped[reason] += int(found.sum())
        good &= ~found
    made = made[good]
    return made.astype(dict.fromkeys(("src_port", "dst_port", *COUNTERS), "int64"))


def _numbers(column: Any, blank: float = float("nan")) -> Any:
    """A column as numbers, also hexadecimal ones; what is none is none, and blank or `-` is `blank`."""
    import pandas

    if pandas.api.types.is_numeric_dtype(column):
        return column.astype("float64").fillna(blank)
    texts = column.astype("string").str.strip()
    empty = (texts.isna() | texts.isin(["", "-"])).to_numpy(dtype=bool)
    return texts.map(_number, na_action="ignore").astype("float64").where(~empty, blank)


def _number(text: str) -> float:
    try:
        return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)
    except ValueError:
        return float("nan")


def _is_address(value: Any) -> bool:
    try:
        packed(str(value))
    except ValueError:
        return False
    return True


def frame_batches(frame: Any) -> Iterator[FlowBatch]:
    """Rows of a frame as batches in time order."""
    rows: list[dict[str, Any]] = []
    records = frame.to_dict("records")
    one_way = {key_of(record) for record in records if not record["packets_in"]}
    for record in records:
        paired = not record["packets_in"] and key_of(record, reverse=True) in one_way
        rows.extend(rows_of(record, paired=paired))
    rows.sort(key=lambda row: row["received_ms"])
    for start in range(0, len(rows), CHUNK):
        yield from_rows(rows[start : start + CHUNK])
