"""Containment requests, and the idempotency of those that come from outside (DECISIONS 13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from playbooks.request import Request

from . import statements as sql
from .tables import requests


def add(tx: Connection, request: Request, *, source: str, body_hash: str | None = None) -> bool:
    """Keep a request; False if its id is there already."""
    if tx.execute(sql.REQUEST_THERE, {"request_id": request.request_id}).first():
        return False
    values = {
        "request_id": request.request_id,
        "source": source,
        "key": request.key,
        "body_hash": body_hash,
        "origin": request.origin,
        "requested_by": request.requested_by,
        "requested_ms": request.requested_ms,
        "site": request.site,
        "alert_id": request.alert_id,
        "body": request.model_dump_json(),
    }
    tx.execute(sql.ADD_REQUEST, values)
    return True


def by_key(connection: Connection, source: str, key: str) -> tuple[str, str | None] | None:
    """(request id, hash of the body) of what this source sent under this key before."""
    query = select(requests.c.request_id, requests.c.body_hash).where(
        requests.c.source == source, requests.c.key == key
    )
    row = connection.execute(query).first()
    return (row.request_id, row.body_hash) if row else None


def find(connection: Connection, request_id: str) -> Request | None:
    """One request, or None."""
    row = connection.execute(sql.REQUEST, {"request_id": request_id}).first()
    return Request.model_validate_json(row.body) if row else None


def newest(connection: Connection, *, most: int = 100) -> Sequence[Request]:
    """The newest requests first."""
    query = select(requests.c.body).order_by(requests.c.requested_ms.desc()).limit(most)
    return [Request.model_validate_json(row.body) for row in connection.execute(query)]


def count(connection: Connection) -> int:
    """How many requests there are."""
    rows: Any = connection.execute(select(requests.c.request_id)).all()
    return len(rows)
