"""`cordon action`: containments, and a person's word on them."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Any

import typer

from . import output
from .common import CONFIG, JSON, REASON, person, readable, services

app = typer.Typer(help="Containments: list, show, approve, reject.", no_args_is_help=True)
COLUMNS = ("created_ms", "state", "verb", "ip", "mac", "switch", "port", "until_ms", "containment_id")
PARSED = ("location", "judgement", "plan")


@app.callback()
def action() -> None:
    """Containments: list, show, approve, reject."""


@app.command("ls")
def listed(
    state: list[str] = typer.Option([], "--state", help="Only these states; may be given again."),
    most: int = typer.Option(50, "--most", "-n", min=1, help="How many, the newest first."),
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """List containments, the newest first."""
    from controller.core.errors import UsageError
    from controller.store import containments
    from playbooks.lifecycle import State

    unknown = set(state) - set(State)
    if unknown:
        raise UsageError(f"there is no state {', '.join(sorted(unknown))}", do=f"one of {', '.join(State)}")
    with services(config) as built, built.store.reading() as connection:
        found = [parsed(row) for row in containments.listed(connection, states=[State(s) for s in state], most=most)]
    shown = found if json else [readable(row, "created_ms", "until_ms") for row in found]
    output.rows(shown, COLUMNS, as_json=json, title="containments")


@app.command()
def show(containment_id: str, config: Path | None = CONFIG, json: bool = JSON) -> None:
    """One containment: evidence, rulings, commands, answers, who and when."""
    from controller.store import containments

    with services(config) as built, built.store.reading() as connection:
        row = parsed(containments.find(connection, containment_id))
        steps = list(containments.journal(connection, containment_id))
        history = list(containments.history(connection, containment_id))
    if json:
        output.json_line({**row, "journal": steps, "history": history})
        return
    output.fields(readable({k: row[k] for k in (*COLUMNS, "why", "unsettled")}, "created_ms", "until_ms"))
    if row["location"]:
        from .explain import show_location

        show_location(row["location"])
    output.table([readable(h, "at_ms") for h in history], ("at_ms", "after", "actor", "why"), title="history")
    for step in steps:
        output.data_console().print(f"\n[bold]{step['direction']}[/bold] {step['state']}: {step['detail'] or ''}")
        output.table(step["exchanges"], ("command", "answer", "took_ms"))


@app.command()
def approve(containment_id: str, reason: str = REASON, config: Path | None = CONFIG, json: bool = JSON) -> None:
    """Say yes. The facts are read again before anything is sent."""
    _decide(containment_id, "approve", reason, config, json)


@app.command()
def reject(containment_id: str, reason: str = REASON, config: Path | None = CONFIG, json: bool = JSON) -> None:
    """Say no. It ends there."""
    _decide(containment_id, "reject", reason, config, json)


def parsed(row: Any) -> dict[str, Any]:
    """A row with its JSON columns as objects."""
    return {**row, **{name: jsonlib.loads(row[name]) if row[name] else None for name in PARSED}}


def _decide(containment_id: str, word: str, reason: str, config: Path | None, json: bool) -> None:
    from controller.containment.outcome import outcome_or_raise
    from controller.store import containments

    with services(config) as built:
        decide = built.containment.approve if word == "approve" else built.containment.reject
        decide(containment_id, by=person(), reason=reason)
        with built.store.reading() as connection:
            row = containments.find(connection, containment_id)
    output.rows([parsed(row) if json else readable(row, "created_ms", "until_ms")], COLUMNS, as_json=json)
    if word == "approve":
        outcome_or_raise(row)
