"""The observers of an engine, as the catalog describes them; every engine has newpeer and transfer. A new one is a folder and a
line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .address import Networks
from .alert import Response, Severity
from .catalog import Catalog
from .newpeer.edges import Edges
from .newpeer.observer import NewPeer
from .newpeer.plain import PlainEdges
from .policy.days import SERVICES, DailyEdges
from .policy.groups import Groups
from .policy.matrix import Matrix
from .policy.observer import Policy
from .transfer.observer import Transfer
from .transfer.plain import PlainPushes
from .transfer.pushes import Pushes


@dataclass(frozen=True, slots=True)
class Learning:
    """How observers learn before they judge. None: as the catalog says.

    `report_unlearned`: what is new is said, at most as `low`, though nothing was learned (recordings). Learning begins with the
    first row that matters, or at `started_ms`.
    """

    learn_ms: int | None = None
    report_unlearned: bool = False
    show: Severity | None = None
    started_ms: int | None = None
    host_roles: Mapping[bytes, str] = field(default_factory=dict)


AS_THE_CATALOG_SAYS = Learning()


def newpeer(
    catalog: Catalog, internal: Networks, learning: Learning = AS_THE_CATALOG_SAYS, *, slow: bool = False
) -> NewPeer:
    """First-seen administration; without `slow` on the compiled table."""
    edges: Edges = PlainEdges(catalog.newpeer.edges, internal)
    if not slow:
        from .newpeer.fast import FastEdges  # noqa: PLC0415 numba takes half a second: only where something is detected

        edges = FastEdges(catalog.newpeer.edges, internal)
    return NewPeer(
        catalog.newpeer,
        edges,
        excused=excused(catalog, learning.host_roles, NewPeer.NAME),
        learn_ms=learning.learn_ms,
        report_unlearned=learning.report_unlearned,
        show=learning.show,
        started_ms=learning.started_ms,
    )


def transfer(
    catalog: Catalog, internal: Networks, learning: Learning = AS_THE_CATALOG_SAYS, *, slow: bool = False
) -> Transfer:
    """Bulk copies to many; without `slow` on the compiled table."""
    pushes: Pushes = PlainPushes(catalog.transfer.pushes, internal)
    if not slow:
        from .transfer.fast import FastPushes  # noqa: PLC0415 as above

        pushes = FastPushes(catalog.transfer.pushes, internal)
    return Transfer(
        catalog.transfer,
        pushes,
        excused=excused(catalog, learning.host_roles, Transfer.NAME),
        learn_ms=learning.learn_ms,
        report_unlearned=learning.report_unlearned,
        show=learning.show,
        started_ms=learning.started_ms,
    )


def policy(catalog: Catalog, internal: Networks, matrix: Matrix, groups: Groups, *, slow: bool = False) -> Policy:
    """The site's own rules, where it has some; without `slow` on compiled tables."""
    return Policy(
        matrix,
        daily_edges(internal, slow=slow),
        groups,
        technique=catalog.techniques[Policy.NAME],
        techniques={port: service.technique for port, service in catalog.newpeer.services.items()},
    )


def daily_edges(internal: Networks, *, slow: bool = False) -> DailyEdges:
    """Connections on every service, day by day."""
    if slow:
        return DailyEdges(lambda: PlainEdges(SERVICES, internal))
    from .newpeer.fast import FastEdges  # noqa: PLC0415 as above

    return DailyEdges(lambda: FastEdges(SERVICES, internal))


def excused(catalog: Catalog, host_roles: Mapping[bytes, str], detector: str) -> frozenset[bytes]:
    """Hosts whose declared role leaves this detector nothing to say."""
    return frozenset(
        address for address, role in host_roles.items() if catalog.roles.get(role, {}).get(detector) is Response.NONE
    )


def warm() -> None:
    """Compile what observers need, or load it from the cache."""
    from .newpeer import fast as edges  # noqa: PLC0415 as above
    from .transfer import fast as pushes  # noqa: PLC0415 as above

    edges.warm()
    pushes.warm()
