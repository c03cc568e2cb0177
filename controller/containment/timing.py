"""Where the time of one containment goes: what `cordon port block --timing` prints, and what tests hold against a budget."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

TITLES = {
    "state:requested": "request durable",
    "state:locating": "claimed, locating",
    "located": "located",
    "port read": "port and MAC read from the switch",
    "judged": "judged and planned",
    "state:applying": "intent durable, command may leave",
    "commands sent": "commands sent and answered",
    "step:sent": "answers in the journal",
    "read back": "read back from the switch",
    "state:contained": "contained, durable",
}


@dataclass(frozen=True, slots=True)
class Lap:
    """What was done, how long it took, and when it was done since the start; milliseconds."""

    what: str
    took_ms: float
    at_ms: float


@dataclass(slots=True)
class Stopwatch:
    """Give `mark` to `Containment.watch`; it counts from its making on."""

    laps: list[Lap] = field(default_factory=list)
    _begun: float = field(default_factory=time.perf_counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mark(self, what: str, _: str = "") -> None:
        """Something is done."""
        with self._lock:
            at_ms = (time.perf_counter() - self._begun) * 1000
            before = self.laps[-1].at_ms if self.laps else 0.0
            self.laps.append(Lap(TITLES.get(what, what), round(at_ms - before, 2), round(at_ms, 2)))

    def at_ms(self, what: str) -> float | None:
        """When that was done first; None if it was not."""
        return next((lap.at_ms for lap in self.laps if lap.what == TITLES.get(what, what)), None)
