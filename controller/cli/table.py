"""`cordon endpoint table`: where machines hang, straight from a recorded walk or from what a command line showed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from controller.core.errors import NotFound, UsageError

from . import output

WALKED = (
    "mac",
    "vlan",
    "switch",
    "port",
    "ifindex",
    "verdict",
    "vlan_source",
    "table",
    "lag",
    "port_mac_count",
    "refuse",
)
OF_SITE = (*WALKED, "kind", "edge_switch", "edge_ifindex")
ADDRESSES = ("ip", "mac", "switch", "answers")
TYPED = ("case", "mac", "vlan", "port", "type", "verdict", "refuse")


def show_walks(files: Sequence[Path], *, addresses: bool, as_json: bool) -> None:
    """Rows of recorded SNMP walks; several devices are one site."""
    from controller.runtime.recorded import address_rows, endpoint_rows, load

    switches = load(files)
    if addresses:
        output.rows(address_rows(switches), ADDRESSES, as_json=as_json, title="addresses")
        return
    output.rows(endpoint_rows(switches), OF_SITE if len(switches) > 1 else WALKED, as_json=as_json, title="endpoints")
    for switch in switches:
        counts = switch.counts
        left_out = switch.odd_lines + counts.odd_index + counts.without_port
        if left_out or counts.ragged:
            output.messages.print(
                f"[yellow]{switch.name}[/yellow]: {switch.odd_lines} lines not read, {counts.odd_index} rows whose index is no"
                f" MAC, {counts.without_port} without a port, {counts.ragged} without a status: the table moved during the walk"
            )


def show_texts(platform: str, files: Sequence[Path], *, as_json: bool) -> None:
    """Rows of the output of a MAC table command."""
    output.rows(_typed_rows(platform, files), TYPED, as_json=as_json, title="endpoints")


def _typed_rows(platform: str, files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    from controller.runtime.typed import typed_rows
    from controller.switches.cli import macs

    for path in files:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise NotFound("the output cannot be read", where=str(path), do=error.strerror or "") from error
        table = macs.mac_table(platform, text)
        yield from typed_rows(path.name, table)
        if table.masked or table.odd_lines:
            output.messages.print(
                f"[yellow]{path.name}[/yellow]: {table.masked} rows with a masked MAC, {table.odd_lines} lines not known"
            )


def files_of(first: Sequence[Path], more: Sequence[Path]) -> list[Path]:
    """`--walk A B C` and `--walk A --walk B`."""
    found = [*first, *more]
    if not found:
        raise UsageError("names no file", do="cordon endpoint table --walk FILE.snmprec ...")
    return found
