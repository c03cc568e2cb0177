"""Training: windows of a site's own clean days in, a model out. The only file that needs scikit-learn, and only once called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .features import FEATURES, VERSION, WINDOW_MS, busy, features, scaled
from .model import AnomalyModel, ModelError, of_arrays

TREES, SAMPLES, SEED = 100, 256, 1  # the paper's forest; a fixed seed: the same windows give the same model
LEAST_WINDOWS = 500
GROWN_ON = 0.7  # of the time span; the rest, which the forest has not seen, sets the threshold
MARGIN = 0.01  # above the least ordinary clean window
BACKGROUND = 0.1  # so many made-up windows for each clean one; see background()
# What a machine may do in five minutes at most, as far as records can tell; in the order of FEATURES.
MOST = (512, 512, 1, 512, 256, 4, 10_000, 1, 1_000, 1_000_000, 1e9, 1e9)
EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class Clean:
    """Windows (dtype RECORD) that somebody says are clean, in order of time, and how they were picked."""

    records: NDArray[Any]
    every: int


def train(clean: Clean) -> AnomalyModel:
    """A model of these windows; ModelError if they are too few."""
    import sklearn  # noqa: PLC0415 takes seconds to import, and is only wanted here
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415

    records = busy(clean.records)
    records = records[np.argsort(records["window"], kind="stable")]
    if len(records) < LEAST_WINDOWS:
        raise ModelError(f"{len(records)} windows are too few to learn from, {LEAST_WINDOWS} are needed: record longer")
    values = features(records)
    seen = scaled(values)
    grown = seen[: max(int(len(records) * GROWN_ON), SAMPLES)]
    among = np.concatenate([grown, background(int(len(grown) * BACKGROUND))])
    forest = IsolationForest(n_estimators=TREES, max_samples=SAMPLES, random_state=SEED).fit(among)
    held = _held(forest, values, records, clean.every, sklearn.__version__)
    model = of_arrays(held)
    held["threshold"] = np.asarray(min(float(model.scores(values).max()) + MARGIN, 0.999))
    return of_arrays(held)


def background(windows: int) -> NDArray[np.float32]:
    """Made-up windows, evenly spread over everything that could be, on the forest's scale.

    A tree splits only where it has seen something: of a feature that is always 0 on clean days (machines that never answer, new
    peers) it would know nothing, and call a machine with sixty of them ordinary. With a few points in the emptiness it splits
    there, and whoever stands in it is alone (uniform background for one-class learning: Steinwart, Hush, Scovel 2005).
    """
    most = scaled(np.array([MOST], dtype=np.float64))[0]
    drawn = np.random.default_rng(SEED).random((windows, len(FEATURES))) * most
    return np.asarray(drawn, dtype=np.float32)


def _held(
    forest: Any, values: NDArray[np.float64], records: NDArray[Any], every: int, version: str
) -> dict[str, NDArray[Any]]:
    trees = [estimator.tree_ for estimator in forest.estimators_]
    starts = np.cumsum([0, *(tree.node_count for tree in trees)])
    left, right, path = [], [], []
    for tree, start in zip(trees, starts.tolist(), strict=False):
        leaf = tree.children_left < 0
        left.append(np.where(leaf, -1, tree.children_left + start))
        right.append(np.where(leaf, -1, tree.children_right + start))
        path.append(_depths(tree) + np.array([average_path(n) for n in tree.n_node_samples.tolist()]))
    hosts = len(np.unique(records[["hi", "lo"]]))
    numbers = {
        "version": VERSION,
        "window_ms": WINDOW_MS,
        "every": every,
        "trained_from_ms": int(records["window"].min()) * WINDOW_MS,
        "trained_to_ms": (int(records["window"].max()) + 1) * WINDOW_MS,
        "windows": len(records),
        "hosts": hosts,
        "threshold": 0.999,
        "average_path": average_path(SAMPLES),
    }
    return {
        **{name: np.asarray(number) for name, number in numbers.items()},
        "features": np.array(FEATURES),
        "sklearn": np.asarray(version),
        "usual": np.percentile(values, (5, 50, 95), axis=0),
        "roots": starts[:-1],
        "left": np.concatenate(left),
        "right": np.concatenate(right),
        "feature": np.concatenate([np.maximum(tree.feature, 0) for tree in trees]),
        "split": np.concatenate([np.where(tree.children_left < 0, 0.0, tree.threshold) for tree in trees]),
        "path": np.concatenate(path),
    }


def _depths(tree: Any) -> NDArray[np.float64]:
    """Edges from the root to each node; children come after their parent."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):
        if tree.children_left[node] >= 0:
            depth[[tree.children_left[node], tree.children_right[node]]] = depth[node] + 1
    return depth


def average_path(samples: int) -> float:
    """Average path length of an unsuccessful search in a binary tree of so many (Liu et al. 2008, equation 1)."""
    if samples <= 1:
        return 0.0
    if samples == 2:
        return 1.0
    return 2.0 * (float(np.log(samples - 1.0)) + EULER) - 2.0 * (samples - 1.0) / samples
