"""Stops of all automatic action: set when detections come in bulk, or by a person; cleared by a person only. Audited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from controller.core.errors import NotFound

from . import audit
from .statements import EVERYWHERE
from .tables import stops

__all__ = ["EVERYWHERE", "clear", "listed", "stop"]


def stop(tx: Connection, scope: str, *, by: str, why: str, now_ms: int) -> bool:
    """Stop automatic action in a site, or everywhere; False if it is stopped already."""
    if tx.execute(select(stops.c.id).where(stops.c.scope == scope, stops.c.cleared_ms.is_(None))).first():
        return False
    tx.execute(insert(stops).values(scope=scope, stopped_by=by, why=why, stopped_ms=now_ms))
    audit.append(tx, at_ms=now_ms, actor=by, what="automatic.stopped", subject=scope, body={"why": why})
    return True


def clear(tx: Connection, scope: str, *, by: str, why: str, now_ms: int) -> None:
    """A person lets automatic action go on; NotFound if it is not stopped there."""
    held = (stops.c.scope == scope) & stops.c.cleared_ms.is_(None)
    cleared = tx.execute(update(stops).where(held).values(cleared_by=by, cleared_why=why, cleared_ms=now_ms))
    if not cleared.rowcount:
        raise NotFound(f"automatic action is not stopped in {scope}", do="cordon action stops")
    audit.append(tx, at_ms=now_ms, actor=by, what="automatic.resumed", subject=scope, body={"why": why})


def listed(connection: Connection, *, most: int = 100) -> Sequence[dict[str, Any]]:
    """The newest first; those without `cleared_ms` hold."""
    query = select(stops).order_by(stops.c.stopped_ms.desc(), stops.c.id.desc()).limit(most)
    return [dict(row._mapping) for row in connection.execute(query)]
