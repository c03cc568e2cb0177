"""A histogram with fixed bounds, for figures that a mean would hide."""

from __future__ import annotations

from collections.abc import Sequence


class Histogram:
    """Counts of values up to each bound, and beyond the last; `sum` of them all. For one writer; readers see whole numbers."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def add(self, value: float, times: int = 1) -> None:
        """Count a value, several times if that is how often it was."""
        place = sum(bound < value for bound in self.bounds)
        self.counts[place] += times
        self.sum += value * times

    def add_within(self, within: Sequence[int], total: int, values: float) -> None:
        """Count many at once: how many lie within each bound, how many there are, and what they are together."""
        below = 0
        for place, count in enumerate((*within, total)):
            self.counts[place] += count - below
            below = count
        self.sum += values
