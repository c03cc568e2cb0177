"""What both readers share: rows that a batch can hold, rows that are left out by reason, a file that ends in the middle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, TypeVar

import numpy as np

from controller.collector.datagram import Row
from controller.core.errors import CordonError
from detectors.flow import COLUMNS, Has

BATCH_ROWS = 4096
Record = TypeVar("Record")
LIMITS = {c.name: np.iinfo(c.dtype) for c in COLUMNS if c.width == 1}


class Damaged(CordonError):
    """A file that cannot be read on; `details["offset"]` is the byte. Rows before it were given."""

    code, exit_code = "damaged-file", 8
    http_status: ClassVar[int] = 400

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(what, where=f"byte {offset}", offset=offset)


class Skip(Exception):
    """A record that becomes no row, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def carry(row: Row, bit: Has, **values: Any) -> None:
    """Set columns and the bit that says they were sent."""
    row.update(values)
    row["has"] |= int(bit)


def in_batches(
    records: Iterable[Record], row_of: Callable[[Record], Row], skipped: Counter[str]
) -> Iterator[list[Row]]:
    """Rows of records; those that make none are counted. What was read before an error is given before it is raised."""
    rows: list[Row] = []
    try:
        for record in records:
            try:
                rows.append(_fitting(row_of(record)))
            except Skip as skip:
                skipped[skip.reason] += 1
            if len(rows) == BATCH_ROWS:
                yield rows
                rows = []
    except Damaged:
        if rows:
            yield rows
        raise
    if rows:
        yield rows


def _fitting(row: Row) -> Row:
    """A number that its column cannot hold is no measurement: the row is left out, never cut to size."""
    for name, value in row.items():
        limit = LIMITS.get(name)
        if limit is not None and not limit.min <= value <= limit.max:
            raise Skip("out-of-range")
    return row
