"""`cordon lab`: a network in namespaces, attacks in it, and other real parts to test against."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from . import output

app = typer.Typer(
    add_completion=False, help="A real network in namespaces, attacks in it; a Kafka broker.", no_args_is_help=True
)
NAME = typer.Option("lab", "--name", help="Several labs can be up at once.")
JSON = typer.Option(False, "--json", help="One object a line.")
SERVICE, LAST_LINES = "service", 12
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
    seed: int = typer.Option(1, "--seed", help="The dice of the worm."),
    name: str = NAME,
    as_json: bool = JSON,
) -> None:
    """Run an attack, or a look-alike that has to stay silent, inside one host; waits until it has ended."""
    from controller.lab.attacks import ATTACKS, log_of, start
    from controller.lab.lab import Lab

    if not what:
        listed = [
            {"attack": key, "hostile": one.hostile, "from": one.from_host, "what": one.title}
            for key, one in ATTACKS.items()
        ]
        output.rows(listed, ("attack", "hostile", "from", "what"), as_json=as_json, title="attacks")
        return
    opened = Lab.open(name)
    process = start(opened, what, host, seed=seed)
    try:
        process.wait()
    finally:
        process.kill()
    output.messages.print(
        "\n".join(log_of(opened, what).read_text(errors="replace").splitlines()[-LAST_LINES:]), markup=False
    )
    output.messages.print(f"{what} ended")


@app.command()
def serve(
    name: str = NAME,
    mode: str = typer.Option("auto", "--mode", help="Of the lab's site: observe, approve or auto."),
    over: str = typer.Option(
        None, "--over", help="How switches are acted on: snmp (v3, the default), ssh or vtysh; Linux bridges by ssh."
    ),
) -> None:
    """Run Cordon's whole service inside the lab until Ctrl-C, configured for its switches. `cordon lab run` asks it things."""
    from controller.core.errors import CordonError
    from controller.lab.lab import Lab
    from controller.lab.service import WAYS, LabService

    if over and over not in WAYS:
        raise typer.BadParameter(f"one of {', '.join(WAYS)}", param_hint="--over")
    opened = Lab.open(name)
    via = dict.fromkeys(opened.switches, WAYS[over]) if over else {}
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    output.messages.print("[dim]starting ...[/dim]")
    with LabService(opened, opened.folder / SERVICE, via=via, mode=mode) as service:
        output.messages.print(f"cordon serves; log {service.folder / 'serve.log'}; Ctrl-C ends it")
        while not stop.wait(0.5) and service.alive:
            pass
        if not stop.is_set():
            raise CordonError(f"the service ended by itself: {service.last_words()}", where=name)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(context: typer.Context, name: str = NAME) -> None:
    """Run a `cordon` command on the service of the lab: `cordon lab run -- action ls`."""
    from controller.lab.lab import Lab
    from controller.lab.service import LabService

    service = LabService(Lab.open(name), Lab.open(name).folder / SERVICE)
    raise typer.Exit(service.interactive(*context.args))


@app.command()
def record(
    what: str = typer.Argument(None, help="Which; without it the list of them."),
    out: Path = typer.Option(Path(), "--out", help="The folder that gets NAME.pcap."),
    as_json: bool = JSON,
) -> None:
    """Make a recording of sample_flows again, in a lab of its own: NAME.pcap with every export datagram, and on stdout the entry
    of its manifest, which says what must be found."""
    import yaml

    from controller.lab.recordings import RECIPES
    from controller.lab.recordings import record as make

    if not what:
        listed = [{"recording": key, "what": one.what} for key, one in RECIPES.items()]
        output.rows(listed, ("recording", "what"), as_json=as_json, title="recordings")
        return
    entry = make(what, out)
    if as_json:
        output.json_line(entry)
    else:
        output.data_console().print(yaml.safe_dump([entry], sort_keys=False, width=200), markup=False)


@app.command()
def status(
    name: str = typer.Option(None, "--name", help="Default: every lab there is."),
    hosts: bool = typer.Option(False, "--hosts", help="Who is plugged in where, and whether the port is up."),
    as_json: bool = JSON,
) -> None:
    """Switches, their processes and the ports that are down."""
    from controller.lab.lab import Lab, labs

    if hosts:
        for one in [name] if name else labs():
            output.rows(Lab.open(one).hosts(), (*MAP, "up"), as_json=as_json, title=one)
        return

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
