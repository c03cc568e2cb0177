"""A small site by hand: pumps, servers and an administrator, and the observer with its rules."""

from collections.abc import Iterable
from typing import Any

from controller.runtime.catalog import load_catalog
from detectors.address import INTERNAL, Networks
from detectors.notice import Notice
from detectors.observers import policy
from detectors.policy.groups import Groups, KindOf, unknown_kind
from detectors.policy.mapping import matrix_of
from detectors.policy.observer import Policy
from tests.detectors import flows as f

DAY = 86_400_000
PUMP, SERVER, STRANGER = 1, 250, 600  # 10.77.0.2, 10.77.1.1, 10.77.2.101
SITE: dict[str, Any] = {
    "groups": {
        "pumps": {"prefixes": ["10.77.0.0/24"]},
        "servers": {"prefixes": ["10.77.1.0/24"]},
        "admins": {"roles": ["admin"]},
        "printers": {"kinds": ["printer"]},
    },
    "rules": [
        {"name": "pumps report", "from": "pumps", "to": "servers", "services": ["443/tcp", "5000-5010/tcp"]},
        {"name": "pumps are alone", "from": "pumps", "to": "any", "action": "deny", "response": "recommend"},
    ],
}


def observer(
    data: dict[str, Any] = SITE,
    *,
    roles: dict[int, str] | None = None,
    kind_of: KindOf = unknown_kind,
    slow: bool = True,
) -> Policy:
    """As the live service has it; `roles` by host."""
    matrix = matrix_of(data)
    declared = {f.packed(f.ip_of(host)): role for host, role in (roles or {}).items()}
    return policy(load_catalog(), Networks(INTERNAL), matrix, Groups(matrix.groups, declared, kind_of), slow=slow)


def with_rules(*rules: dict[str, Any], default: str = "allow") -> dict[str, Any]:
    """The same groups, these rules."""
    return {**SITE, "rules": list(rules), "default": {"action": default}}


def notices(to: Policy, rows: Iterable[f.Row], *, batch: int = 500) -> list[Notice]:
    """What it says of rows."""
    kept = list(rows)
    return [n for at in range(0, len(kept), batch) for n in to.take(f.batch_of(kept[at : at + batch]))]


def broken(to: Policy, rows: Iterable[f.Row]) -> list[str]:
    """Rules that rows break."""
    return [str(notice.words["rule"]) for notice in notices(to, rows)]
