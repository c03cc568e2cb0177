"""Sweeps: who is found, after how many targets, with what response; and who is left alone."""

import itertools

import pytest

from detectors.alert import Alert

from . import flows as f

ACTS = ("approve", "auto")


def strongest(found: list[Alert]) -> str:
    """The response an episode ended with."""
    order = ("none", "recommend", "approve", "auto")
    return max((alert.response for alert in found), key=order.index)


@pytest.mark.parametrize("dport", [22, 445, 8080])
def test_unanswered_syns(dport: int) -> None:
    """A scan of dark addresses: one alert on its source and port, within ten targets, allowed to act."""
    found = f.alerts(f.tcp(n * 100, 1, 100 + n, dport=dport) for n in range(30))
    alert = f.first_of(found).to_json()
    assert (f.ip_of(1), 101, "sweep") == (alert["src_ip"], alert["in_if"], alert["detector"])
    assert alert["attack_flows"] <= 25
    assert "auto" == strongest(found)


def test_a_slow_scan_of_dark_addresses() -> None:
    """One target a minute is as good as fifty a second: failures count, not the pace."""
    found = f.alerts(f.tcp(n * 60_000, 1, 100 + n) for n in range(12))
    assert f.first_of(found).to_json()["attack_flows"] <= 10


def test_resets_are_failures() -> None:
    """Hosts that refuse count as failures, and not as dark."""
    found = f.alerts(itertools.chain.from_iterable(f.refused(n * 500, 1, 100 + n) for n in range(12)))
    assert f.first_of(found).to_json()["attack_flows"] <= 10


def test_a_sweep_whose_targets_all_answer() -> None:
    """Fan-out on a lateral port: ten distinct machines, though every one answered."""
    found = f.alerts(itertools.chain.from_iterable(f.answered(n * 200, 1, 100 + n) for n in range(15)))
    alert = f.first_of(found).to_json()
    assert 10 == alert["attack_flows"]


def test_arp_alone() -> None:
    """In a flat network a sweep of unused addresses is nothing but ARP; every target counts once."""
    rows = itertools.chain.from_iterable(
        (f.arp(n * 100, 1, 100 + n), f.arp(n * 100 + 50, 1, 100 + n)) for n in range(20)
    )
    alert = f.first_of(f.alerts(rows)).to_json()
    assert (f.ip_of(1), 101) == (alert["src_ip"], alert["in_if"])
    assert alert["attack_flows"] <= 20


def test_icmp() -> None:
    """A ping sweep of dark addresses."""
    alert = f.first_of(f.alerts(f.ping(n * 100, 1, 100 + n) for n in range(40))).to_json()
    assert f.ip_of(1) == alert["src_ip"]


def test_a_busy_client_is_no_scanner() -> None:
    """Thirty successful connections to five servers, over and over: nothing."""
    rows = (f.answered(n * 300, 1, 100 + n % 5, dport=443, sport=50_000 + n) for n in range(200))
    assert [] == f.alerts(itertools.chain.from_iterable(rows))


def test_a_server_with_many_clients_is_not_accused() -> None:
    """Forty clients reach one server; its answers are no initiations."""
    rows = (f.answered(n * 50, 100 + n, 1, dport=443) for n in range(40))
    assert [] == f.alerts(itertools.chain.from_iterable(rows))


def test_answers_that_come_first_do_not_accuse_the_server() -> None:
    """A capture that starts in the middle shows SYN/ACKs whose SYN nobody saw: the server did not scan its clients."""
    assert [] == f.alerts(f.tcp(n * 50, 1, 100 + n, sport=443, dport=50_000, flags=f.SYN_ACK) for n in range(40))


@pytest.mark.parametrize("role", ["nms", "scanner"])
def test_a_declared_host_is_left_alone(role: str) -> None:
    """A monitoring server polls everything by design: declared, it is never accused, and that is counted."""
    running = f.engine(host_roles={f.row(0, 1, 2)["src_addr"]: role})
    assert [] == f.alerts((f.tcp(n * 100, 1, 100 + n) for n in range(30)), to=running)
    assert running.counts.excepted == 30


def test_uplink_rows_initiate_nothing() -> None:
    """What enters from another switch was counted where it entered the network."""
    running = f.engine(roles=lambda _agent, port: "uplink" if port == 2 else "edge")
    assert [] == f.alerts((f.tcp(n * 100, 1, 100 + n, in_if=2) for n in range(30)), to=running)


def test_a_router_is_not_accused_for_what_it_forwards() -> None:
    """One MAC that sends for many addresses is a router or a forger: nobody is accused at its port."""
    rows = (f.tcp(n * 100, 1 + n % 3, 100 + n, in_if=50, src_mac=f.mac_of(999)) for n in range(60))
    assert all(alert.response not in ACTS for alert in f.alerts(rows))


def outward(port: int) -> list[f.Row]:
    """Sixty machines outside, none of which answers."""
    return [{**f.tcp(n * 100, 1, 2, dport=port), "dst_addr": f.packed(f"203.{n}.113.9")} for n in range(60)]


@pytest.mark.parametrize("port", [80, 443, 993])
def test_the_uplink_is_down(port: int) -> None:
    """Browsers and mail programs all fail at once: nobody is accused of what fails outside on their ports."""
    assert [] == f.alerts(outward(port))


def test_a_sweep_of_the_outside() -> None:
    """Telnet to machines all over the world is what a captured camera does: found within ten attack flows."""
    assert f.first_of(f.alerts(outward(23))[:1]).to_json()["attack_flows"] <= 25


@pytest.mark.parametrize("rate", [None, 0])
def test_unknown_sampling_never_acts(rate: int | None) -> None:
    """An exporter whose sampling rate nobody knows may raise an alert; it never acts by itself."""
    found = f.alerts(f.tcp(n * 100, 1, 100 + n, rate=rate) for n in range(40))
    assert {("recommend", False)} == {(alert.response, alert.to_json()["sampling_known"]) for alert in found}


def test_a_poorer_exporter_first() -> None:
    """NetFlow of unknown sampling arrives before sFlow of the same flows: one alert, which acts once sFlow proves it."""
    poor = [f.tcp(n * 100, 1, 100 + n, rate=None, version=f.Version.V5) for n in range(30)]
    for row in poor:
        row["has"] &= ~int(f.Has.SRC_MAC)
    good = [f.tcp(n * 100 + 50, 1, 100 + n) for n in range(30)]
    found = f.alerts([*poor, *good])
    assert 1 == len({alert.alert_id for alert in found})
    assert (None, "recommend") == (found[0].to_json()["in_if"], found[0].response)
    assert (101, "auto", True) == (
        found[-1].to_json()["in_if"],
        found[-1].response,
        found[-1].to_json()["sampling_known"],
    )


def test_sampled_silence_is_no_failure() -> None:
    """At 1 in 16 the answer was most likely not sampled: three targets on an ordinary port say nothing."""
    assert [] == f.alerts(f.tcp(n * 1000, 1, 100 + n, dport=443, rate=16) for n in range(8))


def test_the_alert_explains_itself() -> None:
    """Technique, counts, targets, ports, proof, threshold and value, in English and Chinese."""
    alert = f.first_of(f.alerts(f.tcp(n * 100, 1, 100 + n) for n in range(30))).to_json()
    assert alert["technique"].startswith("T10")
    assert f.ip_of(100) in alert["targets"]
    assert 445 in alert["ports"]
    assert alert["target_count"] == len(alert["targets"])
    assert {"en", "zh"} == set(alert["explanation"])
    assert f.ip_of(1) in alert["explanation"]["zh"]
    assert "threshold" in alert["explanation"]["en"]
    assert len(alert["findings"][0]["proof"]) >= 5


def attacked_by_a_worm() -> list[f.Row]:
    """Host 7 sweeps port 445 of dark addresses, and reaches host 1."""
    rows = [f.tcp(n * 200, 7, 100 + n) for n in range(10)]
    return [*rows, *f.answered(20_000, 7, 1)]


def test_who_was_reached_and_does_the_same() -> None:
    """Three machines that do not answer on the service it was reached on: its chain names who reached it. At five it acts."""
    rows = [*attacked_by_a_worm(), *(f.tcp(30_000 + n * 1000, 1, 200 + n) for n in range(5))]
    found = [a for a in f.alerts(rows) if a.endpoint.src_ip == f.ip_of(1)]
    assert ("spread", "recommend") == (found[0].detector, found[0].response)
    assert (f.ip_of(7), f.ip_of(1)) == found[0].findings[-1].chain
    assert (found[0].alert_id, "auto", "critical") == (found[-1].alert_id, found[-1].response, found[-1].severity)


def test_a_victim_that_asks_for_machines_that_are_off() -> None:
    """Three ARP requests nobody answers: everybody does that at times, so it is said and nothing could act."""
    rows = [*attacked_by_a_worm(), *(f.arp(30_000 + n * 1000, 1, 200 + n) for n in range(3)), f.tcp(60_000, 9, 8)]
    found = [a for a in f.alerts(rows) if a.endpoint.src_ip == f.ip_of(1)]
    assert [("spread", "recommend")] == [(a.detector, a.response) for a in found]


def test_a_victim_whose_servers_are_away() -> None:
    """It fails at other services than the one it was reached on, and slowly: no spread, and nothing to act on."""
    ports = (7680, 88, 443, 389, 9100)
    away = [f.tcp(30_000 + n * 20_000, 1, 200 + n, dport=port, sport=50_000 + n) for n, port in enumerate(ports)]
    found = [a for a in f.alerts([*attacked_by_a_worm(), *away]) if a.endpoint.src_ip == f.ip_of(1)]
    assert [] == [a.detector for a in found if a.response in ACTS or a.detector == "spread"]
