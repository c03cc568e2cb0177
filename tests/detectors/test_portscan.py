"""Port scans of one machine."""

import itertools

from . import flows as f


def test_closed_ports() -> None:
    """Many ports of one machine refuse: one alert within ten attack flows, naming the machine and its ports."""
    rows = itertools.chain.from_iterable(f.refused(n * 50, 1, 9, dport=1000 + n) for n in range(40))
    alert = f.first_of(f.alerts(rows)).to_json()
    assert ("portscan", [f.ip_of(9)]) == (alert["detector"], alert["targets"])
    assert alert["attack_flows"] <= 10


def test_silent_ports() -> None:
    """A firewall that drops looks the same, only later."""
    alert = f.first_of(f.alerts(f.tcp(n * 50, 1, 9, dport=1000 + n) for n in range(60))).to_json()
    assert "portscan" == alert["detector"]


def test_a_client_of_several_services_is_no_scanner() -> None:
    """Twelve open ports of a server used by one client."""
    rows = itertools.chain.from_iterable(f.answered(n * 500, 1, 9, dport=8000 + n) for n in range(12))
    assert [] == f.alerts(rows)


def test_one_closed_port_tried_for_ever() -> None:
    """A printer that is off, asked again every second: one contact, however often."""
    assert [] == f.alerts(f.tcp(n * 1000, 1, 9, dport=9100, sport=50_000 + n) for n in range(600))
