"""`cordon serve`: the service."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from pathlib import Path

import typer

from . import output
from .common import CONFIG, config_path

# How long a thread that computes may keep the others waiting. CPython's own 5 ms is paid after every system call: a containment
# makes a hundred of them while flows are decoded and looked at beside it, and half a second of an attack went by so.
SWITCH_INTERVAL_S = 0.0005
# New objects before the garbage of cycles is looked for, and how many such rounds before older ones are looked at, too.
GARBAGE_ROUNDS = (10_000, 20, 20)

app = typer.Typer(add_completion=False, help="The service: collect, detect, respond, web, or all of them.")


@app.command()
def serve(
    roles: list[str] = typer.Argument(None, help="all (default), or some of collect, detect, respond, web."),
    config: Path | None = CONFIG,
) -> None:
    """Run until SIGTERM or Ctrl-C. What was taken is finished and what was promised is on the disk before it ends."""
    from controller.core import log
    from controller.runtime.services import ROLES, Services
    from controller.runtime.settings import load_settings

    settings = load_settings(config_path(config))
    log.configure(level=settings.log_level)
    wanted = ROLES if not roles or "all" in roles else tuple(roles)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    output.messages.print(
        "[dim]getting ready (the first start after an installation may compile for a minute) ...[/dim]"
    )
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    services = Services(settings)
    try:
        services.start(wanted)
        _leave_what_stays()
        output.messages.print(f"cordon serves {', '.join(wanted)}; bus {settings.bus}")
        for name, where in services.addresses.items():
            output.messages.print(f"  {name}: {_place(where)}")
        stop.wait()
        output.messages.print("stopping ...")
    finally:
        services.stop()


def _leave_what_stays() -> None:
    """Half a million objects of libraries are there for good. To look through them for garbage stops every thread for a
    fifth of a second: an attack goes on that long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_ROUNDS)


def _place(where: object) -> str:
    if isinstance(where, (list, tuple)):
        return ", ".join(f"udp {host}:{port}" for host, port, *_ in where)
    return str(where)
