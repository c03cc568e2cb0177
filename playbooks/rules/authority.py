"""Rules on who asks and what they may: modes, what the alert asks for, protected assets, unknown sampling.

A person may override these: their own request stands where an automatic one would wait for approval.
"""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.judgement import GuardFacts, GuardLimits, Mode, Outcome, Ruling
from playbooks.plan import Action, Verb
from playbooks.request import Origin, Request

from .say import say

RESPONSES_THAT_ACT = frozenset({"auto", "approve"})


def protection(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Protected assets are refused to machines; a person needs two approvals."""
    approved = len(set(facts.approvals)) >= 2
    for hit in facts.protection.hits:
        if request.origin is not Origin.PERSON:
            yield say("protected", Outcome.REFUSE, hit=hit)
        else:
            yield say("protected", Outcome.ALLOW if approved else Outcome.APPROVE, hit=hit)


def sampling(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """An alert from an exporter of unknown sampling rate never acts by itself."""
    if request.origin is Origin.ALERT and not request.sampling_known:
        yield say("sampling", _with_approval(facts))


def platform_or_alert(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """An alert that asks for nothing is only observed; one that asks for approval waits for it."""
    if request.verb is Verb.OBSERVE:
        yield say("observe-verb", Outcome.OBSERVE)
    if request.origin is not Origin.ALERT:
        return
    if request.response not in RESPONSES_THAT_ACT:
        yield say("alert-asks", Outcome.OBSERVE, response=request.response or "nothing")
    elif request.response == "approve":
        yield say("alert-approval", _with_approval(facts))


def mode(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A site in observe or approve mode holds back everything that is not a person's own request."""
    if request.origin is Origin.PERSON:
        return
    if facts.mode is Mode.OBSERVE:
        yield say("mode-observe", Outcome.OBSERVE)
    elif facts.mode is Mode.APPROVE:
        yield say("mode-approve", _with_approval(facts))


def _with_approval(facts: GuardFacts) -> Outcome:
    enough = len(set(facts.approvals)) >= facts.approvals_needed
    return Outcome.ALLOW if enough else Outcome.APPROVE
