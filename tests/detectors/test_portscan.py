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


def flows_until(rows: list[f.Row]) -> int:
    """Attack flows of the one alert."""
    return int(f.first_of(f.alerts(rows)).to_json()["attack_flows"])


def test_ports_that_a_living_machine_refuses() -> None:
    """Four in a row; it is not waited for the fifth, as for silence."""
    rows = itertools.chain.from_iterable(f.refused(n * 2000, 1, 9, dport=1000 + n) for n in range(12))
    assert 4 == flows_until(list(rows))


def test_ports_tried_from_one_client_port() -> None:
    """A scanner that makes its packets itself: open ports between the closed ones do not clear it."""
    rows = []
    for n in range(12):
        rows += f.answered(n * 2000, 1, 9, dport=1000 + n) if n % 2 else f.refused(n * 2000, 1, 9, dport=1000 + n)
    assert flows_until(rows) <= 8


def test_a_server_that_is_away() -> None:
    """A client fails at four services of a machine that is off, each from a port of its own: no scan."""
    ports = (88, 135, 389, 445)
    assert [] == f.alerts(f.tcp(n * 3000, 1, 9, dport=port, sport=50_000 + n) for n, port in enumerate(ports))
