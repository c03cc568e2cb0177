"""The guard: every rule is evaluated, every ruling is kept, the worst outcome wins. Pure: facts in, judgement out.

What a person may override by an approval: protected assets (two approvals), budgets, the bulk stop, unknown sampling,
the site's mode, what the alert asked for.

What nobody may override: a refused or missing location, stale facts, an uplink, a trunk, an aggregate, a switch,
router or access point behind the port, a MAC that is not on the port now, too many MACs, a shut behind a phone, a port
that is down already.
"""

from __future__ import annotations

from .judgement import BADNESS, GuardFacts, GuardLimits, Judgement, Mode, Outcome, Ruling
from .plan import Action
from .request import Request
from .rules import RULES

__all__ = ["GuardFacts", "GuardLimits", "Judgement", "Mode", "Outcome", "Ruling", "judge"]


def judge(request: Request, action: Action, facts: GuardFacts, limits: GuardLimits) -> Judgement:
    """Apply every rule. Nothing is decided by the order of the rules; no rule speaking up means allow."""
    rulings = tuple(ruling for rule in RULES for ruling in rule(request, action, facts, limits))
    worst = max((r.outcome for r in rulings), key=BADNESS.__getitem__, default=Outcome.ALLOW)
    return Judgement(outcome=worst, rulings=rulings)
