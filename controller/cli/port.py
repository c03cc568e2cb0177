"""`cordon port`: by hand, through the same door as everything else."""

from __future__ import annotations

from pathlib import Path

import typer

from .byhand import Order, contain, release_one, target_of
from .common import CONFIG, JSON, REASON

app = typer.Typer(
    add_completion=False, help="Block, quarantine, bounce, disconnect or release a port by hand.", no_args_is_help=True
)

IP = typer.Option(None, "--ip", help="The machine's address.")
MAC = typer.Option(None, "--mac", help="The machine's MAC.")
SWITCH = typer.Option(None, "--switch", help="The switch, together with --port.")
PORT = typer.Option(None, "--port", help="The port as the switch calls it.")
FOR = typer.Option(None, "--for", help="How long, e.g. 30m, 2h, 7d; default: containment.default_duration_s.")
DRY_RUN = typer.Option(False, "--dry-run", help="Print the exact commands and the undo; touch nothing. Exit 10.")
TIMING = typer.Option(False, "--timing", help="Print where the time went, on stderr.")
YES = typer.Option(False, "--yes", "-y", help="Do not ask on the terminal.")
MAC_ONLY = typer.Option(False, "--mac-only", help="Block the MAC and leave the port up, where the switch can.")


@app.callback()
def port() -> None:
    """Block, quarantine, bounce or release a port by hand, through the same door."""


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
    timing: bool = TIMING,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Shut the port that a machine hangs on (or block its MAC), after the guard said yes; read back; opens by itself."""
    verb = "mac-block" if mac_only else "shut"
    contain(Order(verb, target_of(ip, mac, switch, port), reason, duration, dry_run, yes, timing), config, json)


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
    timing: bool = TIMING,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Move the port into the switch's quarantine VLAN, after the guard said yes; read back; returns by itself."""
    order = Order("quarantine-vlan", target_of(ip, mac, switch, port), reason, duration, dry_run, yes, timing)
    contain(order, config, json)


@app.command("mac-block")
def mac_block(
    ip: str | None = IP,
    mac: str | None = MAC,
    switch: str | None = SWITCH,
    port: str | None = PORT,
    reason: str = REASON,
    duration: str | None = FOR,
    dry_run: bool = DRY_RUN,
    yes: bool = YES,
    timing: bool = TIMING,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Block one MAC and leave its port up: behind a phone, or where a few machines share the port."""
    contain(Order("mac-block", target_of(ip, mac, switch, port), reason, duration, dry_run, yes, timing), config, json)


@app.command()
def bounce(
    ip: str | None = IP,
    mac: str | None = MAC,
    switch: str | None = SWITCH,
    port: str | None = PORT,
    reason: str = REASON,
    dry_run: bool = DRY_RUN,
    yes: bool = YES,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Close the port and open it again after seconds, so that the machine asks for an address or logs in anew."""
    order = Order("bounce", target_of(ip, mac, switch, port), reason, None, dry_run, yes, False)
    contain(order, config, json)


@app.command()
def disconnect(
    ip: str | None = IP,
    mac: str | None = MAC,
    switch: str | None = SWITCH,
    port: str | None = PORT,
    reason: str = REASON,
    dry_run: bool = DRY_RUN,
    yes: bool = YES,
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """End a machine's 802.1X session by RADIUS CoA, so that it authenticates anew. It keeps nobody off."""
    order = Order("disconnect", target_of(ip, mac, switch, port), reason, None, dry_run, yes, False)
    contain(order, config, json)


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
    named = {"ip": ip, "mac": mac, "switch": switch, "port": port}
    release_one(containment_id, reason, config, named=named, dry_run=dry_run, as_json=json)
