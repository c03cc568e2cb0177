"""Interfaces that are no port of the faceplate, by their names: agents give a VLAN's interface, the processor's port or the port
for managing the switch ifType ethernetCsmacd(6) or other(1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from controller.core.tables import PortRow
from playbooks.facts import Verdict

from .cli import cells


def is_virtual(name: str) -> bool:
    """As the cell of a command line's table: `Vlan-interface1`, `CPU Interface: 0/5/1`, `MEth0/0/1`, `stack-port`."""
    return bool(name) and cells.verdict((name,), "") is not Verdict.PORT


def marked(rows: Iterable[PortRow]) -> tuple[PortRow, ...]:
    """The same interfaces, with what their names tell."""
    return tuple(replace(row, virtual=True) if is_virtual(row.name) else row for row in rows)
