"""Playbooks: which alerts ask for what, for how long. Data in YAML, checked here; reading files is the controller's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from .facts import Location, NeighbourKind, PortFacts, Quarantine
from .mode import Mode
from .model import Value
from .plan import Action, PortRef, Verb
from .request import MAX_DURATION_S

SEVERITIES = ("info", "low", "medium", "high", "critical")
ESCALATION_S = (600, 3600, 24 * 3600, 7 * 24 * 3600)  # 10 min, 1 h, 24 h, 7 d on repeat


class PlaybookError(ValueError):
    """A playbook that cannot be used: which one, which key, what is allowed there."""


class When(Value):
    """Which alerts a playbook answers."""

    min_severity: Literal["info", "low", "medium", "high", "critical"] = "high"
    responses: tuple[Literal["none", "recommend", "approve", "auto"], ...] = ("approve", "auto")
    detectors: tuple[str, ...] = ()  # empty = any


class Playbook(Value):
    """What to do when. `verbs` are tried in order: the first that switch and occupancy of the port allow is planned."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: int = Field(ge=1)
    title: dict[Literal["en", "zh"], str]
    when: When
    verbs: tuple[Verb, ...] = Field(min_length=1)
    escalation_s: tuple[Annotated[int, Field(ge=1, le=MAX_DURATION_S)], ...] = Field(default=ESCALATION_S, min_length=1)
    probation_s: int = Field(default=600, ge=0, le=MAX_DURATION_S)
    priority: int = 0
    mode: Mode = Mode.AUTO  # the site's own mode may be stricter

    @field_validator("verbs")
    @classmethod
    def _contain_somebody(cls, verbs: tuple[Verb, ...]) -> tuple[Verb, ...]:
        if Verb.DISCONNECT in verbs:
            raise ValueError("disconnect keeps nobody off: the machine authenticates again")
        return verbs

    def duration_s(self, earlier: int) -> int:
        """How long this one lasts, after `earlier` containments of the same endpoint."""
        return self.escalation_s[min(earlier, len(self.escalation_s) - 1)]


def load(data: Mapping[str, Any], *, source: str) -> Playbook:
    """A playbook from its YAML mapping; PlaybookError names the file and every wrong key."""
    try:
        return Playbook.model_validate(data)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or '(top)'}: {e['msg']}" for e in error.errors())
        raise PlaybookError(f"{source}: {wrong}") from None


def choose(alert: Mapping[str, Any], playbooks: Iterable[Playbook]) -> Playbook | None:
    """The playbook with the highest priority that answers this alert (keys severity, response, detector)."""
    fitting = [p for p in playbooks if _answers(p.when, alert)]
    return max(fitting, key=lambda p: (p.priority, p.name), default=None)


def _answers(when: When, alert: Mapping[str, Any]) -> bool:
    severity, wanted = alert.get("severity"), SEVERITIES.index(when.min_severity)
    return (
        severity in SEVERITIES
        and SEVERITIES.index(severity) >= wanted
        and alert.get("response") in when.responses
        and (not when.detectors or alert.get("detector") in when.detectors)
    )


LEAST_FIRST = (Verb.OBSERVE, Verb.DISCONNECT, Verb.MAC_BLOCK, Verb.QUARANTINE_VLAN, Verb.BOUNCE, Verb.SHUT)


def action_for(
    verbs: Iterable[Verb],
    location: Location,
    port: PortFacts | None,
    quarantine: Quarantine,
    offered: frozenset[Verb] | None = None,
) -> Action:
    """The least action that works (law 8): of the verbs that the switch offers and the port's occupancy allows the first,
    and on a shared port the least. If none fits it is the first of all.

    The guard judges the result; choosing a verb here never makes a refused port acceptable.
    """
    wanted = tuple(verbs)
    fitting = [v for v in wanted if _offered(v, offered) and _fits(v, location, port, quarantine)]
    if _is_shared(port):
        fitting.sort(key=lambda v: LEAST_FIRST.index(v) if v in LEAST_FIRST else len(LEAST_FIRST))
    verb = fitting[0] if fitting else wanted[0]
    target = location.port or PortRef(switch="?", ifindex=0, name="?")
    return Action(
        verb=verb,
        port=target,
        vlan=quarantine.vlan if verb is Verb.QUARANTINE_VLAN else None,
        mac=location.mac if verb in (Verb.MAC_BLOCK, Verb.DISCONNECT, Verb.BOUNCE) else None,
    )


def _offered(verb: Verb, offered: frozenset[Verb] | None) -> bool:
    if offered is None or verb is Verb.OBSERVE or verb in offered:
        return True
    return verb is Verb.BOUNCE and Verb.SHUT in offered  # the engine bounces by shutting and opening


def _fits(verb: Verb, location: Location, port: PortFacts | None, quarantine: Quarantine) -> bool:
    if verb is Verb.QUARANTINE_VLAN and not quarantine.usable:
        return False
    if verb in (Verb.MAC_BLOCK, Verb.DISCONNECT):
        return location.mac is not None
    return verb is Verb.OBSERVE or not _is_shared(port)


def _is_shared(port: PortFacts | None) -> bool:
    return port is not None and (len(port.macs) > 1 or NeighbourKind.PHONE in port.neighbours)
