"""What commands print: data on stdout (a table, or one JSON object a line with --json), messages on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

messages = Console(stderr=True, highlight=False)


def data_console() -> Console:
    """Stdout, as it is now (tests and pipes replace it). Piped tables are not squeezed into 80 columns."""
    console = Console(highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(highlight=False, width=200)


def json_line(row: Mapping[str, Any]) -> None:
    """One object on one line, keys in the order given, UTF-8 as it is."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, title: str | None = None) -> None:
    """A table of the named columns; nothing at all is printed for no rows but a message on stderr."""
    kept = list(rows)
    if not kept:
        messages.print(f"[dim]no {title or 'rows'}[/dim]")
        return
    view = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        view.add_column(column)
    for row in kept:
        view.add_row(*(_cell(row.get(column)) for column in columns))
    data_console().print(view)


def rows(
    found: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, title: str | None = None
) -> None:
    """Rows either way."""
    if not as_json:
        table(found, columns, title=title)
        return
    for row in found:
        json_line(row)


def fields(found: Mapping[str, Any]) -> None:
    """One thing, a field a line."""
    width = max((len(name) for name in found), default=0)
    for name, value in found.items():
        data_console().print(f"[dim]{name:<{width}}[/dim]  {escape(_cell(value).plain)}", soft_wrap=True)


class Markup(str):
    """Text of ours with rich's marks in it. Everything else is shown as it stands: names and reasons come from outside."""

    __slots__ = ()


def _cell(value: Any) -> Text:
    if value is None or value == "":
        return Text("-")
    if isinstance(value, Markup):
        return Text.from_markup(value)
    if isinstance(value, (list, tuple)):
        return Text(", ".join(str(v) for v in value))
    return Text(str(value))
