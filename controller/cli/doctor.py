"""`cordon doctor`: what this machine and configuration have, and what they lack."""

from __future__ import annotations

from pathlib import Path

import typer

from . import output
from .common import CONFIG, JSON, config_path

app = typer.Typer(add_completion=False, help="What this machine and configuration have, and what they lack.")
COLUMNS = ("state", "part", "says", "do")
STYLE = {
    "ok": output.Markup("[green]ok[/green]"),
    "warn": output.Markup("[yellow]warn[/yellow]"),
    "fail": output.Markup("[red]fail[/red]"),
}


@app.command()
def doctor(
    config: Path | None = CONFIG,
    switches: bool = typer.Option(True, help="Also ask every switch for its facts (reads only)."),
    json: bool = JSON,
) -> None:
    """Look at everything the service needs, touch nothing; exit 1 if something fails."""
    from controller.runtime.doctor import examine

    found = [finding.to_json() for finding in examine(config_path(config), switches=switches)]
    shown = found if json else [{**f, "state": STYLE[f["state"]]} for f in found]
    output.rows(shown, COLUMNS, as_json=json, title="doctor")
    if any(finding["state"] == "fail" for finding in found):
        raise typer.Exit(1)
