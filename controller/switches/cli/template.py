"""TextFSM templates of ntc-templates, run so that a line they do not know is left over and never loses the table."""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import resources
from typing import Any

import textfsm


class _Tolerant(textfsm.TextFSM):  # type: ignore[misc]
    """`^. -> Error` leaves the line over instead of stopping."""

    def __init__(self, text: str) -> None:
        super().__init__(io.StringIO(text))
        self.left_over: list[str] = []

    def _Operations(self, rule: Any, line: str) -> Any:  # noqa: N802 its name in textfsm
        if rule.line_op == "Error":
            self.left_over.append(line)
            return not rule.new_state  # where `-> Error "words"` keeps its words: they are no state to go to
        return super()._Operations(rule, line)


def parse(template: str, text: str) -> tuple[list[dict[str, Any]], list[str]] | None:
    """Rows as dicts with lower-case names, and the lines left over; None if there is no such template."""
    source = _source(template)
    if source is None:
        return None
    machine = _Tolerant(source)
    try:
        rows = machine.ParseText(text)
    except textfsm.TextFSMError:
        return [], text.splitlines()
    names = [name.lower() for name in machine.header]
    return [dict(zip(names, row, strict=True)) for row in rows], machine.left_over


@lru_cache(maxsize=64)
def _source(template: str) -> str | None:
    path = resources.files("ntc_templates") / "templates" / template
    return path.read_text(encoding="utf-8") if path.is_file() else None
