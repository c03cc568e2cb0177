"""What a request would do: the whole decision, and nothing sent that changes anything."""

from __future__ import annotations

from dataclasses import dataclass

from playbooks.facts import Location
from playbooks.guard import Judgement
from playbooks.plan import Plan
from playbooks.request import Request

from .decide import decide
from .parts import Parts
from .planning import compared


@dataclass(frozen=True, slots=True)
class Preview:
    """What a request would do. `plan` None: nothing can be done; the judgement says why."""

    location: Location
    judgement: Judgement
    plan: Plan | None
    unreadable: str | None


def preview(parts: Parts, request: Request) -> Preview:
    """Locate, read, judge, plan; compare where the switch takes candidates, as a person is going to read it."""
    decision = decide(parts, request)
    plan = compared(parts, decision.plan) if decision.plan else None
    return Preview(decision.location, decision.judgement, plan, decision.unreadable)
