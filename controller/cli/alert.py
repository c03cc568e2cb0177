"""`cordon alert`: what was detected."""

from __future__ import annotations

from pathlib import Path

import typer

from controller.core.errors import NotFound

from . import output
from .common import CONFIG, JSON, readable, services

app = typer.Typer(help="What was detected.", no_args_is_help=True)
COLUMNS = ("alerted_at", "severity", "response", "src_ip", "src_mac", "exporter", "in_if", "technique", "alert_id")


@app.callback()
def alert() -> None:
    """What was detected."""


@app.command("ls")
def listed(
    most: int = typer.Option(50, "--most", "-n", min=1, help="How many, the newest first."),
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """List alerts, the newest first."""
    from controller.store import alerts

    with services(config) as built, built.store.reading() as connection:
        found = alerts.newest(connection, most=most)
    shown = found if json else [readable(row, "alerted_at") for row in found]
    output.rows(shown, COLUMNS, as_json=json, title="alerts")


@app.command()
def show(alert_id: str, config: Path | None = CONFIG, json: bool = JSON) -> None:
    """One alert with every finding and the flows that prove it."""
    from controller.store import alerts

    with services(config) as built, built.store.reading() as connection:
        found = alerts.find(connection, alert_id)
    if found is None:
        raise NotFound(f"there is no alert {alert_id}", do="cordon alert ls")
    if json:
        output.json_line(found)
        return
    output.fields(readable({k: found[k] for k in COLUMNS}, "alerted_at"))
    console = output.data_console()
    for finding in found["findings"]:
        explanation = finding.get("explanation") or found["explanation"]
        console.print(f"\n[bold]{finding.get('detector', found['detector'])}[/bold] {explanation['en']}")
        output.table(finding.get("proof", ()), ("kind", "dst_ip", "dst_port", "outcome"))
