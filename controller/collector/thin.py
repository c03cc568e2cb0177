"""A limit for each exporter: of more rows than it may send every k-th is kept, and says so in its sampling rate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from detectors.flow import FlowBatch, Has

MOST_RATE = 0xFFFF_FFFF


class Thinner:
    """Rows a second, by device; 0 = no limit. Time is that of the rows' receipt. `dropped` counts rows left out.

    A device may spend a second's worth at once. What it sends beyond is thinned evenly, so that what is kept, times its rate,
    still stands for the whole. An unknown rate stays unknown.
    """

    def __init__(self, rows_per_s: int, of: Mapping[bytes, int]) -> None:
        self._usual, self._of = rows_per_s, dict(of)
        self.dropped = 0
        self.begin()

    def begin(self) -> None:
        """Devices were numbered anew."""
        self._limit = np.zeros(0)
        self._left = np.zeros(0)
        self._phase = np.zeros(0, dtype=np.int64)
        self._at_ms = 0

    def __call__(self, batch: FlowBatch, device: NDArray[np.int32], addresses: list[bytes]) -> NDArray[np.bool_] | None:
        """Which rows to keep, their rates already rescaled; None = all. `device` of each row, -1 = not known: kept."""
        self._grow(addresses)
        now_ms = int(batch["received_ms"][-1])
        if self._at_ms:
            self._left = np.minimum(self._left + self._limit * max(now_ms - self._at_ms, 0) / 1000, self._limit)
        self._at_ms = max(now_ms, self._at_ms)
        known = device >= 0
        rows = np.bincount(device[known], minlength=len(addresses))
        over = (self._limit > 0) & (rows > self._left)
        if not over.any():
            self._left -= np.where(self._limit > 0, rows, 0)
            return None
        step = np.where(over, np.ceil(rows / np.maximum(self._left, 1)), 1).astype(np.int64)
        keep = self._every(device, known, over, step)
        kept = np.bincount(device[known & keep], minlength=len(addresses))
        self._left = np.where(self._limit > 0, np.maximum(self._left - kept, 0), 0)
        self.dropped += int((~keep).sum())
        self._rescale(batch, known & keep, step, device)
        return keep

    def _every(
        self, device: NDArray[np.int32], known: NDArray[np.bool_], over: NDArray[np.bool_], step: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Every step-th row of the devices that send too much; where it begins goes on from batch to batch."""
        keep = np.ones(len(device), dtype=np.bool_)
        places = np.flatnonzero(known & over[np.maximum(device, 0)])
        order = places[np.argsort(device[places], kind="stable")]
        of = device[order]
        first = np.searchsorted(of, of)  # where each device's rows begin
        nth = np.arange(len(of)) - first + self._phase[of]
        keep[order] = nth % step[of] == 0
        self._phase[of] = (nth + 1) % step[of]  # the last of a device stays
        return keep

    @staticmethod
    def _rescale(batch: FlowBatch, rows: NDArray[np.bool_], step: NDArray[np.int64], device: NDArray[np.int32]) -> None:
        rates = batch["sampling_rate"]
        places = np.flatnonzero(rows & batch.carries(Has.SAMPLING) & (rates > 0))
        scaled = rates[places].astype(np.int64) * step[device[places]]
        rates[places] = np.minimum(scaled, MOST_RATE)

    def _grow(self, addresses: list[bytes]) -> None:
        new = addresses[len(self._limit) :]
        if new:
            limits = np.array([float(self._of.get(address, self._usual)) for address in new])
            self._limit = np.concatenate([self._limit, limits])
            self._left = np.concatenate([self._left, limits])
            self._phase = np.concatenate([self._phase, np.zeros(len(new), dtype=np.int64)])
