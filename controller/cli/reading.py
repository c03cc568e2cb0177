"""Reading switches for a request by hand: which of them, what was not read, and what that means for the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.markup import escape

from controller.core.errors import Unreachable

from . import output

if TYPE_CHECKING:
    from controller.runtime.services import Services

ADVICE = (
    "`cordon doctor` asks each of them and says what is wrong",
    "is the switch on, and is its address, community or login in the switch file right?",
)
MOST_NAMED = 10


def read_switches(built: Services, target: Mapping[str, str]) -> Mapping[str, str]:
    """Read what the request needs; gives what failed, by switch, and says it on stderr."""
    from controller.runtime.asking import switches_to_read

    with built.store.reading() as connection:
        names = switches_to_read(
            connection,
            built.file,
            target,
            now_ms=built.clock.now_ms(),
            stale_s=built.settings.inventory.stale_s,
        )
    one = len(names) == 1 < len(built.file.switches)
    if output.messages.is_terminal:
        output.messages.print(f"[dim]reading {escape(names[0]) if one else f'{len(names)} switches'} ...[/dim]")
    failed = built.inventory.refresh(names[0] if one else None)
    say_not_read(failed)
    return failed


def say_not_read(failed: Mapping[str, str]) -> None:
    """Each switch that was not read, and why."""
    for name, error in failed.items():
        output.messages.print(f"[yellow]not read[/yellow] {escape(name)}: {escape(error)}", soft_wrap=True)


def nowhere_because(failed: Mapping[str, str], target: Mapping[str, str]) -> Unreachable | None:
    """The error of a target that was found nowhere, if switches were not read where it may hang."""
    silent = [name for name in failed if target.get("switch", name) == name]
    if not silent:
        return None
    more = f" and {len(silent) - MOST_NAMED} more" if len(silent) > MOST_NAMED else ""
    return Unreachable(
        f"not read: {', '.join(silent[:MOST_NAMED])}{more}, so nothing is known of {' '.join(target.values())}",
        advice=ADVICE,
    )
