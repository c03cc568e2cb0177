"""Rules on what the switch said of the port moments ago. Nobody may override these."""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.facts import NeighbourKind
from playbooks.judgement import GuardFacts, GuardLimits, Outcome, Ruling
from playbooks.plan import Action, Admin, Verb
from playbooks.request import Request

from .say import say

CUTS_ALL = frozenset({Verb.SHUT, Verb.QUARANTINE_VLAN, Verb.BOUNCE})  # every machine behind the port feels it
INFRASTRUCTURE = frozenset({NeighbourKind.SWITCH, NeighbourKind.ROUTER, NeighbourKind.AP})


def facts_age(_: Request, action: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """The port was read, it is this port, and it was read moments ago."""
    if facts.port is None or facts.port.state.port != action.port:
        yield say("facts-missing", Outcome.REFUSE)
        return
    age_ms = facts.now_ms - min(facts.port.read_ms, facts.port.state.read_ms)
    if abs(age_ms) > limits.facts_fresh_ms:
        yield say(
            "facts-age", Outcome.REFUSE, age_s=f"{age_ms / 1000:.1f}", limit_s=f"{limits.facts_fresh_ms / 1000:.1f}"
        )


def infrastructure(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Uplinks, trunks and aggregates are never touched, whoever asks."""
    if facts.port is None:
        return
    for is_so, what in (
        (facts.port.uplink, "an uplink"),
        (facts.port.trunk, "a trunk"),
        (facts.port.lag, "an aggregate or a member of one"),
    ):
        if is_so:
            yield say("infrastructure", Outcome.REFUSE, port=action.port, what=what)


def neighbour(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A switch, router or access point behind the port means other people's machines."""
    kinds = facts.port.neighbours if facts.port else ()
    for kind in kinds:
        if kind in INFRASTRUCTURE:
            yield say("neighbour", Outcome.REFUSE, kind=kind, port=action.port)
        elif kind is NeighbourKind.PHONE and action.verb in CUTS_ALL:
            yield say("phone", Outcome.REFUSE, port=action.port, verb=action.verb)


def mac_is_there(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """The accused MAC is learned on that very port now; it may have moved since it was located."""
    mac = action.mac or facts.location.mac
    if mac is None:
        if action.verb is Verb.MAC_BLOCK:
            yield say("mac-needed", Outcome.REFUSE)
        return
    if facts.port is not None and mac not in facts.port.macs:
        yield say("mac-gone", Outcome.REFUSE, mac=mac, port=action.port)


def occupancy(_: Request, action: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """With several MACs on the port only mac-block may act, and only up to `max_macs` (DECISIONS 4)."""
    if facts.port is None:
        return
    limit = 1 if action.verb in CUTS_ALL else limits.max_macs
    count = max(len(facts.port.macs), facts.location.port_mac_count)
    if count > limit and action.verb is not Verb.OBSERVE:
        yield say("many-macs", Outcome.REFUSE, count=count, port=action.port, verb=action.verb, limit=limit)


def something_to_do(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A port that is administratively down already is somebody else's decision, and has no undo of ours."""
    if facts.port is not None and action.verb in CUTS_ALL and facts.port.state.admin is Admin.DOWN:
        yield say("already-down", Outcome.REFUSE, port=action.port)


def vlan_known(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """quarantine-vlan needs the VLAN to go to and the one to come back to."""
    if action.verb is not Verb.QUARANTINE_VLAN:
        return
    pvid = facts.port.state.pvid if facts.port else None
    if action.vlan is None or pvid is None:
        yield say("vlan-unknown", Outcome.REFUSE)
