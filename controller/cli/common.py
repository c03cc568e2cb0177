"""What several commands share: the configuration's place, services for as long as a command runs, people and times."""

from __future__ import annotations

import os
import pwd
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from controller.core.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from controller.runtime.services import Services

PLACES = (Path("cordon.yaml"), Path("/etc/cordon/cordon.yaml"))
LOGINUID = Path("/proc/self/loginuid")
NOBODY_LOGGED_IN = 0xFFFF_FFFF  # what it shows of services and containers
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

CONFIG = typer.Option(
    None, "--config", "-c", envvar="CORDON_CONFIG", help="cordon.yaml; default: here, then /etc/cordon."
)
JSON = typer.Option(False, "--json", help="One object a line.")
REASON = typer.Option(..., "--reason", "-m", help="Why; it is kept in the audit log.")


def config_found(given: Path | None) -> Path | None:
    """The given configuration file, or the first that exists of the usual places; None where there is none."""
    return given or next((place for place in PLACES if place.is_file()), None)


def config_path(given: Path | None) -> Path:
    """The same; ConfigError says where it was looked for."""
    found = config_found(given)
    if found is None:
        places = " and ".join(str(place) for place in PLACES)
        raise ConfigError(
            "there is no configuration",
            where=f"looked at {places}",
            do="--config FILE, or CORDON_CONFIG; docs/configuration.md has one to begin with",
        )
    return found


@contextmanager
def services(given: Path | None) -> Iterator[Services]:
    """Inert services of the configuration; nothing of them outlives the command."""
    from controller.core import log
    from controller.runtime.services import Services
    from controller.runtime.settings import load_settings

    log.configure(level="warning")
    built = Services(load_settings(config_path(given)))
    try:
        yield built
    finally:
        built.stop()


def person(loginuid: Path = LOGINUID) -> str:
    """Who types: the login name and the machine, as the audit log shall have it and approvals are counted.

    By the kernel's word alone: who logged in (the audit system's id, which sudo and su do not change), else whose process this
    is. LOGNAME and USER say what anybody wants them to.
    """
    numbers = (_logged_in(loginuid), os.getuid())
    number = next(n for n in numbers if n is not None)
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = f"uid-{number}"
    return f"{name}@{socket.gethostname()}"


def _logged_in(loginuid: Path) -> int | None:
    try:
        number = int(loginuid.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None  # a kernel without auditing
    return None if number == NOBODY_LOGGED_IN else number


def seconds(text: str | None) -> int | None:
    """`30m`, `2h`, `7d` or plain seconds; UsageError for anything else, and for more than a containment may last."""
    from playbooks.request import MAX_DURATION_S

    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,8})([smhd]?)", text.strip())
    if match is None or int(match[1]) == 0:
        raise UsageError(f"{text!r} is no duration", do="for example 90s, 30m, 2h or 7d")
    found = int(match[1]) * UNITS[match[2] or "s"]
    if found > MAX_DURATION_S:
        most = f"{MAX_DURATION_S // UNITS['d']}d at most; `cordon action renew` goes on from there"
        raise UsageError(f"{text} is too long", do=most)
    return found


def language() -> str:
    """zh or en: CORDON_LANG, else the terminal's locale."""
    said = next(filter(None, (os.environ.get(name) for name in ("CORDON_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if said.lower().startswith("zh") else "en"


def when(at_ms: int | None) -> str:
    """A time of the store as people read it, in local time; empty for none."""
    if at_ms is None:
        return ""
    try:
        at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone()
    except (ValueError, OverflowError):  # an end of an earlier version, that nobody bounded
        return f"{at_ms} ms"
    return at.strftime("%Y-%m-%d %H:%M:%S")


def readable(row: Any, *times: str) -> dict[str, Any]:
    """A copy of a row with these times (epoch ms) made readable."""
    return {**row, **{name: when(row.get(name)) for name in times}}
