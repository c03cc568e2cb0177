"""A loop on a thread of its own: started once, stopped once, and a failure inside is counted and tried again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from controller.core.errors import CordonError
from controller.core.precedence import nobody

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class LoopCounts:
    """Turns taken, turns that failed, and the last failure's sentence."""

    turns: int = 0
    failures: int = 0
    last_failure: str | None = None


class Loop:
    """Calls `turn()` again and again until stopped. `turn` blocks for a bounded time by itself, or returns at once.

    After a failure the loop waits `pause_s`, doubled on each repeat up to 30 s, so that a dead database or broker
    neither ends the service nor fills the log.
    """

    def __init__(
        self,
        name: str,
        turn: Callable[[], object],
        *,
        idle_s: float = 0.0,
        pause_s: float = 0.5,
        give_way: Callable[[], None] = nobody,
    ) -> None:
        """`give_way` is called before each turn, and waits while something else goes first."""
        self._give_way = give_way
        self.name, self._turn, self._idle_s, self._pause_s = name, turn, idle_s, pause_s
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.counts = LoopCounts()
        self._failed_in_a_row = 0

    def start(self) -> None:
        """Start the thread; a second start is an error of the caller."""
        if self._thread is not None:
            raise RuntimeError(f"loop {self.name} was started twice")
        self._thread = threading.Thread(target=self._run, name=f"cordon-{self.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """End the current pause."""
        self._wake.set()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Ask it to end and wait; False if it is still in its turn after `timeout_s`."""
        self._stop.set()
        self._wake.set()
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def failing(self) -> bool:
        """The last turn failed."""
        return self._failed_in_a_row > 0

    @property
    def stopping(self) -> bool:
        """Stop was asked for: a long turn should come to its end."""
        return self._stop.is_set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._give_way()
            self.counts.turns += 1
            try:
                self._turn()
                self._failed_in_a_row = 0
                pause = self._idle_s
            except Exception as error:  # noqa: BLE001 the loop must outlive its turns; each failure is counted and logged
                self._failed_in_a_row += 1
                pause = min(30.0, self._pause_s * 2 ** min(self._failed_in_a_row - 1, 10))
                self._note(error, self._failed_in_a_row)
            if pause:
                self._wake.wait(pause)
            self._wake.clear()

    def _note(self, error: Exception, repeat: int) -> None:
        self.counts.failures += 1
        self.counts.last_failure = str(error) or type(error).__name__
        if repeat == 1 or repeat % 20 == 0:
            expected = isinstance(error, CordonError)
            log.warning("loop failed", loop=self.name, error=str(error), repeat=repeat, exc_info=not expected)
