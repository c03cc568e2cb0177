"""Rules on what the switch said of the port moments ago. Nobody may override these, but for what says that a person may."""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.facts import NeighbourKind
from playbooks.judgement import GuardFacts, GuardLimits, Outcome, Ruling
from playbooks.plan import Action, Admin, Oper, Verb
from playbooks.request import Origin, Request

from .approval import with_approval
from .say import say

CUTS_ALL = frozenset({Verb.SHUT, Verb.QUARANTINE_VLAN, Verb.BOUNCE})  # every machine behind the port feels it
ON_A_MACHINE = CUTS_ALL | {Verb.MAC_BLOCK}
INFRASTRUCTURE = frozenset({NeighbourKind.SWITCH, NeighbourKind.ROUTER, NeighbourKind.AP})


def facts_age(_: Request, action: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """The port was read, it is this port, and it was read moments ago."""
    if facts.port is None or facts.port.state.port != action.port:
        if facts.location.port is not None:  # without a port that is said already
            yield say("facts-missing", Outcome.REFUSE)
        return
    age_ms = facts.now_ms - min(facts.port.read_ms, facts.port.state.read_ms)
    if abs(age_ms) > limits.facts_fresh_ms:
        yield say(
            "facts-age", Outcome.REFUSE, age_s=f"{age_ms / 1000:.1f}", limit_s=f"{limits.facts_fresh_ms / 1000:.1f}"
        )


def uplink(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A port that leads to other switches is never touched, whoever asks."""
    if facts.port is not None and facts.port.uplink:
        yield say("uplink", Outcome.REFUSE, port=action.port)


def trunk(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Nor is a trunk."""
    if facts.port is not None and facts.port.trunk:
        yield say("trunk", Outcome.REFUSE, port=action.port)


def aggregate(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Nor a link aggregate, nor a member of one."""
    if (facts.port is not None and facts.port.lag) or facts.location.lag:
        yield say("aggregate", Outcome.REFUSE, port=action.port)


def neighbour(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A switch, router or access point behind the port means other people's machines."""
    for kind in facts.port.neighbours if facts.port else ():
        if kind in INFRASTRUCTURE:
            yield say("neighbour", Outcome.REFUSE, kind=kind, port=action.port)


def phone(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Behind a phone only the MAC may be blocked: the phone must be able to call for help (DECISIONS 4)."""
    if facts.port and NeighbourKind.PHONE in facts.port.neighbours and action.verb in CUTS_ALL:
        yield say("phone", Outcome.REFUSE, port=action.port, verb=action.verb)


def phone_itself(request: Request, action: Action, facts: GuardFacts, _: GuardLimits) -> Iterable[Ruling]:
    """A PC behind a phone can send under the phone's MAC, and both are learned on one port: a person decides. What says that it
    is a phone may be no phone, so it is not refused.
    """
    if request.origin is Origin.PERSON or facts.port is None:
        return
    if action.verb is Verb.MAC_BLOCK and action.mac in facts.port.phones:
        yield say("phone-itself", with_approval(request, facts), mac=action.mac, port=action.port)


def mac_is_there(request: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """The accused MAC is learned on that very port now; it may have moved since it was located. A port that is named without a
    machine has one, unless a person says so: a silent machine may be one that is protected.
    """
    mac = action.mac or facts.location.mac
    if mac is None:
        if action.verb in (Verb.MAC_BLOCK, Verb.DISCONNECT):
            yield say("mac-needed", Outcome.REFUSE)
        elif request.origin is not Origin.PERSON and action.verb in CUTS_ALL and facts.port and not facts.port.macs:
            yield say("nobody-there", Outcome.REFUSE, port=action.port)
        return
    if facts.port is not None and mac not in facts.port.macs:
        yield say("mac-gone", Outcome.REFUSE, mac=mac, port=action.port)


def link(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Nothing is learned on a port that has no link (IEEE 802.1D): the tables do not fit together, and may name a wrong port."""
    state = facts.port.state if facts.port is not None else None
    mac = action.mac or facts.location.mac
    if state is None or facts.port is None or mac not in facts.port.macs or action.verb not in ON_A_MACHINE:
        return
    if state.admin is Admin.UP and state.oper is Oper.DOWN and not state.held:
        yield say("no-link", Outcome.REFUSE, mac=mac, port=action.port)


def occupancy(_: Request, action: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """With several MACs on the port only mac-block may act, and only up to `max_macs` (DECISIONS 4)."""
    if facts.port is None:
        return
    limit = 1 if action.verb in CUTS_ALL else limits.max_macs
    count = max(len(facts.port.macs), facts.location.port_mac_count)
    if count > limit and action.verb is not Verb.OBSERVE:
        yield say("many-macs", Outcome.REFUSE, count=count, port=action.port, verb=action.verb, limit=limit)


def already_down(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A port that is administratively down already is somebody else's decision, and has no undo of ours."""
    if facts.port is not None and action.verb in CUTS_ALL and facts.port.state.admin is Admin.DOWN:
        yield say("already-down", Outcome.REFUSE, port=action.port)


def already_quarantined(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A port that somebody else put into the quarantine VLAN has nothing of ours to undo."""
    if facts.port is None or action.verb is not Verb.QUARANTINE_VLAN or action.vlan is None:
        return
    if facts.port.state.pvid == action.vlan:
        yield say("already-quarantined", Outcome.REFUSE, port=action.port, vlan=action.vlan)


def already_blocked(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Nor has a MAC that somebody else blocked: our undo would take their entry away."""
    blocked = (facts.port.state.blocked_macs if facts.port else None) or ()
    if action.verb is Verb.MAC_BLOCK and action.mac in blocked:
        yield say("already-blocked", Outcome.REFUSE, mac=action.mac, switch=action.port.switch)


def held_by_switch(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A port that the switch itself keeps down (port security, BPDU guard) would be freed by a shut and its undo."""
    held = facts.port.state.held if facts.port else None
    if held and action.verb in CUTS_ALL | {Verb.UNSHUT}:
        yield say("held", Outcome.REFUSE, port=action.port, held=held)


def mac_vlan(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A MAC is blocked in the port's own VLAN: one that is learned in another would go on talking."""
    pvid, vlan = facts.port.state.pvid if facts.port else None, facts.location.vlan
    if action.verb is Verb.MAC_BLOCK and None not in (pvid, vlan) and pvid != vlan:
        yield say("mac-vlan", Outcome.REFUSE, mac=action.mac, vlan=vlan, port=action.port, pvid=pvid)


def already_up(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """There is nothing to open on a port that is up."""
    if facts.port is not None and action.verb is Verb.UNSHUT and facts.port.state.admin is Admin.UP:
        yield say("already-up", Outcome.REFUSE, port=action.port)


def vlan_known(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """quarantine-vlan needs the VLAN to go to and the one to come back to."""
    if action.verb is not Verb.QUARANTINE_VLAN or facts.quarantine.exhausted:
        return
    pvid = facts.port.state.pvid if facts.port else None
    if action.vlan is None or pvid is None:
        yield say("vlan-unknown", Outcome.REFUSE)


def quarantine_isolated(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Quarantined machines must not reach each other: an isolated VLAN, or one of its own for each port (law 8)."""
    if action.verb is not Verb.QUARANTINE_VLAN:
        return
    if facts.quarantine.exhausted:
        yield say("quarantine-full", Outcome.REFUSE, switch=action.port.switch)
    elif action.vlan is not None and not facts.quarantine.isolated:
        yield say("quarantine-shared", Outcome.REFUSE, vlan=action.vlan, switch=action.port.switch)


def verb_offered(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A verb that the driver does not have is refused before anything is sent."""
    if facts.verbs is None or action.verb is Verb.OBSERVE:
        return
    needed = {Verb.BOUNCE, Verb.SHUT} if action.verb is Verb.BOUNCE else {action.verb}
    if not needed & facts.verbs:
        offered = ", ".join(sorted(facts.verbs - {Verb.OBSERVE})) or "-"
        yield say("verb-missing", Outcome.REFUSE, verb=action.verb, switch=action.port.switch, offered=offered)


def lasting(request: Request, action: Action, facts: GuardFacts, _: GuardLimits) -> Iterable[Ruling]:
    """Ending a session, or a bounce that only the device does, keeps nobody off: not what an alert needs, nor for a time."""
    by_device = action.verb is Verb.BOUNCE and facts.verbs is not None and Verb.SHUT not in facts.verbs
    if action.verb is not Verb.DISCONNECT and not by_device:
        return
    if request.origin is Origin.ALERT or request.duration_s is not None:
        yield say("passing", Outcome.REFUSE, verb=action.verb)
