"""Guessing on ports that are not listed: by its cadence, within 25 connections; and pollers, which are told once."""

import itertools

import pytest

from detectors.alert import Alert
from detectors.fastwatch import FastWatch
from detectors.flow import Has, Version
from detectors.plainwatch import PlainWatch

from . import flows as f

FIELDS = Has.PORTS | Has.TCP_FLAGS | Has.BYTES
DAY_MS = 86_400_000


def connection(at_ms: int, n: int, *, size: int = 2000, port: int = 7001, src: int = 1, dst: int = 2) -> list[f.Row]:
    """A connection as records of whole connections show it: its opening with all its octets, and what came back."""
    to = {"has": FIELDS, "proto": 6, "src_port": 40_000 + n, "dst_port": port, "tcp_flags": f.SYN}
    back = {"has": FIELDS, "proto": 6, "src_port": port, "dst_port": 40_000 + n, "tcp_flags": f.SYN_ACK, "bytes": 900}
    table = {"version": Version.TABLE}
    return [f.row(at_ms, src, dst, bytes=size, **to, **table), f.row(at_ms + 1, dst, src, **back, **table)]


def connections(
    gap_ms: int, count: int, *, sizes: tuple[int, ...] = (2000,), from_ms: int = 0, port: int = 7001
) -> list[f.Row]:
    """So many of one pair."""
    made = (
        connection(from_ms + n * gap_ms, n, size=size, port=port)
        for n, size in zip(range(count), itertools.cycle(sizes))
    )
    return list(itertools.chain.from_iterable(made))


def guesses(found: list[Alert]) -> list[Alert]:
    """Alerts of brute force."""
    return [alert for alert in found if alert.detector == "bruteforce"]


@pytest.mark.parametrize("gap_ms", [100, 400, 600, 900, 1000, 1500, 2000])
def test_any_port_within_25(gap_ms: int) -> None:
    """Up to two seconds between two guesses: found within 25 connections, and nobody is asked to act."""
    alert = f.first_of(guesses(f.alerts(connections(gap_ms, 40)))).to_json()
    assert alert["attack_flows"] <= 25
    assert "recommend" == alert["response"]


@pytest.mark.parametrize("gap_ms", [3000, 5000, 10_000])
def test_slower_ones_are_not_found(gap_ms: int) -> None:
    """Nor are programs that ask every few seconds."""
    assert [] == f.alerts(connections(gap_ms, 300))


def test_connections_of_all_sizes() -> None:
    """An application that opens one for each question is no guesser, once a second."""
    assert [] == f.alerts(connections(1000, 100, sizes=(500, 9000, 2000, 20_000, 700)))


def test_fast_ones_of_few_sizes() -> None:
    """Three of five of one size are enough where they come several a second."""
    assert guesses(f.alerts(connections(100, 60, sizes=(2000, 2000, 2000, 2000, 9000))))


def test_what_goes_on_for_long_is_not_new() -> None:
    """A pair that was there ten minutes before the pace changed is judged as any: one a second is polling."""
    quiet = connections(300_000, 3)
    assert [] == f.alerts([*quiet, *connections(1500, 100, from_ms=700_000)])


def test_pollers_are_told_once() -> None:
    """A program that starts every morning: the first time only, for 45 days. A fast guesser is told each time."""
    running = f.engine()
    mornings = [f.alerts(connections(1500, 60, from_ms=day * DAY_MS), to=running) for day in (0, 1, 30, 90)]
    assert [True, False, False, True] == [bool(guesses(found)) for found in mornings]
    fast = [f.alerts(connections(300, 60, from_ms=day * DAY_MS), to=running) for day in (91, 92)]
    assert [True, True] == [bool(guesses(found)) for found in fast]


def test_a_guess_after_polling() -> None:
    """The habit of a pair does not hide what is fast."""
    running = f.engine()
    assert [] == f.alerts(connections(3000, 240), to=running)
    assert guesses(f.alerts(connections(100, 60, from_ms=12 * 60_000), to=running))


@pytest.mark.parametrize("gap_ms", [50, 700, 1300, 2400, 4000])
@pytest.mark.parametrize("sizes", [(2000,), (2000, 2000, 2000, 9000), (500, 9000)])
def test_both_watches_say_the_same(gap_ms: int, sizes: tuple[int, ...]) -> None:
    """Compiled and plain, at any pace and alike or not."""
    settings = (f.load(f.shipped()).watch, f.Networks(f.INTERNAL), lambda _agent, _port: None, frozenset[int]())
    batch = f.batch_of(connections(gap_ms, 300, sizes=sizes))
    plain, fast = (
        [event for events in watch(*settings).take(batch) for event in events.tolist()]
        for watch in (PlainWatch, FastWatch)
    )
    assert plain == fast


def test_a_sweep_of_machines_that_all_answer() -> None:
    """Ten connections in which nothing was said are enough on any port; with content they are forty."""
    empty = itertools.chain.from_iterable(connection(n * 1000, n, size=130, port=8443, dst=100 + n) for n in range(30))
    assert 10 == f.first_of(f.alerts(empty)).to_json()["attack_flows"]
    used = itertools.chain.from_iterable(connection(n * 1000, n, size=2000, port=8443, dst=100 + n) for n in range(39))
    assert [] == f.alerts(used)
