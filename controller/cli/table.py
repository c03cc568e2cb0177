"""`cordon endpoint table`: where machines hang, straight from a recorded walk or from what a command line showed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from controller.core.errors import NotFound, UsageError
from controller.core.files import unreadable

from . import output

if TYPE_CHECKING:
    from controller.runtime.recorded import RecordedSwitch

NEEDS = "the forwarding table: 1.3.6.1.2.1.17 (BRIDGE-MIB and Q-BRIDGE-MIB)"
NEEDS_ADDRESSES = "the ARP table: 1.3.6.1.2.1.4.22 or 1.3.6.1.2.1.4.35"

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
    """Rows of recorded SNMP walks; several devices are one site. NotFound if there is not a row in all of them."""
    from controller.runtime.recorded import address_rows, endpoint_rows, load

    switches = load(files)
    _must_be_walks(files, switches)
    found = list(address_rows(switches) if addresses else endpoint_rows(switches))
    columns = ADDRESSES if addresses else OF_SITE if len(switches) > 1 else WALKED
    for switch in switches:
        _tell_left_out(switch)
    if not found:
        read = ", ".join(f"{switch.name}: {switch.size:,} objects" for switch in switches)
        raise NotFound(f"0 rows ({read} read)", do=f"the walk must hold {NEEDS_ADDRESSES if addresses else NEEDS}")
    output.rows(found, columns, as_json=as_json, title="addresses" if addresses else "endpoints")


def _must_be_walks(files: Sequence[Path], switches: Sequence[RecordedSwitch]) -> None:
    if not switches:
        raise NotFound("there is no *.snmprec or *.walk file", where=", ".join(map(str, files)))
    for switch in (switch for switch in switches if not switch.size):
        what = (
            f"{switch.odd_lines} lines, none of them OID|TYPE|VALUE or OID = TYPE: VALUE"
            if switch.odd_lines
            else "is empty"
        )
        if not any(other.size for other in switches):
            raise UsageError(
                what,
                where=f"walk of {switch.name}",
                do="a walk is recorded by snmpsim or printed by snmpwalk -On, docs/location.md",
            )
        output.messages.print(f"[yellow]{escape(switch.name)}[/yellow]: {what}: nothing of it is in the table")


def _tell_left_out(switch: RecordedSwitch) -> None:
    counts = switch.counts
    left_out = switch.odd_lines + counts.odd_index + counts.without_port
    if left_out or counts.ragged:
        output.messages.print(
            f"[yellow]{escape(switch.name)}[/yellow]: {switch.odd_lines} lines not read, {counts.odd_index} rows whose index"
            f" is no MAC, {counts.without_port} without a port, {counts.ragged} without a status: the table moved during"
            " the walk",
            soft_wrap=True,
        )


def show_texts(platform: str, files: Sequence[Path], *, as_json: bool) -> None:
    """Rows of the output of a MAC table command. NotFound if there is not a row in all of it."""
    from controller.switches.cli.commands import MAC_TABLE, platform_of

    _must_be_known(platform)
    texts = {path: _text(path) for path in files}
    found = list(_typed_rows(platform, texts))
    if not found:
        read = ", ".join(f"{path.name}: {len(text.splitlines())} lines" for path, text in texts.items())
        command = MAC_TABLE.get(platform_of(platform), "the command that shows the MAC table")
        raise NotFound(f"0 rows ({read} read)", do=f"is it the output of `{command}` on {platform}?")
    output.rows(found, TYPED, as_json=as_json, title="endpoints")


def _must_be_known(platform: str) -> None:
    from controller.switches.cli.commands import BY_LINE, MAC_TABLE, OTHER, SAME
    from controller.switches.vendor import platforms

    known = sorted({*MAC_TABLE, *SAME, *BY_LINE, *platforms()} - {OTHER})
    if platform not in (*known, OTHER):
        near = difflib.get_close_matches(platform, known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"{platform!r} is no platform",
            where="--cli",
            do=f"{hint}one of {', '.join(known)}; or {OTHER}, which is read line by line",
        )


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise unreadable(path, error) from error
    if not text.strip():
        raise UsageError("is empty", where=str(path), do="save what the MAC table command printed")
    return text


def _typed_rows(platform: str, texts: Mapping[Path, str]) -> Iterator[dict[str, Any]]:
    from controller.runtime.typed import typed_rows
    from controller.switches.cli import macs

    for path, text in texts.items():
        table = macs.mac_table(platform, text)
        yield from typed_rows(path.name, table)
        if table.masked or table.odd_lines:
            output.messages.print(
                f"[yellow]{escape(path.name)}[/yellow]: {table.masked} rows with a masked MAC,"
                f" {table.odd_lines} lines not known"
            )


def files_of(first: Sequence[Path], more: Sequence[Path]) -> list[Path]:
    """`--walk A B C` and `--walk A --walk B`."""
    found = [*first, *more]
    if not found:
        raise UsageError("names no file", do="cordon endpoint table --walk FILE.snmprec ...")
    return found
