"""Detection over a recording: a pcap of export datagrams, or labelled flows as csv, csv.gz or parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from controller.core import yamlfile
from controller.core.errors import UsageError
from detectors.address import INTERNAL, Networks, packed
from detectors.alert import Severity
from detectors.anomaly.model import AnomalyModel
from detectors.engine import Engine
from detectors.flow import FlowBatch
from detectors.policy.matrix import Matrix

from . import anomaly
from .captures import Told, capture_batches, quiet
from .catalog import load_catalog
from .observing import of_recording
from .roles import InferredRoles

TABLES = (".csv", ".csv.gz", ".parquet")
AFTER_END_MS = 5_000
GROWS = ("response", "severity", "findings", "chain", "patient_zero", "risk")  # what later findings may add to


def replay(
    path: Path,
    *,
    internal: Sequence[str] = INTERNAL,
    host_roles: Mapping[bytes, str] | None = None,
    every_new: bool | None = None,
    matrix: Matrix | None = None,
    model: AnomalyModel | None = None,
    told: Told = quiet,
) -> Iterator[dict[str, Any]]:
    """Alerts of a recording, in the order they were raised. An alert that later asked for more is given once, as it was
    raised, with the response, findings, chain and risk it ended with. `every_new`: single new peers too, for information;
    None = for tables only, for what exporters sent is judged as the service would, which counts and does not show them.
    `matrix`: a policy to hold it against; `model`: what the site's clean days were like. `told` of a recording, once
    it was read."""
    is_table = path.name.endswith(TABLES)
    show = Severity.INFO if (is_table if every_new is None else every_new) else None
    networks, catalog = _internal(path, internal, is_table=is_table), load_catalog()
    raised: dict[str, dict[str, Any]] = {}
    for batches in captures_of(path, told):
        roles = InferredRoles(() if is_table else batches_of(path))
        engine = Engine(
            catalog,
            internal=networks,
            roles=roles,
            host_roles=host_roles,
            routers=roles.routers,
            observers=[
                *of_recording(catalog, networks, host_roles, show=show, matrix=matrix),
                *([anomaly.observer(model, catalog, networks, roles)] if model else []),
            ],
        )
        last_ms = 0
        for batch in batches:
            last_ms = max(last_ms, int(batch["received_ms"].max()) if len(batch) else 0)
            _note(raised, (alert.to_json() for alert in engine.feed(batch)))
        _note(raised, (alert.to_json() for alert in engine.end(last_ms + AFTER_END_MS)))
    yield from raised.values()


def read_roles(path: Path) -> dict[bytes, str]:
    """Declared hosts: a YAML mapping of role to addresses, e.g. `nms: [10.77.0.4]`."""
    document = yamlfile.read(path)
    if not isinstance(document.data, dict):
        raise UsageError("is no mapping of role to addresses", where=str(path))
    try:
        return {packed(str(ip)): str(role) for role, ips in document.data.items() for ip in ips}
    except (ValueError, TypeError) as error:
        raise UsageError(f"holds something that is no address: {error}", where=str(path)) from None


def _note(raised: dict[str, dict[str, Any]], alerts: Iterator[dict[str, Any]]) -> None:
    for alert in alerts:
        first = raised.setdefault(alert["alert_id"], alert)
        if first is not alert:
            first.update({name: alert[name] for name in GROWS})


def captures_of(path: Path, told: Told = quiet) -> Iterator[Iterator[FlowBatch]]:
    """A table may hold many short captures, told apart by `scenario`: what one of them shows is unknown to the next."""
    if not path.name.endswith(TABLES):
        yield capture_batches(path, told)
        return
    from .tables import frame_batches, read_frame

    frame = read_frame(path, told)
    groups = frame.groupby("scenario", sort=False) if "scenario" in frame.columns else [(path.name, frame)]
    for _, part in groups:
        yield frame_batches(part)


def batches_of(path: Path) -> Iterator[FlowBatch]:
    """The flows of a recording, in the order in which they came."""
    return _table(path) if path.name.endswith(TABLES) else capture_batches(path)


def _table(path: Path) -> Iterator[FlowBatch]:
    from .tables import read_table

    return read_table(path)


def _internal(path: Path, prefixes: Sequence[str], *, is_table: bool) -> Networks:
    """What is inside: the pattern of NAME.meta.json beside a table wins over the prefixes."""
    from .tables import addresses_matching

    meta = path.with_name(path.name.split(".")[0] + ".meta.json")
    if is_table and meta.exists():
        pattern = json.loads(meta.read_text(encoding="utf-8")).get("internal_regex")
        if pattern:
            return Networks.of_addresses(addresses_matching(path, str(pattern)))
    return Networks(prefixes)
