"""Rules on where the endpoint is: refused, stale or unproven locations. Nobody may override these."""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.facts import Verdict
from playbooks.judgement import GuardFacts, GuardLimits, Outcome, Ruling
from playbooks.plan import Action
from playbooks.request import Request

from .say import say


def verdict(_: Request, __: Action, facts: GuardFacts, ___: GuardLimits) -> Iterable[Ruling]:
    """Only a port that the tables prove may be touched."""
    if facts.location.verdict is not Verdict.PORT:
        yield say("verdict", Outcome.REFUSE, verdict=facts.location.verdict)


def located(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """A location with any doubt names it; the port located is the port of the action."""
    for why in facts.location.refuse:
        yield say("located", Outcome.REFUSE, why=why)
    if facts.location.port is None:
        yield say("no-port", Outcome.REFUSE)
    elif facts.location.port != action.port:
        yield say("elsewhere", Outcome.REFUSE, located=facts.location.port, port=action.port)


def contained_already(_: Request, __: Action, facts: GuardFacts, ___: GuardLimits) -> Iterable[Ruling]:
    """Behind a closed port nothing is learned any more. One that turns up on another port is another matter."""
    holder = facts.holder
    if holder is not None and facts.location.port in (None, holder.port):
        yield say("contained-already", Outcome.REFUSE, containment=holder.containment_id, port=holder.port)


def evidence_age(_: Request, __: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """The oldest piece of evidence decides; evidence from the future is as bad as none."""
    if not facts.location.evidence:
        if facts.location.port is not None:  # without a port that is said already
            yield say("no-evidence", Outcome.REFUSE)
        return
    age_ms = facts.now_ms - facts.location.oldest_ms
    if age_ms > limits.fresh_ms or age_ms < -limits.facts_fresh_ms:
        yield say("evidence-age", Outcome.REFUSE, age_s=_s(age_ms), limit_s=_s(limits.fresh_ms))


def site_is_edge(_: Request, action: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """Distribution and core switches are never acted on."""
    if facts.site_kind != "edge":
        yield say("site-kind", Outcome.REFUSE, switch=action.port.switch, kind=facts.site_kind)


def _s(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f}"
