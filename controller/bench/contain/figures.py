"""The figures of `cordon bench contain`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from controller.bench.figure import figure
from controller.lab.lab import Lab
from controller.lab.ovs import Exports
from controller.lab.service import LabService
from controller.lab.topology import Host

from .speed import Attack, Run, sweep
from .stages import STAGES

WHAT = ("snmp", "ssh_open", "ssh_cold", "worm")
# Which switch is acted on how: its attackers are its desks.
SWITCH = {"snmp": "sw1", "ssh_open": "sw2", "ssh_cold": "sw3"}
VIA = {"sw2": ("ssh", "ovs"), "sw3": ("ssh", "ovs")}
# On these worms move (`sweep.lateral_ports` of the catalog).
PORTS = (23, 135, 139, 445, 1433, 2323, 3306, 3389, 5432, 5555, 5900, 5985, 5986, 7547, 37215)
# A benchmark closes more ports in an hour than anybody would let it; every other limit is as shipped.
SETTINGS = {"containment": {"limits": {"per_switch": 1000, "per_site": 3000}, "bulk_alerts": 3000}}
Say = Callable[[str], None]


def measure(
    wanted: Sequence[str], runs: int, seeds: int, say: Say, *, strangers: bool = False
) -> Iterator[dict[str, Any]]:
    """Every figure, as it is known. `strangers`: who attacks has to ask for each address, and so has who answers."""
    ways = [way for way in SWITCH if way in wanted]
    if ways:
        yield from _speed(ways, runs, say, strangers=strangers)
    if "worm" in wanted:
        from .outbreaks import worm_figures  # noqa: PLC0415 needs more than the others

        yield from worm_figures(seeds, say)


def _speed(ways: Sequence[str], runs: int, say: Say, *, strangers: bool) -> Iterator[dict[str, Any]]:
    desks = 3 * (runs + 8)
    lab = Lab.up(f"bench{os.getpid()}", switches=3, hosts=desks, furniture=False, exports=Exports(sflow_sampling=1))
    try:
        with (
            tempfile.TemporaryDirectory(prefix="cordon-bench-") as folder,
            LabService(lab, Path(folder), via=VIA, settings=SETTINGS) as service,
        ):
            for way in ways:
                attacks = attacks_of(lab.topology.hosts, way, runs)
                found = [_one(lab, service, way, replace(attack, strangers=strangers), say) for attack in attacks]
                yield from _figures(f"{way}_strangers" if strangers else way, found)
    finally:
        lab.down()


def attacks_of(hosts: Sequence[Host], way: str, runs: int) -> Iterator[Attack]:
    """Each run is an attack of its own, by another desk, to desks and a service that few attacked before: where several sources
    fail at the same service of the same machines, it is taken for a server that is away, and more evidence is waited for."""
    by_switch = {name: [host for host in hosts if host.switch == name] for name in SWITCH.values()}
    for number in range(runs):
        nth = list(SWITCH).index(way) * runs + number
        part = slice(-8, -4) if nth % 2 else slice(-4, None)
        bystanders = [host for name in by_switch for host in by_switch[name][part]]
        victim = next(host for host in bystanders if host.switch != SWITCH[way])
        targets = tuple(host for host in bystanders if host is not victim)
        yield Attack(by_switch[SWITCH[way]][number], victim, targets, PORTS[nth // 2 % len(PORTS)])


def _one(lab: Lab, service: LabService, way: str, attack: Attack, say: Say) -> Run:
    attacker = attack.attacker
    if way == "ssh_cold":
        lab.end_sessions(attacker.switch)
    found = sweep(lab, service, attack)
    shown = " ".join(f"{name} {at * 1000:.0f}" for name, at in found.stages.items())
    say(f"{way} {attacker.name}: last packet {found.last_packet_s * 1000:.0f} ms, {found.heard} heard; {shown}")
    return found


def _figures(way: str, runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    yield figure(f"contain.{way}.last_packet_s", [run.last_packet_s for run in runs], "s")
    yield figure(f"contain.{way}.heard", [float(run.heard) for run in runs], "packets")
    before: dict[str, float] = {}
    for name, what in STAGES:
        took = []
        for run in runs:
            if name in run.stages:
                took.append(run.stages[name] - before.get(run.attacker, 0.0))
                before[run.attacker] = run.stages[name]
        if took:
            yield figure(f"contain.{way}.stage.{name}_s", took, "s", what=what)
