"""`cordon detector`: alerts of a recording."""

from __future__ import annotations

from pathlib import Path

import typer

from . import output

app = typer.Typer(help="Alerts of a recording, and the detectors' figures.", no_args_is_help=True)
COLUMNS = (
    "severity",
    "response",
    "src_ip",
    "exporter",
    "in_if",
    "detector",
    "technique",
    "attack_flows",
    "target_count",
)


@app.callback()
def detector() -> None:
    """Alerts of a recording, and the detectors' figures."""


@app.command()
def replay(
    file: Path = typer.Argument(..., help="A pcap of export datagrams, or labelled flows: csv, csv.gz, parquet."),
    internal: list[str] = typer.Option([], "--internal", help="Prefix that counts as inside; may be given again."),
    roles: Path | None = typer.Option(None, "--roles", help="YAML: role to addresses, e.g. nms: [10.77.0.4]."),
    json: bool = typer.Option(False, "--json", help="One object an alert and line."),
) -> None:
    """Say what Cordon would have said about a recording."""
    from controller.runtime.replay import read_roles
    from controller.runtime.replay import replay as run
    from detectors.address import INTERNAL

    declared = read_roles(roles) if roles else None
    alerts = run(file, internal=tuple(internal) or INTERNAL, host_roles=declared)
    if json:
        for alert in alerts:
            output.json_line(alert)
        return
    found = list(alerts)
    output.table(found, COLUMNS, title="alerts")
    for alert in found:
        output.messages.print(f"[bold]{alert['src_ip']}[/bold] {alert['explanation']['en']}")
