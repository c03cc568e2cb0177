"""What can be got ready while a request is still being written down: a session with the switch that it names, and where the
machine is."""

from __future__ import annotations

from contextlib import suppress

from controller.core.aside import aside
from controller.core.errors import CordonError
from controller.switches.driver import KeepsSession
from playbooks.facts import Location
from playbooks.mode import Mode
from playbooks.request import Request

from .parts import Parts

MOST_LOOKED = 100  # at the same time; others are looked for when it is their turn


def open_session(parts: Parts, switch: str | None) -> None:
    """Log in beside everything else, if that may be needed and is not done: it takes longer than locating and judging.

    No command goes out: whoever may act waits for the session and finds it open, or meets the same error and shows it.
    """
    if switch is None or parts.rulebook.kind_of(switch) != "edge":
        return
    if parts.rulebook.mode_of(parts.rulebook.site_of(switch)) is Mode.OBSERVE:
        return
    aside(lambda: _ready(parts, switch), f"ready-{switch}")


def _ready(parts: Parts, switch: str) -> None:
    with suppress(CordonError):
        driver = parts.drivers(switch)
        if isinstance(driver, KeepsSession):
            driver.ready()


def look(parts: Parts, request: Request) -> None:
    """Ask where the machine is. Nothing is decided by it that would not be read once more: its port's state and that it is
    there still are asked for moments before the command."""
    if len(parts.looked) < MOST_LOOKED:
        parts.looked[request.request_id] = aside(
            lambda: parts.inventory.locate(request.target, request.flow), "looking ahead"
        )


def located(parts: Parts, request: Request) -> Location | None:
    """What came of it; None if it was not asked for, failed, or is too old to be acted on by now."""
    looked = parts.looked.pop(request.request_id, None)
    if looked is None:
        return None
    try:
        location = looked.result()
    except CordonError:
        return None  # who needs it asks again, and shows the error
    age_ms = parts.clock.now_ms() - location.located_ms
    return location if 0 <= age_ms <= parts.config.reread_s * 1000 else None
