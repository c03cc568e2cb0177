"""A policy as plain data: out and in again it is the same; what is wrong is told with its key and what is allowed."""

from typing import Any

import pytest

from detectors.alert import Response
from detectors.policy.mapping import PolicyError, data_of, matrix_of
from detectors.policy.matrix import Matrix, Seen

from .sites import SITE, with_rules

RULE = {"name": "r"}


def test_out_and_in_again() -> None:
    """Everything that can be said, said."""
    rule = {
        "name": "all", "from": ["pumps", "other"], "to": "any", "services": ["22/tcp", "80-90/tcp", "any"],
        "action": "deny", "response": "approve", "note": "ticket 12", "seen": {"pairs": 3, "sources": 2, "targets": 1},
    }  # fmt: skip
    matrix = matrix_of({**with_rules(rule), "default": {"action": "deny", "response": "auto"}})
    assert Seen(3, 2, 1) == matrix.rules[0].seen
    assert rule == data_of(matrix)["rules"][0]
    assert matrix == matrix_of(data_of(matrix))


def test_what_is_left_out() -> None:
    """Any group, any service, allowed; the default allows and asks for nothing."""
    assert Matrix() == matrix_of({})
    (rule,) = matrix_of({"rules": [RULE]}).rules
    assert ({"name": "r", "from": "any", "to": "any", "services": ["any"], "action": "allow"}) == data_of(
        Matrix(rules=(rule,))
    )["rules"][0]
    assert (True, Response.NONE) == (Matrix().default.allows, Matrix().default.response)


@pytest.mark.parametrize(
    ("data", "key", "said", "allowed"),
    [
        (None, (), "is no mapping", "groups, rules, default"),
        ({"rule": []}, ("rule",), "is no key", "groups, rules, default"),
        ({"groups": {"any": {}}}, ("groups", "any"), "meaning of its own", "another"),
        ({"groups": {"a": {"prefix": []}}}, ("groups", "a", "prefix"), "is no key", "prefixes, roles, kinds"),
        ({"groups": {"a": {"prefixes": ["10.0.0.1/8"]}}}, ("groups", "a", "prefixes", 0), "no prefix", "host bits zero"),
        ({"groups": {"a": {"kinds": ["toaster"]}}}, ("groups", "a", "kinds", 0), "no kind toaster", "PC, printer"),
        ({"groups": {"a": {"roles": ["boss"]}}}, ("groups", "a", "roles", 0), "no role boss", "nms"),
        ({"groups": {"a": {"roles": ["nms"]}, "b": {"roles": ["nms"]}}}, ("groups", "b", "roles", 0), "in group a", None),
        ({"rules": {}}, ("rules",), "is no list", "[..., ...]"),
        ({"rules": [{}]}, ("rules", 0), "has no name", "name: ..."),
        ({"rules": [RULE, RULE]}, ("rules", 1, "name"), "another rule", None),
        ({"rules": [{"name": "default"}]}, ("rules", 0, "name"), "another rule", None),
        ({"rules": [RULE | {"from": "pumps"}]}, ("rules", 0, "from"), "no group pumps", "other, any"),
        ({"rules": [RULE | {"to": ["any", "x"]}]}, ("rules", 0, "to"), "no group x", "other, any"),
        ({"rules": [RULE | {"services": ["445/udp"]}]}, ("rules", 0, "services", 0), "445/udp is no service", "445/tcp"),
        ({"rules": [RULE | {"services": ["9-8/tcp"]}]}, ("rules", 0, "services", 0), "no service", "445/tcp"),
        ({"rules": [RULE | {"services": ["9-/tcp"]}]}, ("rules", 0, "services", 0), "no service", "445/tcp"),
        ({"rules": [RULE | {"services": ["65536/tcp"]}]}, ("rules", 0, "services", 0), "no service", "445/tcp"),
        ({"rules": [RULE | {"action": "drop"}]}, ("rules", 0, "action"), "drop is no action", "allow or deny"),
        (
            {"rules": [RULE | {"action": "deny", "response": "shut"}]},
            ("rules", 0, "response"), "shut is no response", "none, recommend, approve, auto",
        ),
        ({"rules": [RULE | {"response": "auto"}]}, ("rules", 0, "response"), "asks for nothing", "action: deny"),
        ({"rules": [RULE | {"seen": {"pairs": "x"}}]}, ("rules", 0, "seen"), "no counts", "pairs: 0"),
        ({"default": {"services": []}}, ("default", "services"), "is no key", "action, response"),
    ],
)  # fmt: skip
def test_what_is_wrong(data: Any, key: tuple[Any, ...], said: str, allowed: str | None) -> None:
    """The key, what is wrong with it, and what it could be."""
    with pytest.raises(PolicyError, match=said) as error:
        matrix_of(data, roles=["nms"], kinds=["printer", "PC"])
    assert key == error.value.key
    assert allowed is None or allowed in (error.value.allowed or "")


def test_the_site_of_these_tests() -> None:
    """Groups and rules in their order."""
    matrix = matrix_of(SITE)
    assert ["pumps", "servers", "admins", "printers"] == [group.name for group in matrix.groups]
    assert (range(443, 444), range(5000, 5011)) == matrix.rules[0].ports
