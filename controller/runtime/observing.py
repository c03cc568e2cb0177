"""The observers of an engine: what a recording, a labelled scenario and the live service each need of them."""

from __future__ import annotations

from collections.abc import Mapping

from detectors.address import Networks
from detectors.alert import Severity
from detectors.catalog import Catalog
from detectors.notice import Observer
from detectors.observers import Learning, newpeer, policy, transfer
from detectors.policy.groups import Groups
from detectors.policy.matrix import Matrix

HostRoles = Mapping[bytes, str]


def of_recording(
    catalog: Catalog,
    internal: Networks,
    host_roles: HostRoles | None = None,
    *,
    show: Severity | None = Severity.INFO,
    matrix: Matrix | None = None,
) -> list[Observer]:
    """Nothing was learned before, so everything that is first seen is said, at most as `low`. `show`: None = as the service;
    `matrix`: a policy to hold it against."""
    told = Learning(learn_ms=0, report_unlearned=True, show=show, host_roles=host_roles or {})
    rules = [policy(catalog, internal, matrix, Groups(matrix.groups, host_roles))] if matrix else []
    return [newpeer(catalog, internal, told), transfer(catalog, internal, told), *rules]


def after_learning(
    catalog: Catalog,
    internal: Networks,
    learn_ms: int,
    *,
    host_roles: HostRoles | None = None,
    show: Severity | None = None,
    started_ms: int | None = None,
) -> list[Observer]:
    """So long is learned silently from `started_ms` on, then judged. `show`: not the catalog's."""
    told = Learning(learn_ms=learn_ms, show=show, started_ms=started_ms, host_roles=host_roles or {})
    return [newpeer(catalog, internal, told), transfer(catalog, internal, told)]
