"""Recordings that the project makes of itself: a fresh lab, one attack in it, every export datagram kept, and what is true.

`cordon lab record NAME` makes one again. What must be found is told from the plan of the lab and from what the attack did, never
from what a detector said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.core.errors import CordonError, UsageError

from . import attacks
from .capture import Recorder
from .lab import Lab
from .ovs import Exports
from .worm import Temper, Worm

QUIET_S = 2.0  # before and after: nothing of the attack is cut off
WORM_SEED, WORM_S, WORM_ADDRESSES, MOST_INFECTED = 3, 20.0, 62, 4
Truth = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """`play` attacks and gives the truth; `what` is the sentence of the manifest."""

    what: str
    play: Callable[[Lab], Truth]
    switches: int = 3
    hosts: int = 24


def record(name: str, folder: Path, *, lab_name: str = "record") -> dict[str, Any]:
    """Make NAME.pcap in a folder with a lab of its own; gives the entry for its manifest. UsageError for a name that is none."""
    recipe = RECIPES.get(name)
    if recipe is None:
        raise UsageError(f"there is no recording {name}", do=f"one of: {', '.join(RECIPES)}")
    path = folder / f"{name}.pcap"
    folder.mkdir(parents=True, exist_ok=True)
    lab = Lab.up(lab_name, switches=recipe.switches, hosts=recipe.hosts, exports=Exports(sflow_sampling=None))
    try:
        with Recorder(lab.namespaces, path) as recorder:
            lab.export(Exports(sflow_sampling=1))  # the collector's ports are bound before anything is sent
            time.sleep(QUIET_S)
            truth = recipe.play(lab)
            time.sleep(QUIET_S)
    finally:
        lab.down()
    if not recorder.packets:
        raise CordonError("the switches exported nothing", where=str(path))
    return {"file": path.name, "what": recipe.what, "truth": truth}


def _attack(what: str, host: str) -> Callable[[Lab], Truth]:
    """One attack from one host, which is the one to be found."""

    def play(lab: Lab) -> Truth:
        attacks.start(lab, what, host).wait()
        return {**place_of(lab, host), "detector": "sweep", "alerts": 1}

    return play


def _spoofed(lab: Lab) -> Truth:
    """What is to be found is the port of the liar; the name is that of somebody who did nothing."""
    liar = "h3"
    attacks.start(lab, "spoofed", liar).wait()
    lent = attacks.borrowed_from(lab, liar)
    found = {**place_of(lab, liar), "src_ip": lent.ip, "src_mac": lent.mac}
    return {**found, "detector": "sweep", "alerts": 1, "innocent": {"host": lent.name, "port": lent.port}}


def _outbreak(lab: Lab) -> Truth:
    """Everyone who was infected attacks; patient zero is whom the worm was given to."""
    temper = Temper(limit_s=WORM_S, addresses=WORM_ADDRESSES, most_infected=MOST_INFECTED)
    worm = Worm(lab.namespaces, attacks.desks(lab), temper, seed=WORM_SEED)
    try:
        outbreak = worm.run()
    finally:
        worm.close()
    order = sorted(outbreak.infected_s, key=lambda name: outbreak.infected_s[name])
    chains: dict[str, list[str]] = {}
    for name in order:
        chains[name] = [*chains.get(outbreak.infected_by.get(name, ""), []), lab.place(name).ip]
    attackers = [{**place_of(lab, name), "chain": chains[name]} for name in order]
    return {"patient_zero": lab.place(order[0]).ip, "alerts": len(order), "attackers": attackers}


def place_of(lab: Lab, host: str) -> Truth:
    """Address and port of a host, as alerts name them."""
    place, switch = lab.place(host), lab.place(host).switch
    exporter = lab.topology.switch(switch).address
    where = {"switch": switch, "exporter": exporter, "port": place.port, "in_if": place.ifindex}
    return {"src_ip": place.ip, "src_mac": place.mac, **where}


RECIPES: Mapping[str, Recipe] = {
    "attack_icmp_sweep": Recipe(
        "host 1 pings every desk and 120 addresses behind the gateway, most of them unused, 50 a second",
        _attack("icmp-sweep", "h1"),
    ),
    "attack_worm": Recipe(
        "a worm is let loose, and whoever is infected connects to port 445 of random neighbours, once a second",
        _outbreak,
    ),
    "attack_spoofed_source": Recipe(
        "host 3 sends SYNs to port 445 of every desk under the address and MAC of host 1", _spoofed
    ),
}
