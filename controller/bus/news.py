"""What a waiting consumer is told by producers of its own process."""

from __future__ import annotations

import threading

from .group import Place


class News:
    """Where this process wrote since a consumer looked: it need not ask the disk about every partition."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self._places: set[Place] = set()

    def tell(self, place: Place) -> None:
        """Something was written there. Safe from any thread."""
        self._places.add(place)
        self._came.set()

    def take(self) -> set[Place]:
        """Places since the last time. One that comes at this very moment may be missing, and then ends the next wait."""
        self._came.clear()
        places, self._places = self._places, set()
        return places

    def wait(self, timeout_s: float) -> None:
        """Until something is told."""
        self._came.wait(timeout_s)
