"""The observers of the live service, and the files in which they and others keep what they know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from controller.core.clock import Clock
from detectors.address import Networks
from detectors.catalog import Catalog
from detectors.notice import Observer
from detectors.observers import Learning, newpeer, transfer

from .baseline import BaselineCounts, BaselineFile, Learned


class LearningObservers:
    """Built with what they had learned; `turn` belongs in the worker's turn, `save` at the end of it all."""

    def __init__(
        self, catalog: Catalog, internal: Networks, host_roles: Mapping[bytes, str], folder: Path, clock: Clock
    ) -> None:
        told = Learning(host_roles=host_roles)
        self._newpeer, self._transfer = newpeer(catalog, internal, told), transfer(catalog, internal, told)
        self._folder, self._clock = folder, clock
        self._files: list[BaselineFile] = []
        self.keep("newpeer", self._newpeer)
        self.keep("transfer", self._transfer)

    def keep(self, name: str, *learned: Learned) -> None:
        """Load what was kept under this name, and save it with the others."""
        for one in learned:
            file = BaselineFile(one, self._folder / f"{name}.npz", self._clock)
            file.load()
            self._files.append(file)

    @property
    def observers(self) -> tuple[Observer, ...]:
        """For the engine."""
        return self._newpeer, self._transfer

    def turn(self, settle: Callable[[], None]) -> None:
        """Save what is to be saved. Before that `settle` says all that was found: what is kept is never found again."""
        if any(file.is_due for file in self._files):
            settle()
        for file in self._files:
            file.turn()

    def save(self) -> None:
        """Save all."""
        for file in self._files:
            file.save()

    def counters(self) -> dict[str, Callable[[], Any]]:
        """Counts by the name of the part."""
        return {
            "newpeer": lambda: self._newpeer.counts,
            "newpeer_edges": lambda: self._newpeer.edges.counts,
            "transfer": lambda: self._transfer.counts,
            "transfer_pushes": lambda: self._transfer.pushes.counts,
            "baseline": lambda: _together(self._files),
        }


def _together(files: Sequence[BaselineFile]) -> BaselineCounts:
    counts = [file.counts for file in files]
    return BaselineCounts(sum(c.loaded for c in counts), sum(c.saves for c in counts), sum(c.failures for c in counts))
