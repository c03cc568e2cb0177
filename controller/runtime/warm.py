"""Sessions opened ahead: a switch that may be acted on is not logged in to only when it burns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from controller.core.clock import Clock
from controller.core.errors import CordonError
from controller.core.sites import Mode, SwitchEntry, SwitchFile
from controller.switches.driver import Driver, KeepsSession

WARM_S = 5.0
AT_ONCE = 8
FIRST_WAIT_S, LONGEST_WAIT_S = 15.0, 600.0


@dataclass(slots=True)
class WarmCounts:
    """Sessions found or made ready, and attempts that failed."""

    ready: int = 0
    failed: int = 0


class WarmSessions:
    """Keeps a session with each switch of a site that may act. One that cannot be reached is tried ever more rarely."""

    def __init__(self, file: SwitchFile, driver_of: Callable[[str], Driver], clock: Clock) -> None:
        self._entries = [e for e in file.switches if file.mode_of(e.site) is not Mode.OBSERVE and e.kind == "edge"]
        self._driver_of, self._clock = driver_of, clock
        self._wait_s: dict[str, float] = {}
        self._due_s: dict[str, float] = {}
        self.counts = WarmCounts()

    def load(self) -> None:
        """Make every driver, which imports what its way in needs: seconds of work that no first alert should wait for."""
        for entry in self._entries:
            with suppress(CordonError):  # whoever acts meets the same error and shows it
                self._driver_of(entry.name)

    def turn(self) -> int:
        """Look at every session that is due; how many are ready."""
        now_s = self._clock.monotonic_s()
        due = [entry for entry in self._entries if self._due_s.get(entry.name, 0.0) <= now_s]
        if not due:
            return 0
        with ThreadPoolExecutor(min(AT_ONCE, len(due)), "cordon-session") as pool:
            found = list(pool.map(self._ready, due))
        self.counts.ready += sum(found)
        self.counts.failed += len(found) - sum(found)
        return 0

    def _ready(self, entry: SwitchEntry) -> bool:
        try:
            driver = self._driver_of(entry.name)
            if isinstance(driver, KeepsSession):
                driver.ready()
        except CordonError:  # counted; whoever acts meets the same error and shows it
            wait_s = self._wait_s.get(entry.name, FIRST_WAIT_S)
            self._wait_s[entry.name] = min(2 * wait_s, LONGEST_WAIT_S)
            self._due_s[entry.name] = self._clock.monotonic_s() + wait_s
            return False
        self._wait_s.pop(entry.name, None)
        return True
