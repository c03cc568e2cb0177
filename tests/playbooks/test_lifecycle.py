"""The life cycle: only the transitions there are, always a way to an end, and time that only does what it may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.lifecycle import FINAL, MAY_HAVE_TOUCHED, TRANSITIONS, IllegalTransition, State, advance, due, is_final

WAITING = {State.REQUESTED, State.LOCATING, State.PLANNED, State.AWAITING_APPROVAL}


@given(st.sampled_from(State), st.sampled_from(State))
def test_only_the_transitions_there_are(before: State, after: State) -> None:
    """Every other one is an error that names both states."""
    if after in TRANSITIONS[before]:
        assert after is advance(before, after)
    else:
        with pytest.raises(IllegalTransition, match=f"{before} to {after}"):
            advance(before, after)


@given(st.lists(st.integers(0, 10), max_size=30))
def test_any_walk_ends_or_can_end(choices: list[int]) -> None:
    """From wherever a walk leads there is a way to an end, and an end is never left."""
    state = State.REQUESTED
    for choice in choices:
        ways = sorted(TRANSITIONS[state])
        if not ways:
            assert state in FINAL
            break
        state = advance(state, ways[choice % len(ways)])
    seen, reach = {state}, [state]
    while reach:
        for way in TRANSITIONS[reach.pop()] - seen:
            seen.add(way)
            reach.append(way)
    assert seen & FINAL


def test_nothing_is_contained_without_verifying() -> None:
    """The only ways into contained are from verifying, and back from a release that was not done."""
    assert {State.VERIFYING, State.RELEASING} == {s for s, ways in TRANSITIONS.items() if State.CONTAINED in ways}


def test_nothing_touched_a_switch_before_applying() -> None:
    """States before applying cannot have touched anything; no way leads from a refusal to a switch."""
    assert not WAITING & MAY_HAVE_TOUCHED
    assert not TRANSITIONS[State.REFUSED]
    assert State.APPLYING not in TRANSITIONS[State.REQUESTED]


def test_nothing_expires_once_commands_may_have_been_sent() -> None:
    """Expired means that nothing was sent."""
    assert {s for s, ways in TRANSITIONS.items() if State.EXPIRED in ways} == WAITING


@given(st.sampled_from(State), st.integers(0, 1000), st.integers(0, 1000))
def test_time_only_does_what_it_may(state: State, until_ms: int, now_ms: int) -> None:
    """Before its time nothing is due; what is due is a transition there is."""
    after = due(state, until_ms, now_ms)
    if now_ms < until_ms:
        assert after is None
    if after is not None:
        assert after in TRANSITIONS[state]
    assert due(state, None, now_ms) is None


def test_ends() -> None:
    """failed counts as an end until somebody undoes what is left."""
    assert is_final(State.FAILED)
    assert not is_final(State.CONTAINED)
