"""The figures of `cordon bench contain`, from runs that are told; the runs themselves are measured, not tested."""

from collections import Counter

import pytest

from controller.bench.contain.figures import SWITCH, _figures, attacks_of
from controller.bench.contain.speed import Run
from controller.lab.topology import topology
from controller.runtime.catalog import load_catalog


def test_figures_of_runs() -> None:
    """The median of the last packets, and of what each stage took since the one before it of the same run."""
    runs = [
        Run("h1", 0.10, 12, {"detected": 0.04, "requested": 0.05, "sent": 0.09}),
        Run("h2", 0.30, 14, {"detected": 0.05, "requested": 0.08, "sent": 0.28}),
        Run("h3", 0.20, 13, {"detected": 0.04, "requested": 0.06, "sent": 0.19}),
    ]
    found = {one["name"]: one for one in _figures("snmp", runs)}
    assert 0.20 == found["contain.snmp.last_packet_s"]["value"]
    assert [0.10, 0.30, 0.20] == found["contain.snmp.last_packet_s"]["runs"]
    assert 13 == found["contain.snmp.heard"]["value"]
    assert 0.04 == found["contain.snmp.stage.detected_s"]["value"]
    assert [0.01, 0.03, 0.02] == pytest.approx(found["contain.snmp.stage.requested_s"]["runs"])
    assert [0.04, 0.20, 0.13] == pytest.approx(found["contain.snmp.stage.sent_s"]["runs"])
    assert "contain.snmp.stage.verified_s" not in found


def test_an_attack_is_no_repetition_of_others() -> None:
    """All ways, twenty times each: no service of a desk is attacked by so many that it passes for a server which is away."""
    runs = 20
    hosts = topology(3, 3 * (runs + 8), furniture=False).hosts
    attacks = [attack for way in SWITCH for attack in attacks_of(hosts, way, runs)]
    assert 3 * runs == len({attack.attacker.name for attack in attacks})
    attacked = Counter((attack.port, host.name) for attack in attacks for host in (attack.victim, *attack.targets))
    catalog = load_catalog()
    assert max(attacked.values()) <= catalog.act.others
    assert {attack.port for attack in attacks} <= set(catalog.lateral_ports)
    for attack in attacks:
        assert attack.victim.switch != attack.attacker.switch
        assert 11 == len(attack.targets)
