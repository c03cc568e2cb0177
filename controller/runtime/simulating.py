"""`cordon detector simulate`: false alarms of quiet hospitals, and which attacks are found in busy ones.

Each hospital is a process of its own. Figures come from evaluation seeds; development seeds are for looking at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import numpy as np

from detectors.address import INTERNAL, Networks
from detectors.engine import Engine
from detectors.evaluate import Raised, Unit, Verdict, false_rates, judge, recall
from detectors.flow import FlowBatch
from detectors.simulate.campaign import Campaign, campaign
from detectors.simulate.connection import Connections
from detectors.simulate.hospital import Hospital, span
from detectors.simulate.kinds import DEVELOPMENT_SEEDS, EVALUATION_SEEDS, Kind
from detectors.simulate.rhythm import DAY_MS, START_MS

from .catalog import load_catalog
from .evaluating import listen
from .observing import after_learning

SEEDS = {"dev": DEVELOPMENT_SEEDS, "eval": EVALUATION_SEEDS}
NETFLOW = "netflow"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much. `learn_days`: alerts that nobody acts on count from then on only (novelty has to have seen something);
    `exports` of the attack runs: a sampling rate as text, or `netflow`; `quiet_export` of the quiet ones; `dark`: which addresses
    nobody has is known, as `detection.dark` would know it by then."""

    hosts: int = 300
    days: int = 14
    learn_days: int = 3
    hospitals: int = 2
    exports: tuple[str, ...] = ("1", "16", "64", "256", "1024", NETFLOW)
    times: int = 2
    jobs: int = 2
    quiet_export: str = "1"
    dark: bool = False

    @property
    def attack_day(self) -> int:
        """The first working day after learning, Tuesday at the earliest."""
        day = max(self.learn_days, 1)
        return day if day % 7 < 5 else day + 7 - day % 7


@dataclass(slots=True)
class Quiet:
    """A hospital without attacks."""

    seed: int
    host_days: int
    learned_host_days: int
    rows: int
    cpu_s: float
    raised: list[Raised] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)


def simulate(size: Size, seeds: Sequence[int], say: Say) -> Iterator[dict[str, Any]]:
    """One object a figure: false alarms, then a row for each attack, then false alarms among attacks."""
    chosen = seeds[: size.hospitals]
    with ProcessPoolExecutor(size.jobs, mp_context=get_context("spawn")) as pool:
        quiet = pool.map(_quiet, chosen, [size] * len(chosen))
        busy = pool.map(
            _busy, [s for s in chosen for _ in size.exports], [e for _ in chosen for e in size.exports],
            [size] * len(chosen) * len(size.exports),
        )  # fmt: skip
        if size.days:
            found = []
            for each in quiet:
                say(f"hospital {each.seed}: {each.host_days} host-days, {each.rows} rows, {each.cpu_s:.0f} CPU-s")
                found.append(each)
            yield {"kind": "false_alarms", **false_alarms(found, size.learn_days, size.quiet_export)}
        if size.times:
            yield from attack_table(busy)


def false_alarms(found: Sequence[Quiet], learn_days: int, export: str) -> dict[str, Any]:
    """Could-act alarms over all host-days; those for people's eyes over the days after learning."""
    learned_ms = START_MS + learn_days * DAY_MS
    everything = [alert for each in found for alert in each.raised]
    later = [alert for alert in everything if alert.alerted_ms >= learned_ms]
    acting = false_rates(everything, sum(each.host_days for each in found))
    shown = false_rates(later, sum(each.learned_host_days for each in found))
    accused = [_accused(alert, each.kinds.get(alert.src_ip)) for each in found for alert in each.raised]
    return {
        **{name: value for name, value in acting.items() if not name.startswith("alert_only")},
        **{name: value for name, value in shown.items() if name.startswith("alert_only")},
        "alert_only_host_days": shown["host_days"],
        "export": export,
        "goal_met": (acting["could_act_bound_95"] or 99) <= 1 and (shown["alert_only_per_1000_per_day"] or 0) <= 20,
        "seeds": [each.seed for each in found],
        "rows": sum(each.rows for each in found),
        "cpu_s": round(sum(each.cpu_s for each in found), 1),
        "accused": accused[:100],
    }


def _accused(alert: Raised, kind: str | None) -> dict[str, Any]:
    return {"src_ip": alert.src_ip, "is": kind, "could_act": alert.could_act, "detectors": sorted(alert.detectors)}


def attack_table(busy: Iterable[tuple[str, list[Verdict], list[Raised], float]]) -> Iterator[dict[str, Any]]:
    """Recall by attack and export, and false alarms of the same runs."""
    verdicts: dict[str, list[Verdict]] = {}
    false: list[Raised] = []
    host_days = 0.0
    for export, found, wrong, days in busy:
        verdicts.setdefault(export, []).extend(found)
        false += wrong
        host_days += days
    for export, found in verdicts.items():
        for row in recall(found, by="attack_type"):
            yield {"kind": "recall", "export": export, **row}
    yield {
        "kind": "false_alarms_among_attacks",
        **false_rates(false, host_days),
        "accused": [a.src_ip for a in false][:50],
    }


def recall_rows(figures: Iterable[dict[str, Any]], exports: Sequence[str]) -> list[dict[str, Any]]:
    """The recall figures as a table: a row an attack, a column an export; `12/12 (12)` is found, units, could act."""
    table: dict[str, dict[str, Any]] = {}
    for row in figures:
        if row["kind"] == "recall":
            line = table.setdefault(row["attack_type"], {"attack": row["attack_type"], "units": row["units"]})
            line[row["export"]] = f"{row['found']} ({row['could_act']})"
    return [{**dict.fromkeys(exports), **line} for line in table.values()]


def _engine(hospital: Hospital, learn_days: int, size: Size) -> Engine:
    site, catalog, internal = hospital.site, load_catalog(), Networks(INTERNAL)
    declared, learn_ms = site.declared(), learn_days * DAY_MS
    observers = after_learning(catalog, internal, learn_ms, host_roles=declared, started_ms=START_MS)
    dark = (site.dark() if size.dark else {}).get
    return Engine(catalog, internal=internal, roles=site.roles, host_roles=declared, dark=dark, observers=observers)


def _exported(
    hospital: Hospital, hours: list[tuple[int, int]], export: str, also: Connections | None = None
) -> Iterator[FlowBatch]:
    if export == NETFLOW:
        return hospital.records(iter(hours), also=also)
    return hospital.batches(iter(hours), rate=int(export), also=also)


def _quiet(seed: int, size: Size) -> Quiet:
    hospital, began = Hospital.of(size.hosts, seed), time.process_time()
    host_days = [hospital.host_days(day) for day in range(size.days)]
    found = Quiet(seed, sum(host_days), sum(host_days[size.learn_days :]), 0, 0.0)

    def counted() -> Iterator[FlowBatch]:
        for batch in _exported(hospital, list(span(0, size.days)), size.quiet_export):
            found.rows += len(batch)
            yield batch

    found.raised = listen(_engine(hospital, size.learn_days, size), counted())
    found.cpu_s = time.process_time() - began
    site = hospital.site
    found.kinds = {site.text(int(host)): Kind(site.kind[host]).name.lower() for host in site.machines()}
    return found


def _busy(seed: int, export: str, size: Size) -> tuple[str, list[Verdict], list[Raised], float]:
    """Days to learn from, then a morning of attacks."""
    hospital = Hospital.of(size.hosts, seed)
    day = size.attack_day
    attacks = campaign(hospital, day, times=size.times)
    hours = [*span(0, day), *((day, hour) for hour in range(attacks.hours()[0][1])), *attacks.hours()]
    batches = _exported(hospital, hours, export, attacks.connections)
    raised = listen(_engine(hospital, day, size), batches)
    found = units(hospital, attacks)
    began: dict[str, int] = {}
    for unit in found:
        began[unit.src_ip] = min(began.get(unit.src_ip, int(unit.at_ms[0])), int(unit.at_ms[0]))
    wrong = [alert for alert in raised if alert.src_ip not in began or alert.alerted_ms < began[alert.src_ip]]
    verdicts = [judge(unit, raised, pair=unit.family == "lateral") for unit in found]
    return export, verdicts, wrong, hospital.host_days(day) * len(hours) / 24


def units(hospital: Hospital, attacks: Campaign) -> list[Unit]:
    """A unit for each machine that takes part in an attack."""
    found = []
    for attack in attacks.attacks:
        mine = attacks.connections[attacks.connections["mark"] == attack.number]
        for attacker in attack.attackers:
            flows = mine[mine["src"] == attacker]
            if len(flows):
                victims = frozenset(hospital.site.text(int(host)) for host in np.unique(flows["dst"]))
                source = hospital.site.text(attacker)
                found.append(
                    Unit(
                        f"attack {attack.number}", attack.plan.family, attack.plan.name, source, flows["at_ms"], victims
                    )
                )
    return found
