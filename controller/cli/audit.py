"""`cordon audit`: the hash-chained log."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path

import typer

from controller.core.errors import CordonError, UsageError

from . import output
from .common import CONFIG, JSON, readable, services

app = typer.Typer(add_completion=False, help="The hash-chained audit log: list and verify.", no_args_is_help=True)
COLUMNS = ("seq", "at_ms", "actor", "what", "subject", "says")


@app.callback()
def audit() -> None:
    """The hash-chained audit log: list and verify."""


@app.command("ls")
def listed(
    most: int = typer.Option(50, "--most", "-n", min=1, help="How many, the newest first."),
    subject: str | None = typer.Option(None, "--subject", help="Only entries about this id."),
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """List entries, the newest first."""
    from controller.store import audit as log

    with services(config) as built, built.store.reading() as connection:
        found = log.entries(connection, most=most, subject=subject)
    if json:
        for entry in found:
            output.json_line(entry)
        return
    shown = [readable({**e, "says": jsonlib.dumps(e["body"], ensure_ascii=False)[:100]}, "at_ms") for e in found]
    output.table(shown, COLUMNS, title="audit entries")


@app.command()
def verify(
    head: str | None = typer.Option(None, "--head", help="SEQ:HASH kept elsewhere: finds a chain computed anew."),
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Walk the whole chain; exit 1 where it is broken. Keep the head it prints somewhere else."""
    from controller.store import audit as log

    with services(config) as built, built.store.reading() as connection:
        report = log.verify(connection, _head(head))
    found = {
        "intact": report.intact,
        "entries": report.entries,
        "head": f"{report.entries}:{report.head}",
        "broken_at": report.broken_at,
        "why": report.why,
    }
    if json:
        output.json_line(found)
    else:
        output.fields({k: v for k, v in found.items() if v is not None})
    if not report.intact:
        raise CordonError(f"the audit log is broken: {report.why}", where=f"entry {report.broken_at}")


def _head(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    seq, _, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != 64:
        raise UsageError("--head wants SEQ:HASH, as verify prints it")
    return int(seq), digest
