"""From a request to a judged plan: locate, read the port, choose the verb, judge, compute the commands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from controller.core.errors import CordonError
from controller.store import containments
from playbooks.facts import BudgetUse, Location, PortFacts
from playbooks.guard import GuardFacts, Judgement, Outcome, judge
from playbooks.plan import Action, Plan, Verb
from playbooks.request import Origin, Request
from playbooks.select import action_for

from .parts import Parts


@dataclass(frozen=True, slots=True)
class Decision:
    """What would be done, and whether it may be. `unreadable` says why the switch could not be read, if so."""

    location: Location
    port: PortFacts | None
    action: Action
    facts: GuardFacts
    judgement: Judgement
    plan: Plan | None
    site: str | None
    unreadable: str | None = None

    @property
    def may_act(self) -> bool:
        """The guard allows it and there is a plan."""
        return self.judgement.outcome is Outcome.ALLOW and self.plan is not None


def decide(parts: Parts, request: Request, approvals: tuple[str, ...] = ()) -> Decision:
    """Read the facts now, send nothing. What the network says, or does not say, becomes part of the decision."""
    location = parts.inventory.locate(request.target, request.flow)
    port, unreadable = _read(parts, location)
    switch = location.port.switch if location.port else None
    # The switch's own site decides the mode: a request that names another site does not borrow that one's freedom.
    site = (parts.rulebook.site_of(switch) if switch else None) or request.site
    action = _action(parts, request, location, port)
    protection = parts.inventory.protection(location, request.target)
    with parts.store.reading() as connection:
        used = budget(parts, connection, switch, site)
    facts = GuardFacts(
        location=location,
        port=port,
        budget=used,
        protection=protection,
        mode=parts.rulebook.mode_of(site),
        approvals=approvals,
        approvals_needed=2 if protection.hits else 1,
        site_kind=parts.rulebook.kind_of(switch) if switch else "edge",
        now_ms=parts.clock.now_ms(),
    )
    judgement = judge(request, action, facts, parts.config.limits)
    plan, missing = _plan(parts, action, port)
    return Decision(location, port, action, facts, judgement, plan, site, unreadable or missing)


def still_allowed(parts: Parts, request: Request, decision: Decision, used: BudgetUse) -> Judgement:
    """The same facts judged with the budgets as they are inside the transaction that commits to acting."""
    facts = decision.facts.model_copy(update={"budget": used, "now_ms": parts.clock.now_ms()})
    return judge(request, decision.action, facts, parts.config.limits)


def budget(parts: Parts, connection: Connection, switch: str | None, site: str | None) -> BudgetUse:
    """Automatic actions of the current window, and whether detections come in bulk."""
    now_ms, window_s = parts.clock.now_ms(), parts.config.limits.window_s
    since_ms = now_ms - window_s * 1000
    bulk = containments.alerts_since(connection, now_ms - parts.config.bulk_window_s * 1000, site)
    return BudgetUse(
        switch_count=containments.automatic_since(connection, since_ms, switch=switch) if switch else 0,
        site_count=containments.automatic_since(connection, since_ms, site=site) if site else 0,
        window_s=window_s,
        bulk_stopped=bulk > parts.config.bulk_alerts,
    )


def _read(parts: Parts, location: Location) -> tuple[PortFacts | None, str | None]:
    if location.port is None:
        return None, None
    try:
        return parts.inventory.port_facts(location.port), None
    except CordonError as error:
        return None, str(error)


def _action(parts: Parts, request: Request, location: Location, port: PortFacts | None) -> Action:
    playbook = parts.playbooks.get(request.playbook)
    verbs: tuple[Verb, ...] = (request.verb,)
    if request.origin is Origin.ALERT and playbook is not None:
        verbs = playbook.verbs
    vlan = parts.rulebook.quarantine_vlan(location.port.switch) if location.port else None
    return action_for(verbs, location, port, vlan)


def _plan(parts: Parts, action: Action, port: PortFacts | None) -> tuple[Plan | None, str | None]:
    if port is None or action.verb is Verb.OBSERVE:
        return None, None
    try:
        driver = parts.drivers(action.port.switch)
        steps = driver.plan(action, port.state)
    except CordonError as error:
        return None, str(error)
    return Plan(action=action, via=driver.via, prior=port.state, steps=steps), None
