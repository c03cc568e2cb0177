"""Plans: the driver's commands for an action, and a note on the port beside them."""

from __future__ import annotations

from controller.core.errors import CordonError
from controller.switches.driver import Compares, Driver
from playbooks.facts import PortFacts
from playbooks.plan import Action, Plan, PortState, Step, Verb

from .parts import Parts

LONGEST_DESCRIPTION = 64  # ifAlias (RFC 2863); vendors' own limits are higher
NOTED = frozenset({Verb.SHUT, Verb.QUARANTINE_VLAN, Verb.MAC_BLOCK})


def plan_for(
    parts: Parts, action: Action, port: PortFacts | None, containment_id: str
) -> tuple[Plan | None, CordonError | None]:
    """(plan, None), or (None, why there is none). Nothing is sent."""
    if port is None or action.verb is Verb.OBSERVE:
        return None, None
    try:
        driver = parts.drivers(action.port.switch)
        capabilities = driver.capabilities()
        steps = driver.plan(_sent_as(action, capabilities.verbs), port.state)
    except CordonError as error:
        return None, error
    if Verb.DESCRIBE in capabilities.verbs:
        steps += _note(parts, driver, action, port.state, containment_id, len(steps))
    return Plan(action=action, via=driver.via, prior=port.state, steps=steps, persists=capabilities.persists), None


def compared(parts: Parts, plan: Plan) -> Plan:
    """With what the switch itself says that each step would change, where it takes candidate configurations.

    For plans that a person reads. It takes the switch a moment, which an attacker is not given.
    """
    driver = parts.drivers(plan.action.port.switch)
    if not isinstance(driver, Compares):
        return plan
    with parts.device(plan.action.port.switch):
        steps = tuple(step.model_copy(update={"diff": _difference(driver, step)}) for step in plan.steps)
    return plan.model_copy(update={"steps": steps})


def note_of(containment_id: str, contact: str) -> str:
    """What stands on a contained port, for the technician who looks at it."""
    return f"CORDON {containment_id or 'con_...'} {contact}".strip()[:LONGEST_DESCRIPTION]


def _difference(driver: Compares, step: Step) -> str:
    try:
        return driver.difference(step)
    except CordonError as error:
        return f"the switch could not compare it: {error}"


def _sent_as(action: Action, verbs: frozenset[Verb]) -> Action:
    """A bounce is a shut that opens by itself, and survives a crash; only where there is no shut does the device bounce."""
    if action.verb is Verb.BOUNCE and Verb.SHUT in verbs:
        return action.model_copy(update={"verb": Verb.SHUT})
    return action


def _note(
    parts: Parts, driver: Driver, action: Action, prior: PortState, containment_id: str, first: int
) -> tuple[Step, ...]:
    """Steps that describe the port, after those that matter; none where the old description is not known."""
    if not parts.config.describe or action.verb not in NOTED or prior.description is None:
        return ()
    text = note_of(containment_id, parts.config.contact)
    try:
        steps = driver.plan(Action(verb=Verb.DESCRIBE, port=action.port, text=text), prior)
    except CordonError:
        return ()  # a note is no reason to leave an attacker connected
    return tuple(step.model_copy(update={"index": first + place, "optional": True}) for place, step in enumerate(steps))
