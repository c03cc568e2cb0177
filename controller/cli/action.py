"""`cordon action`: containments, a person's word on them, and the stop of all automatic action."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from . import output
from .byhand import release_one
from .common import CONFIG, JSON, REASON, language, person, readable, seconds, services
from .contained import COLUMNS, parsed, people_read

app = typer.Typer(
    add_completion=False,
    help="Containments: list, show, approve, renew, release; stop and resume.",
    no_args_is_help=True,
)
STOP_COLUMNS = ("stopped_ms", "scope", "stopped_by", "why", "cleared_ms", "cleared_by", "cleared_why")
ONLY_SHOWN = ("why", "proposal", "unsettled", "approvals_needed", "approved_by", "renewals")
SITE = typer.Option(None, "--site", help="Only this site; default: everywhere.")


@app.callback()
def action() -> None:
    """Containments: list, show, approve, renew, release; stop and resume automatic action."""


@app.command("ls")
def listed(
    state: list[str] = typer.Option([], "--state", help="Only these states; may be given again."),
    most: int = typer.Option(50, "--most", "-n", min=1, help="How many, the newest first."),
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """List containments, the newest first."""
    from controller.core.errors import UsageError
    from controller.store import containments, stops
    from playbooks.lifecycle import State

    unknown = set(state) - set(State)
    if unknown:
        raise UsageError(f"there is no state {', '.join(sorted(unknown))}", do=f"one of {', '.join(State)}")
    with services(config) as built, built.store.reading() as connection:
        found = [parsed(row) for row in containments.listed(connection, states=[State(s) for s in state], most=most)]
        stopped = [row["scope"] for row in stops.listed(connection) if row["cleared_ms"] is None]
        now_ms = built.clock.now_ms()
    shown = found if json else [people_read(row, now_ms) for row in found]
    output.rows(shown, COLUMNS, as_json=json, title="containments")
    for row in found:
        if row["proposal"] and not json:
            output.messages.print(f"[yellow]to decide[/yellow] {row['containment_id']}: {escape(row['proposal'])}")
    if stopped:
        scopes = ", ".join("everywhere" if scope == stops.EVERYWHERE else scope for scope in stopped)
        output.messages.print(f"[yellow]automatic action is stopped:[/yellow] {escape(scopes)} (cordon action resume)")


@app.command()
def show(containment_id: str, config: Path | None = CONFIG, json: bool = JSON) -> None:
    """One containment: evidence, rulings, commands, answers, who and when."""
    from controller.store import containments

    from .approvals import approved_by

    with services(config) as built, built.store.reading() as connection:
        row = parsed(containments.find(connection, containment_id))
        steps = list(containments.journal(connection, containment_id))
        history = list(containments.history(connection, containment_id))
        row["approved_by"] = approved_by(connection, row)
    if json:
        output.json_line({**row, "journal": steps, "history": history})
        return
    shown = people_read(row, built.clock.now_ms())
    shown["approved_by"] = ", ".join(row["approved_by"])
    output.fields({k: shown[k] for k in (*COLUMNS, *ONLY_SHOWN)})
    _show_reasons(row)
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


@app.command()
def renew(
    containment_id: str,
    duration: str = typer.Option(..., "--for", help="From now on, e.g. 2h, 7d."),
    reason: str = REASON,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Take a containment on: it lasts until another time, under your name."""
    with services(config) as built:
        until_ms = built.clock.now_ms() + (seconds(duration) or 0) * 1000
        built.containment.renew(containment_id, by=person(), until_ms=until_ms, reason=reason)
        _print_one(built, containment_id, json=json)


@app.command()
def release(containment_id: str, reason: str = REASON, config: Path | None = CONFIG, json: bool = JSON) -> None:
    """Undo a containment: the port gets back the state it had, and that is read back."""
    release_one(containment_id, reason, config, as_json=json)


@app.command()
def stop(site: str | None = SITE, reason: str = REASON, config: Path | None = CONFIG) -> None:
    """Stop all automatic action: what is not a person's own request waits for approval."""
    from controller.core.errors import NotFound

    with services(config) as built:
        known = [one.name for one in built.file.sites]
        if site is not None and site not in known:  # nothing would be stopped, and whoever typed it would think so
            raise NotFound("no such site", where=site, do=f"one of {', '.join(known)}")
        built.containment.stop_automatic(site, by=person(), reason=reason)
    output.messages.print(f"automatic action is stopped: {escape(site or 'everywhere')}")


@app.command()
def resume(site: str | None = SITE, reason: str = REASON, config: Path | None = CONFIG) -> None:
    """You have looked: automatic action goes on after a stop."""
    with services(config) as built:
        built.containment.resume_automatic(site, by=person(), reason=reason)
    output.messages.print(f"automatic action goes on: {escape(site or 'everywhere')}")


@app.command("stops")
def stopped(config: Path | None = CONFIG, json: bool = JSON) -> None:
    """Stops of automatic action, those that hold and those that a person cleared."""
    from controller.store import stops

    with services(config) as built, built.store.reading() as connection:
        found = stops.listed(connection)
    shown = found if json else [readable(row, "stopped_ms", "cleared_ms") for row in found]
    output.rows(shown, STOP_COLUMNS, as_json=json, title="stops")


def _show_reasons(row: dict[str, Any]) -> None:
    """Where, what the guard said, and the commands with their undo."""
    from .explain import show_location, show_plan, show_rulings

    if row["location"]:
        show_location(row["location"])
    if row["judgement"]:
        show_rulings(row["judgement"])
    if row["plan"]:
        show_plan(row["plan"], is_old=True)
        output.data_console().print()


def _print_one(built: Any, containment_id: str, *, json: bool) -> Any:
    from controller.store import containments

    with built.store.reading() as connection:
        row = containments.find(connection, containment_id)
    output.rows([parsed(row) if json else people_read(row, built.clock.now_ms())], COLUMNS, as_json=json)
    return row


def _decide(containment_id: str, word: str, reason: str, config: Path | None, json: bool) -> None:
    from controller.containment.outcome import outcome_or_raise
    from playbooks.lifecycle import State

    from .approvals import say_who_is_missing

    with services(config) as built:
        decide = built.containment.approve if word == "approve" else built.containment.reject
        state = decide(containment_id, by=person(), reason=reason)
        row = _print_one(built, containment_id, json=json)
        if state is State.AWAITING_APPROVAL:
            with built.store.reading() as connection:
                say_who_is_missing(connection, row, person(), language())
    if word == "approve":
        outcome_or_raise(row, language())
