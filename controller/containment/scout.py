"""Where a machine is, asked when it becomes suspicious: an alert that follows within seconds finds it known.

It only reads, and is polite: few at a time, none too often. What is decided later rests on a location only while it is fresh, and
on a port that is read after the alert.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

from controller.core.aside import aside
from controller.core.errors import CordonError
from playbooks.mode import Mode
from playbooks.request import FlowEvidence, Target

from .parts import Parts

AT_ONCE = 2
PAUSE_S = 10.0  # before the same machine is asked for again
GAP_S = 0.1  # between any two
MOST_KNOWN = 1000


@dataclass(slots=True)
class ScoutCounts:
    """Machines asked for ahead of an alert, and those that were not because of others."""

    asked: int = 0
    passed_over: int = 0


class Scout:
    """Safe from any thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._asked_s: OrderedDict[str, float] = OrderedDict()
        self._free = threading.Semaphore(AT_ONCE)
        self._last_s = -GAP_S
        self.counts = ScoutCounts()

    def look(self, target: Target, flow: FlowEvidence) -> None:
        """Ask, unless nothing may be done about it there anyway, or it was asked only just now."""
        rulebook, now_s = self._parts.rulebook, self._parts.clock.monotonic_s()
        switch = rulebook.switch_of_agent(flow.agent)
        if switch is None or rulebook.kind_of(switch) != "edge":
            return
        if rulebook.mode_of(rulebook.site_of(switch)) is Mode.OBSERVE:
            return
        key = target.mac or str(target.ip)
        if now_s - self._asked_s.get(key, -PAUSE_S) < PAUSE_S:
            return
        if now_s - self._last_s < GAP_S or not self._free.acquire(blocking=False):
            self.counts.passed_over += 1
            return
        self._last_s = self._asked_s[key] = now_s
        self._asked_s.move_to_end(key)
        if len(self._asked_s) > MOST_KNOWN:
            self._asked_s.popitem(last=False)
        self.counts.asked += 1
        aside(lambda: self._ask(target, flow), "scout")

    def _ask(self, target: Target, flow: FlowEvidence) -> None:
        try:
            with suppress(CordonError):  # who needs it asks again, and shows the error
                self._parts.inventory.locate(target, flow)
        finally:
            self._free.release()
