"""A verb's exact lines and its exact undo, from the vendor file and the state that the port had."""

from __future__ import annotations

import re

from controller.core.errors import Unsupported
from playbooks.plan import Action, Admin, Expectation, PortState, Step, Verb

from .traits import Traits
from .vendor import Lines, Vendor

PLACE = re.compile(r"\{(port|vlan|prior_pvid|pvid|vlan_name|mac|text|prior_text)\}")
ODD = re.compile(r"[\x00-\x1f\x7f?;|\"'`$\\]")


def step(vendor: Vendor, action: Action, prior: PortState, traits: Traits, index: int = 0) -> Step:
    """The one step of a verb; Unsupported where the vendor file has no such verb, or a value it needs is not known."""
    if action.verb is Verb.UNSHUT:
        return _turned(step(vendor, action.model_copy(update={"verb": Verb.SHUT}), prior, traits, index), prior)
    lines = _lines(vendor, action, prior, traits)
    values = _values(vendor, action, prior) | {"vlan_name": traits.vlan_name and safe(traits.vlan_name)}
    return Step(
        index=index,
        title=f"{action.verb} {action.port.name}",
        commands=tuple(filled(line, values) for line in _commands(vendor, action, lines)),
        undo=tuple(filled(line, values) for line in _undo(vendor, action, prior, lines)),
        expect=_expectation(action),
        undo_expect=_undone(action, prior),
        optional=action.verb is Verb.DESCRIBE,
    )


def restoring(vendor: Vendor, now: PortState, aim: PortState, traits: Traits) -> tuple[Step, ...]:
    """Steps that bring a port from what it shows now to `aim`; none for what is so already."""
    port = now.port
    wanted: list[Action] = []
    if aim.pvid is not None and now.pvid != aim.pvid:
        wanted.append(Action(verb=Verb.QUARANTINE_VLAN, port=port, vlan=aim.pvid))
    if aim.description is not None and (now.description or "") != aim.description:
        wanted.append(Action(verb=Verb.DESCRIBE, port=port, text=aim.description))
    if now.admin is not aim.admin:
        wanted.append(Action(verb=Verb.UNSHUT if aim.admin is Admin.UP else Verb.SHUT, port=port))
    return tuple(step(vendor, action, now, traits, index) for index, action in enumerate(wanted))


def filled(line: str, values: dict[str, str | None]) -> str:
    """A line with its values in place; Unsupported for a value that is not known."""

    def value(found: re.Match[str]) -> str:
        text = values.get(found.group(1))
        if text is None:
            raise Unsupported(f"{found.group(1)} is not known, so there is no exact command and no undo")
        return text

    return PLACE.sub(value, line)


def safe(name: str) -> str:
    """An interface name that is typed as it is; Unsupported for one that would be more than a name."""
    if not name or ODD.search(name):
        raise Unsupported(f"{name!r} is no interface name that can be typed")
    return name


def needs_traits(vendor: Vendor, verb: Verb) -> bool:
    """Whether more than the port's state has to be read before this verb's lines can be written."""
    lines = vendor.verbs.get(verb)
    return verb in (Verb.QUARANTINE_VLAN, Verb.RESTORE) or (lines is not None and "{vlan_name}" in str(lines))


def _lines(vendor: Vendor, action: Action, prior: PortState, traits: Traits) -> Lines:
    lines = vendor.verbs.get(action.verb)
    if lines is None:
        raise Unsupported(f"{vendor.title} has no {action.verb} here", where=action.port.switch)
    if action.verb is not Verb.QUARANTINE_VLAN:
        return lines
    why = _unmovable(action, prior, traits, hybrid=lines.hybrid is not None)
    if why:
        raise Unsupported(f"{prior.port.name} {why}", where=action.port.switch)
    return lines.hybrid if traits.mode == "hybrid" and lines.hybrid else lines


def _unmovable(action: Action, prior: PortState, traits: Traits, *, hybrid: bool) -> str | None:
    """Why the undo of a move would not bring back exactly what was; None if it would."""
    if traits.mode not in (("access", "hybrid") if hybrid else ("access",)):
        return f"is a {traits.mode} port, which is not moved"
    if traits.pvid != prior.pvid:
        return f"is in VLAN {traits.pvid or '-'} now, not in {prior.pvid or '-'} as it was read before"
    if traits.fixed:
        return f"has MACs bound to it, which a move would lose: {traits.fixed}"
    if action.vlan in traits.tagged | traits.untagged:
        return f"is a member of VLAN {action.vlan} already, which an undo would end"
    if traits.mode == "hybrid" and prior.pvid not in traits.untagged:
        return f"is not an untagged member of its own VLAN {prior.pvid}, which an undo would make it"
    return None


def _commands(vendor: Vendor, action: Action, lines: Lines) -> tuple[str, ...]:
    empty = vendor.verbs[action.verb].undo_if_empty
    return empty if action.verb is Verb.DESCRIBE and not action.text and empty else lines.commands


def _undo(vendor: Vendor, action: Action, prior: PortState, lines: Lines) -> tuple[str, ...]:
    empty = vendor.verbs[action.verb].undo_if_empty
    return empty if action.verb is Verb.DESCRIBE and not prior.description and empty else lines.undo


def _values(vendor: Vendor, action: Action, prior: PortState) -> dict[str, str | None]:
    describes = action.verb is Verb.DESCRIBE
    return {
        "port": safe(action.port.name),
        "vlan": None if action.vlan is None else str(action.vlan),
        "prior_pvid": None if prior.pvid is None else str(prior.pvid),
        "pvid": None if prior.pvid is None else str(prior.pvid),
        "mac": vendor.mac(action.mac) if action.mac else None,
        "text": vendor.typed(action.text) if describes and action.text is not None else None,
        "prior_text": vendor.typed(prior.description) if describes and prior.description is not None else None,
    }


def _turned(shut: Step, prior: PortState) -> Step:
    """unshut is shut the other way round."""
    return shut.model_copy(
        update={
            "title": f"unshut {prior.port.name}",
            "commands": shut.undo,
            "undo": shut.commands,
            "expect": Expectation(port=shut.expect.port, admin=Admin.UP),
            "undo_expect": Expectation(port=shut.expect.port, admin=Admin.DOWN),
        }
    )


def _expectation(action: Action) -> Expectation:
    if action.verb is Verb.SHUT:
        return Expectation(port=action.port, admin=Admin.DOWN)
    if action.verb is Verb.QUARANTINE_VLAN:
        return Expectation(port=action.port, pvid=action.vlan)
    if action.verb is Verb.DESCRIBE:
        return Expectation(port=action.port, description=action.text)
    return Expectation(port=action.port, blocked_mac=action.mac)


def _undone(action: Action, prior: PortState) -> Expectation:
    if action.verb is Verb.SHUT:
        return Expectation(port=action.port, admin=Admin.UP)
    if action.verb is Verb.QUARANTINE_VLAN:
        return Expectation(port=action.port, pvid=prior.pvid)
    if action.verb is Verb.DESCRIBE:
        return Expectation(port=action.port, description=prior.description or "")
    return Expectation(port=action.port, unblocked_mac=action.mac)
