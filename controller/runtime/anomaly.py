"""The anomaly model of a site: trained from recorded flows, kept in a file of arrays, read with every check.

The file is a zip of numpy arrays that is read without pickle: whoever can write it can make the detector silent or noisy, and
nothing worse.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.core.errors import ConfigError, UsageError
from detectors.address import Networks
from detectors.anomaly.features import WINDOW_MS, busy
from detectors.anomaly.model import AnomalyModel, ModelError, of_arrays
from detectors.anomaly.observer import Anomaly, AnomalyCounts
from detectors.anomaly.record import RECORD
from detectors.anomaly.train import Clean, train
from detectors.anomaly.windows import WindowCounts, Windows, warm
from detectors.catalog import Catalog
from detectors.observers import excused
from detectors.watch import PortRoles

from .tuning import Recorded

EVERY = 12  # a machine is looked at in one window of so many, once an hour: what it costs is a twelfth


def learn(
    recorded: Iterable[Recorded],
    *,
    internal: Sequence[str],
    host_roles: Mapping[bytes, str],
    catalog: Catalog,
    every: int = EVERY,
) -> AnomalyModel:
    """A model of flows that somebody says are clean; UsageError if there are too few. Hosts whose declared role excuses them are
    not learned from: nobody else should look like them."""
    left_out = excused(catalog, host_roles, Anomaly.NAME)
    found = [np.zeros(0, dtype=RECORD)]
    for each in recorded:
        found += [_without(records, left_out) for records in _windows(each, internal, every)]
    try:
        return train(Clean(np.concatenate(found), every))
    except ModelError as error:
        raise UsageError(str(error), do="a week of a site's flows is a good beginning") from None


def save(model: AnomalyModel, path: Path) -> None:
    """Write a model, whole or not at all."""
    waiting = path.with_name(f".{path.name}.new")
    try:
        with waiting.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **model.to_arrays())
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None


def load(path: Path) -> AnomalyModel:
    """Read a model; ConfigError says why it cannot be used."""
    do = "cordon detector train"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            return of_arrays({name: held[name] for name in held.files})
    except ModelError as error:
        raise ConfigError(str(error), where=str(path), do=do) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=str(path), do=do) from None
    except (ValueError, KeyError, AttributeError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"is no anomaly model: {error}", where=str(path), do=do) from None


def observer(model: AnomalyModel, catalog: Catalog, internal: Networks, roles: PortRoles) -> Anomaly:
    """The detector with this model."""
    warm()
    windows = Windows(internal, roles, every=model.every)
    return Anomaly(model, windows, technique=catalog.techniques[Anomaly.NAME], texts=catalog.texts)


def of_site(path: Path | None, catalog: Catalog, internal: Networks, roles: PortRoles) -> list[Anomaly]:
    """The detector of a site that has trained a model; where there is none, nothing is counted."""
    return [] if path is None else [observer(load(path), catalog, internal, roles)]


def counts(looking: Sequence[Anomaly]) -> AnomalyCounts:
    """Its counters, zero where there is none."""
    return looking[0].counts if looking else AnomalyCounts()


def window_counts(looking: Sequence[Anomaly]) -> WindowCounts:
    """The same of what it counts."""
    return looking[0].windows.counts if looking else WindowCounts()


def counters(looking: Sequence[Anomaly]) -> dict[str, Callable[[], object]]:
    """Both, by the name of the part."""
    return {"anomaly": lambda: counts(looking), "anomaly_windows": lambda: window_counts(looking)}


def described(model: AnomalyModel) -> dict[str, Any]:
    """What a person wants to know of a model."""
    return {
        "version": model.version,
        "windows": model.windows,
        "hosts": model.hosts,
        "trained_from_ms": model.trained_from_ms,
        "trained_to_ms": model.trained_to_ms,
        "window_s": WINDOW_MS // 1000,
        "every": model.every,
        "threshold": round(model.threshold, 4),
        "trees": len(model.roots),
        "sklearn": model.sklearn,
        "features": list(model.features),
    }


def _windows(recorded: Recorded, internal: Sequence[str], every: int) -> Iterator[NDArray[Any]]:
    windows = Windows(Networks(internal), recorded.roles, every=every)
    for batch in recorded.batches():
        for records in windows.take(batch):
            yield busy(records)
    for records in windows.flush():
        yield busy(records)


def _without(records: NDArray[Any], hosts: frozenset[bytes]) -> NDArray[Any]:
    words = {(int.from_bytes(host[:8], "big"), int.from_bytes(host[8:], "big")) for host in hosts}
    kept = [(high, low) not in words for high, low in zip(records["hi"].tolist(), records["lo"].tolist(), strict=True)]
    return np.asarray(records[np.array(kept, dtype=bool)])
