"""One sweep, one containment: how long after the first connect did the victim still hear the attacker?

Each run has an attacker of its own, whose port stays shut; half of its connects go to the victim, the others to desks that
refuse.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from controller.core.errors import CordonError
from controller.lab.attacks import start_command
from controller.lab.lab import Lab
from controller.lab.service import LabService
from controller.lab.topology import Host
from controller.lab.watch import Sniffer

from .stages import marks_of

RATE, CONNECTS = 200.0, 600
LOOK_S = 0.2  # longer than most runs take: looking takes the processor from what is measured
SETTLE_S = 0.5  # the last frames may be on their way while the sniffer is asked


@dataclass(frozen=True, slots=True)
class Attack:
    """Who connects to whom, on which port; half of the connects go to `victim`. `strangers`: nobody knows an address yet."""

    attacker: Host
    victim: Host
    targets: tuple[Host, ...]
    port: int
    strangers: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds after the first connect; `heard` = frames of the attacker that the victim received."""

    attacker: str
    last_packet_s: float
    heard: int
    stages: dict[str, float]


def sweep(lab: Lab, service: LabService, attack: Attack) -> Run:
    """Let one host sweep at 200 connects a second until it is contained. CordonError if the wrong port was closed."""
    attacker, victim = attack.attacker, attack.victim
    mixed = [ip for target in attack.targets for ip in (victim.ip, target.ip)][:CONNECTS]
    mixed = (mixed * (CONNECTS // max(len(mixed), 1) + 1))[:CONNECTS]
    if not attack.strangers:
        _acquaint(lab, attacker, (victim, *attack.targets))
    log = lab.folder / f"sweep-{attacker.name}.log"
    with Sniffer(lab.namespaces, victim, mac=attacker.mac) as heard:
        process = start_command(lab, attacker.name, ["connect", str(attack.port), str(RATE), "1", *mixed], log)
        try:
            row = service.contained(attacker.mac, timeout_s=15, every_s=LOOK_S)
            time.sleep(SETTLE_S)
        finally:
            process.kill()
            process.wait()
        if heard.last is None:
            raise CordonError("the victim heard nothing at all", where=attacker.name)
        begun, times = _begun(log), list(heard.times)
    if (row["switch"], row["port"]) != (attacker.switch, attacker.port):
        raise CordonError(f"{row['switch']} {row['port']} was closed", where=attacker.name)
    return Run(attacker.name, times[-1] - begun, len(times), marks_of(service, row).since(begun))


def _acquaint(lab: Lab, attacker: Host, others: tuple[Host, ...]) -> None:
    """Desks of one network have talked before: nobody has to ask everybody for an address. A question goes to every port of
    every switch, which is their hardware's work anywhere else, and here takes the processor from what is measured."""
    for one, other in [pair for host in others for pair in ((attacker, host), (host, attacker))]:
        lab.namespaces.exec(one.name, ["ip", "neigh", "replace", other.ip, "lladdr", other.mac, "dev", "eth0"])


def _begun(log: Path) -> float:
    return float(next(line for line in log.read_text().splitlines() if line.startswith("begun ")).split()[1])
