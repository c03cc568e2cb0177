"""Statements on the way to a switch, made once. To make one anew costs four times as much as to run it, and while flows are
decoded beside them every millisecond of them is a millisecond of an attack.

`insert` and `update` take their columns from the names of the values they are run with; `which`, `but` and the like are
parameters of the condition.
"""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, insert, or_, select, update

from playbooks.lifecycle import State
from playbooks.plan import Verb
from playbooks.request import Origin

from .tables import alerts, approvals, audit, audit_head, containments, requests, steps, stops, transitions

HOLDS_A_PORT = (State.APPLYING, State.VERIFYING, State.CONTAINED, State.RELEASING)
OPEN = (State.REQUESTED, State.LOCATING, State.PLANNED, State.APPLYING, State.VERIFYING, State.RELEASING)
EVERYWHERE = "*"

_c = containments.c
_ID, _BUT = _c.containment_id == bindparam("which"), _c.containment_id != bindparam("but")
_HOLDS = _c.state.in_(HOLDS_A_PORT)
_MAY_HOLD = or_(_HOLDS, _c.unsettled.is_(True))

FIND = select(containments).where(_ID)
OF_REQUEST = select(containments).where(_c.request_id == bindparam("request_id"))
PENDING = (
    select(containments)
    .where(_c.state.in_(OPEN), or_(_c.retry_ms.is_(None), _c.retry_ms <= bindparam("now_ms")))
    .order_by(_c.created_ms)
    .limit(500)
)
OVERDUE = (
    select(containments)
    .where(_c.state.in_(bindparam("states", expanding=True)), _c.until_ms <= bindparam("now_ms"))
    .order_by(_c.until_ms)
)
_FREE = or_(_c.claimed_by.is_(None), _c.claimed_by == bindparam("who"), _c.claimed_until_ms < bindparam("now_ms"))
CLAIM = update(containments).where(_ID, _FREE)
AMEND = update(containments).where(_ID)
UNCLAIM = AMEND.where(_c.claimed_by == bindparam("who"))
MOVE = update(containments).where(_ID, _c.state == bindparam("before"))
MOVE_IF_FREE = MOVE.where(_FREE)
CREATE, BEGIN_STEP, TRANSITION = insert(containments), insert(steps), insert(transitions)
END_STEP = update(steps).where(steps.c.id == bindparam("which"))
JOURNAL = select(steps).where(steps.c.containment_id == bindparam("which")).order_by(steps.c.id)
HISTORY = select(transitions).where(transitions.c.containment_id == bindparam("which")).order_by(transitions.c.id)
APPROVERS = (
    select(approvals.c.by)
    .where(approvals.c.containment_id == bindparam("which"), approvals.c.decision == "approve")
    .order_by(approvals.c.at_ms)
)
ON_PROBATION = select(_c.containment_id).where(_c.mac == bindparam("mac"), _c.state == State.PROBATION, _BUT)
EARLIER = select(func.count()).where(_c.mac == bindparam("mac"), _c.contained_ms >= bindparam("since_ms"), _BUT)

ON_PORT = select(containments).where(
    _c.switch == bindparam("switch"), _c.ifindex == bindparam("ifindex"), _BUT, _MAY_HOLD
)
_HOLDER = select(containments).where(_c.ifindex.is_not(None), _BUT, _HOLDS)
HOLDER_BY_MAC, HOLDER_BY_IP = _HOLDER.where(_c.mac == bindparam("mac")), _HOLDER.where(_c.ip == bindparam("ip"))
QUARANTINE_VLANS = select(_c.vlan).where(_c.vlan.is_not(None), _c.site == bindparam("site"), _BUT, _MAY_HOLD)

REQUEST = select(requests.c.body).where(requests.c.request_id == bindparam("request_id"))
REQUEST_THERE = select(requests.c.request_id).where(requests.c.request_id == bindparam("request_id"))
ADD_REQUEST = insert(requests)
ALERT_THERE = select(alerts.c.response, alerts.c.body).where(alerts.c.alert_id == bindparam("alert_id"))
ADD_ALERT = insert(alerts)
HEAD = select(audit_head.c.seq, audit_head.c.hash).with_for_update()
LINK, FIRST_HEAD, NEXT_HEAD = insert(audit), insert(audit_head), update(audit_head)


def _asked(*, in_site: bool) -> Select[int]:
    """Alerts that asked for action since a person last looked."""
    looked_ms = select(func.coalesce(func.max(stops.c.cleared_ms), 0)).where(stops.c.scope.in_(_scopes(in_site)))
    asked: list[ColumnElement[bool]] = [
        _c.origin == Origin.ALERT,
        _c.created_ms >= bindparam("bulk_since_ms"),
        _c.created_ms > looked_ms.scalar_subquery(),
    ]
    if in_site:
        asked.append(or_(_c.site == bindparam("site"), _c.site.is_(None)))
    return select(func.count()).where(*asked)


def _usage(*, in_site: bool) -> Select[tuple[int, int, int, int, int]]:
    """What budgets are compared with, in one go: a window's automatic actions on a switch and in a site, MACs blocked on the
    switch, stops that hold, and alerts that asked for action since a person last looked."""
    recent = (_c.applied_ms >= bindparam("since_ms"), _c.origin != Origin.PERSON, _BUT)
    on_switch = select(func.count()).where(_c.switch == bindparam("switch"))
    return select(
        on_switch.where(*recent).scalar_subquery(),
        select(func.count()).where(_c.site == bindparam("site"), *recent).scalar_subquery(),
        on_switch.where(_c.verb == Verb.MAC_BLOCK, _BUT, _MAY_HOLD).scalar_subquery(),
        select(func.count())
        .select_from(stops)
        .where(stops.c.scope.in_(_scopes(in_site)), stops.c.cleared_ms.is_(None))
        .scalar_subquery(),
        _asked(in_site=in_site).scalar_subquery(),
    )


def _scopes(in_site: bool) -> list[BindParameter[str] | str]:
    return [bindparam("site"), EVERYWHERE] if in_site else [EVERYWHERE]


ASKED_IN_SITE, ASKED = _asked(in_site=True), _asked(in_site=False)
USAGE_IN_SITE, USAGE = _usage(in_site=True), _usage(in_site=False)
