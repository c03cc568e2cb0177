"""Sources whose alert asks for all there is already: what they go on to do is counted, and nothing else changes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.alert import Response
from detectors.contact import TCP, Contact
from detectors.engine import Engine
from detectors.episode import Episode
from detectors.event import Verb, octets
from detectors.victims import SourceKey
from detectors.watch import Watch

from . import flows as f
from .behaviour import ZERO, spread
from .test_watch import both, rows


class Driver:
    """What the engine does to a watch, by a rule of thumb: every third contact that is handed over makes its source act."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.episodes: dict[SourceKey, Episode] = {}
        self.told: list[Any] = []

    def take(self, batch: f.FlowBatch) -> None:
        """Events of a batch."""
        for events in self.watch.take(batch):
            self.told.append(events.tolist())
            for event in events:
                if event["verb"] != Verb.OPEN or (int(event["dst_lo"]) + int(event["port"])) % 3:
                    continue
                key = (octets(int(event["src_hi"]), int(event["src_lo"])), int(event["twin"]))
                self.watch.acting(key, self.episodes.setdefault(key, Episode("", Response.AUTO, int(event["at_ms"]))))
            self.watch.wake(self.watch.now_ms + 700)

    def seen(self) -> tuple[Any, ...]:
        """All that may be looked at."""
        pace = {key: (e.last_ms, e.fresh, e.fresh_ms) for key, e in self.episodes.items()}
        asked = [Contact((TCP, port, b""), self.watch.now_ms) for port in (22, 445)] + [
            Contact(("arp", 0, b""), self.watch.now_ms)
        ]
        hosts = [f.packed(f.ip_of(host)) for host in range(31)]
        touched = [self.watch.victims.of(host, contact) for host in hosts for contact in asked]
        return self.told, pace, touched, set(self.watch.went_on()), self.watch.counts


@settings(max_examples=100, deadline=None)
@given(kept=st.lists(rows(), max_size=80), cut=st.integers(0, 80))
def test_any_rows(kept: list[f.Row], cut: int) -> None:
    """Rows of every kind: compiled and plain tell the same, count the same, and know the same victims."""
    plain, fast = (Driver(watch) for watch in both())
    for part in (kept[:cut], kept[cut:]):
        plain.take(f.batch_of(part))
        fast.take(f.batch_of(part))
    assert plain.seen() == fast.seen()


def test_sweeps_of_few_hosts() -> None:
    """Much is counted, some sources come in at another port, some victims have a past that is handed over."""
    made = []
    for n in range(2000):
        src, dst = n % 4, n * 7 % 601
        made.append(f.tcp(n * 20, src, dst, dport=(445, 22, 902)[n % 3], in_if=100 + (n // 400) % 3))
        if n % 5 == 0:
            made.append(f.tcp(n * 20 + 1, dst, src, sport=(445, 22, 902)[n % 3], dport=50_000, flags=f.SYN_ACK))
    plain, fast = (Driver(watch) for watch in both())
    for start in range(0, len(made), 300):
        plain.take(f.batch_of(made[start : start + 300]))
        fast.take(f.batch_of(made[start : start + 300]))
    assert plain.seen() == fast.seen()
    assert 100 < plain.watch.counts.further
    assert {Verb.OPEN, Verb.ON} <= {event[-7] for events in plain.told for event in events}


@pytest.mark.parametrize("slow", [True, False])
def test_a_sweep_reaches_the_detectors_no_more(slow: bool) -> None:
    """Twenty hosts, 150 targets each: one alert each, and hardly a row in ten is more than counted."""
    running = f.engine(slow=slow)
    sweep = [f.tcp(n * 500 + who, who, 200 + 150 * who + n) for n in range(150) for who in range(20)]
    found = f.alerts(sweep, to=running)
    assert 20 == len({alert.alert_id for alert in found})
    assert 20 * 130 < running.counts.further
    assert running._watch.counts.delivered < 20 * 30


@pytest.mark.parametrize("slow", [True, False])
def test_an_episode_that_is_over_begins_anew(slow: bool) -> None:
    """Quiet for so long, then again: another alert, as of anybody."""
    running = f.engine(slow=slow)
    first = f.alerts((f.tcp(n * 100, 1, 100 + n) for n in range(60)), to=running)
    counted = running.counts.further
    again = f.alerts((f.tcp(1_500_000 + n * 100, 1, 100 + n) for n in range(60)), to=running)
    assert counted > 0
    assert running.counts.further > counted
    assert 2 == len({alert.alert_id for alert in [*first, *again]})


def test_victims_that_go_on_are_told_with_their_chain() -> None:
    """Whom an acting source reached is remembered, though the detectors never saw that contact."""
    compiled, plain = (f.alerts(spread(), to=f.engine(slow=slow)) for slow in (False, True))
    assert [alert.to_json() for alert in plain] == [alert.to_json() for alert in compiled]
    assert any(finding.chain[:1] == (f.ip_of(ZERO),) for a in compiled for finding in a.findings)


def test_where_it_comes_in_now_is_told() -> None:
    """An attacker that is plugged in elsewhere is told of once more, so that its place is known."""
    running = f.engine()
    f.alerts((f.tcp(n * 100, 1, 100 + n) for n in range(60)), to=running)
    f.alerts((f.tcp(10_000 + n * 100, 1, 300 + n, in_if=77) for n in range(60)), to=running)
    assert isinstance(running, Engine)
    (source,) = (running._sources.peek(key) for key in running._sources if key[0] == f.packed(f.ip_of(1)))
    assert source is not None
    assert 77 == source.endpoint.in_if
