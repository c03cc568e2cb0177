"""`cordon flow`: flow records of a capture, and flows that another program collected."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import typer

from controller.core.errors import UsageError
from controller.core.files import unreadable

from . import output
from .common import CONFIG, config_path

if TYPE_CHECKING:
    from datetime import tzinfo

    from controller.runtime.captures import CaptureReading
    from controller.runtime.importing import Source

app = typer.Typer(
    add_completion=False, help="Flow records of a capture, and of other collectors.", no_args_is_help=True
)
COLUMNS: tuple[str, ...] = (
    *("kind", "version", "agent", "in_if", "src_ip", "src_port", "dst_ip", "dst_port", "proto", "tcp_flags"),
    *("packets", "bytes", "sampling_rate", "vlan", "src_mac"),
)
STATS: tuple[str, ...] = (
    *("exporter", "version", "number", "datagrams", "records", "lost", "restarts", "sequence", "undecodable"),
    *("sampling", "interfaces"),
)
LIVE = ("exporter", "version", "datagrams", "records", "lost", "gaps", "late", "restarts", "undecodable", "silent")
CHUNK = 512


@app.callback()
def flow() -> None:
    """Flow records of a capture, and of other collectors."""


@app.command()
def decode(
    file: Path = typer.Argument(..., help="A capture (pcap or pcapng, gzipped or not) of sFlow and NetFlow datagrams."),
    json: bool = typer.Option(False, "--json", help="One object a line, fields as they were sent."),
) -> None:
    """Print every flow record of a capture, counter samples and discarded packets included."""
    from controller.runtime.captures import CaptureReading

    from .captured import teller

    reading = CaptureReading(file)
    records = _records(reading)
    if json:
        for record in records:
            output.json_line(record)
    else:
        output.table(({"agent": r.get("exporter"), **r} for r in records), COLUMNS, title="flow records")
    teller()(reading)


@app.command()
def stats(
    file: Path | None = typer.Argument(
        None, help="A capture (pcap or pcapng, gzipped or not) of sFlow and NetFlow datagrams."
    ),
    url: str | None = typer.Option(None, "--url", help="A running collector instead: http://HOST:PORT of its metrics."),
    json: bool = typer.Option(False, "--json", help="One object an exporter and version."),
) -> None:
    """What each exporter sends: datagrams, records, losses, undecodable sets, sampling, and what its port numbers may be."""
    from controller.runtime import exporterstats

    from .captured import teller

    if (file is None) == (url is None):
        raise UsageError("wants a file or --url", do="cordon flow stats capture.pcap")
    found = exporterstats.of_capture(file, teller()) if file else exporterstats.of_service(url or "")
    output.rows(found, STATS if file else LIVE, as_json=json, title="exporters")


@app.command(name="import")
def import_(
    file: str = typer.Argument(..., help="What goflow2 (-format bin) or nfdump (-o csv) wrote; - for standard input."),
    format_: str | None = typer.Option(None, "--format", help="goflow2 or nfdump; default: by how the file begins."),
    config: Path | None = CONFIG,
    exporter: str | None = typer.Option(None, "--exporter", help="Address for rows that name no exporter."),
    zone: str | None = typer.Option(
        None, "--zone", help="Time zone of nfdump's times, e.g. UTC; default: this machine's."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Print the records instead; touches no bus."),
    json: bool = typer.Option(False, "--json", help="One object: rows, and rows left out by reason."),
) -> None:
    """Publish flows that another program collected to the bus, as if the collector had received them."""
    from controller.runtime.importing import Source, publish
    from controller.runtime.settings import load_settings

    fallback, times = _address(exporter), _zone(zone)
    with _opened(file) as stream:
        source = Source(stream, format_, exporter=fallback, zone=times)
        result = source.result
        if dry_run:
            _print(source, as_json=json)
        else:
            publish(source, load_settings(config_path(config)))
    if dry_run or not json:
        output.messages.print(f"{result.rows} rows of {result.format} {'read' if dry_run else 'imported'}")
        for reason, count in result.skipped.items():
            output.messages.print(f"[yellow]{count}[/yellow] skipped: {reason}")
    else:
        output.json_line({"file": file, **result.to_json()})
    if result.ended_by is not None:
        result.ended_by.where = result.ended_by.where or file
        raise result.ended_by


def _print(source: Source, *, as_json: bool) -> None:
    from controller.collector.records import record

    def found() -> Iterator[dict[str, Any]]:
        for batch in source.batches():
            source.result.rows += len(batch)
            yield from map(record, batch.rows())

    if as_json:
        for row in found():
            output.json_line(row)
    else:
        output.table(({"agent": r.get("exporter"), **r} for r in found()), COLUMNS, title="flow records")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as stream:
            yield stream
    except OSError as error:
        raise unreadable(file, error) from error


def _address(text: str | None) -> bytes | None:
    from detectors.address import packed

    try:
        return packed(text) if text else None
    except ValueError:
        raise UsageError(f"{text!r} is no address", do="--exporter 192.0.2.1") from None


def _zone(name: str | None) -> tzinfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"{name!r} is no time zone", do="for example UTC or Europe/Berlin") from None


def _records(reading: CaptureReading) -> Iterator[dict[str, Any]]:
    from controller.collector import ReferenceDecoder
    from controller.collector.records import records

    decoder, done = ReferenceDecoder(), 0
    for chunk in reading.chunks(CHUNK):
        decoded = decoder.decode(chunk)
        reading.note(decoded)
        for record in records(decoded):
            yield {**record, "dgram": record["dgram"] + done}
        done += len(chunk)
