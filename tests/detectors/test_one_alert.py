"""One machine, one alert: findings of the watch and notices in whatever order, in any batches, a little out of order."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.runtime.catalog import load_catalog
from detectors.address import INTERNAL, Networks
from detectors.alert import Alert, Severity
from detectors.engine import Engine
from detectors.newpeer.observer import NewPeer
from detectors.notice import HELD_MS
from detectors.observers import Learning, newpeer, policy
from detectors.policy.groups import Groups
from detectors.policy.mapping import matrix_of

from . import flows as f
from .behaviour import ATTACKER, bruteforce, in_order, sweep
from .policy.sites import STRANGER, with_rules

CATALOG, NETWORKS = load_catalog(), Networks(INTERNAL)
RULE = {"name": "alone", "from": "pumps", "action": "deny", "services": ["8080/tcp"]}
ATTACKS = {"sweep": sweep, "bruteforce": bruteforce}
OPENS_MS = {"sweep": 1_900, "bruteforce": 5_000}  # about when its episode opens


def alerts(rows: list[f.Row], *, batch: int, response: str | None) -> list[Alert]:
    """Of an engine with a rule that asks for `response`; None: with newpeer, which has learned nothing."""
    if response is not None:
        matrix = matrix_of(with_rules({**RULE, "response": response}))
        seeing: Any = policy(CATALOG, NETWORKS, matrix, Groups(matrix.groups), slow=True)
    else:
        seeing = new_peers()
    return f.alerts(rows, batch=batch, to=engine(seeing))


def new_peers() -> NewPeer:
    """Which has learned nothing and says everything."""
    return newpeer(CATALOG, NETWORKS, Learning(learn_ms=0, report_unlearned=True, show=Severity.INFO), slow=True)


def engine(seeing: Any) -> Engine:
    """With one observer."""
    return Engine(CATALOG, internal=NETWORKS, observers=[seeing], slow=True)


def late(rows: list[f.Row], seed: int) -> list[f.Row]:
    """One row in a hundred, and one at least, comes up to half a second late."""
    rng = np.random.default_rng(seed)
    chosen = rng.random(len(rows)) < 0.01
    chosen[rng.integers(len(rows))] = True
    delay_ms = np.where(chosen, rng.integers(0, 500, len(rows)), 0)
    order = np.argsort([row["received_ms"] for row in rows] + delay_ms, kind="stable")
    return [rows[at] for at in order]


def incident(attack: str, apart_ms: int, port: int) -> list[f.Row]:
    """An attack, and one connection to a stranger about as its episode opens."""
    at_ms = OPENS_MS[attack] + apart_ms
    return in_order([*ATTACKS[attack](at_ms=10_000), *f.answered(10_000 + at_ms, ATTACKER, STRANGER, dport=port)])


@pytest.mark.parametrize("attack", ATTACKS)
@settings(max_examples=30, deadline=None)
@given(
    response=st.sampled_from(["recommend", "approve", "auto"]),
    apart_ms=st.integers(-9_000, 60_000),
    batch=st.integers(1, 200),
    seed=st.none() | st.integers(0, 2**32),
)
def test_what_a_rule_asks_for(attack: str, response: str, apart_ms: int, batch: int, seed: int | None) -> None:
    """Before, while or after the episode opens: one id, with both in it."""
    rows = incident(attack, apart_ms, 8080)
    expected = alerts(rows, batch=len(rows), response=response)
    found = alerts(rows if seed is None else late(rows, seed), batch=batch, response=response)
    assert 1 == len({alert.alert_id for alert in expected})
    assert {alert.alert_id for alert in expected} == {alert.alert_id for alert in found}
    assert {"policy", attack} == {finding.detector for finding in found[-1].findings}


@settings(max_examples=30, deadline=None)
@given(
    apart_ms=st.integers(-1_000, 60_000),
    batch=st.integers(1, 200),
    seed=st.none() | st.integers(0, 2**32),
)
def test_a_new_peer_as_the_episode_opens(apart_ms: int, batch: int, seed: int | None) -> None:
    """It asks for nothing, so it can wait: it is said in the episode's alert alone."""
    rows = incident("sweep", apart_ms, 3389)
    found = alerts(rows if seed is None else late(rows, seed), batch=batch, response=None)
    assert 1 == len({alert.alert_id for alert in found})
    assert {"newpeer", "sweep"} == {finding.detector for finding in found[-1].findings}


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_a_new_peer_long_before_is_said_at_once_and_again_in_the_alert(batch: int) -> None:
    """Nobody could know; its own alert asks for nothing, shows its score, and the episode's begins with it."""
    rows = incident("sweep", -8_000, 3389)
    alone, *rest = alerts(rows, batch=batch, response=None)
    assert (["newpeer"], "none", 2.5) == ([x.detector for x in alone.findings], alone.response, alone.score)
    assert "newpeer 2.5" in alone.risk["en"]
    assert "newpeer 2.5" in alone.risk["zh"]
    assert 1 == len({alert.alert_id for alert in rest})
    assert ["newpeer", "sweep"] == [x.detector for x in rest[0].findings]


def test_a_notice_waits_for_event_time() -> None:
    """It is said once no episode can have opened at its time."""
    running = engine(new_peers())
    assert [] == running.feed(f.batch_of(f.answered(0, ATTACKER, STRANGER)))
    assert [] == running.tick(f.START_MS + 1 + HELD_MS)
    assert 1 == len(running.tick(f.START_MS + 2 + HELD_MS))


def test_a_rule_that_asks_for_nothing_opens_no_episode() -> None:
    """It is a remark; two of them are two."""
    rows = [row for n in (0, 1) for row in f.answered(n * 60_000, ATTACKER + n, STRANGER, dport=8080)]
    found = alerts(rows, batch=7, response="none")
    assert (2, {"none"}) == (len({alert.alert_id for alert in found}), {str(alert.response) for alert in found})
