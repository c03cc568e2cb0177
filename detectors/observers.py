"""The observers that every engine has, as the catalog describes them. A new one is a folder and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from .address import Networks
from .alert import Response, Severity
from .catalog import Catalog
from .newpeer.edges import Edges
from .newpeer.observer import NewPeer
from .newpeer.plain import PlainEdges
from .newpeer.settings import EdgeSettings


def newpeer(
    catalog: Catalog,
    internal: Networks,
    *,
    host_roles: Mapping[bytes, str] | None = None,
    learn_ms: int | None = None,
    report_unlearned: bool = False,
    show: Severity | None = None,
    started_ms: int | None = None,
    slow: bool = False,
) -> NewPeer:
    """First-seen administration; without `slow` on the compiled table."""
    edges = PlainEdges(catalog.newpeer.edges, internal) if slow else _fast(catalog.newpeer.edges, internal)
    return NewPeer(
        catalog.newpeer,
        edges,
        excused=excused(catalog, host_roles or {}, NewPeer.NAME),
        learn_ms=learn_ms,
        report_unlearned=report_unlearned,
        show=show,
        started_ms=started_ms,
    )


def excused(catalog: Catalog, host_roles: Mapping[bytes, str], detector: str) -> frozenset[bytes]:
    """Hosts whose declared role leaves this detector nothing to say."""
    return frozenset(
        address for address, role in host_roles.items() if catalog.roles.get(role, {}).get(detector) is Response.NONE
    )


def _fast(settings: EdgeSettings, internal: Networks) -> Edges:
    from .newpeer.fast import FastEdges  # noqa: PLC0415 numba takes half a second, and is not wanted where nothing is detected

    return FastEdges(settings, internal)


def warm() -> None:
    """Compile what observers need, or load it from the cache."""
    from .newpeer import fast  # noqa: PLC0415 as above

    fast.warm()
