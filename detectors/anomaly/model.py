"""The trained forest as plain arrays: what an isolation forest is once it is grown (Liu, Ting, Zhou 2008).

No pickle: a model file is data, and reading a pickle runs whatever its writer liked. skops would need a list of trusted types and
scikit-learn at hand to load. The arrays here are checked when they are read (a branch only leads forward, so that scoring always
ends), scored by forty lines of numpy, and hold whatever version of scikit-learn grew them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .features import FEATURES, VERSION, WINDOW_MS, scaled

Floats = NDArray[np.float64]
WHOLE = ("version", "window_ms", "every", "trained_from_ms", "trained_to_ms", "windows", "hosts")
NODES = ("roots", "left", "right", "feature")


class ModelError(ValueError):
    """A model that cannot be used: of another version, or no model at all."""


@dataclass(frozen=True, slots=True)
class AnomalyModel:
    """`usual` are the 5th, 50th and 95th percentile of each feature, shape (3, features). Nodes of all trees are numbered
    through; `left` of a leaf is -1, and `path` its path length, the average one of what was not split further included."""

    version: int
    features: tuple[str, ...]
    window_ms: int
    every: int
    trained_from_ms: int
    trained_to_ms: int
    windows: int
    hosts: int
    sklearn: str
    threshold: float
    average_path: float
    usual: Floats
    roots: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    split: Floats
    path: Floats

    def scores(self, values: Floats) -> Floats:
        """Anomaly score of each row of features: 0 to 1, near 0.5 is ordinary, above `threshold` as no clean window was."""
        rows = scaled(values).astype(np.float64)
        total = np.zeros(len(rows))
        for root in self.roots.tolist():
            at = np.full(len(rows), root, dtype=np.int64)
            going = np.arange(len(rows))
            while len(going):
                here = at[going]
                inner = self.left[here] >= 0
                going, here = going[inner], here[inner]
                goes_left = rows[going, self.feature[here]] <= self.split[here]
                at[going] = np.where(goes_left, self.left[here], self.right[here])
            total += self.path[at]
        return np.asarray(2.0 ** (-total / (len(self.roots) * self.average_path)))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As arrays that need no pickle."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}


def of_arrays(held: Mapping[str, NDArray[Any]]) -> AnomalyModel:
    """The model of arrays; ModelError says what is wrong with them."""
    missing = [field.name for field in fields(AnomalyModel) if field.name not in held]
    if missing:
        raise ModelError(f"is no anomaly model: {', '.join(missing)} missing")
    version, names = int(held["version"]), tuple(str(name) for name in held["features"].tolist())
    if (version, names, int(held["window_ms"])) != (VERSION, FEATURES, WINDOW_MS):
        raise ModelError(
            f"was trained for version {version} of the features, this is version {VERSION}: train it again"
        )
    try:
        numbers: dict[str, Any] = {name: int(held[name]) for name in WHOLE}
        nodes: dict[str, Any] = {name: held[name].astype(np.int64) for name in NODES}
        model = AnomalyModel(
            features=names,
            sklearn=str(held["sklearn"]),
            threshold=float(held["threshold"]),
            average_path=float(held["average_path"]),
            usual=_floats(held["usual"]),
            split=_floats(held["split"]),
            path=_floats(held["path"]),
            **numbers,
            **nodes,
        )
    except (TypeError, ValueError) as error:
        raise ModelError(f"is no anomaly model: {error}") from None
    _check(model)
    return model


def _floats(array: NDArray[Any]) -> Floats:
    found = array.astype(np.float64)
    if not np.isfinite(found).all():
        raise ValueError("numbers that are not finite")
    return found


def _check(model: AnomalyModel) -> None:
    nodes = len(model.left)
    number = np.arange(nodes)
    inner = model.left >= 0
    sound = (
        model.every > 0
        and model.average_path > 0
        and model.usual.shape == (3, len(FEATURES))
        and len(model.roots) > 0
        and all(part.shape == (nodes,) for part in (model.left, model.right, model.feature, model.split, model.path))
        and bool(((model.roots >= 0) & (model.roots < nodes)).all())
        and bool(((model.left > number) & (model.left < nodes))[inner].all())
        and bool(((model.right > number) & (model.right < nodes))[inner].all())
        and bool(((model.feature >= 0) & (model.feature < len(FEATURES)))[inner].all())
    )
    if not sound:
        raise ModelError("is no anomaly model: its trees lead nowhere")
