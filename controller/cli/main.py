"""`cordon`: nouns, then verbs. Heavy imports happen inside the commands that need them."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import typer
from typer.core import TyperGroup

from controller.core.errors import CordonError

from .output import messages

HELP = """Cordon finds the machine inside your network that attacks its neighbours,
finds the switch port it hangs on, and closes that port: the right one, always reversibly.

Start with [bold]cordon demo[/bold]: the whole loop on a recording and emulated switches, no root, no servers.

[bold]Exit codes[/bold]
0 ok · 1 failed · 2 usage · 3 not found · 4 not allowed
5 refused by the guard · 6 waits for approval · 7 device unreachable
8 partly done · 10 dry run found changes · 130 interrupted
"""

# noun or verb -> (module, panel, one line). Only the module that is asked for is imported.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo", "Run it", "The whole loop on a recording and emulated switches."),
    "serve": ("serve", "Run it", "The service: collect, detect, respond, web, or all of them."),
    "doctor": ("doctor", "Run it", "What this machine and configuration have, and what they lack."),
    "config": ("config", "Run it", "Check and show the configuration."),
    "flow": ("flow", "See", "Flow records of a capture, and of other collectors."),
    "detector": ("detector", "See", "Alerts of a recording, and the detectors' figures."),
    "alert": ("alert", "See", "What was detected."),
    "endpoint": ("endpoint", "See", "Where a machine hangs, with the evidence."),
    "action": ("action", "Act", "Containments: list, show, approve, reject."),
    "port": ("port", "Act", "Block, quarantine or release a port by hand, through the same door."),
    "request": ("request", "Act", "Sign and post a block request, as a platform would."),
    "audit": ("audit", "Prove", "The hash-chained audit log: list and verify."),
    "lab": ("lab", "Prove", "A real network in namespaces, attacks in it; a Kafka broker."),
    "bench": ("bench", "Prove", "What it costs, measured beside nfdump, FastNetMon, pmacct and goflow2."),
}


class LazyGroup(TyperGroup):
    """A group that imports a command's module when that command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 the parent's signature
        """Every command, in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself, or for the overview a stand-in that only has the help line."""
        if cmd_name not in COMMANDS:
            return None
        module, panel, line = COMMANDS[cmd_name]
        if _is_overview(ctx):
            return _placeholder(cmd_name, panel, line)
        command = typer.main.get_command(import_module(f"controller.cli.{module}").app)
        command.name, command.help = cmd_name, command.help or line
        return command


app = typer.Typer(
    cls=LazyGroup, help=HELP, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False
)


@app.callback(invoke_without_command=True)
def root(
    show_version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
) -> None:
    """Options of every command."""
    if show_version:
        typer.echo(f"cordon {_version()}")
        raise typer.Exit


def main() -> None:
    """Run a command; every error a user can meet is one line on stderr and an exit code."""
    try:
        app()
    except CordonError as error:
        for text in error.details.get("complaints", (str(error),)):
            messages.print(f"[bold red]cordon:[/bold red] {_escaped(text)}", soft_wrap=True)
        for reason in error.details.get("reasons", ()):
            messages.print(f"  - {_escaped(str(reason))}", soft_wrap=True)
        for advice in error.details.get("advice", ()):
            messages.print(f"  [dim]→ {_escaped(str(advice))}[/dim]", soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `cordon ... | head`
        sys.stderr.close()
        sys.exit(0)


def _is_overview(ctx: Any) -> bool:
    arguments = [a for a in sys.argv[1:] if not a.startswith("-")]
    return not arguments or arguments[0] not in COMMANDS or bool(getattr(ctx, "resilient_parsing", False))


def _placeholder(name: str, panel: str, line: str) -> Any:
    stand_in = typer.Typer(rich_markup_mode="rich")
    stand_in.command(name=name, help=line, rich_help_panel=panel)(lambda: None)
    return typer.main.get_command(stand_in)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


def _version() -> str:
    try:
        return version("cordon-sanitaire")
    except PackageNotFoundError:
        return "0 (not installed)"


if __name__ == "__main__":
    main()
