"""`cordon alert`: what was detected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape

from controller.core.errors import NotFound

from . import output
from .common import CONFIG, JSON, language, readable, services, when

if TYPE_CHECKING:
    from detectors.graph import Graph

app = typer.Typer(add_completion=False, help="What was detected.", no_args_is_help=True)
COLUMNS = (
    *("alerted_at", "severity", "response", "detector", "technique"),
    *("src_ip", "src_mac", "exporter", "in_if", "alert_id"),
)
PARTS = ("detector", "points", "severity", "most", "known", "at_ms")
MOST_READ = 5000  # alerts looked at for the graph


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
        found = sorted(alerts.newest(connection, most=most), key=itemgetter("alerted_at"), reverse=True)
    shown = found if json else [readable(row, "alerted_at") for row in found]
    output.rows(shown, COLUMNS, as_json=json, title="alerts")


@app.command()
def show(alert_id: str, config: Path | None = CONFIG, json: bool = JSON) -> None:
    """One alert: its risk, every finding in the order it joined with the flows that prove it, and who infected whom."""
    from controller.store import alerts

    from . import spreadtree

    with services(config) as built, built.store.reading() as connection:
        found = alerts.find(connection, alert_id)
    if found is None:
        raise NotFound(f"there is no alert {alert_id}", do="cordon alert ls")
    if json:
        output.json_line(found)
        return
    output.fields(readable({k: found[k] for k in COLUMNS}, "alerted_at"))
    _show_risk(found)
    _show_findings(found)
    if found.get("chain"):
        with services(config) as built, built.store.reading() as connection:
            spread = _graph(alerts.newest(connection, most=MOST_READ), of=found["src_ip"])
        spreadtree.show(spread)


@app.command()
def graph(
    alert_id: str | None = typer.Argument(None, help="Only what is connected with the endpoint of this alert."),
    most: int = typer.Option(MOST_READ, "--most", "-n", min=1, help="Of so many alerts, the newest."),
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Who infected whom: a tree under each patient zero, or nodes and edges with time and evidence."""
    from controller.store import alerts

    from . import spreadtree

    with services(config) as built, built.store.reading() as connection:
        found = alerts.find(connection, alert_id) if alert_id else None
        if alert_id and found is None:
            raise NotFound(f"there is no alert {alert_id}", do="cordon alert ls")
        spread = _graph(alerts.newest(connection, most=most), of=found["src_ip"] if found else None)
    if json:
        for row in spread.to_json():
            output.json_line(row)
        return
    if not spread.edges:
        output.messages.print("[dim]nobody is known to have infected anybody[/dim]")
    spreadtree.show(spread)


def _graph(found: Iterable[Mapping[str, Any]], *, of: str | None) -> Graph:
    from detectors.graph import graph, part_of

    whole = graph(found)
    return part_of(whole, of) if of else whole


def _show_risk(found: Mapping[str, Any]) -> None:
    risk = found.get("risk") or {}
    parts = [readable(part, "at_ms") for part in risk.get("parts", ())]
    if parts:
        output.data_console().print(f"\n[bold]risk[/bold]  {escape(risk['explanation'][language()])}", soft_wrap=True)
        output.table(parts, PARTS)


def _show_findings(found: Mapping[str, Any]) -> None:
    """The alert's history: what was found, in the order in which it joined."""
    console = output.data_console()
    for finding in found["findings"]:
        explanation = finding.get("explanation") or found["explanation"]
        at = when(finding.get("found_ms"))
        said = f"\n[bold]{finding.get('detector', found['detector'])}[/bold]  [dim]{at}[/dim]  {escape(explanation[language()])}"
        console.print(said, soft_wrap=True)
        output.table(finding.get("proof", ()), ("kind", "dst_ip", "dst_port", "outcome"))
