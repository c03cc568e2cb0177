"""Rules on who asks and what they may: modes, windows, what the alert asks for, protected assets, unknown sampling.

A person may override these: their own request stands where an automatic one would wait for approval.
"""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.judgement import GuardFacts, GuardLimits, Mode, Outcome, Ruling
from playbooks.plan import Action, Verb
from playbooks.request import Origin, Request

from .approval import counted, enough, with_approval
from .say import say

RESPONSES_THAT_ACT = frozenset({"auto", "approve"})


def protection(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Protected assets are refused to machines, or put before people where the class says so; never by one person alone."""
    have = len(counted(facts.approvals, request.requested_by))
    may_ask = request.origin is Origin.PERSON or facts.protection.ask
    outcome = (Outcome.ALLOW if enough(request, facts) else Outcome.APPROVE) if may_ask else Outcome.REFUSE
    for hit in facts.protection.hits:
        yield say("protected", outcome, hit=hit, needed=facts.approvals_needed, have=have)


def sampling(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """An alert from an exporter of unknown sampling rate never acts by itself."""
    if request.origin is Origin.ALERT and not request.sampling_known:
        yield say("sampling", with_approval(request, facts))


def observe_verb(request: Request, action: Action, _: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A request to observe touches nothing."""
    if Verb.OBSERVE in (request.verb, action.verb):
        yield say("observe-verb", Outcome.OBSERVE)


def alert_asks(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """An alert that asks for nothing is only observed; one that asks for approval waits for it."""
    if request.origin is not Origin.ALERT:
        return
    if request.response not in RESPONSES_THAT_ACT:
        yield say("alert-asks", Outcome.OBSERVE, response=request.response or "nothing")
    elif request.response == "approve":
        yield say("alert-approval", with_approval(request, facts))


def site_mode(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A site in observe or approve mode holds back everything that is not a person's own request."""
    if request.origin is Origin.PERSON:
        return
    if facts.mode is Mode.OBSERVE:
        yield say("mode-observe", Outcome.OBSERVE)
    elif facts.mode is Mode.APPROVE:
        yield say("mode-approve", with_approval(request, facts))


def playbook_mode(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """So does a playbook's own mode; both rules speak, so the stricter of the two holds."""
    if request.origin is Origin.PERSON:
        return
    if facts.playbook_mode is Mode.OBSERVE:
        yield say("playbook-observe", Outcome.OBSERVE, playbook=request.playbook)
    elif facts.playbook_mode is Mode.APPROVE:
        yield say("playbook-approve", with_approval(request, facts), playbook=request.playbook)


def maintenance(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """While people work on the network alarms lie: no automatic action, or only with their approval."""
    if request.origin is Origin.PERSON:
        return
    for window in facts.maintenance:
        if window.asks:
            yield say("maintenance-approve", with_approval(request, facts), window=window.name)
        else:
            yield say("maintenance", Outcome.REFUSE, window=window.name)


def approved_action(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """People approve a verb on a port: what would be something else by now is put before them again."""
    was = facts.approved
    if was is not None and (was.verb, was.port, was.mac) != (action.verb, action.port, action.mac):
        yield say("approved-other", Outcome.APPROVE, was=was.verb, before=was.port, verb=action.verb, port=action.port)


def by_hand_only(request: Request, action: Action, _: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Opening a port that somebody shut, or writing on it, is a person's decision."""
    if action.verb in (Verb.UNSHUT, Verb.RESTORE, Verb.DESCRIBE) and request.origin is not Origin.PERSON:
        yield say("by-hand-only", Outcome.REFUSE, verb=action.verb)
