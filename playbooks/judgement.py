"""What the guard gets and gives: facts, limits, rulings and the judgement they make together."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .facts import BudgetUse, Holder, Location, Maintenance, PortFacts, Protection, Quarantine
from .mode import Mode
from .model import Value
from .plan import Action, Verb

__all__ = ["BADNESS", "GuardFacts", "GuardLimits", "Judgement", "Mode", "Outcome", "Ruling"]


class Outcome(StrEnum):
    """What a rule, or all of them together, say. Order of badness: allow < approve < observe < refuse."""

    ALLOW = "allow"
    APPROVE = "approve"
    OBSERVE = "observe"
    REFUSE = "refuse"


BADNESS = {Outcome.ALLOW: 0, Outcome.APPROVE: 1, Outcome.OBSERVE: 2, Outcome.REFUSE: 3}


class GuardLimits(Value):
    """Numbers the rules compare with. Times in milliseconds."""

    max_macs: int = Field(default=3, ge=1, le=48)
    max_mac_blocks: int = Field(default=32, ge=0, le=256)  # at a time on one switch: static MAC tables are small
    fresh_ms: int = Field(default=60_000, ge=1_000, le=300_000)  # age of location evidence
    facts_fresh_ms: int = Field(default=5_000, ge=100, le=30_000)  # age of what was read from the switch before acting
    per_switch: int = Field(default=3, ge=0, le=1000)
    per_site: int = Field(default=10, ge=0, le=5000)
    window_s: int = Field(default=3600, ge=60, le=86_400)


class GuardFacts(Value):
    """Everything a judgement rests on. `port` None = the switch was not read: refused."""

    location: Location
    port: PortFacts | None
    budget: BudgetUse
    protection: Protection
    mode: Mode  # of the site
    playbook_mode: Mode = Mode.AUTO
    maintenance: tuple[Maintenance, ...] = ()
    verbs: frozenset[Verb] | None = None  # what the driver offers there; None = not asked yet
    quarantine: Quarantine = Quarantine()
    mac_blocks: int = 0  # that hold on this switch now
    approvals: tuple[str, ...] = ()
    approvals_needed: int = Field(default=1, ge=1, le=5)
    approved: Action | None = None  # what those who approved were shown
    holder: Holder | None = None  # a containment that has this endpoint already
    site_kind: str = "edge"
    now_ms: int


class Ruling(Value):
    """What one rule says, in every language, with the measured value and the limit in the sentence.

    `do` = what a person can do about it.
    """

    rule: str
    outcome: Outcome
    says: dict[str, str]
    do: dict[str, str] = Field(default_factory=dict)


class Judgement(Value):
    """All rulings, and the outcome they make together."""

    outcome: Outcome
    rulings: tuple[Ruling, ...]

    def standing(self) -> tuple[Ruling, ...]:
        """The rulings that stand in the way, worst first."""
        against = [r for r in self.rulings if r.outcome is not Outcome.ALLOW]
        return tuple(sorted(against, key=lambda r: -BADNESS[r.outcome]))

    def reasons(self, language: str = "en") -> tuple[str, ...]:
        """Sentences of the rulings that stand in the way, worst first."""
        return tuple(r.says[language] for r in self.standing())

    def advice(self, language: str = "en") -> tuple[str, ...]:
        """What a person can do about them, each once."""
        return tuple(dict.fromkeys(r.do[language] for r in self.standing() if language in r.do))
