"""The clock seam: everything that needs the time or a pause gets a Clock, so that tests need neither sleep nor luck."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Time in epoch milliseconds, a monotonic second counter, and a pause."""

    def now_ms(self) -> int: ...

    def monotonic_s(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ManualClock:
    """A clock that moves only when told to; `sleep` moves it. For tests and replays."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._ms = float(now_ms)
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        with self._lock:
            return int(self._ms)

    def monotonic_s(self) -> float:
        with self._lock:
            return self._ms / 1000

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        with self._lock:
            self._ms += seconds * 1000
