"""What an observer has learned, or the engine knows, kept across restarts: one file in the data folder, written whole or
not at all.

It is saved in the worker's own turn, after the alerts of all learned edges are on the bus. What was learned since is learned
again from the flows that a worker rereads after a restart, so it has to be saved more often than the look-back reaches.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import structlog

from controller.core.clock import Clock

SAVE_MS = 300_000
log = structlog.get_logger(__name__)


class Learned(Protocol):
    """What can be kept."""

    def state(self) -> Mapping[str, Any]: ...

    def learn(self, state: Mapping[str, Any]) -> None: ...


@dataclass(slots=True)
class BaselineCounts:
    """Pairs read at the start, saves, and files or saves that failed."""

    loaded: int = 0
    saves: int = 0
    failures: int = 0


class BaselineFile:
    """Loads at once if there is something; `turn` saves when it is time."""

    def __init__(self, learned: Learned, path: Path, clock: Clock) -> None:
        self._learned, self._path, self._clock = learned, path, clock
        self._saved_ms = clock.now_ms()
        self.counts = BaselineCounts()

    def load(self) -> None:
        """Learn what the file holds. One that cannot be read is set aside: learning begins anew, and says so."""
        if not self._path.exists():
            return
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as held:
                state = {name: held[name] for name in held.files}
            self._learned.learn(state)
            self.counts.loaded = len(state["src"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            self.counts.failures += 1
            self._path.replace(self._path.with_suffix(".unreadable"))
            log.warning("baseline cannot be read, learning begins anew", file=str(self._path), error=str(error))

    @property
    def is_due(self) -> bool:
        """It is time to save."""
        return self._clock.now_ms() - self._saved_ms >= SAVE_MS

    def turn(self) -> None:
        """Save if it is time."""
        if self.is_due:
            self._saved_ms = self._clock.now_ms()
            self.save()

    def save(self) -> None:
        """Write the file anew; a full disk is counted, and the old file stays."""
        fresh = self._path.with_suffix(".new")
        try:
            fresh.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as out:
                np.savez_compressed(out, **self._learned.state())
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self._path)
            self.counts.saves += 1
        except OSError as error:
            self.counts.failures += 1
            log.warning("baseline cannot be saved", file=str(self._path), error=str(error))
