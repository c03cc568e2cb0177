"""The worm: how many of sixty hosts it takes, contained and not (DECISIONS 20).

Targets uniform over 1,022 addresses, one connect a second and infected host, at most 240 s. A contained outbreak runs in real
time with the whole service, and ends early only when it cannot go on: every infected host's port has been shut for longer than a
connect may take. An uncontained one has no clock but its own: it runs `FASTER` times as fast for the same number of scans (rate
and limit scaled together; the process is the same), because nothing else takes part in it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from controller.bench.figure import figure
from controller.lab.lab import Lab
from controller.lab.ovs import Exports
from controller.lab.service import LabService
from controller.lab.worm import Outbreak, Temper, Worm

HOSTS, RATE, LIMIT_S, FASTER = 60, 1.0, 240.0, 8.0
QUIET_S = 3.5  # longer than a connect under way when the port was shut
SETTINGS = {"containment": {"limits": {"per_switch": 1000, "per_site": 3000}, "bulk_alerts": 3000}}
Say = Callable[[str], None]


def worm_figures(seeds: int, say: Say) -> Iterator[dict[str, Any]]:
    """Contained and uncontained, of the same seeds."""
    contained, uncontained = [], []
    for seed in range(1, seeds + 1):
        contained.append(contained_outbreak(seed))
        say(_told("contained", seed, contained[-1]))
    for seed in range(1, seeds + 1):
        uncontained.append(uncontained_outbreak(seed))
        say(_told("uncontained", seed, uncontained[-1]))
    infected = [float(run.infected) for run in contained]
    contacts = [float(run.scans) for run in contained]
    yield figure("contain.worm.infected_median", infected, "hosts", scans_begun=contacts)
    yield {**figure("contain.worm.infected_max", infected, "hosts"), "value": max(infected)}
    yield figure("contain.worm.stopped_s", [run.ended_s - QUIET_S for run in contained], "s")
    yield figure(
        "contain.worm.uncontained_median", [float(run.infected) for run in uncontained], "hosts", faster=FASTER
    )


def contained_outbreak(seed: int) -> Outbreak:
    """One, with the service as it is shipped but for the budgets."""
    lab = _lab()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="cordon-worm-") as folder,
            LabService(lab, Path(folder), settings=SETTINGS),
        ):
            worm = Worm(lab.namespaces, lab.topology.hosts, Temper(RATE, LIMIT_S), seed=seed)
            try:
                return worm.run(_Over(lab))
            finally:
                worm.close()
    finally:
        lab.down()


def uncontained_outbreak(seed: int) -> Outbreak:
    """The same seed with nobody watching."""
    lab = _lab()
    try:
        worm = Worm(lab.namespaces, lab.topology.hosts, Temper(RATE * FASTER, LIMIT_S / FASTER), seed=seed)
        try:
            return worm.run()
        finally:
            worm.close()
    finally:
        lab.down()


class _Over:
    """Whether nothing more can happen: all infected hosts have been cut off for a while."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._since: float | None = None

    def __call__(self, infected: Mapping[str, float], elapsed: float) -> bool:
        places = [self._lab.place(name) for name in infected]
        if any(self._lab.port_is_up(place.switch, place.port) for place in places):
            self._since = None
            return False
        self._since = elapsed if self._since is None else self._since
        return elapsed - self._since > QUIET_S


def _lab() -> Lab:
    exports = Exports(sflow_sampling=1)
    return Lab.up(f"worm{os.getpid()}", switches=3, hosts=HOSTS, furniture=False, exports=exports)


def _told(what: str, seed: int, run: Outbreak) -> str:
    return f"{what} seed {seed}: {run.infected} infected after {run.scans} scans, {run.ended_s:.1f} s"
