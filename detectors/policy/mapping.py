"""A matrix as plain data, both ways. What is wrong is told with its key, so that the reader of the file can name the line.

groups: {pumps: {prefixes: [10.1.4.0/24]}, servers: {roles: [dc], kinds: [server]}}
rules:
  - {name: pumps report, from: pumps, to: servers, services: [443/tcp, 5000-5010/tcp]}
  - {name: pumps are alone, from: any, to: pumps, action: deny, response: recommend}
default: {action: allow, response: none}
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from detectors.address import Network
from detectors.alert import Response

from .matrix import ALL_PORTS, ANY, DEFAULT, OTHER, Group, Matrix, Rule, Seen

Key = tuple[str | int, ...]
TOP, GROUP = ("groups", "rules", "default"), ("prefixes", "roles", "kinds")
RULE = ("name", "from", "to", "services", "action", "response", "note", "seen")
DEFAULT_KEYS = ("action", "response")
SEEN = ("pairs", "sources", "targets")
ACTIONS = ("allow", "deny")
SERVICES = "445/tcp, 5900-5909/tcp or any"


class PolicyError(ValueError):
    """What is wrong at `key`, and what it could be."""

    def __init__(self, key: Key, what: str, allowed: str | None = None) -> None:
        super().__init__(f"{'.'.join(map(str, key)) or 'the policy'}: {what}")
        self.key, self.allowed = key, allowed


def matrix_of(data: object, *, roles: Collection[str] | None = None, kinds: Collection[str] | None = None) -> Matrix:
    """The matrix of a mapping. `roles` and `kinds` are those there are, None: any. PolicyError for the first thing wrong."""
    top = _mapping(data, (), TOP)
    groups = tuple(
        _group(str(name), entry, {"roles": roles, "kinds": kinds})
        for name, entry in _mapping(top.get("groups") or {}, ("groups",)).items()
    )
    _no_doubles(groups)
    named = (*(group.name for group in groups), OTHER, ANY)
    rules = tuple(_rule(entry, ("rules", at), named) for at, entry in enumerate(_list(top.get("rules"), ("rules",))))
    for at, rule in enumerate(rules):
        if rule.name in {DEFAULT, *(earlier.name for earlier in rules[:at])}:
            raise PolicyError(("rules", at, "name"), f"{rule.name} is the name of another rule")
    default = _mapping(top.get("default") or {}, (DEFAULT,), DEFAULT_KEYS)
    allows, response = _decision(default, (DEFAULT,))
    return Matrix(groups, rules, Rule(DEFAULT, allows=allows, response=response))


def data_of(matrix: Matrix) -> dict[str, Any]:
    """The mapping of a matrix, in the order in which people read it; `matrix_of` gives the same matrix again."""
    return {
        "groups": {group.name: _group_data(group) for group in matrix.groups},
        "rules": [_rule_data(rule) for rule in matrix.rules],
        "default": _decision_data(matrix.default),
    }


def services_of(ports: tuple[range, ...]) -> list[str]:
    """`445/tcp` of port ranges."""
    return [
        ANY if span == ALL_PORTS else f"{span.start}/tcp" if len(span) == 1 else f"{span.start}-{span.stop - 1}/tcp"
        for span in ports
    ]


def _group(name: str, entry: object, there_are: Mapping[str, Collection[str] | None]) -> Group:
    key: Key = ("groups", name)
    if name in (OTHER, ANY):
        raise PolicyError(key, "the name has a meaning of its own", "another name")
    lists = {field: _list(value, (*key, field)) for field, value in _mapping(entry or {}, key, GROUP).items()}
    for field, known in there_are.items():
        for at, value in enumerate(lists.get(field, ())):
            if known is not None and str(value) not in known:
                raise PolicyError((*key, field, at), f"there is no {field[:-1]} {value}", ", ".join(sorted(known)))
    prefixes = [_prefix(value, (*key, "prefixes", at)) for at, value in enumerate(lists.get("prefixes", ()))]
    roles, kinds = (tuple(map(str, lists.get(field, ()))) for field in ("roles", "kinds"))
    return Group(name, tuple(prefixes), roles, kinds)


def _no_doubles(groups: tuple[Group, ...]) -> None:
    """Who would belong to two groups at once belongs to none."""
    holders: dict[object, str] = {}
    for group in groups:
        for field in GROUP:
            for at, value in enumerate(getattr(group, field)):
                holder = holders.setdefault((field, value), group.name)
                if holder != group.name:
                    raise PolicyError(("groups", group.name, field, at), f"{value} is in group {holder} as well")


def _rule(entry: object, key: Key, named: Collection[str]) -> Rule:
    data = _mapping(entry, key, RULE)
    name = str(data.get("name") or "")
    if not name:
        raise PolicyError(key, "has no name: an alert names the rule that was broken", "name: ...")
    sides = {}
    for side in ("from", "to"):
        sides[side] = tuple(map(str, _list(data.get(side, ANY), (*key, side))))
        for group in sides[side]:
            if group not in named:
                raise PolicyError((*key, side), f"there is no group {group}", ", ".join(named))
    allows, response = _decision(data, key)
    services = _list(data.get("services", ANY), (*key, "services"))
    ports = tuple(_ports(str(service), (*key, "services", at)) for at, service in enumerate(services))
    return Rule(
        name, sides["from"], sides["to"], ports, allows, response, str(data.get("note", "")), _seen(data, key)
    )  # fmt: skip


def _decision(data: Mapping[str, Any], key: Key) -> tuple[bool, Response]:
    action, response = str(data.get("action", "allow")), str(data.get("response", Response.NONE))
    if action not in ACTIONS:
        raise PolicyError((*key, "action"), f"{action} is no action", " or ".join(ACTIONS))
    if response not in set(Response):
        raise PolicyError((*key, "response"), f"{response} is no response", ", ".join(Response))
    if action == "allow" and response != Response.NONE:
        raise PolicyError((*key, "response"), "what is allowed asks for nothing", "action: deny, or response: none")
    return action == "allow", Response(response)


def _seen(data: Mapping[str, Any], key: Key) -> Seen | None:
    if "seen" not in data:
        return None
    counts = _mapping(data["seen"], (*key, "seen"), SEEN)
    try:
        return Seen(*(int(counts[name]) for name in SEEN))
    except (KeyError, ValueError, TypeError):
        raise PolicyError((*key, "seen"), "are no counts", ", ".join(f"{name}: 0" for name in SEEN)) from None


def _prefix(value: object, key: Key) -> Network:
    try:
        return ipaddress.ip_network(str(value))
    except ValueError:
        raise PolicyError(key, f"{value} is no prefix", "10.1.4.0/24 or fd00:4::/64, host bits zero") from None


def _ports(service: str, key: Key) -> range:
    if service == ANY:
        return ALL_PORTS
    ports, _, proto = service.partition("/")
    first, dash, last = ports.partition("-")
    if proto == "tcp" and first.isdecimal() and (last.isdecimal() if dash else True):
        span = range(int(first), int(last or first) + 1)
        if span and span.stop <= ALL_PORTS.stop:
            return span
    raise PolicyError(key, f"{service} is no service", SERVICES)


def _mapping(value: object, key: Key, known: Collection[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise PolicyError(key, "is no mapping", ", ".join(known or ("name: {...}",)))
    for name in value:
        if known is not None and name not in known:
            raise PolicyError((*key, str(name)), "is no key of this section", ", ".join(known))
    return value


def _list(value: object, key: Key) -> list[Any]:
    """A list; one word stands for a list of it, nothing for an empty one."""
    if isinstance(value, str):
        return [value]
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise PolicyError(key, "is no list", "[..., ...]")
    return list(value)


def _group_data(group: Group) -> dict[str, Any]:
    return {field: list(map(str, held)) for field in GROUP if (held := getattr(group, field))}


def _rule_data(rule: Rule) -> dict[str, Any]:
    data = {
        "name": rule.name,
        "from": _one_or_list(rule.sources),
        "to": _one_or_list(rule.targets),
        "services": services_of(rule.ports),
        **_decision_data(rule),
    }
    return data | dict(_extras(rule))


def _extras(rule: Rule) -> Iterator[tuple[str, Any]]:
    if rule.note:
        yield "note", rule.note
    if rule.seen is not None:
        yield "seen", {name: getattr(rule.seen, name) for name in SEEN}


def _decision_data(rule: Rule) -> dict[str, str]:
    return {"action": "allow"} if rule.allows else {"action": "deny", "response": str(rule.response)}


def _one_or_list(groups: tuple[str, ...]) -> str | list[str]:
    return groups[0] if len(groups) == 1 else list(groups)
