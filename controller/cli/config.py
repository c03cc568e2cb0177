"""`cordon config`: check and show the configuration."""

from __future__ import annotations

from pathlib import Path

import typer

from . import output
from .common import CONFIG, JSON, config_path

app = typer.Typer(add_completion=False, help="Check and show the configuration.", no_args_is_help=True)


@app.callback()
def config() -> None:
    """Check and show the configuration."""


@app.command()
def check(config: Path | None = CONFIG) -> None:
    """Read cordon.yaml, the switch file, catalog, playbooks and secrets; say what is wrong where, or `ok`."""
    from controller.runtime.check import check_everything

    path = config_path(config)
    notes = check_everything(path)
    for note in notes:
        output.messages.print(f"[yellow]note[/yellow] {note}")
    output.data_console().print(f"{path}: ok")


@app.command()
def show(config: Path | None = CONFIG, json: bool = JSON) -> None:
    """Print every setting with its value. Secrets are references, and stay so."""
    import yaml

    from controller.runtime.settings import load_settings

    settings = load_settings(config_path(config)).model_dump(mode="json")
    if json:
        output.json_line(settings)
    else:
        typer.echo(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), nl=False)
