"""Who counts as an approver: distinct people, and never the one who asks (the two-person rule)."""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.judgement import GuardFacts, Outcome
from playbooks.request import Origin, Request


def person(name: str) -> str:
    """The person behind a name: `Ann@console-2` is `ann`. Two names that may be one person count as one."""
    return name.strip().partition("@")[0].casefold()


def counted(names: Iterable[str], requested_by: str) -> frozenset[str]:
    """The people among these names whose word counts."""
    return frozenset(person(name) for name in names) - {person(requested_by), ""}


def enough(request: Request, facts: GuardFacts) -> bool:
    """As many people as needed said yes."""
    return len(counted(facts.approvals, request.requested_by)) >= facts.approvals_needed


def with_approval(request: Request, facts: GuardFacts) -> Outcome:
    """Allowed if enough people said yes, else put before them."""
    return Outcome.ALLOW if enough(request, facts) else Outcome.APPROVE


def is_automatic(request: Request, facts: GuardFacts) -> bool:
    """Nobody stands behind it: no person asked for it, and not enough approved it."""
    return request.origin is not Origin.PERSON and not enough(request, facts)
