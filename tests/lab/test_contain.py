"""A real attack, the real service, a real switch: the right port, nobody else, and silence inside the victim (marker lab)."""

from collections.abc import Iterator

import pytest

from controller.lab import attacks
from controller.lab.lab import Lab
from controller.lab.service import LabService
from controller.lab.topology import Host
from controller.lab.watch import Pings, Sniffer

pytestmark = pytest.mark.lab


def innocents(lab: Lab, *guilty: str) -> list[tuple[Host, Host]]:
    """Pairs that together use every desk, the gateway, the phone's PC and every trunk."""
    desks = [host for host in lab.topology.hosts if host.name not in guilty]
    return list(zip(desks, [*desks[7:], *desks[:7]], strict=True))


@pytest.fixture
def watched(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Pings]:
    """Everybody but the guilty talks all the time."""
    with Pings(lab.namespaces, innocents(lab, *request.param), every_s=0.1) as found:
        yield found


def down_ports(lab: Lab) -> set[tuple[str, str]]:
    """Ports that are down, by the kernel's word."""
    return {(row["switch"], port) for row in lab.status() for port in row["down"]}


def released(lab: Lab, service: LabService, host: str) -> None:
    """Give the port back by the service's own command, and see that it is open."""
    row = service.contained(lab.topology.host(host).mac)
    service.command("port", "release", row["containment_id"], "-m", "test is over")
    assert set() == down_ports(lab)


@pytest.mark.parametrize("watched", [("h1",)], indirect=True)
def test_a_sweep_is_stopped_over_snmp_v3(lab: Lab, service: LabService, watched: Pings) -> None:
    """h1 scans: ge1 of sw1 is shut, nothing else; the victim hears nothing more; nobody innocent loses a packet."""
    attacker, victim = lab.topology.host("h1"), lab.topology.host("h24")
    with Sniffer(lab.namespaces, victim, mac=attacker.mac) as heard:
        attack = attacks.start(lab, "connect-sweep")
        row = service.contained(attacker.mac)
        attack.kill()
        assert ("snmp", "sw1", "ge1", "shut") == (row["via"], row["switch"], row["port"], row["verb"])
        assert {("sw1", "ge1")} == down_ports(lab)
        shut_s = row["contained_ms"] / 1000
        again = attacks.start(lab, "connect-sweep")  # it goes on, and nobody hears it
        again.wait(30)
        assert heard.last is not None
        assert heard.last < shut_s
    watched.close()
    assert {} == watched.lost
    assert watched.sent > 100
    released(lab, service, "h1")
