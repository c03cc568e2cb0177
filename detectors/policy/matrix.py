"""Groups and rules. The first rule that fits a connection decides; what none fits is up to the default rule."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.address import Network
from detectors.alert import Response

OTHER, ANY, DEFAULT = "other", "any", "default"  # in no group; every group; the rule of what no rule fits
ALL_PORTS = range(65536)


@dataclass(frozen=True, slots=True)
class Group:
    """Who belongs to it: prefixes, roles of detection.hosts, kinds of the inventory."""

    name: str
    prefixes: tuple[Network, ...] = ()
    roles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """From what a rule was proposed: pairs of machines, and machines on each side."""

    pairs: int
    sources: int
    targets: int


@dataclass(frozen=True, slots=True)
class Rule:
    """`sources` and `targets` are groups, `other` or `any`; `ports` are TCP. `response`: what a violation asks for."""

    name: str
    sources: tuple[str, ...] = (ANY,)
    targets: tuple[str, ...] = (ANY,)
    ports: tuple[range, ...] = (ALL_PORTS,)
    allows: bool = True
    response: Response = Response.NONE
    note: str = ""
    seen: Seen | None = None

    def fits(self, source: str, target: str, port: int) -> bool:
        """A connection from group to group is its business."""
        return (
            not {ANY, source}.isdisjoint(self.sources)
            and not {ANY, target}.isdisjoint(self.targets)
            and any(port in span for span in self.ports)
        )


@dataclass(frozen=True, slots=True)
class Matrix:
    """Groups, rules in order, and the rule for the rest."""

    groups: tuple[Group, ...] = ()
    rules: tuple[Rule, ...] = ()
    default: Rule = Rule(DEFAULT)

    def rule_of(self, source: str, target: str, port: int) -> Rule:
        """The rule that decides."""
        return next((rule for rule in self.rules if rule.fits(source, target, port)), self.default)
