"""Rules on how much may be done by itself: budgets per switch and site, and the stop when detections come in bulk."""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.judgement import GuardFacts, GuardLimits, Outcome, Ruling
from playbooks.plan import Action
from playbooks.request import Origin, Request

from .say import say


def switch_budget(request: Request, _: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """So many automatic actions on one switch in a window, then a person looks."""
    used = facts.budget.switch_count
    if _automatic(request, facts) and used >= limits.per_switch:
        yield say("switch-budget", Outcome.APPROVE, used=used, window_s=facts.budget.window_s, limit=limits.per_switch)


def site_budget(request: Request, _: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """So many automatic actions in one site in a window, then a person looks."""
    used = facts.budget.site_count
    if _automatic(request, facts) and used >= limits.per_site:
        yield say("site-budget", Outcome.APPROVE, used=used, window_s=facts.budget.window_s, limit=limits.per_site)


def bulk_stop(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """When detections come in bulk something else is wrong: nothing acts by itself."""
    if facts.budget.bulk_stopped and _automatic(request, facts):
        yield say("bulk-stop", Outcome.APPROVE)


def _automatic(request: Request, facts: GuardFacts) -> bool:
    approved = len(set(facts.approvals)) >= facts.approvals_needed
    return request.origin is not Origin.PERSON and not approved
