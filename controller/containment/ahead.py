"""What can be got ready while a request is still being written down: a session with the switch that it names, where the machine
is, and what its port looks like."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from controller.core.errors import CordonError
from controller.switches.driver import KeepsSession
from playbooks.facts import Location
from playbooks.mode import Mode
from playbooks.request import Request

from .decide import read_port
from .parts import Looked, Parts, Reading

MOST_LOOKED = 100  # whose answers are kept; others are looked for when it is their turn
MOST_SOUGHT = 10_000  # requests remembered; one that is told again after so many costs a question


def open_session(parts: Parts, switch: str | None) -> None:
    """Log in beside everything else, if that may be needed and is not done: it takes longer than locating and judging.

    No command goes out: whoever may act waits for the session and finds it open, or meets the same error and shows it.
    """
    if switch is None or parts.rulebook.kind_of(switch) != "edge":
        return
    if parts.rulebook.mode_of(parts.rulebook.site_of(switch)) is Mode.OBSERVE:
        return
    _beside(parts, lambda: _ready(parts, switch), f"ready-{switch}")


def _ready(parts: Parts, switch: str) -> None:
    with suppress(CordonError):
        driver = parts.drivers(switch)
        if isinstance(driver, KeepsSession):
            driver.ready()


def look(parts: Parts, request: Request) -> None:
    """Ask where the machine is, and then its port. What is decided rests on it only while it is fresh."""
    if len(parts.looked) >= MOST_LOOKED:
        parts.counts.not_readied += 1
        return
    found = Looked()
    # Before it begins: it may end, and be asked for, before this thread goes on.
    parts.looked[request.request_id] = found
    if not _beside(parts, lambda: _look(parts, request, found), "looking ahead"):
        parts.looked.pop(request.request_id, None)


def look_at_once(parts: Parts, request: Request) -> None:
    """The same before the store is asked whether the request is new: it only reads. Once for each request: an alert is told again
    with whatever joins it, and no switch is to be asked each time."""
    if request.request_id in parts.sought:
        return
    parts.sought[request.request_id] = None
    if len(parts.sought) > MOST_SOUGHT:
        parts.sought.pop(next(iter(parts.sought)), None)
    look(parts, request)


def forget(parts: Parts, request: Request) -> None:
    """Nobody will ask for what comes of it."""
    parts.looked.pop(request.request_id, None)


def located(parts: Parts, request: Request) -> tuple[Location | None, Reading | None]:
    """What came of it: where it is; and what is read of its port, which may be on its way still. None: that was not asked for,
    failed, or is too old to be acted on by now."""
    looked = parts.looked.pop(request.request_id, None)
    if looked is None:
        return None, None
    try:
        location = looked.location.result()
    except CordonError:
        return None, None  # who needs it asks again, and shows the error
    age_ms = parts.clock.now_ms() - location.located_ms
    fresh = 0 <= age_ms <= parts.config.reread_s * 1000
    return (location, looked.reading if location.port else None) if fresh else (None, None)


def _beside(parts: Parts, call: Callable[[], None], name: str) -> bool:
    """On a thread of its own, unless too many wait for switches already: then who drives the request does it, later."""
    if not parts.beside.acquire(blocking=False):
        parts.counts.not_readied += 1
        return False

    def run() -> None:
        try:
            call()
        finally:
            parts.beside.release()

    try:
        parts.aside(run, name)
    except RuntimeError:  # the system has no thread to give: nothing is lost here either
        parts.beside.release()
        parts.counts.not_readied += 1
        return False
    return True


def _look(parts: Parts, request: Request, found: Looked) -> None:
    try:
        location = parts.inventory.locate(request.target, request.flow)
        found.location.set_result(location)
        if location.port:
            found.reading.set_result(read_port(parts, location))
    except BaseException as error:  # noqa: BLE001 it is raised again by who asks for the result
        for future in (found.location, found.reading):
            if not future.done():
                future.set_exception(error)
