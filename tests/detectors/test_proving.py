"""Who may be acted on for a sweep, and which innocent machines never are."""

import itertools
import random
from collections.abc import Iterable

import pytest

from detectors.alert import Alert

from . import flows as f
from .behaviour import ATTACKER, ZERO, in_order, sweep

ACTS = ("approve", "auto")


def acted_on(found: Iterable[Alert]) -> set[str]:
    """Sources that could be acted on."""
    return {alert.endpoint.src_ip for alert in found if alert.response in ACTS}


@pytest.mark.parametrize(
    ("port", "dead", "expected"),
    [(445, 5, set()), (445, 6, {f.ip_of(1)}), (443, 7, set()), (443, 8, {f.ip_of(1)})],
)
def test_few_dead_targets_are_servers_that_are_away(port: int, dead: int, expected: set[str]) -> None:
    """A laptop away from home fails at all its drives, and at all its printers and applications."""
    assert expected == acted_on(f.alerts(f.tcp(n * 500, 1, 100 + n, dport=port) for n in range(dead)))


@pytest.mark.parametrize(("gap_ms", "expected"), [(10, {f.ip_of(1)}), (400, set())])
def test_five_machines_say_no_in_a_moment(gap_ms: int, expected: set[str]) -> None:
    """What is away is silent: five refusals of file sharing within a second are no drives. Slower, they are not enough."""
    rows = [f.refused(n * gap_ms, 1, 100 + n) for n in range(5)]
    assert expected == acted_on(f.alerts(itertools.chain.from_iterable(rows)))


@pytest.mark.parametrize("port", [445, 9100, 22])
def test_a_server_that_finds_some_switched_off(port: int) -> None:
    """Every fourth target is silent, a hundred of them: told, and never acted on."""
    rows = (
        [f.tcp(n * 300, 1, 100 + n, dport=port)] if n % 4 == 0 else f.answered(n * 300, 1, 100 + n, dport=port)
        for n in range(100)
    )
    found = f.alerts(itertools.chain.from_iterable(rows))
    assert found
    assert set() == acted_on(found)


def test_targets_that_all_answer() -> None:
    """Backup pulls from sixty machines as fast as any worm: recommended at most."""
    found = f.alerts(itertools.chain.from_iterable(f.answered(n * 200, 1, 100 + n) for n in range(60)))
    assert ["recommend"] == [alert.response for alert in found]


@pytest.mark.parametrize("port", [445, 443])
def test_a_server_room_without_power(port: int) -> None:
    """Twelve clients try ten servers each, in any order, and all of them fail: nobody is acted on."""
    tries = [(client, server) for client in range(1, 13) for server in range(10)]
    random.Random(7).shuffle(tries)
    rows = [f.tcp(n * 400, client, 100 + server, dport=port) for n, (client, server) in enumerate(tries)]
    found = f.alerts(rows)
    assert found
    assert set() == acted_on(found)


def test_several_sweep_the_same_addresses() -> None:
    """More targets in common than clients have servers: a worm that began at several machines at once is acted on."""
    rows = [f.tcp(n * 300 + who, who, 100 + n) for n in range(40) for who in range(6)]
    assert {f.ip_of(who) for who in range(6)} == acted_on(f.alerts(rows))


def test_what_several_do_is_a_habit_where_nobody_moves_laterally() -> None:
    """Delivery of updates between PCs fails at many that are off, each at others: the fourth PC is not acted on either."""
    rows = [f.tcp(n * 500 + who, who, 100 + 40 * who + n, dport=7680) for who in range(1, 5) for n in range(6)]
    rows += [f.tcp(20_000 + n * 500, 9, 400 + n, dport=7680) for n in range(30)]
    assert set() == acted_on(f.alerts(rows))


@pytest.mark.parametrize("asks", [f.ping, f.arp])
@pytest.mark.parametrize("gap_ms", [3000, 1600])
def test_a_dhcp_server_asks_before_it_lends(asks: object, gap_ms: int) -> None:
    """A hundred addresses that nobody has, one for each lease: not acted on, declared or not."""
    rows = [asks(n * gap_ms, 1, 100 + n) for n in range(100)]  # type: ignore[operator]
    assert set() == acted_on(f.alerts(rows))


def test_victims_with_the_same_dead_drives() -> None:
    """Swept hosts log on and try the same four dead drives: the attacker alone is acted on."""
    sweep = [f.tcp(n * 100, 20, 400 + n) for n in range(12)]
    sweep += itertools.chain.from_iterable(f.answered(3000 + n * 100, 20, n) for n in range(1, 9))
    drives = [f.tcp(10_000 + k * 1000 + who, who, 300 + k) for k in range(4) for who in range(1, 9)]
    assert {f.ip_of(20)} == acted_on(f.alerts([*sweep, *drives]))


def test_a_worm_is_acted_on_within_ten() -> None:
    """Mostly dark space, one host in six answers: at most ten failures and the answers between them."""
    rows = itertools.chain.from_iterable(
        f.answered(n * 1000, 1, 100 + n) if n % 6 == 5 else [f.tcp(n * 1000, 1, 100 + n)] for n in range(30)
    )
    acting = [alert for alert in f.alerts(rows) if alert.response in ACTS]
    assert acting[0].to_json()["attack_flows"] <= 12


@pytest.mark.parametrize(("reached", "expected"), [(True, 7), (False, 10)])
def test_who_was_reached_is_acted_on_earlier(reached: bool, expected: int) -> None:
    """Bare ARP, once a second, for addresses that nobody has: five of them where somebody who acts had just reached the machine,
    else eight. Two more are asked for while the answer to the last one is waited for."""
    rows = list(sweep(ZERO, targets=20))
    if reached:
        rows += f.answered(2_100, ZERO, ATTACKER)
    rows += [f.arp(4_100 + n * 1_000, ATTACKER, 400 + n) for n in range(20)]
    running, asked = f.engine(), 0
    for row in in_order(rows):
        asked += row.get("arp_op") == 1
        if f.ip_of(ATTACKER) in acted_on(running.feed(f.batch_of([row]))):
            break
    assert expected == asked
