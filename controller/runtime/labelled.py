"""Labelled recordings as scenarios: flow tables with a label a row, and captures whose truth a manifest.yaml tells."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from controller.core import yamlfile
from controller.core.errors import UsageError
from controller.core.files import must_exist
from detectors.address import INTERNAL, Networks, packed
from detectors.evaluate import Unit
from detectors.flow import FlowBatch, Has
from detectors.truth import units

from .captures import Told, capture_batches, quiet
from .roles import InferredRoles
from .tables import frame_batches, read_frame

TABLES = (".csv", ".csv.gz", ".parquet")
MANIFEST = "manifest.yaml"
ALL = Networks(("0.0.0.0/0", "::/0"))
HOUR_S = 3600
LONG_MS = 4 * HOUR_S * 1000  # from here on novelty can be learned on the first half


@dataclass(slots=True)
class Scenario:
    """One capture or snippet. `rows(None)` are all flows, `rows(unit)` those without the attacks of other units.

    `attack` and `unknown` are the label times (ms, sorted) of each source; `hours` how many hosts were seen in how many hours.
    """

    name: str
    units: list[Unit]
    rows: Callable[[Unit | None], Iterable[FlowBatch]]
    internal: Networks
    host_hours: float
    attack: Mapping[str, Any] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)
    roles: InferredRoles = field(default_factory=lambda: InferredRoles(()))
    declared: Mapping[bytes, str] = field(default_factory=dict)
    begin_ms: int = 0
    end_ms: int = 0
    late_host_hours: float = 0.0  # of the second half

    @property
    def half_ms(self) -> int | None:
        """Where it is long enough to learn on its first half: when that ends."""
        return (self.begin_ms + self.end_ms) // 2 if self.end_ms - self.begin_ms >= LONG_MS else None


def scenarios(folder: Path, told: Told = quiet) -> Iterator[Scenario]:
    """Every labelled table of a folder (not of its subfolders), and every capture of its manifest."""
    must_exist(folder)
    if not folder.is_dir():
        raise UsageError("is no folder", where=str(folder))
    tables = sorted(path for path in folder.iterdir() if path.name.endswith(TABLES))
    manifest = folder / MANIFEST
    if not tables and not manifest.exists():
        raise UsageError(f"holds neither labelled tables nor a {MANIFEST}", where=str(folder))
    for path in tables:
        yield from _of_table(path, told)
    if manifest.exists():
        for entry in yamlfile.read(manifest).data["recordings"]:
            yield _of_capture(folder / entry["file"], entry["truth"], told)


def _of_table(path: Path, told: Told = quiet) -> Iterator[Scenario]:
    stem = path.name.split(".")[0]
    meta_path = path.with_name(f"{stem}.meta.json")
    meta = json.loads(meta_path.read_text(encoding="utf-8")) if meta_path.exists() else {}
    frame = read_frame(path, told)
    missing = {"label", "attack_type"} - set(frame.columns)
    if missing:
        raise UsageError(f"lacks the columns {', '.join(sorted(missing))}", where=str(path))
    groups = frame.groupby("scenario", sort=True) if "scenario" in frame.columns else [(stem, frame)]
    for name, part in groups:
        label = stem if str(name) == stem else f"{stem}/{name}"
        if len(part):
            yield _of_frame(label, part, meta.get("internal_regex"))


def _of_frame(name: str, frame: Any, pattern: str | None) -> Scenario:
    """What is east-west is looked at. Attacks of inside machines on outside ones are run with everything inside; a snippet none
    of whose flows is inside is of a network with public addresses."""
    from_inside, to_inside = (_inside(frame[column], pattern) for column in ("src_ip", "dst_ip"))
    east_west = frame[from_inside & to_inside]
    if not len(east_west) and not from_inside.any():
        east_west, from_inside = frame, from_inside | True
    attacks = frame[from_inside & (frame["label"] == "attack")]

    def rows(unit: Unit | None) -> Iterable[FlowBatch]:
        if unit is None:
            return frame_batches(east_west)
        base = east_west if unit.rows <= inside else frame
        return frame_batches(base[base.index.isin(unit.rows) | (base["label"] != "attack")])

    inside = frozenset(int(label) for label in east_west.index)
    begin_s, end_s = float(frame["ts_start"].min()), float(frame["ts_start"].max())
    late = east_west[east_west["ts_start"] >= (begin_s + end_s) / 2]
    return Scenario(
        name=name,
        units=list(units(name, attacks)),
        rows=rows,
        internal=ALL,
        host_hours=_host_hours(east_west),
        late_host_hours=_host_hours(late),
        begin_ms=int(begin_s * 1000),
        end_ms=int(end_s * 1000),
        attack=_times(frame[frame["label"] == "attack"]),
        unknown=_times(frame[frame["label"] == "unknown"]),
    )


def _host_hours(frame: Any) -> int:
    """Hosts by the hours in which they sent anything."""
    return len(set(zip(frame["src_ip"], (frame["ts_start"] // HOUR_S).astype(int), strict=True)))


def _inside(addresses: Any, pattern: str | None) -> Any:
    if pattern:
        return addresses.str.match(pattern)
    default = Networks(INTERNAL)
    return addresses.map(lambda ip: packed(ip) in default)


def _times(frame: Any) -> dict[str, Any]:
    return {
        str(ip): np.sort((part["ts_start"].to_numpy(dtype=float) * 1000).astype(np.int64))
        for ip, part in frame.groupby("src_ip")
    }


def _of_capture(path: Path, truth: Mapping[str, Any], told: Told) -> Scenario:
    """A recording of the lab. The flows of an attacker are what it initiated, as far as addresses show."""
    internal, batches = Networks(INTERNAL), list(capture_batches(path, told))
    name, found, attack = path.stem, [], {}
    for attacker in attackers(truth):
        at_ms, family = _initiated(batches, attacker["src_ip"]), str(attacker.get("detector", "attack"))
        if len(at_ms):
            attack[attacker["src_ip"]] = at_ms
            found.append(Unit(name, family, name, attacker["src_ip"], at_ms))
    seen = {address.tobytes() for batch in batches for address in np.unique(batch["src_addr"], axis=0)}
    times = np.concatenate([batch["received_ms"] for batch in batches]) if batches else np.zeros(1, np.int64)
    inside = sum(address in internal for address in seen)
    role = truth.get("role")
    return Scenario(
        name=name,
        units=found,
        rows=lambda _unit: batches,
        internal=internal,
        host_hours=inside * float(times.max() - times.min()) / 1000 / HOUR_S,
        attack=attack,
        roles=InferredRoles(batches),
        declared={packed(truth["src_ip"]): str(role)} if role else {},
    )


def attackers(truth: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Who must be found, by the truth of a manifest: one is told in place, several as a list."""
    if "attackers" in truth:
        return list(truth["attackers"])
    return [truth] if truth.get("alerts") else []


def _initiated(batches: Iterable[FlowBatch], attacker: str) -> Any:
    """First times of the attacker's connections: distinct targets and ports of its own packets that open something."""
    first: dict[tuple[bytes, int], int] = {}
    me = np.frombuffer(packed(attacker), dtype=np.uint8)
    for batch in batches:
        mine = (batch["src_addr"] == me).all(axis=1) & ~(
            batch.carries(Has.TCP_FLAGS) & ((batch["tcp_flags"] & 0x12) != 0x02)
        )
        part = batch.take(np.flatnonzero(mine))
        for address, port, at_ms in zip(part["dst_addr"], part["dst_port"], part["received_ms"], strict=True):
            key = (address.tobytes(), int(port))
            first[key] = min(first.get(key, int(at_ms)), int(at_ms))
    return np.sort(np.array(list(first.values()), dtype=np.int64))
