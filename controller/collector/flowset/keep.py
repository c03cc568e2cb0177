"""Templates on the disk, so that a restart has nothing undecodable: exporters send them again only after minutes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from controller.collector.datagram import Datagram, Decoded, Decoder
from controller.core.clock import Clock

from .store import TemplateStore

log = structlog.get_logger(__name__)
SAVE_NEW_S, SAVE_ALL_S = 1.0, 300.0


@dataclass(slots=True)
class KeepCounts:
    """Files written, and those that could not be."""

    saved: int = 0
    failures: int = 0


class KeepingDecoder:
    """A decoder whose store is loaded from a file and written back: a second after something new came, at the end, and now
    and then for the ages. A file that cannot be read costs the templates in it, never the service."""

    def __init__(
        self, decoder: Decoder, store: TemplateStore, path: Path, clock: Clock, *, others: Sequence[Path] = ()
    ) -> None:
        """`others`: files of processes that share our port, read first: an exporter may have been theirs before."""
        self._decoder, self._store, self._path, self._clock = decoder, store, path, clock
        self.counts = KeepCounts()
        for file in (*others, path):
            self._load(file)
        self._written = store.counts.changed
        self._written_s = clock.monotonic_s()

    def decode(self, datagrams: Sequence[Datagram]) -> Decoded:
        """Decode, and save if it is time."""
        decoded = self._decoder.decode(datagrams)
        waited_s = self._clock.monotonic_s() - self._written_s
        new = self._store.counts.changed != self._written
        if waited_s >= (SAVE_NEW_S if new else SAVE_ALL_S) and self._store.counts.learned:
            self.save()
        return decoded

    def save(self) -> None:
        """Write beside, sync, rename: the file is always whole."""
        self._written, self._written_s = self._store.counts.changed, self._clock.monotonic_s()
        beside = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("w", encoding="utf-8") as file:
                json.dump(self._store.dump(), file, separators=(",", ":"))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
            self.counts.saved += 1
        except OSError as error:
            self.counts.failures += 1
            log.warning("templates not saved", path=str(self._path), error=error.strerror)

    def _load(self, path: Path) -> None:
        try:
            self._store.load(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            self.counts.failures += 1
            log.warning("templates not loaded; they come again from the exporters", path=str(path), error=str(error))
