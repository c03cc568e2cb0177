"""`cordon port`: by hand, through the same door as everything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from controller.core.errors import NotFound, UsageError

from . import output
from .common import CONFIG, JSON, REASON, person, seconds, services
from .explain import show_location, show_plan, show_rulings

if TYPE_CHECKING:
    from controller.runtime.services import Services
    from playbooks.request import Request

app = typer.Typer(help="Block, quarantine or release a port by hand, through the same door.", no_args_is_help=True)

IP = typer.Option(None, "--ip", help="The machine's address.")
MAC = typer.Option(None, "--mac", help="The machine's MAC.")
SWITCH = typer.Option(None, "--switch", help="The switch, together with --port.")
PORT = typer.Option(None, "--port", help="The port as the switch calls it.")
FOR = typer.Option(None, "--for", help="How long, e.g. 30m, 2h, 7d; default: containment.default_duration_s.")
DRY_RUN = typer.Option(False, "--dry-run", help="Print the exact commands and the undo; touch nothing. Exit 10.")
YES = typer.Option(False, "--yes", "-y", help="Do not ask on the terminal.")
MAC_ONLY = typer.Option(False, "--mac-only", help="Block the MAC and leave the port up, where the switch can.")


@app.callback()
def port() -> None:
    """Block, quarantine or release a port by hand, through the same door."""


@app.command()
def block(
    ip: str | None = IP,
    mac: str | None = MAC,
    switch: str | None = SWITCH,
    port: str | None = PORT,
    reason: str = REASON,
    duration: str | None = FOR,
    mac_only: bool = MAC_ONLY,
    dry_run: bool = DRY_RUN,
    yes: bool = YES,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Shut the port that a machine hangs on (or block its MAC), after the guard said yes; read back; opens by itself."""
    verb = "mac-block" if mac_only else "shut"
    _contain(verb, _target(ip, mac, switch, port), reason, duration, dry_run, yes, config, json)


@app.command()
def quarantine(
    ip: str | None = IP,
    mac: str | None = MAC,
    switch: str | None = SWITCH,
    port: str | None = PORT,
    reason: str = REASON,
    duration: str | None = FOR,
    dry_run: bool = DRY_RUN,
    yes: bool = YES,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Move the port into the switch's quarantine VLAN, after the guard said yes; read back; returns by itself."""
    _contain("quarantine-vlan", _target(ip, mac, switch, port), reason, duration, dry_run, yes, config, json)


@app.command()
def release(
    containment_id: str | None = typer.Argument(None, help="Which containment; or name the machine or port."),
    ip: str | None = IP,
    mac: str | None = MAC,
    switch: str | None = SWITCH,
    port: str | None = PORT,
    reason: str = REASON,
    dry_run: bool = DRY_RUN,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Undo a containment: the port gets back the state it had, and that is read back."""
    from controller.core.errors import Unreachable
    from controller.store import containments
    from playbooks.lifecycle import State

    with services(config) as built:
        row = _held(built, containment_id, {"ip": ip, "mac": mac, "switch": switch, "port": port})
        chosen = str(row["containment_id"])
        if dry_run:
            _show_undo(row, json)
            raise typer.Exit(10)
        built.containment.release(chosen, by=person(), reason=reason)
        with built.store.reading() as connection:
            after = containments.find(connection, chosen)
    _show_end(after, json)
    if after["state"] == State.RELEASING:
        raise Unreachable(f"not released yet: {after['why']}", where=chosen, do="it is tried again by `cordon serve`")


def _contain(
    verb: str, target: dict[str, str], reason: str, duration: str | None, dry_run: bool, yes: bool,
    config: Path | None, json: bool,
) -> None:  # fmt: skip
    from controller.containment.outcome import outcome_or_raise
    from controller.store import containments

    with services(config) as built:
        request = _request(verb, target, reason, seconds(duration), built.clock.now_ms())
        failed = built.inventory.refresh()
        for name, error in failed.items():
            output.messages.print(f"[yellow]not read[/yellow] {name}: {error}")
        if dry_run:
            _preview(built, request, json)
        if output.messages.is_terminal and not yes and not typer.confirm(f"{verb} {_words(target)}?", err=True):
            raise typer.Exit(1)
        containment_id = built.containment.submit(request)
        built.containment.advance(containment_id)
        with built.store.reading() as connection:
            row = containments.find(connection, containment_id)
    _show_end(row, json)
    outcome_or_raise(row)


def _preview(built: Services, request: Request, json: bool) -> None:
    """Print what would be done, and exit: 10 it would act, 6 it would wait, 5 it would be refused."""
    preview = built.containment.preview(request)
    location = preview.location.model_dump(mode="json")
    judgement = preview.judgement.model_dump(mode="json")
    plan = preview.plan.model_dump(mode="json") if preview.plan else None
    if json:
        output.json_line({"location": location, "judgement": judgement, "plan": plan, "problem": preview.unreadable})
    else:
        show_location(location)
        show_rulings(judgement)
        show_plan(plan, preview.unreadable)
    outcomes = {"refuse": 5, "observe": 5, "approve": 6, "allow": 10 if plan else 7}
    raise typer.Exit(outcomes[judgement["outcome"]])


def _request(verb: str, target: dict[str, str], reason: str, duration_s: int | None, now_ms: int) -> Request:
    from pydantic import ValidationError

    from controller.core import ids
    from playbooks.plan import Verb
    from playbooks.request import Origin, Request, Target

    try:
        return Request(
            request_id=ids.new_id("req", now_ms),
            origin=Origin.PERSON,
            requested_by=person(),
            requested_ms=now_ms,
            playbook="by-hand",
            verb=Verb(verb),
            target=Target(**target),
            reason=reason,
            duration_s=duration_s,
        )
    except ValidationError as error:
        raise UsageError("; ".join(str(e["msg"]) for e in error.errors())) from None


def _target(ip: str | None, mac: str | None, switch: str | None, port: str | None) -> dict[str, str]:
    """The named parts of a target, addresses in their one spelling."""
    import ipaddress

    from detectors.address import mac_number, mac_text

    try:
        named = {
            "ip": str(ipaddress.ip_address(ip)) if ip else None,
            "mac": mac_text(mac_number(mac)) if mac else None,
            "switch": switch,
            "port": port,
        }
    except ValueError as error:
        raise UsageError(str(error)) from None
    found = {name: value for name, value in named.items() if value}
    if not found:
        raise UsageError("whom?", do="--ip, --mac, or --switch and --port")
    return found


def _held(built: Services, containment_id: str | None, named: dict[str, str | None]) -> Any:
    from controller.store import containments
    from playbooks.lifecycle import State

    with built.store.reading() as connection:
        if containment_id:
            return containments.find(connection, containment_id)
        target = _target(**named)
        rows = containments.listed(connection, states=(State.CONTAINED, State.RELEASING, State.FAILED))
    fitting = [
        row
        for row in rows
        if all(row[name] == value for name, value in target.items())
        and (row["state"] != State.FAILED or row["unsettled"])
    ]
    if not fitting:
        raise NotFound(f"nothing is contained for {_words(target)}", do="cordon action ls")
    if len(fitting) > 1:
        ids = ", ".join(str(row["containment_id"]) for row in fitting)
        raise UsageError("several containments fit", do=f"name one: {ids}")
    return fitting[0]


def _show_undo(row: Any, json: bool) -> None:
    from .action import parsed

    plan = parsed(row)["plan"]
    if json:
        output.json_line({"containment_id": row["containment_id"], "plan": plan})
    else:
        show_plan(plan)


def _show_end(row: Any, json: bool) -> None:
    from .action import COLUMNS, parsed
    from .common import readable

    if json:
        output.json_line(parsed(row))
    else:
        output.fields(readable({k: row[k] for k in (*COLUMNS, "why")}, "created_ms", "until_ms"))


def _words(target: dict[str, str]) -> str:
    return " ".join(target.values())
