"""`cordon bench`: what it costs, measured beside what is installed."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from . import output

app = typer.Typer(add_completion=False, help="Measure, beside the tools that are installed.", no_args_is_help=True)
EVERYTHING = "sflow,v9,ipfix,v5,exporters,restart"


@app.callback()
def bench() -> None:
    """Measure, beside the tools that are installed."""


@app.command()
def contain(
    as_json: bool = typer.Option(False, "--json", help="One object a figure."),
    only: str = typer.Option("snmp,ssh_open,ssh_cold,worm", "--only", help="What to measure, separated by commas."),
    runs: int = typer.Option(20, "--runs", min=1, max=60, help="Sweeps of each way in."),
    seeds: int = typer.Option(20, "--seeds", min=1, max=100, help="Outbreaks of the worm, contained and not."),
    strangers: bool = typer.Option(False, "--strangers", help="Sweeps by desks that have to ask for addresses first."),
) -> None:
    """How long an attack goes on, in the lab (root): seconds from the first connect of a sweep to the last packet that its victim
    hears, by way in, with the time each stage took; and how far a worm comes, contained and not."""
    from controller.bench.contain import WHAT, measure

    wanted = _chosen(only, WHAT)
    found = measure(wanted, runs, seeds, lambda text: output.messages.print(f"[dim]{text}[/dim]"), strangers=strangers)
    output.rows(found, ("name", "value", "unit", "runs"), as_json=as_json, title="figures")


def _chosen(only: str, all_: Sequence[str]) -> list[str]:
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    unknown = set(wanted) - set(all_)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))} is not one of {','.join(all_)}", param_hint="--only")
    return wanted


@app.command()
def collect(
    as_json: bool = typer.Option(False, "--json", help="One object a figure."),
    only: str = typer.Option(EVERYTHING, "--only", help="What to measure, separated by commas."),
    seconds: float = typer.Option(4.0, "--seconds", min=0.2, max=60, help="How long each collector is sent to."),
    rounds: int = typer.Option(3, "--rounds", min=1, max=20, help="Each collector is measured so often, in turn."),
) -> None:
    """Receive and decode, on loopback: CPU seconds per million flow records, and how many times less than nfdump, FastNetMon,
    pmacct and goflow2 take for the same datagrams (`ratio_...`; those that are not installed are left out)."""
    from controller.bench.collect import measure

    wanted = _chosen(only, EVERYTHING.split(","))
    found = measure(wanted, seconds, rounds, lambda text: output.messages.print(f"[dim]{text}[/dim]"))
    shown = (row for row in found if as_json or row["runs"])
    output.rows(shown, ("name", "value", "unit", "runs"), as_json=as_json, title="figures")


@app.command()
def locate(
    as_json: bool = typer.Option(False, "--json", help="One object a figure."),
    switches: int = typer.Option(500, "--switches", min=1, max=2000, help="Emulated switches."),
    macs: int = typer.Option(200, "--macs", min=1, max=5000, help="Learned MACs, and ARP entries, of each."),
    rounds: int = typer.Option(3, "--rounds", min=1, max=20, help="Each figure is measured so often."),
    large: int = typer.Option(
        10_000, "--large", min=1, max=50_000, help="MACs of the switches that snmpbulkwalk reads too."
    ),
) -> None:
    """Read and locate every MAC of many switches over SNMP: CPU seconds over v2c and v3 (SHA, AES-128) of what is decoded, of the
    whole walks, and with everything located from them; how many times less than net-snmp's snmpbulkwalk takes for the same
    objects (left out if it is not installed); and milliseconds to find one MAC."""
    from controller.bench.locate import measure

    found = measure(switches, macs, large, rounds, lambda text: output.messages.print(f"[dim]{text}[/dim]"))
    shown = (row for row in found if as_json or row["runs"])
    output.rows(shown, ("name", "value", "unit", "runs"), as_json=as_json, title="figures")


@app.command()
def detect(
    as_json: bool = typer.Option(False, "--json", help="One object a figure."),
    hosts: int = typer.Option(100_000, "--hosts", min=2_400, max=100_000, help="Hosts that the detectors watch."),
    minutes: int = typer.Option(
        5, "--minutes", min=1, max=30, help="Minutes of event time measured, after ten to fill the tables."
    ),
) -> None:
    """Detection at so many hosts, all default detectors on: CPU seconds per million flow rows, octets of state a host, growth
    of memory while fifty hosts sweep a /16 (after its second minute)."""
    from controller.bench.detect import measure

    found = measure(hosts, minutes, lambda text: output.messages.print(f"[dim]{text}[/dim]"))
    output.rows(found, ("name", "value", "unit", "runs"), as_json=as_json, title="figures")
