"""`cordon request`: the other side of the webhook, for people and tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from controller.core.errors import CordonError, NotAllowed, NotFound, RefusedByGuard, UsageError

from . import output
from .common import CONFIG, JSON, readable, seconds, services

app = typer.Typer(
    add_completion=False, help="Sign and post a block request, as a platform would.", no_args_is_help=True
)
COLUMNS = ("requested_ms", "origin", "requested_by", "verb", "target", "reason", "request_id")
DEFAULT_URL = "http://127.0.0.1:8443"
URL = typer.Option(DEFAULT_URL, "--url", envvar="CORDON_URL", help="Where `cordon serve` answers.")
FOLLOW_S = 60.0


@app.callback()
def request() -> None:
    """Sign and post a block request, as a platform would."""


@app.command()
def send(
    ip: str | None = typer.Option(None, "--ip", help="The machine's address."),
    mac: str | None = typer.Option(None, "--mac", help="The machine's MAC."),
    switch: str | None = typer.Option(None, "--switch", help="The switch, together with --port."),
    port: str | None = typer.Option(None, "--port", help="The port as the switch calls it."),
    action: str = typer.Option("shut", "--action", help="shut, quarantine-vlan, mac-block or observe."),
    reason: str = typer.Option(..., "--reason", "-m", help="Why; it is kept in the audit log."),
    duration: str | None = typer.Option(None, "--for", help="How long, e.g. 30m, 2h, 7d."),
    url: str = URL,
    secret: str = typer.Option(
        "env:CORDON_WEBHOOK_SECRET", "--secret", help="Reference to the whsec_ secret: env:NAME or file:PATH."
    ),
    message_id: str | None = typer.Option(None, "--id", help="Idempotency key; default: a new one."),
    follow: bool = typer.Option(False, "--follow", help="Wait until it ended; needs --token."),
    token: str = typer.Option("env:CORDON_TOKEN", "--token", help="Reference to the bearer token for --follow."),
    json: bool = JSON,
) -> None:
    """Sign a request as Standard Webhooks say and post it. Exit 0: taken (with --follow: contained)."""
    import secrets

    from controller.core.clock import SystemClock
    from controller.feeds.client import post_request

    named = {"ip": ip, "mac": mac, "switch": switch, "port": port, "duration_s": seconds(duration)}
    data = {name: value for name, value in named.items() if value is not None}
    data |= {"action": action, "reason": reason}
    key = message_id or f"msg_{secrets.token_hex(12)}"
    posted = post_request(url, _revealed(secret, "--secret"), data, message_id=key, clock=SystemClock())
    if not posted.accepted:
        _show({"status": posted.status, **posted.body}, json)
        raise _error(posted.status, posted.body)
    if not follow:
        _show({"status": posted.status, **posted.body}, json)
        return
    _followed(url, str(posted.body["request_id"]), _revealed(token, "--token"), json)


@app.command("ls")
def listed(
    most: int = typer.Option(50, "--most", "-n", min=1), config: Path | None = CONFIG, json: bool = JSON
) -> None:
    """List requests, the newest first."""
    from controller.store import requests

    with services(config) as built, built.store.reading() as connection:
        found = [r.model_dump(mode="json", exclude_none=True) for r in requests.newest(connection, most=most)]
    if not json:
        found = [readable({**r, "target": " ".join(map(str, r["target"].values()))}, "requested_ms") for r in found]
    output.rows(found, COLUMNS, as_json=json, title="requests")


@app.command()
def show(request_id: str, config: Path | None = CONFIG, json: bool = JSON) -> None:
    """One request and what became of it."""
    from controller.store import containments, requests

    with services(config) as built, built.store.reading() as connection:
        found = requests.find(connection, request_id)
        row = containments.of_request(connection, request_id)
    if found is None or row is None:
        raise NotFound(f"there is no request {request_id}", do="cordon request ls")
    fate = {name: row[name] for name in ("containment_id", "state", "why", "switch", "port")}
    _show({**found.model_dump(mode="json", exclude_none=True), **fate}, json)


def _followed(url: str, request_id: str, token: str, json: bool) -> None:
    from controller.core.clock import SystemClock
    from controller.feeds.client import get_request

    clock = SystemClock()
    deadline = clock.monotonic_s() + FOLLOW_S
    while True:
        got = get_request(url, request_id, token)
        if got.status != 200:
            raise _error(got.status, got.body)
        if got.body["final"] or got.body["state"] in ("contained", "awaiting-approval"):
            break
        if clock.monotonic_s() > deadline:
            raise CordonError(f"still {got.body['state']} after {FOLLOW_S:.0f} s", where=request_id)
        clock.sleep(0.1)
    _show(got.body, json)
    if got.body["state"] == "awaiting-approval":
        raise typer.Exit(6)
    if got.body["state"] == "refused":
        raise RefusedByGuard(str(got.body["why"]), where=request_id)
    if got.body["final"] and got.body["state"] != "released":
        raise CordonError(f"{got.body['state']}: {got.body['why']}", where=request_id)


def _error(status: int, body: Any) -> CordonError:
    text = f"HTTP {status}: {body.get('detail') or body.get('title')}"
    kinds: dict[int, type[CordonError]] = {
        401: NotAllowed,
        403: NotAllowed,
        404: NotFound,
        409: UsageError,
        422: UsageError,
    }
    return kinds.get(status, CordonError)(text)


def _revealed(reference: str, where: str) -> str:
    from controller.core.secrets import reveal

    if not reference.startswith(("env:", "file:")):
        raise UsageError("a secret on the command line is seen by everybody", where=where, do="env:NAME or file:PATH")
    return reveal(reference, where=where)


def _show(found: Any, json: bool) -> None:
    if json:
        output.json_line(found)
    else:
        times = (name for name in ("requested_ms", "until_ms") if found.get(name))
        shown = readable(found, *times)
        output.fields({k: v for k, v in shown.items() if not isinstance(v, (list, dict))})
