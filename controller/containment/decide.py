"""From a request to a judged plan: locate, read the port, choose the verb, judge, compute the commands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from controller.core.errors import CordonError
from controller.store import holdings
from playbooks.facts import BudgetUse, Location, PortFacts, Protection, Quarantine
from playbooks.guard import GuardFacts, Judgement, Outcome, judge
from playbooks.mode import Mode, stricter
from playbooks.plan import OF_THE_PORT, Action, Plan, Verb
from playbooks.request import Origin, Request
from playbooks.select import action_for

from .parts import Parts, Reading
from .planning import plan_for

MOMENTS_MS = 200  # a reading that waited longer for its turn is done again: nothing is decided on what has been
NO_LINK = frozenset({"no-link"})
UNREAD = frozenset({"facts-missing", "vlan-unknown"})  # what a port that was not read is refused for


@dataclass(frozen=True, slots=True)
class Decision:
    """What would be done, and whether it may be. `unreadable` says why the switch could not be read, if so; `problem` is the
    error for which there is no plan although the port could be read."""

    location: Location
    port: PortFacts | None
    action: Action
    facts: GuardFacts
    judgement: Judgement
    plan: Plan | None
    site: str | None
    unreadable: str | None = None
    problem: CordonError | None = None

    @property
    def mode(self) -> Mode:
        """The mode that holds: the stricter one of site and playbook."""
        return stricter(self.facts.mode, self.facts.playbook_mode)

    @property
    def may_act(self) -> bool:
        """The guard allows it and there is a plan."""
        return self.judgement.outcome is Outcome.ALLOW and self.plan is not None

    @property
    def passing(self) -> str | None:
        """Why it does not go on to a person or to the switch now, if that may pass and nothing else speaks against it."""
        against = {r.rule for r in self.judgement.rulings if r.outcome in (Outcome.REFUSE, Outcome.OBSERVE)}
        if self.port is None and self.unreadable and "facts-missing" in against and against <= UNREAD:
            return f"the switch could not be read: {self.unreadable}"
        if self.problem is not None and self.problem.retriable and not against:
            return f"the switch could not be asked: {self.problem}"
        # Agents are met that show a new link only seconds later.
        return "; ".join(self.judgement.reasons()) if against == NO_LINK else None


def decide(
    parts: Parts, request: Request, approvals: tuple[str, ...] = (), *, approved: Action | None = None,
    containment_id: str = "", location: Location | None = None, reading: Reading | None = None,
) -> Decision:  # fmt: skip
    """Read the facts now, send nothing. What the network says, or does not say, becomes part of the decision.

    `location` and `reading`, if they were asked for already. `approved` = the action that was put before those who approved.
    """
    if location is None:
        location = parts.inventory.locate(request.target, request.flow)
    # The switch is asked while the store is: neither waits for the other.
    if reading is None and location.port:
        reading = parts.aside(lambda: read_port(parts, location), "port")
    switch = location.port.switch if location.port else None
    # The switch's own site decides the mode: a request that names another site does not borrow that one's freedom.
    site = (parts.rulebook.site_of(switch) if switch else None) or request.site
    facts = _facts(parts, request, location, site, approvals, containment_id)
    port, unreadable = _read(parts, location, reading) if reading else (None, None)
    parts.mark("port read", containment_id)
    playbook = parts.playbooks.get(request.playbook)
    verbs = playbook.verbs if playbook and request.origin is Origin.ALERT else (request.verb,)
    action = action_for(verbs, location, port, facts.quarantine, facts.verbs)
    protection = parts.rulebook.protection(location, request.target, port, whole_port=action.verb in OF_THE_PORT)
    read = {"port": port, "approved": approved, "protection": protection, "now_ms": parts.clock.now_ms()}
    needed = protection.approvals if protection.hits else 1
    facts = facts.model_copy(update={**read, "approvals_needed": needed})
    judgement = judge(request, action, facts, parts.config.limits)
    plan, missing = plan_for(parts, action, port, containment_id) if not _is_hopeless(judgement) else (None, None)
    parts.mark("judged", containment_id)
    unreadable = unreadable or (str(missing) if missing else None)
    return Decision(location, port, action, facts, judgement, plan, site, unreadable, missing)


def still_allowed(parts: Parts, tx: Connection, request: Request, decision: Decision, but: str) -> Judgement:
    """The same facts judged with budgets and quarantine VLANs as they are inside the transaction that commits to acting."""
    port = decision.location.port
    switch = port.switch if port else None
    used, blocks = budget(parts, tx, switch, decision.site, but=but)
    changes = {"budget": used, "mac_blocks": blocks, "now_ms": parts.clock.now_ms()}
    return judge(request, decision.action, decision.facts.model_copy(update=changes), parts.config.limits)


def budget(
    parts: Parts, connection: Connection, switch: str | None, site: str | None, *, but: str = ""
) -> tuple[BudgetUse, int]:
    """Automatic actions of the current window and whether automatic action is stopped here; and MACs blocked on the switch."""
    used = _usage(parts, connection, switch, site, but)
    stopped = used.stops > 0 or used.alerts > parts.config.bulk_alerts
    window_s = parts.config.limits.window_s
    counted = BudgetUse(switch_count=used.on_switch, site_count=used.in_site, window_s=window_s, bulk_stopped=stopped)
    return counted, used.mac_blocks


def is_bulk(parts: Parts, connection: Connection, site: str | None) -> bool:
    """More alerts asked for containments than one network has attackers; those a person has looked at do not count."""
    since_ms = parts.clock.now_ms() - parts.config.bulk_window_s * 1000
    return holdings.asked(connection, site, since_ms=since_ms) > parts.config.bulk_alerts


def _usage(parts: Parts, connection: Connection, switch: str | None, site: str | None, but: str) -> holdings.Usage:
    now_ms, config = parts.clock.now_ms(), parts.config
    since_ms, bulk_ms = now_ms - config.limits.window_s * 1000, now_ms - config.bulk_window_s * 1000
    return holdings.usage(connection, switch, site, since_ms=since_ms, bulk_since_ms=bulk_ms, but=but)


def _facts(
    parts: Parts, request: Request, location: Location, site: str | None,
    approvals: tuple[str, ...], containment_id: str,
) -> GuardFacts:  # fmt: skip
    switch, now_ms = location.port.switch if location.port else None, parts.clock.now_ms()
    playbook = parts.playbooks.get(request.playbook)
    with parts.store.reading() as connection:
        used, blocks = budget(parts, connection, switch, site, but=containment_id)
        quarantine = _quarantine(parts, connection, switch, site, containment_id)
        mac, ip = location.mac or request.target.mac, location.ip or request.target.ip
        holder = holdings.holder(connection, mac, ip, but=containment_id)
    return GuardFacts(
        location=location,
        port=None,  # it is being read
        budget=used,
        protection=Protection(),  # what the port shows decides that too
        mode=parts.rulebook.mode_of(site),
        playbook_mode=playbook.mode if playbook else Mode.AUTO,
        maintenance=parts.rulebook.maintenance(switch, now_ms) if switch else (),
        verbs=_offered(parts, switch),
        quarantine=quarantine,
        mac_blocks=blocks,
        holder=holder,
        approvals=approvals,
        site_kind=parts.rulebook.kind_of(switch) if switch else "edge",
        now_ms=parts.clock.now_ms(),
    )


def _quarantine(parts: Parts, connection: Connection, switch: str | None, site: str | None, but: str) -> Quarantine:
    """Where a machine of this switch would go: the isolated VLAN, or the first of the range that nobody is in."""
    known = parts.rulebook.quarantine(switch) if switch else None
    if known is None or not known.vlans:
        return Quarantine()
    if not known.each_its_own:
        return Quarantine(vlan=known.vlans[0], isolated=known.isolated)
    taken = holdings.quarantine_vlans(connection, site, but=but)
    free = next((vlan for vlan in known.vlans if vlan not in taken), None)
    return Quarantine(vlan=free, isolated=free is not None, exhausted=free is None)


def _offered(parts: Parts, switch: str | None) -> frozenset[Verb] | None:
    try:
        return parts.drivers(switch).capabilities().verbs if switch else None
    except CordonError:
        return None  # planning meets the same trouble and says so


def _read(parts: Parts, location: Location, reading: Reading) -> tuple[PortFacts | None, str | None]:
    """What was read, if that was moments ago; it is read anew if it had to wait."""
    port, unreadable = reading.result()
    if port is not None and parts.clock.now_ms() - port.read_ms > MOMENTS_MS:
        return read_port(parts, location)
    return port, unreadable


def read_port(parts: Parts, location: Location) -> tuple[PortFacts | None, str | None]:
    """The port of a location, read from its switch now; or why it cannot be."""
    if location.port is None:
        return None, None
    try:
        return parts.inventory.port_facts(location.port, location.mac), None
    except CordonError as error:
        return None, str(error)


def _is_hopeless(judgement: Judgement) -> bool:
    """A verb that is not there, or nowhere to go to: there is nothing to plan."""
    return any(r.rule in {"verb-missing", "vlan-unknown", "quarantine-full"} for r in judgement.rulings)
