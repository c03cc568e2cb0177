"""Who goes first inside one process. Python runs one thread at a time: while a port is being closed, whoever decodes and looks
at flows takes from it what an attack then goes on for.

What gives way loses nothing: datagrams wait in their queue, and are cheaper to decode together. It gives way for a bounded time,
and so does what is held up by a switch that hangs.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

LONGEST_S = 0.3  # what takes longer waits for a switch, not for the processor
MOST_S = 0.1  # of one giving way; then it has a turn whatever happens


@dataclass(slots=True)
class PrecedenceCounts:
    """How often somebody went first, how often another gave way, and how often one did not wait for the end of it."""

    taken: int = 0
    gave_way: int = 0
    not_waited_for: int = 0


class Precedence:
    """`take` and `drop` around what is urgent, `give_way` before each piece of what is not. Safe from any thread."""

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._changed = threading.Condition()
        self._until_s: dict[str, float] = {}  # by what is urgent
        self.counts = PrecedenceCounts()

    def take(self, key: str) -> None:
        """From now on, but not for long, this goes first."""
        with self._changed:
            self.counts.taken += 1
            self._until_s[key] = time.monotonic() + self._longest_s

    def drop(self, key: str) -> None:
        """It is done, or at least not urgent any more. Once more does no harm."""
        if key in self._until_s:
            with self._changed:
                self._until_s.pop(key, None)
                self._changed.notify_all()

    def give_way(self, most_s: float = MOST_S) -> None:
        """Wait while something is urgent."""
        if not self._until_s:
            return
        end_s = time.monotonic() + most_s
        with self._changed:
            self.counts.gave_way += 1
            while (left_s := min(self._latest_s(), end_s) - time.monotonic()) > 0:
                self._changed.wait(left_s)
            self.counts.not_waited_for += bool(self._until_s)

    def _latest_s(self) -> float:
        """When the last one lapses; those that have are forgotten."""
        now_s = time.monotonic()
        for key in [key for key, until_s in self._until_s.items() if until_s <= now_s]:
            del self._until_s[key]
        return max(self._until_s.values(), default=0.0)


def nobody(_: float = 0.0) -> None:
    """Gives way to nobody: for parts that run alone."""
