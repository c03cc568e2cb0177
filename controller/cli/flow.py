"""`cordon flow`: flow records of a capture."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from . import output

app = typer.Typer(help="Flow records of a capture.", no_args_is_help=True)
COLUMNS: tuple[str, ...] = (
    *("kind", "version", "agent", "in_if", "src_ip", "src_port", "dst_ip", "dst_port", "proto", "tcp_flags"),
    *("packets", "bytes", "sampling_rate", "vlan", "src_mac"),
)
CHUNK = 512


@app.callback()
def flow() -> None:
    """Flow records of a capture."""


@app.command()
def decode(
    file: Path = typer.Argument(..., help="A pcap file of sFlow and NetFlow datagrams."),
    json: bool = typer.Option(False, "--json", help="One object a line, fields as they were sent."),
) -> None:
    """Print every flow record of a capture, counter samples and discarded packets included."""
    from controller.collector import Capture, ReferenceDecoder

    capture, decoder = Capture(file), ReferenceDecoder()
    trouble: dict[str, int] = {}
    records = _records(capture, decoder, trouble)
    if json:
        for record in records:
            output.json_line(record)
    else:
        output.table(({"agent": r.get("exporter"), **r} for r in records), COLUMNS, title="flow records")
    for reason, count in itertools.chain(capture.skipped.items(), trouble.items()):
        output.messages.print(f"[yellow]{count}[/yellow] skipped: {reason}")


def _records(capture: Any, decoder: Any, trouble: dict[str, int]) -> Iterator[dict[str, Any]]:
    from controller.collector.records import records

    datagrams, done = iter(capture), 0
    while chunk := list(itertools.islice(datagrams, CHUNK)):
        decoded = decoder.decode(chunk)
        for record in records(decoded):
            yield {**record, "dgram": record["dgram"] + done}
        for (kind, _), count in decoded.trouble.items():
            trouble[kind] = trouble.get(kind, 0) + count
        done += len(chunk)
