"""`cordon detector policy`: the site's own rules, in and out of a file, and proposed from recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from . import output
from .captured import teller
from .common import CONFIG, config_found, config_path
from .prefixes import INSIDE

if TYPE_CHECKING:
    from controller.runtime.settings import DetectionConfig

app = typer.Typer(
    add_completion=False, help="The allowed east-west traffic: import, export, learn.", no_args_is_help=True
)
OUT = typer.Option(None, "--out", "-o", help="Write to this file instead of printing.")
HEADING = """Proposed from {recordings} recordings: {pairs} pairs of machines. Read it before you use it:
what was seen is allowed here, whether or not it should be; everything else is denied and asks for nothing."""


@app.callback()
def policy() -> None:
    """The allowed east-west traffic: import, export, learn."""


@app.command("import")
def import_(
    file: Path = typer.Argument(..., help="A policy as YAML."),
    check: bool = typer.Option(False, "--check", help="Read it and say what is wrong; change nothing."),
    config: Path | None = CONFIG,
    json: bool = typer.Option(False, "--json", help="What it holds as one object."),
) -> None:
    """Check a policy and put it where the configuration has its policy, as it is written. It holds from the next start on."""
    from controller.runtime import policies
    from controller.runtime.settings import load_settings

    holds = file
    if check and config_found(config) is None:
        matrix = policies.read(file)
        output.messages.print(
            "[yellow]note[/yellow] there is no cordon.yaml: whether its roles exist was not looked at"
        )
    else:
        detection = load_settings(config_path(config)).detection
        matrix = policies.read(file, roles=_roles(detection))
        if not check:
            holds = policies.place_of(detection)
            policies.write(file.read_text(encoding="utf-8"), holds)
    found = {
        "policy": str(holds),
        "written": not check,
        "groups": len(matrix.groups),
        "rules": len(matrix.rules),
        "default": "allow" if matrix.default.allows else "deny",
    }
    (output.json_line if json else output.fields)(found)


def _roles(detection: DetectionConfig) -> set[str]:
    from controller.runtime.catalog import SHIPPED, load_catalog

    return {*load_catalog(detection.catalog or SHIPPED).roles, *detection.hosts}


@app.command()
def export(out: Path | None = OUT, config: Path | None = CONFIG) -> None:
    """The configuration's policy as YAML, with everything that it leaves to defaults."""
    from controller.runtime import policies
    from controller.runtime.catalog import SHIPPED, load_catalog
    from controller.runtime.settings import load_settings

    detection = load_settings(config_path(config)).detection
    matrix = policies.configured(detection, load_catalog(detection.catalog or SHIPPED))
    _give(policies.text_of(matrix), out)


@app.command()
def learn(
    paths: list[Path] = typer.Argument(..., help="Recorded flows: files or folders of them."),
    groups: Path | None = typer.Option(
        None, "--groups", help="A policy whose groups are meant. None: each /24 (IPv6: /64) is a group."
    ),
    least: int = typer.Option(1, "--least", min=1, help="Leave out what fewer pairs of machines did."),
    internal: list[str] = INSIDE,
    roles: Path | None = typer.Option(None, "--roles", help="YAML: role to addresses, for groups by role."),
    out: Path | None = OUT,
) -> None:
    """Propose a policy from what was seen, with the numbers of pairs, sources and targets beside each rule."""
    from controller.runtime import policies
    from controller.runtime.replay import read_roles
    from controller.runtime.tuning import of_files
    from detectors.address import INTERNAL
    from detectors.policy.matrix import Matrix

    recorded = of_files(paths, teller())
    known = policies.read(groups) if groups else Matrix()
    declared = read_roles(roles) if roles else None
    proposed, counts = policies.learn(
        recorded, known, internal=tuple(internal) or INTERNAL, host_roles=declared, least_pairs=least
    )
    _give(policies.text_of(proposed, HEADING.format(recordings=len(recorded), pairs=counts.pairs)), out)
    if counts.dropped:
        output.messages.print(f"[yellow]note[/yellow] {counts.dropped} connections found no room: rules may be missing")


def _give(text: str, out: Path | None) -> None:
    from controller.runtime import policies

    if out is None:
        typer.echo(text, nl=False)
    else:
        policies.write(text, out)
