"""`cordon lab`: real parts to test against."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import typer

from . import output

app = typer.Typer(help="Real parts to test against: a Kafka broker.", no_args_is_help=True)


@app.callback()
def lab() -> None:
    """Real parts to test against: a Kafka broker."""


@app.command()
def kafka(
    folder: Path | None = typer.Option(None, "--dir", help="Where its data stays; default: a folder that is removed."),
) -> None:
    """Run one Apache Kafka broker (KRaft) on loopback until Ctrl-C; prints the setting for `bus`. Needs `make parts`."""
    import tempfile

    from controller.lab.kafka import KafkaBroker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with tempfile.TemporaryDirectory(prefix="cordon-kafka-") as temporary:
        broker = KafkaBroker(folder or Path(temporary) / "broker")
        output.messages.print("[dim]starting ...[/dim]")
        broker.start()
        try:
            output.data_console().print(f"bus: {broker.address}")
            output.messages.print("Ctrl-C ends it")
            stop.wait()
        finally:
            broker.stop()
