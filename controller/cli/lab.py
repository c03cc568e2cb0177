"""`cordon lab`: a network in namespaces, attacks in it, and other real parts to test against."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from . import output

app = typer.Typer(help="A real network in namespaces, attacks in it; a Kafka broker.", no_args_is_help=True)
NAME = typer.Option("lab", "--name", help="Several labs can be up at once.")
JSON = typer.Option(False, "--json", help="One object a line.")
MAP = ("host", "ip", "mac", "vlan", "switch", "port", "ifindex")


@app.callback()
def lab() -> None:
    """A real network in namespaces, attacks in it; a Kafka broker."""


@app.command()
def up(
    name: str = NAME,
    switches: int = typer.Option(3, "--switches", min=1, max=8),
    hosts: int = typer.Option(24, "--hosts", min=2, max=240),
    design: str = typer.Option(
        "ovs", "--design", help="ovs (access VLANs, a trunk), or bridge (Linux bridges, no VLANs)."
    ),
    sampling: int = typer.Option(1, "--sampling", min=1, help="sFlow: one of so many packets."),
    as_json: bool = JSON,
) -> None:
    """Build it and print who is plugged in where. Needs root and `make parts`; the machine's own network is not touched."""
    from controller.lab.lab import Lab
    from controller.lab.ovs import Exports

    exports = Exports(sflow_sampling=sampling, netflow_active_s=5)
    made = Lab.up(name, switches=switches, hosts=hosts, exports=exports, design=design)
    output.rows([asdict(place) for place in made.places], MAP, as_json=as_json, title="hosts")
    output.messages.print("the controller's place is the namespace " + made.namespaces.full("ctl"))


@app.command()
def attack(
    what: str = typer.Argument(None, help="Which; without it the list of them."),
    host: str = typer.Option(None, "--from", help="The host it starts from."),
    name: str = NAME,
    as_json: bool = JSON,
) -> None:
    """Run an attack, or a look-alike that has to stay silent, inside one host; waits until it has ended."""
    from controller.lab.attacks import ATTACKS, start
    from controller.lab.lab import Lab

    if not what:
        listed = [
            {"attack": key, "hostile": one.hostile, "from": one.from_host, "what": one.title}
            for key, one in ATTACKS.items()
        ]
        output.rows(listed, ("attack", "hostile", "from", "what"), as_json=as_json, title="attacks")
        return
    process = start(Lab.open(name), what, host)
    try:
        process.wait()
    finally:
        process.kill()
    output.messages.print(f"{what} ended")


@app.command()
def status(name: str = typer.Option(None, "--name", help="Default: every lab there is."), as_json: bool = JSON) -> None:
    """Switches, their processes and the ports that are down."""
    from controller.lab.lab import Lab, labs

    found: list[dict[str, Any]] = []
    for one in [name] if name else labs():
        found += [{"lab": one, **row} for row in Lab.open(one).status()]
    output.rows(found, ("lab", "switch", "address", "processes", "ports", "down"), as_json=as_json, title="labs")


@app.command()
def down(name: str = typer.Option(None, "--name", help="Default: every lab, and what killed runs have left.")) -> None:
    """End every process of the lab by its number, and take its namespaces away."""
    from controller.lab.lab import down as take_down
    from controller.lab.lab import labs

    for one in [name] if name else labs():
        output.messages.print(f"{one}: {take_down(one)} namespaces")


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
