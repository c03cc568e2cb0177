"""Who was first: a chain is made anew when an earlier infector becomes known later, and the alert keeps its id."""

import pytest

from detectors.alert import Alert

from . import flows as f
from .behaviour import ATTACKER, ZERO, in_order, infected, sweep

FIRST = 3


def hidden(host: int, reached: int, *, at_ms: int) -> list[f.Row]:
    """`host` reaches one machine, and gives itself away only a minute later."""
    return [*f.answered(at_ms, host, reached), *sweep(host, at_ms=at_ms + 60_000, targets=20, first=700)]


def last(found: list[Alert], host: int) -> Alert:
    """The alert of a host as it stands in the end, under one id."""
    own = [alert for alert in found if alert.endpoint.src_ip == f.ip_of(host)]
    assert 1 == len({alert.alert_id for alert in own})
    return own[-1]


def chain(*hosts: int) -> tuple[str, ...]:
    """As an alert tells it."""
    return tuple(f.ip_of(host) for host in hosts)


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_who_infected_patient_zero_gives_itself_away_later(batch: int) -> None:
    """The whole chain moves on by one, in the alert of each machine further down; explained anew, counted."""
    running = f.engine()
    rows = in_order([*hidden(FIRST, ZERO, at_ms=0), *infected(ATTACKER, ZERO, at_ms=10_000)])
    found = f.alerts(rows, batch=batch, to=running)
    before = next(alert for alert in found if alert.endpoint.src_ip == f.ip_of(ATTACKER))
    assert chain(ZERO, ATTACKER) == before.chain
    assert chain(FIRST, ZERO, ATTACKER) == last(found, ATTACKER).chain
    assert chain(FIRST, ZERO) == last(found, ZERO).chain
    (spread,) = (x for x in last(found, ATTACKER).findings if x.detector == "spread")
    assert all(f.ip_of(FIRST) in spread.text[language] for language in ("en", "zh"))
    assert 2 == running.counts.corrected


def test_an_earlier_infector_of_the_same_machine() -> None:
    """Two reached it; the one that was first, and was found later, is patient zero: it was infected once."""
    found = f.alerts(in_order([*hidden(FIRST, ATTACKER, at_ms=0), *infected(ATTACKER, ZERO, at_ms=10_000)]))
    assert chain(FIRST, ATTACKER) == last(found, ATTACKER).chain


def test_who_reached_it_after_it_had_begun_infected_nobody() -> None:
    """Attackers reach each other, too."""
    late = [*f.answered(30_000, FIRST, ZERO), *sweep(FIRST, at_ms=60_000, targets=20, first=700)]
    found = f.alerts(in_order([*late, *infected(ATTACKER, ZERO, at_ms=10_000)]))
    assert chain(ZERO, ATTACKER) == last(found, ATTACKER).chain
    assert () == last(found, ZERO).chain


def test_another_service_proves_nothing() -> None:
    """It was looked at by a browser, and attacks over SMB."""
    rows = [*f.answered(0, FIRST, ZERO, dport=8080), *sweep(FIRST, at_ms=60_000, targets=20, first=700)]
    found = f.alerts(in_order([*rows, *infected(ATTACKER, ZERO, at_ms=10_000)]))
    assert chain(ZERO, ATTACKER) == last(found, ATTACKER).chain
