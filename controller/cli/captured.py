"""What commands say about a recording that they read: where it was cut off, and what was left out of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from . import output

if TYPE_CHECKING:
    from controller.runtime.captures import CaptureReading
    from controller.runtime.tables import TableReading


def teller() -> Callable[[CaptureReading | TableReading], None]:
    """Says it on stderr, once a file however often that is read."""
    said = set[Path]()

    from controller.runtime.tables import TableReading

    def tell(reading: CaptureReading | TableReading) -> None:
        if reading.path not in said:
            said.add(reading.path)
            _say_skipped(reading)
            if not isinstance(reading, TableReading):
                _say(reading)

    return tell


def _say_skipped(reading: CaptureReading | TableReading) -> None:
    name = escape(reading.path.name)
    for reason, count in reading.skipped.items():
        output.messages.print(f"[yellow]{name}[/yellow]: {count:,} {reading.what} skipped: {reason}", soft_wrap=True)


def _say(reading: CaptureReading) -> None:
    name = escape(reading.path.name)
    if reading.cut_off:
        output.messages.print(
            f"[yellow]{name}[/yellow]: {reading.cut_off}. What stands before it was read: {reading.datagrams:,} datagrams,"
            f" {reading.rows:,} flow rows",
            soft_wrap=True,
        )
    if not reading.datagrams:
        output.messages.print(
            f"[yellow]{name}[/yellow]: no datagram of sFlow or NetFlow in it; was it captured where switches export to?",
            soft_wrap=True,
        )
