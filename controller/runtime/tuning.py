"""`cordon detector tune`: what other thresholds would have done with recorded flows. Nothing is written."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from controller.bus.port import FLOWS, Bus
from controller.core import yamlfile
from controller.core.clock import SystemClock
from controller.core.errors import ConfigError, UsageError
from controller.core.files import must_exist
from detectors.address import INTERNAL, Networks
from detectors.catalog import Catalog, load
from detectors.engine import Engine
from detectors.evaluate import Raised
from detectors.flow import FlowBatch
from detectors.watch import PortRoles

from .captures import Told, capture_batches, quiet
from .catalog import SHIPPED
from .evaluating import listen
from .labelled import TABLES
from .observing import after_learning
from .roles import InferredRoles
from .settings import Settings
from .tables import read_table

CAPTURES = (".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz")
DAY_MS = 86_400_000
Source = Callable[[], Iterable[FlowBatch]]  # may be read again and again


@dataclass(frozen=True, slots=True)
class Recorded:
    """Flows to try thresholds on, and who is who among them."""

    name: str
    batches: Source
    roles: PortRoles = lambda _agent, _port: None
    routers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Trial:
    """One value of one key of the catalog; no key is the catalog as it is."""

    key: str | None
    value: Any
    catalog: Catalog


def trials(settings: Sequence[str], path: Path = SHIPPED) -> list[Trial]:
    """The catalog as it is, then each candidate value by itself. `settings` are `sweep.act.failed_targets=4,5,6`."""
    data = yamlfile.read(path).data
    found = [Trial(None, None, load(data))]
    for setting in settings:
        key, _, values = setting.partition("=")
        if not values:
            raise UsageError(f"{setting!r} names no values", do="for example --set sweep.act.failed_targets=4,5,6")
        for value in values.split(","):
            found.append(Trial(key, yaml.safe_load(value), _changed(data, key, yaml.safe_load(value))))
    return found


def _changed(data: Mapping[str, Any], key: str, value: Any) -> Catalog:
    changed = copy.deepcopy(dict(data))
    *above, last = key.split(".")
    place: Any = changed
    for name in above:
        place = place.get(name) if isinstance(place, dict) else None
    if not isinstance(place, dict) or last not in place or isinstance(place[last], dict):
        raise ConfigError(f"the catalog has no value {key}", where="--set", do="its keys: detectors/catalog.yaml")
    before, place[last] = place[last], value
    try:
        return load(changed)
    except (KeyError, ValueError, TypeError, AttributeError):
        do = f"the catalog has {before!r} there"
        raise ConfigError(f"{key} cannot be {value!r}", where="--set", do=do) from None


def tune(
    tried: Sequence[Trial],
    recorded: Sequence[Recorded],
    *,
    internal: Sequence[str] = INTERNAL,
    host_roles: Mapping[bytes, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """A row a trial: how many alerts, how many of them could act, and whom they accuse."""
    base: set[str] | None = None
    for trial in tried:
        raised: list[Raised] = []
        for each in recorded:
            inside = Networks(internal)
            engine = Engine(
                trial.catalog,
                internal=inside,
                roles=each.roles,
                host_roles=host_roles,
                routers=each.routers,
                observers=after_learning(trial.catalog, inside, trial.catalog.newpeer.learn_ms, host_roles=host_roles),
            )
            raised += listen(engine, each.batches())
        hosts = {alert.src_ip for alert in raised}
        base = hosts if base is None else base
        yield {
            "key": trial.key or "(the catalog as it is)",
            "value": trial.value,
            "alerts": len(raised),
            "could_act": sum(alert.could_act for alert in raised),
            "acts_on": sorted({alert.src_ip for alert in raised if alert.could_act}),
            "shows": sorted({alert.src_ip for alert in raised if not alert.could_act}),
            "new": sorted(hosts - base),
            "gone": sorted(base - hosts),
        }


def of_files(paths: Iterable[Path], told: Told = quiet) -> list[Recorded]:
    """Recordings: files, and those in folders (not in subfolders). `told` of each capture, once it was read."""
    found = []
    for path in paths:
        must_exist(path)
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        for file in inside:
            if file.name.endswith(TABLES):
                found.append(Recorded(file.name, lambda file=file: read_table(file, told)))  # type: ignore[misc]
            elif file.name.endswith(CAPTURES):
                found.append(_of_capture(file, told))
    if not found:
        raise UsageError("there are no recorded flows", do="name captures or flow tables, or folders of them")
    return found


def _of_capture(file: Path, told: Told) -> Recorded:
    roles = InferredRoles(capture_batches(file, told))
    return Recorded(file.name, lambda: capture_batches(file), roles, roles.routers)


@contextmanager
def configured_bus(settings: Settings) -> Iterator[Bus]:
    """The bus of a configuration, for as long as it is read."""
    from controller.bus.connect import open_bus

    bus = open_bus(settings.bus, settings.data_dir, SystemClock(), settings.bus_options)
    try:
        yield bus
    finally:
        bus.close()


def of_bus(bus: Bus, decode: Callable[[bytes, Mapping[str, str]], FlowBatch], days: float, now_ms: int) -> Recorded:
    """Flows of the last days that the bus still keeps. Read by a group of its own, so that no worker misses any.
    Port roles are inferred from the flows, as `detector replay` does."""

    def batches() -> Iterator[FlowBatch]:
        consumer = bus.consumer([FLOWS], f"cordon-tune-{os.getpid()}-{time.monotonic_ns()}")
        since_ms = now_ms - int(days * DAY_MS)
        try:
            empty = 0
            while empty < 3:  # a consumer that has just joined may have nothing yet
                messages = consumer.poll(500)
                empty = 0 if messages else empty + 1
                for message in messages:
                    if since_ms <= message.timestamp_ms < now_ms:
                        yield decode(message.payload, message.headers)
        finally:
            consumer.close()

    roles = InferredRoles(batches())
    return Recorded("bus", batches, roles, roles.routers)
