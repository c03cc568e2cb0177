"""What can go wrong with a switch, switched on and off at run time."""

from __future__ import annotations

import threading
from typing import Literal

Fault = Literal["none", "hang", "refuse", "lie", "drop-before", "drop-after", "half"]
FAULTS: tuple[Fault, ...] = ("none", "hang", "refuse", "lie", "drop-before", "drop-after", "half")
LONGEST_HANG_S = 60.0


class Refused(Exception):
    """The switch answers the command with an error."""


class Dropped(Exception):
    """The session ends without an answer."""


class Faults:
    """One fault at a time, for writes over `via` (ssh, snmp or both); `hang` also holds reads.

    hang: no answer while it lasts. refuse: an error is answered. lie: accepted, nothing done. drop-before and drop-after:
    the session ends before or after the effect. half: the first write works, later ones are lies.
    """

    def __init__(self) -> None:
        self.fault: Fault = "none"
        self.via = "both"
        self._writes = 0
        self._cleared = threading.Event()
        self._cleared.set()

    def set(self, fault: Fault, via: str = "both") -> None:
        """Switch a fault on (`none`: off)."""
        self.fault, self.via, self._writes = fault, via, 0
        if fault == "hang":
            self._cleared.clear()
        else:
            self._cleared.set()

    def before_read(self, via: str) -> None:
        """Hold the answer while the switch hangs."""
        if self._strikes(via, "hang"):
            self._cleared.wait(LONGEST_HANG_S)

    def before_write(self, via: str) -> None:
        """Hang, refuse or drop before anything happens."""
        self.before_read(via)
        if self._strikes(via, "refuse"):
            raise Refused
        if self._strikes(via, "drop-before"):
            raise Dropped

    def takes_effect(self, via: str) -> bool:
        """Whether this write does what it says."""
        self._writes += 1
        return not (self._strikes(via, "lie") or (self._strikes(via, "half") and self._writes > 1))

    def after_write(self, via: str) -> None:
        """Drop after the effect."""
        if self._strikes(via, "drop-after"):
            raise Dropped

    def _strikes(self, via: str, fault: Fault) -> bool:
        return self.fault == fault and self.via in ("both", via)
