"""Alerts. The primary key is the deterministic alert id: a replay inserts nothing twice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from . import audit
from . import statements as sql
from .tables import alerts

RESPONSES = ("none", "recommend", "approve", "auto")
SEVERITIES = ("info", "low", "medium", "high", "critical")
CHAIN = ("chain", "patient_zero")
MOST_FINDINGS = 40


def record(tx: Connection, alert: Mapping[str, Any], *, site: str | None, now_ms: int) -> bool:
    """Keep an alert (the object of `Alert.to_json`); False if it was there already. One that came before and asks for
    more now, or that another finding has joined, is brought up to date."""
    known = tx.execute(sql.ALERT_THERE, {"alert_id": alert["alert_id"]}).first()
    if known is not None:
        _grow(tx, alert, known.response, json.loads(known.body), now_ms)
        return False
    values = {
        "alert_id": alert["alert_id"],
        "site": site,
        "detector": alert["detector"],
        "technique": alert["technique"],
        "severity": alert["severity"],
        "response": alert["response"],
        "src_ip": alert["src_ip"],
        "src_mac": alert.get("src_mac"),
        "exporter": alert.get("exporter"),
        "in_if": alert.get("in_if"),
        "first_flow_ms": alert["first_flow_at"],
        "alerted_ms": alert["alerted_at"],
        "recorded_ms": now_ms,
        "status": "new",
        "body": json.dumps(alert, ensure_ascii=False, default=str),
    }
    tx.execute(sql.ADD_ALERT, values)
    subject = {key: alert.get(key) for key in ("src_ip", "src_mac", "exporter", "in_if", "detector", "severity")}
    audit.append(tx, at_ms=now_ms, actor="detectors", what="alert", subject=alert["alert_id"], body=subject)
    return True


def _grow(tx: Connection, alert: Mapping[str, Any], before: str, body: Mapping[str, Any], now_ms: int) -> None:
    """An alert never loses what was known: a worker that began anew may know less of it than the one before."""
    stronger = RESPONSES.index(alert["response"]) > RESPONSES.index(before)
    held = {_name(finding) for finding in body.get("findings", ())}
    joined = [finding for finding in alert.get("findings", ()) if _name(finding) not in held]
    corrected = _is_earlier(_way(alert), _way(body))
    if not stronger and not joined and not corrected:
        return
    # A better exporter may have named the port in the meantime.
    values = (
        {name: alert.get(name) for name in ("response", "severity", "src_mac", "exporter", "in_if")} if stronger else {}
    )
    fresh = {_name(finding): finding for finding in alert.get("findings", ())} if corrected else {}
    kept = [fresh.get(_name(finding), finding) for finding in body.get("findings", ())]
    grown = {**(alert if stronger else body), "findings": [*kept, *joined][:MOST_FINDINGS]}
    if not stronger:
        values["severity"] = grown["severity"] = max(body["severity"], alert["severity"], key=SEVERITIES.index)
    for name in CHAIN:
        grown[name] = alert.get(name) if corrected else body.get(name)
    grown["risk"] = alert.get("risk") or body.get("risk")
    text = json.dumps(grown, ensure_ascii=False, default=str)
    tx.execute(update(alerts).where(alerts.c.alert_id == alert["alert_id"]).values(**values, body=text))
    change: dict[str, Any] = {"joined": [finding["detector"] for finding in joined]} if joined else {}
    if stronger:
        change["response"] = [before, alert["response"]]
    if corrected:
        change |= {name: [body.get(name), alert.get(name)] for name in CHAIN}
    what = "alert.stronger" if stronger else "alert.joined" if joined else "alert.corrected"
    audit.append(tx, at_ms=now_ms, actor="detectors", what=what, subject=alert["alert_id"], body=change)


def _way(alert: Mapping[str, Any]) -> list[int]:
    """When each step of its chain happened, its own infection first."""
    chains = [finding["links"] for finding in alert.get("findings", ()) if finding.get("links")]
    return [link["at_ms"] for link in reversed(chains[-1])] if chains else []


def _is_earlier(new: list[int], old: list[int]) -> bool:
    """It goes back further, or to an earlier infection; a worker that began anew may know less than is kept."""
    differing = next(((one, other) for one, other in zip(new, old, strict=False) if one != other), None)
    return len(new) > len(old) if differing is None else differing[0] < differing[1]


def _name(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells findings of one alert apart: notices of one detector differ in whom they are about."""
    return finding.get("detector"), finding.get("found_ms")


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
