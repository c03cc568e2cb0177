"""`cordon bench`: what it costs, measured beside what is installed."""

from __future__ import annotations

import typer

from . import output

app = typer.Typer(help="Measure, beside the tools that are installed.", no_args_is_help=True)
EVERYTHING = "sflow,v9,ipfix,v5,exporters,restart"


@app.callback()
def bench() -> None:
    """Measure, beside the tools that are installed."""


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

    wanted = [name.strip() for name in only.split(",") if name.strip()]
    unknown = set(wanted) - set(EVERYTHING.split(","))
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))} is not one of {EVERYTHING}", param_hint="--only")
    found = measure(wanted, seconds, rounds, lambda text: output.messages.print(f"[dim]{text}[/dim]"))
    shown = (row for row in found if as_json or row["runs"])
    output.rows(shown, ("name", "value", "unit", "runs"), as_json=as_json, title="figures")
