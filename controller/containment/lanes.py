"""Lanes: work on one device waits in one line, and a device that hangs holds up nobody behind another one."""

from __future__ import annotations

import threading
import zlib
from collections import deque
from collections.abc import Callable

IDLE_S = 30.0  # a lane without work for this long lets its thread go
Job = Callable[[], None]


class Lanes:
    """A thread for each lane that has work. A key that waits in its lane already is not queued a second time."""

    def __init__(self, shared: int) -> None:
        self._shared, self._stopping = shared, False
        self._lock = threading.Condition()
        self._waiting: dict[str, deque[tuple[str, Job]]] = {}
        self._busy = 0

    def name(self, device: str | None, key: str, *, observed: bool = False) -> str:
        """The lane of a device; work on a device that is not known yet is spread over a few shared lanes. Those of what is only
        observed are others: nobody who acts waits behind it."""
        return device or f"{'observed' if observed else ''}?{zlib.crc32(key.encode()) % self._shared}"

    def put(self, lane: str, key: str, job: Job) -> bool:
        """Queue a job; False if one with this key waits there (not: runs) already, or everything is being stopped."""
        with self._lock:
            if self._stopping:
                return False
            line = self._waiting.get(lane)
            if line is not None:
                if any(waiting == key for waiting, _ in line):
                    return False
                line.append((key, job))
                self._lock.notify_all()
                return True
            self._waiting[lane] = deque([(key, job)])
        threading.Thread(target=self._run, args=(lane,), name=f"cordon-lane-{lane}", daemon=True).start()
        return True

    def settle(self, timeout_s: float) -> bool:
        """Wait until every lane is empty and idle; False if the time is up first."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._busy and not any(self._waiting.values()), timeout_s)

    def stop(self, timeout_s: float) -> bool:
        """Drop what waits (the store knows it all), let what runs come to its end; False if it does not in time."""
        with self._lock:
            self._stopping = True
            for line in self._waiting.values():
                line.clear()
            self._lock.notify_all()
        return self.settle(timeout_s)

    def _run(self, lane: str) -> None:
        while True:
            with self._lock:
                line = self._waiting[lane]
                if not line and not self._stopping:
                    self._lock.wait_for(lambda line=line: line or self._stopping, IDLE_S)  # type: ignore[misc]
                if not line:
                    del self._waiting[lane]
                    self._lock.notify_all()
                    return
                _, job = line.popleft()
                self._busy += 1
            try:
                job()
            finally:
                with self._lock:
                    self._busy -= 1
                    self._lock.notify_all()
