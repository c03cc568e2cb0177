"""A worm in the lab, the real service against it: who began it is named, and it ends with who is infected (marker lab)."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from controller.lab import attacks
from controller.lab.lab import Lab
from controller.lab.service import LabService
from controller.lab.watch import Pings
from controller.lab.worm import Outbreak, Temper, Worm
from controller.store.tables import alerts

pytestmark = pytest.mark.lab
# With these dice h7 infects h10 by its third contact and fails at the next; h10 infects h2 by its fourth, before three failures
# of its own can be known.
TEMPER, SEED = Temper(rate=1.0, limit_s=60.0, addresses=200), 34744
CHAIN = ("h7", "h10", "h2")
QUIET_S = 4.0  # longer than a connect under way when the port was shut


@pytest.fixture(scope="module")
def service(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabService]:
    """With budgets that an outbreak may use up: what holds them back is not asked here."""
    limits = {"containment": {"limits": {"per_switch": 1000, "per_site": 3000}, "bulk_alerts": 3000}}
    with LabService(lab, Path(tmp_path_factory.mktemp("worm")), settings=limits) as found:
        yield found


class Over:
    """All infected hosts have been cut off for a while."""

    def __init__(self, lab: Lab) -> None:
        self._lab, self._since = lab, -1.0

    def __call__(self, infected: dict[str, float], elapsed: float) -> bool:
        if any(self._lab.port_is_up(place.switch, place.port) for place in map(self._lab.place, infected)):
            self._since = -1.0
            return False
        self._since = elapsed if self._since < 0 else self._since
        return elapsed - self._since > QUIET_S


@pytest.fixture(scope="module")
def outbreak(lab: Lab, service: LabService) -> Outbreak:
    """The worm's own story, from its begin to when nothing more can happen; innocents talk all the while."""
    worm = Worm(lab.namespaces, attacks.desks(lab), TEMPER, seed=SEED)
    gateway = [(lab.topology.host("srv1"), lab.topology.host("srv2"))]
    with Pings(lab.namespaces, gateway, every_s=0.1) as others:
        try:
            found = worm.run(Over(lab))
        finally:
            worm.close()
        others.close()
    assert {} == others.lost
    return found


def test_it_ends_with_few(lab: Lab, service: LabService, outbreak: Outbreak) -> None:
    """At most a quarter of 24 have it; the ports of those who have are shut, and nobody else's."""
    assert CHAIN == tuple(outbreak.infected_s)[:3]
    assert outbreak.infected <= 6
    guilty = {(place.switch, place.port) for place in map(lab.place, outbreak.infected_s)}
    assert guilty == {(row["switch"], port) for row in lab.status() for port in row["down"]}
    contained = {row["mac"] for row in service.rows() if row["state"] == "contained"}
    assert {lab.place(name).mac for name in outbreak.infected_s} == contained


def test_patient_zero_is_named(lab: Lab, service: LabService, outbreak: Outbreak) -> None:
    """Every chain that is told begins with the one whom the worm was given to, and each link of it is as the worm did it.

    Who is found before the one that infected it has no chain yet."""
    with service.store.reading() as connection:
        told = [json.loads(row.body)["chain"] for row in connection.execute(select(alerts.c.body))]
    chains = [chain for chain in told if chain]
    assert chains
    assert {lab.place(CHAIN[0]).ip} == {chain[0] for chain in chains}
    true = {(lab.place(by).ip, lab.place(name).ip) for name, by in outbreak.infected_by.items()}
    assert true >= {link for chain in chains for link in itertools.pairwise(chain)}
