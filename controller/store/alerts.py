"""Alerts. The primary key is the deterministic alert id: a replay inserts nothing twice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from . import audit
from .tables import alerts

RESPONSES = ("none", "recommend", "approve", "auto")


def record(tx: Connection, alert: Mapping[str, Any], *, site: str | None, now_ms: int) -> bool:
    """Keep an alert (the object of `Alert.to_json`); False if it was there already. One that came before and asks for
    more now is brought up to date."""
    known = tx.execute(select(alerts.c.response).where(alerts.c.alert_id == alert["alert_id"])).first()
    if known is not None:
        _strengthen(tx, alert, known.response, now_ms)
        return False
    tx.execute(
        insert(alerts).values(
            alert_id=alert["alert_id"],
            site=site,
            detector=alert["detector"],
            technique=alert["technique"],
            severity=alert["severity"],
            response=alert["response"],
            src_ip=alert["src_ip"],
            src_mac=alert.get("src_mac"),
            exporter=alert.get("exporter"),
            in_if=alert.get("in_if"),
            first_flow_ms=alert["first_flow_at"],
            alerted_ms=alert["alerted_at"],
            recorded_ms=now_ms,
            status="new",
            body=json.dumps(alert, ensure_ascii=False, default=str),
        )
    )
    subject = {key: alert.get(key) for key in ("src_ip", "src_mac", "exporter", "in_if", "detector", "severity")}
    audit.append(tx, at_ms=now_ms, actor="detectors", what="alert", subject=alert["alert_id"], body=subject)
    return True


def _strengthen(tx: Connection, alert: Mapping[str, Any], before: str, now_ms: int) -> None:
    if RESPONSES.index(alert["response"]) <= RESPONSES.index(before):
        return
    # A better exporter may have named the port in the meantime.
    values = {name: alert.get(name) for name in ("response", "severity", "src_mac", "exporter", "in_if")}
    body = json.dumps(alert, ensure_ascii=False, default=str)
    tx.execute(update(alerts).where(alerts.c.alert_id == alert["alert_id"]).values(**values, body=body))
    change = {"response": [before, alert["response"]]}
    audit.append(tx, at_ms=now_ms, actor="detectors", what="alert.stronger", subject=alert["alert_id"], body=change)


def find(connection: Connection, alert_id: str) -> dict[str, Any] | None:
    """One alert with its status, or None."""
    row = connection.execute(select(alerts).where(alerts.c.alert_id == alert_id)).first()
    return _whole(row) if row else None


def newest(connection: Connection, *, most: int = 100) -> Sequence[dict[str, Any]]:
    """The newest alerts first."""
    query = select(alerts).order_by(alerts.c.recorded_ms.desc(), alerts.c.alert_id).limit(most)
    return [_whole(row) for row in connection.execute(query)]


def _whole(row: Any) -> dict[str, Any]:
    return {**json.loads(row.body), "site": row.site, "status": row.status, "recorded_at": row.recorded_ms}
