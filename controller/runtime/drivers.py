"""Sessions to the switches of one process: reading and writing have one each, so a long walk never stands before a shut."""

from __future__ import annotations

from pathlib import Path

from controller.core.clock import Clock
from controller.core.errors import NotFound
from controller.core.sites import SwitchFile
from controller.switches.driver import Driver
from controller.switches.registry import connect


class Drivers:
    """Inert; a driver is made when it is asked for first. Safe from any thread."""

    def __init__(self, file: SwitchFile, path: Path, clock: Clock) -> None:
        """`path`: where the file lies, for complaints."""
        self._file, self._path, self._clock = file, path, clock
        self._readers: dict[str, Driver] = {}
        self._writers: dict[str, Driver] = {}

    def reader(self, name: str) -> Driver:
        """Who reads this switch's tables; NotFound if there is none of that name."""
        return self._driver(name, self._readers)

    def writer(self, name: str) -> Driver:
        """Who changes this switch; NotFound if there is none of that name."""
        return self._driver(name, self._writers)

    def close(self) -> None:
        """End all sessions."""
        for driver in [*self._readers.values(), *self._writers.values()]:
            driver.close()

    def _driver(self, name: str, kept: dict[str, Driver]) -> Driver:
        if name not in kept:
            entry = self._file.switch(name)
            if entry is None:
                raise NotFound(f"there is no switch {name}", where=str(self._path))
            # Tables come over SNMP where there is a choice: it knows the ifIndex, and it is quick.
            via = "snmp" if kept is self._readers and entry.snmp is not None else entry.via
            kept.setdefault(name, connect(entry, self._clock, via))  # of two threads, one wins
        return kept[name]
