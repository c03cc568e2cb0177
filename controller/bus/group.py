"""Consumer groups of the embedded bus: who reads which partition, and how far the group has come.

Everything is a file under the group's folder. A partition is read by who holds its lock; members are files that are locked
while they live, so a dead process's partitions are free at once. What was committed is written beside, synced, and renamed.
"""

from __future__ import annotations

import fcntl
import math
import os
import uuid
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

Place = tuple[str, int]


class Membership:
    """One consumer's part in a group."""

    def __init__(self, folder: Path, places: Sequence[Place]) -> None:
        self._folder, self._places = folder, tuple(places)
        (folder / "members").mkdir(parents=True, exist_ok=True)
        self._name = uuid.uuid4().hex
        self._alive = _lock(folder / "members" / self._name)
        self._held: dict[Place, TextIOWrapper] = {}

    @property
    def held(self) -> frozenset[Place]:
        """Partitions this member reads now."""
        return frozenset(self._held)

    def share(self) -> frozenset[Place]:
        """Take what is free, give back what is beyond a fair share; gives what was newly taken."""
        fair = math.ceil(len(self._places) / max(self._members(), 1))
        for place in sorted(self._held)[fair:]:
            self._held.pop(place).close()
        taken = set()
        for place in self._places:
            if len(self._held) >= fair:
                break
            if place not in self._held:
                lock = _lock(self._file(place, "lock"))
                if lock is not None:
                    self._held[place] = lock
                    taken.add(place)
        return frozenset(taken)

    def committed(self, place: Place) -> int:
        """The offset the group goes on from."""
        try:
            return int(self._file(place, "offset").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def commit(self, offsets: dict[Place, int]) -> None:
        """Remember offsets of partitions this member still holds, durably."""
        for place, offset in offsets.items():
            if place not in self._held:
                continue
            path = self._file(place, "offset")
            beside = path.with_suffix(f".{self._name}")
            with beside.open("w") as file:
                file.write(str(offset))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        handle = os.open(self._folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    def leave(self) -> None:
        """Free everything."""
        for lock in self._held.values():
            lock.close()
        self._held.clear()
        if self._alive is not None:
            (self._folder / "members" / self._name).unlink(missing_ok=True)
            self._alive.close()

    def _members(self) -> int:
        alive = 0
        for path in (self._folder / "members").iterdir():
            lock = None if path.name == self._name else _lock(path)
            if lock is None:
                alive += 1  # somebody holds it
            else:
                path.unlink(missing_ok=True)  # nobody does: it died
                lock.close()
        return alive

    def _file(self, place: Place, kind: str) -> Path:
        return self._folder / f"{place[0]}-{place[1]}.{kind}"


def _lock(path: Path) -> TextIOWrapper | None:
    """An open file that holds the lock, or None if another one does."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
