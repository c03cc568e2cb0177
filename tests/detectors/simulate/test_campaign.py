"""Attacks with their truth."""

import numpy as np
import pytest

from detectors.simulate.attack import PLANS
from detectors.simulate.campaign import Campaign, campaign
from detectors.simulate.hospital import Hospital
from detectors.simulate.kinds import DEVELOPMENT_SEEDS


@pytest.fixture(scope="module")
def attacks() -> Campaign:
    """Each attack twice."""
    return campaign(Hospital.of(300, DEVELOPMENT_SEEDS[0]), 1, times=2)


def test_every_type_is_there(attacks: Campaign) -> None:
    """Sweeps of every carrier, scans, guesses, a worm, log-in chains, copies."""
    assert {plan.name for plan in PLANS} == {attack.plan.name for attack in attacks.attacks}


def test_no_machine_takes_part_in_two(attacks: Campaign) -> None:
    """Otherwise an alert could not be told to be of one or the other."""
    everyone = [attacker for attack in attacks.attacks for attacker in attack.attackers]
    assert len(everyone) == len(set(everyone))


def test_paces_are_what_their_names_say(attacks: Campaign) -> None:
    """One contact a minute is one contact a minute; 20 a second are 20 a second."""
    for name, per_s in (("tcp sweep, 1/min", 1 / 60), ("tcp sweep, 20/s", 20), ("port scan, 50/s", 50)):
        number = next(a.number for a in attacks.attacks if a.plan.name == name)
        at_ms = np.sort(attacks.connections["at_ms"][attacks.connections["mark"] == number])
        pace = (len(at_ms) - 1) / (at_ms[-1] - at_ms[0]) * 1000
        assert abs(pace / per_s - 1) < 0.1


def test_a_worm_starts_at_its_seed(attacks: Campaign) -> None:
    """Patient zero is named first, and whoever is infected contacts others only after it was contacted."""
    worm = next(a for a in attacks.attacks if a.plan.family == "worm")
    mine = attacks.connections[attacks.connections["mark"] == worm.number]
    assert worm.attackers[0] == mine["src"][0]
    assert len(worm.attackers) > 1
    for infected in worm.attackers[1:]:
        hit_ms = mine["at_ms"][mine["dst"] == infected].min()
        assert mine["at_ms"][mine["src"] == infected].min() > hit_ms


def test_the_same_seed_is_the_same_campaign(attacks: Campaign) -> None:
    """Row for row."""
    again = campaign(Hospital.of(300, DEVELOPMENT_SEEDS[0]), 1, times=2)
    assert np.array_equal(attacks.connections, again.connections)
