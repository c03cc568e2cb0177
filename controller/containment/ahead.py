"""What can be got ready while it is still being decided: a session with the switch that a request names."""

from __future__ import annotations

import threading
from contextlib import suppress

from controller.core.errors import CordonError
from controller.switches.driver import KeepsSession
from playbooks.mode import Mode

from .parts import Parts


def open_session(parts: Parts, switch: str | None) -> None:
    """Log in beside everything else, if that may be needed and is not done: it takes longer than locating and judging.

    No command goes out: whoever may act waits for the session and finds it open, or meets the same error and shows it.
    """
    if switch is None or parts.rulebook.kind_of(switch) != "edge":
        return
    if parts.rulebook.mode_of(parts.rulebook.site_of(switch)) is Mode.OBSERVE:
        return
    threading.Thread(target=_ready, args=(parts, switch), name=f"cordon-ready-{switch}", daemon=True).start()


def _ready(parts: Parts, switch: str) -> None:
    with suppress(CordonError):
        driver = parts.drivers(switch)
        if isinstance(driver, KeepsSession):
            driver.ready()
