"""Rules on how much may be done: budgets per switch and site, MAC blocks, and the stop when detections come in bulk."""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.judgement import GuardFacts, GuardLimits, Outcome, Ruling
from playbooks.plan import Action, Verb
from playbooks.request import Request

from .approval import is_automatic
from .say import say


def switch_budget(request: Request, _: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """So many automatic actions on one switch in a window, then a person looks."""
    used = facts.budget.switch_count
    if is_automatic(request, facts) and used >= limits.per_switch:
        yield say("switch-budget", Outcome.APPROVE, used=used, window_s=facts.budget.window_s, limit=limits.per_switch)


def site_budget(request: Request, _: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """So many automatic actions in one site in a window, then a person looks."""
    used = facts.budget.site_count
    if is_automatic(request, facts) and used >= limits.per_site:
        yield say("site-budget", Outcome.APPROVE, used=used, window_s=facts.budget.window_s, limit=limits.per_site)


def bulk_stop(request: Request, _: Action, facts: GuardFacts, __: GuardLimits) -> Iterable[Ruling]:
    """When detections come in bulk something else is wrong: nothing acts by itself until a person clears the stop."""
    if facts.budget.bulk_stopped and is_automatic(request, facts):
        yield say("bulk-stop", Outcome.APPROVE)


def mac_block_budget(_: Request, action: Action, facts: GuardFacts, limits: GuardLimits) -> Iterable[Ruling]:
    """A switch's table of static MACs is small, and a full one does worse things than refuse."""
    if action.verb is Verb.MAC_BLOCK and facts.mac_blocks >= limits.max_mac_blocks:
        yield say(
            "mac-blocks",
            Outcome.REFUSE,
            used=facts.mac_blocks,
            switch=action.port.switch,
            limit=limits.max_mac_blocks,
        )
