"""The score: it adds up kinds of evidence, fades in event time, and never does what no detector behind it may do."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.runtime.catalog import load_catalog
from detectors.alert import ORDER, Response, RiskPart, Severity
from detectors.risk import RiskLedger, settings

from . import flows as f

S = load_catalog().risk
HOUR_MS = 3_600_000
ALERT_ONLY = sorted(name for name, standing in S.detectors.items() if standing.most is Response.RECOMMEND)
WHEN = st.integers(0, 48 * HOUR_MS)
ANY = st.tuples(st.sampled_from(sorted(S.detectors)), st.sampled_from(list(Severity)), WHEN, st.booleans())
ONLY_ALERT = st.tuples(st.sampled_from(ALERT_ONLY), st.sampled_from(list(Severity)), WHEN, st.booleans())


def ledger(*said: tuple[str, Severity, int, bool], most: int = 100) -> RiskLedger[str]:
    """What was said of endpoint `x`."""
    made: RiskLedger[str] = RiskLedger(S, most)
    for detector, severity, at_ms, known in said:
        made.add("x", detector, severity, at_ms, known=known)
    return made


def test_what_one_strong_finding_is_worth() -> None:
    """High asks for as much as the detector may: a sweep acts, guessing is put before a person, an anomaly is shown."""
    expected = {"sweep": Response.AUTO, "bruteforce": Response.APPROVE, "anomaly": Response.RECOMMEND}
    assert expected == {n: ledger((n, Severity.HIGH, 0, True)).assess("x", 0).response for n in expected}


def test_other_kinds_add_up() -> None:
    """A weak sweep, a weak scan and a new administrator's edge: together worth a person's decision."""
    weak = [("sweep", Severity.MEDIUM, 0, True), ("portscan", Severity.MEDIUM, 0, True)]
    assert Response.RECOMMEND is ledger(*weak).assess("x", 0).response
    together = ledger(*weak, ("newpeer", Severity.MEDIUM, 0, True)).assess("x", 0)
    assert (90.0, Response.APPROVE) == (together.score, together.response)


def test_the_same_again_is_no_new_evidence() -> None:
    """A machine that is a little odd every hour stays a little odd."""
    hourly = [("sweep", Severity.MEDIUM, hour * HOUR_MS, True) for hour in range(48)]
    found = ledger(*hourly).assess("x", 47 * HOUR_MS)
    assert (37.5, Response.RECOMMEND) == (found.score, found.response)


def test_it_fades() -> None:
    """Half after a half-life, and forgotten in the end."""
    made = ledger(("sweep", Severity.HIGH, 0, True))
    assert [100.0, 50.0, 25.0] == [made.assess("x", n * S.half_life_ms).score for n in range(3)]
    assert () == made.assess("x", 8 * S.half_life_ms).parts


def test_an_answered_episode_counts_as_medium_in_the_next() -> None:
    """Nobody is closed off for the same thing twice."""
    made = ledger(("sweep", Severity.HIGH, 0, True))
    made.settle("x", 1)
    assert 37.5 == made.assess("x", 1).score


@given(st.lists(ONLY_ALERT, max_size=30), st.integers(0, 96 * HOUR_MS))
def test_alert_only_detectors_never_lift_above_recommend(
    said: list[tuple[str, Severity, int, bool]], at_ms: int
) -> None:
    """However many of them, however bad."""
    found = ledger(*said).assess("x", at_ms)
    assert found.response in (Response.NONE, Response.RECOMMEND)


@given(st.lists(ANY, max_size=30), st.integers(0, 96 * HOUR_MS))
def test_unknown_sampling_never_acts(said: list[tuple[str, Severity, int, bool]], at_ms: int) -> None:
    """Whatever was found, if nobody knows what was not exported."""
    found = ledger(*((n, s, t, False) for n, s, t, _ in said)).assess("x", at_ms)
    assert found.response in (Response.NONE, Response.RECOMMEND)


@given(st.lists(ANY, max_size=20), ANY)
def test_more_findings_never_ask_for_less(
    said: list[tuple[str, Severity, int, bool]], another: tuple[str, Severity, int, bool]
) -> None:
    """At the time of the latest."""
    at_ms = max(t for _, _, t, _ in [*said, another])
    before, after = ledger(*said).assess("x", at_ms), ledger(*said, another).assess("x", at_ms)
    assert after.score >= before.score - 0.1
    assert ORDER.index(after.response) >= ORDER.index(before.response)


@given(st.lists(ANY, max_size=12, unique_by=lambda said: said[0]), st.randoms())
def test_the_order_of_different_detectors_changes_nothing(
    said: list[tuple[str, Severity, int, bool]], chance: random.Random
) -> None:
    """Replay = live, also where partitions are read in another order."""
    shuffled = sorted(said, key=lambda _: chance.random())
    at_ms = max((t for _, _, t, _ in said), default=0)
    one, other = ledger(*said).assess("x", at_ms), ledger(*shuffled).assess("x", at_ms)
    assert one.response is other.response
    assert math.isclose(one.score, other.score, abs_tol=0.2)


def test_a_roles_limit_holds_for_the_score_too() -> None:
    """What a role leaves a detector to ask for, it cannot get by adding up."""
    made: RiskLedger[str] = RiskLedger(S, 10)
    for name in ("sweep", "portscan", "spread"):
        made.add("x", name, Severity.HIGH, 0, known=True, most=Response.RECOMMEND)
    assert Response.RECOMMEND is made.assess("x", 0).response


def test_it_is_bounded() -> None:
    """The endpoint longest untouched is forgotten, counted."""
    made: RiskLedger[str] = RiskLedger(S, 3)
    for name in "abcd":
        made.add(name, "sweep", Severity.MEDIUM, 0, known=True)
    assert (1, 0.0) == (made.evictions, made.assess("a", 0).score)


OLD = RiskPart("sweep", 100.0, 40, Severity.HIGH, known=True, most=Response.AUTO)


def test_parts_are_restored() -> None:
    """What an earlier run left is held beside what this one found; of one detector the larger part."""
    made = ledger(("sweep", Severity.MEDIUM, 50, True))
    made.restore("x", OLD)
    made.restore("x", RiskPart("newpeer", 15.0, 40, Severity.MEDIUM, known=True, most=Response.RECOMMEND))
    assert {"sweep": 100.0, "newpeer": 15.0} == {part.detector: part.points for part in made.assess("x", 50).parts}


def test_a_restored_part_counts_from_its_own_time_on() -> None:
    """Flows of the look-back are read before that: what they lead to asks for no more than it did when they came."""
    made = ledger(("portscan", Severity.MEDIUM, 10, True))
    made.restore("x", OLD)
    assert [37.5, 37.5, 137.5] == [made.assess("x", at_ms).score for at_ms in (10, 39, 40)]


def test_a_restored_part_is_within_todays_catalog() -> None:
    """A detector that may only recommend by now, and points that nobody gives."""
    made = ledger()
    made.restore("x", RiskPart("anomaly", 5000.0, 0, Severity.HIGH, known=True, most=Response.AUTO))
    found = made.assess("x", 0)
    assert (50.0, Response.RECOMMEND) == (found.score, found.response)


def test_all_parts_are_given() -> None:
    """Those of this run and those of an earlier one that were not reached yet."""
    made = ledger(("portscan", Severity.MEDIUM, 10, True))
    made.restore("x", OLD)
    made.restore("y", OLD)
    assert {"x": ["sweep", "portscan"], "y": ["sweep"]} == {
        key: [part.detector for part in parts] for key, parts in made.items()
    }


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("thresholds", {"recommend": 20, "approve": 200, "auto": 100}, "approve <= auto"),
        ("shares", {"approve": 0, "auto": 1}, "shares"),
        ("half_life_s", 0, "half_life"),
        ("detectors", {"sweep": {"weight": 1, "most": "auto"}}, "other"),
        ("detectors", {"other": {"weight": 1, "most": "always"}}, "always"),
    ],
)
def test_settings_that_cannot_be(key: str, value: object, says: str) -> None:
    """Refused when the catalog is read, with the reason."""
    with pytest.raises(ValueError, match=says):
        settings({**f.shipped()["risk"], key: value})


def test_thresholds_are_in_order_of_response() -> None:
    """A harder answer takes no fewer points."""
    asked = sorted(S.thresholds, key=ORDER.index)
    assert sorted(S.thresholds.values()) == [S.thresholds[level] for level in asked]
