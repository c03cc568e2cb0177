"""Features of a machine's window. Their names and order are part of a model's version."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
WINDOW_MS = 300_000
LEAST_ROWS = 20  # a window with fewer says too little of what a machine does
LEAST_AGE = 6  # windows of a machine before that: until then nearly all its peers are new
FEATURES = (
    "peers",  # machines that it sent to
    "heard",  # machines that sent to it
    "silent_share",  # of the former that never sent anything back
    "new_peers",  # that it did not send to in earlier windows
    "ports",  # services that it opened
    "port_entropy",  # bits, of openings by service
    "opens",
    "refused_share",  # resets for each opening
    "admin_opens",
    "packets",
    "bytes_out",
    "bytes_in",
)
COUNTS = frozenset({"peers", "heard", "new_peers", "ports", "opens", "admin_opens", "packets", "bytes_out", "bytes_in"})


def busy(records: NDArray[Any]) -> NDArray[Any]:
    """Records that say enough, of machines that are known by now."""
    return records[(records["rows"] >= LEAST_ROWS) & (records["age"] > LEAST_AGE)]


def features(records: NDArray[Any]) -> NDArray[np.float64]:
    """One row a record (dtype RECORD), one column a feature, in natural units."""
    peers, heard = _members(records["peers"]), _members(records["heard"])
    sent = np.bitwise_count(records["peers"]).sum(axis=1)
    silent = np.bitwise_count(records["peers"] & ~records["heard"]).sum(axis=1)
    opens = records["opens"].astype(np.float64)
    return np.column_stack(
        [
            peers,
            heard,
            silent / np.maximum(sent, 1),
            records["fresh"],
            _members(records["ports"]),
            _entropy(records["bucket"]),
            opens,
            np.minimum(records["refused"] / np.maximum(opens, 1), 1.0),
            records["admin"],
            (records["packets_out"] + records["packets_in"]).astype(np.float64),
            records["bytes_out"],
            records["bytes_in"],
        ]
    ).astype(np.float64)


def scaled(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """As the forest sees them: counts by their logarithm, 32-bit as scikit-learn has it."""
    found = values.copy()
    for at, name in enumerate(FEATURES):
        if name in COUNTS:
            found[:, at] = np.log1p(found[:, at])
    return found.astype(np.float32)


def _members(bitmaps: NDArray[np.uint64]) -> NDArray[np.float64]:
    """How many members were hashed into each bitmap (linear counting); a full one says as many as it can tell."""
    size = bitmaps.shape[1] * 64
    zero = np.maximum(size - np.bitwise_count(bitmaps).sum(axis=1), 1).astype(np.float64)
    return np.asarray(np.round(-size * np.log(zero / size), 1) + 0.0)


def _entropy(buckets: NDArray[np.uint32]) -> NDArray[np.float64]:
    total = np.maximum(buckets.sum(axis=1, keepdims=True), 1).astype(np.float64)
    share = buckets / total
    return np.asarray(0.0 - (share * np.log2(np.where(share > 0, share, 1.0))).sum(axis=1))
