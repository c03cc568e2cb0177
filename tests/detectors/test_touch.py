"""Memory that is taken before the first flows, and changes nothing."""

import os
from pathlib import Path

from detectors.alert import Alert

from . import flows as f
from .behaviour import spread

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Octets of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def told(found: list[Alert]) -> list[dict[str, object]]:
    """As they go onto the bus."""
    return [alert.to_json() for alert in found]


def test_the_tables_are_there_before_they_are_used() -> None:
    """Two million contacts of 48 octets, wherever their hashes put them: the first hundred of them need no new page."""
    running = f.engine()
    before = resident()
    running.touch()
    assert resident() - before > 80_000_000


def test_it_changes_nothing() -> None:
    """Before the first flow, or between any two."""
    touched, rows = f.engine(), spread()
    touched.touch()
    found = f.alerts(rows[:20], to=touched)
    touched.touch()
    found += f.alerts(rows[20:], to=touched)
    plain = f.engine()
    assert told([*f.alerts(rows[:20], to=plain), *f.alerts(rows[20:], to=plain)]) == told(found)
    assert found
