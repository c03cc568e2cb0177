"""The guard, rule by rule, and what holds for all of them together."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.facts import (
    Maintenance,
    NeighbourKind,
    Protection,
)
from playbooks.guard import Outcome
from playbooks.judgement import BADNESS
from playbooks.plan import Verb
from playbooks.request import Origin
from playbooks.rules.advice import ADVICE
from playbooks.rules.say import SENTENCES

from .guardcases import CASES, MAC, Changes, judged


def test_a_case_in_order_is_allowed() -> None:
    """Nothing speaks up."""
    assert Outcome.ALLOW is judged().outcome


@pytest.mark.parametrize("name", CASES)
def test_each_rule(name: str) -> None:
    """One thing is wrong: the outcome, and a sentence with the measured value, in both languages."""
    change, outcome, says = CASES[name]
    found = judged(**change)
    assert outcome is found.outcome
    assert any(says in reason for reason in found.reasons("en")), found.reasons("en")
    assert len(found.reasons("zh")) == len(found.reasons("en"))
    assert all(not reason.isascii() for reason in found.reasons("zh"))


A_PERSON_MAY = {"protected", "nobody there", "maintenance", "opened by a machine", "ends by itself"}


@pytest.mark.parametrize(
    "name", [n for n, (_, outcome, _) in CASES.items() if outcome is Outcome.REFUSE and n not in A_PERSON_MAY]
)
def test_no_approval_overrides_what_nobody_may(name: str) -> None:
    """Two approvals of two people, and a person's own request: refused all the same."""
    change = dict(CASES[name][0])
    change["request"] = {**change.get("request", {}), "origin": Origin.PERSON}
    assert Outcome.REFUSE is judged(approvals=("ann", "bob"), approvals_needed=2, **change).outcome


@pytest.mark.parametrize(
    "name",
    [
        "unknown sampling",
        "alert asks for approval",
        "site approves",
        "playbook approves",
        "maintenance asks",
        "switch budget",
        "bulk",
        "the phone itself",
    ],
)
def test_an_approval_overrides(name: str) -> None:
    """What waits for a person goes on with one."""
    assert Outcome.ALLOW is judged(approvals=("ann",), **CASES[name][0]).outcome


def test_a_protected_asset_needs_two_other_people() -> None:
    """The same person twice is one, on whatever machine; and the one who asks is none."""
    hits: Changes = {
        "protection": Protection(hits=("MAC x (pump)",)),
        "request": {"origin": Origin.PERSON, "requested_by": "carl@desk"},
        "approvals_needed": 2,
    }
    for people in (("ann",), ("ann", "ann"), ("ann@desk", "Ann@ward"), ("ann", "carl"), ("carl@a", "carl@b", "bob")):
        assert Outcome.APPROVE is judged(approvals=people, **hits).outcome, people
    assert Outcome.ALLOW is judged(approvals=("ann", "bob"), **hits).outcome


def test_a_class_may_put_an_alert_before_people() -> None:
    """Where the class says so the alert waits for its people instead of being refused; never automatic either way."""
    hits: Changes = {"protection": Protection(hits=("server x (PACS)",), ask=True), "approvals_needed": 2}
    assert Outcome.APPROVE is judged(**hits).outcome
    assert Outcome.APPROVE is judged(approvals=("ann",), **hits).outcome
    assert Outcome.ALLOW is judged(approvals=("ann", "bob"), **hits).outcome


def test_no_window_holds_a_person_back() -> None:
    """A person who works in the window knows what they do."""
    person = {"origin": Origin.PERSON}
    assert Outcome.ALLOW is judged(maintenance=(Maintenance(name="core swap"),), request=person).outcome


def test_every_rule_has_a_case_of_its_own() -> None:
    """Each sentence is spoken by some case: a rule nobody tests is a rule nobody has."""
    assert set(SENTENCES) == {r.rule for change, _, _ in CASES.values() for r in judged(**change).rulings}


def test_mac_block_behind_a_phone() -> None:
    """Shared ports: the MAC may be blocked up to the limit, the port may not be shut (DECISIONS 4)."""
    shared = {"macs": (MAC, "02:00:00:00:00:09"), "neighbours": (NeighbourKind.PHONE,)}
    block = {"verb": Verb.MAC_BLOCK, "mac": MAC}
    assert Outcome.ALLOW is judged(port=shared, action=block).outcome
    crowd = {"macs": (MAC, *(f"02:00:00:00:01:0{n}" for n in range(3)))}
    assert Outcome.REFUSE is judged(port=crowd, action=block).outcome


def placeholders(text: str) -> set[str]:
    """Names of the values in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_sentences_have_the_same_placeholders() -> None:
    """English and Chinese say the same values; the advice uses no other, and every rule has one."""
    assert set(SENTENCES) == set(ADVICE)
    for rule, says in SENTENCES.items():
        assert placeholders(says["en"]) == placeholders(says["zh"]), rule
        assert placeholders(ADVICE[rule]["en"]) == placeholders(ADVICE[rule]["zh"]) <= placeholders(says["en"]), rule


MERGEABLE = [
    n for n, (change, _, _) in CASES.items() if set(change) <= {"mode", "budget", "protection", "site_kind", "now_ms"}
]


@given(st.lists(st.sampled_from(MERGEABLE), max_size=4))
def test_another_bad_fact_never_helps(names: list[str]) -> None:
    """The outcome of several bad facts is at least as bad as each one's own."""
    together: Changes = {}
    for name in names:
        together.update(CASES[name][0])
    kept = [n for n in names if all(together[k] == v for k, v in CASES[n][0].items())]
    worst = max((BADNESS[CASES[n][1]] for n in kept), default=0)
    assert BADNESS[judged(**together).outcome] >= worst


def test_what_only_the_switch_bounces_is_nothing_for_an_alert() -> None:
    """A bounce that opens by itself is refused to machines, and allowed to a person who wants no more than that."""
    bounce: Changes = {"action": {"verb": Verb.BOUNCE, "mac": MAC}, "verbs": frozenset({Verb.BOUNCE})}
    assert Outcome.REFUSE is judged(**bounce).outcome
    person: Changes = {"origin": Origin.PERSON, "verb": Verb.BOUNCE}
    assert Outcome.ALLOW is judged(**bounce, request=person).outcome
    assert Outcome.REFUSE is judged(**bounce, request={**person, "duration_s": 600}).outcome
