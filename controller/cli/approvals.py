"""Whose yes a containment has, and how many it still needs."""

from __future__ import annotations

from sqlalchemy import Connection

from controller.core.errors import AwaitingApproval
from controller.store import containments, requests
from playbooks.rules.approval import counted, person

SAYS = {
    "en": "{have} of {needed} people have said yes",
    "zh": "{needed} 人中已有 {have} 人同意",
}
OWN = {
    "en": "your own word does not count: {by} asked for it",
    "zh": "您本人的同意不计入:请求由 {by} 提出",
}
OTHERS = {
    "en": "another person says yes or no: cordon action approve, or reject",
    "zh": "由另一人决定:cordon action approve 或 reject",
}


def approved_by(connection: Connection, row: containments.Row) -> list[str]:
    """The people whose yes counts, each once; who asked is none of them."""
    return sorted(counted(containments.approvers(connection, row["containment_id"]), _asked_by(connection, row)))


def say_who_is_missing(connection: Connection, row: containments.Row, by: str, language: str) -> None:
    """Tell someone whose yes was not enough whose there are; nothing if it was enough, and something else is asked now."""
    people, asked_by = approved_by(connection, row), _asked_by(connection, row)
    if person(by) == person(asked_by):
        reasons: tuple[str, ...] = (OWN[language].format(by=asked_by),)
    elif people:
        reasons = (", ".join(people),)
    else:
        return  # withdrawn: it would be another verb or port by now
    said = SAYS[language].format(have=len(people), needed=row["approvals_needed"])
    raise AwaitingApproval(said, where=str(row["containment_id"]), reasons=reasons, advice=(OTHERS[language],))


def _asked_by(connection: Connection, row: containments.Row) -> str:
    request = requests.find(connection, row["request_id"])
    return request.requested_by if request else ""
