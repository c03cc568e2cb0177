"""The policy file: read with every check, written, and proposed from recorded flows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from controller.core import yamlfile
from controller.core.errors import ConfigError, UsageError
from controller.core.files import named_by
from controller.inventory.maker import KINDS
from detectors.address import Networks
from detectors.catalog import Catalog
from detectors.observers import policy
from detectors.policy.days import SERVICES, DayCounts
from detectors.policy.groups import Groups, KindOf
from detectors.policy.learner import LearnCounts, Learner
from detectors.policy.mapping import PolicyError, data_of, matrix_of
from detectors.policy.matrix import Matrix
from detectors.policy.observer import Policy, PolicyCounts

from .settings import DetectionConfig
from .tuning import Recorded


def read(path: Path, *, roles: Iterable[str] | None = None) -> Matrix:
    """The policy of a file; ConfigError names file, line, key and what is allowed. `roles` are those there are, None: any."""
    document = yamlfile.read(path)
    try:
        return matrix_of(document.data, roles=None if roles is None else frozenset(roles), kinds=KINDS)
    except PolicyError as error:
        raise ConfigError(str(error), where=document.where(error.key), do=error.allowed) from None


def text_of(matrix: Matrix, heading: str = "") -> str:
    """YAML that `read` takes; `heading` stands above it as a comment."""
    body = yaml.safe_dump(data_of(matrix), sort_keys=False, allow_unicode=True, width=120)
    return "".join(f"# {line}\n" for line in heading.splitlines()) + body


def write(text: str, path: Path) -> None:
    """Write a policy file, whole or not at all."""
    waiting = path.with_name(f".{path.name}.new")
    try:
        with waiting.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None


def configured(config: DetectionConfig, catalog: Catalog) -> Matrix:
    """The policy that a configuration names; UsageError if it names none."""
    with named_by("detection.policy"):
        return read(place_of(config), roles={*catalog.roles, *config.hosts})


def place_of(config: DetectionConfig) -> Path:
    """Where the configuration has its policy; UsageError if it has none."""
    if config.policy is None:
        raise UsageError("names no policy", where="detection.policy", do="detection: {policy: policy.yaml}")
    return config.policy


def of_site(
    config: DetectionConfig, catalog: Catalog, internal: Networks, host_roles: Mapping[bytes, str], kind_of: KindOf
) -> list[Policy]:
    """The detector of a site that has a policy; where there is none, nothing is looked at."""
    if config.policy is None:
        return []
    matrix = configured(config, catalog)
    return [policy(catalog, internal, matrix, Groups(matrix.groups, host_roles, kind_of))]


def counts(watching: Sequence[Policy]) -> PolicyCounts:
    """Its counters, zero where there is none."""
    return watching[0].counts if watching else PolicyCounts()


def day_counts(watching: Sequence[Policy]) -> DayCounts:
    """The same of its tables."""
    return watching[0].edges.counts if watching else DayCounts()


def counters(rules: Sequence[Policy]) -> dict[str, Callable[[], object]]:
    """Both, by the name of the part."""
    return {"policy": lambda: counts(rules), "policy_edges": lambda: day_counts(rules)}


def learn(
    recorded: Iterable[Recorded],
    groups: Matrix,
    *,
    internal: Sequence[str],
    host_roles: Mapping[bytes, str] | None = None,
    least_pairs: int = 1,
) -> tuple[Matrix, LearnCounts]:
    """A proposal from recordings, by the groups of a policy (none: each /24 and IPv6 /64 is one), and what it counted."""
    from detectors.newpeer.fast import FastEdges  # numba takes half a second

    learner = Learner(groups.groups, Groups(groups.groups, host_roles))
    for each in recorded:
        edges = FastEdges(SERVICES, Networks(internal))  # its own: recordings may lie in any order of time
        for batch in each.batches():
            learner.note(edges.take(batch))
    return learner.proposed(least_pairs), learner.counts
