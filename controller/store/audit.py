"""The audit log: every entry holds the hash of the one before, and a head row holds the last one's.

`verify` finds an entry that was edited, deleted, reordered, inserted or cut off at the end. What it cannot find is a
whole chain that somebody with write access to the database computed anew: keep `head` (seq and hash) elsewhere too,
and compare with `verify(expected_head=...)`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from . import statements as sql
from .tables import audit, audit_head

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What verifying found: how many entries stand, and the first thing that is wrong, if any."""

    entries: int
    head: str
    broken_at: int | None = None
    why: str | None = None

    @property
    def intact(self) -> bool:
        """The chain is whole."""
        return self.why is None


class Entry(NamedTuple):
    """What somebody did. Never put a secret into `body`."""

    at_ms: int
    actor: str
    what: str
    subject: str
    body: Mapping[str, Any] | None = None


def append(
    tx: Connection, *, at_ms: int, actor: str, what: str, subject: str, body: Mapping[str, Any] | None = None
) -> int:
    """Add a link in the caller's transaction and give its number. Never put a secret into `body`."""
    return append_all(tx, [Entry(at_ms, actor, what, subject, body)])


def append_all(tx: Connection, entries: Sequence[Entry]) -> int:
    """Add links in the caller's transaction, in order; gives the number of the last one."""
    row = tx.execute(sql.HEAD).first()
    seq, digest = (int(row.seq), str(row.hash)) if row else (0, GENESIS)
    links = []
    for at_ms, actor, what, subject, body in entries:
        text = json.dumps(body or {}, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
        seq, previous = seq + 1, digest
        digest = link(seq, at_ms, actor, what, subject, text, previous)
        who = {"at_ms": at_ms, "actor": actor, "what": what, "subject": subject}
        links.append({"seq": seq, **who, "body": text, "previous": previous, "hash": digest})
    tx.execute(sql.LINK, links)
    head: dict[str, Any] = {"seq": seq, "hash": digest}
    if row is None:
        tx.execute(sql.FIRST_HEAD, {"id": 1, **head})
    else:
        tx.execute(sql.NEXT_HEAD, head)
    return seq


def link(seq: int, at_ms: int, actor: str, what: str, subject: str, body: str, previous: str) -> str:
    """SHA-256 over the canonical JSON of one entry, the hash before it included."""
    canonical = json.dumps(
        [seq, at_ms, actor, what, subject, body, previous], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify(connection: Connection, expected_head: tuple[int, str] | None = None) -> AuditReport:
    """Walk the whole chain; memory does not grow with it."""
    previous, expected_seq = GENESIS, 1
    for row in connection.execute(select(audit).order_by(audit.c.seq)).yield_per(1000):
        wrong = _wrong(row, expected_seq, previous)
        if wrong:
            return AuditReport(expected_seq - 1, previous, broken_at=expected_seq, why=wrong)
        if expected_head and row.seq == expected_head[0] and row.hash != expected_head[1]:
            return AuditReport(expected_seq - 1, previous, row.seq, "differs from the head that was kept elsewhere")
        previous, expected_seq = row.hash, expected_seq + 1
    count = expected_seq - 1
    head = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).first()
    if (head.seq, head.hash) != (count, previous) if head else count:
        return AuditReport(count, previous, count + 1, "entries at the end are missing, or the head row was changed")
    if expected_head and expected_head[0] > count:
        return AuditReport(count, previous, count + 1, "ends before the head that was kept elsewhere")
    return AuditReport(count, previous)


def entries(connection: Connection, *, most: int = 100, subject: str | None = None) -> Sequence[dict[str, Any]]:
    """The newest entries first."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(most)
    if subject:
        query = query.where(audit.c.subject == subject)
    return [{**row._mapping, "body": json.loads(row.body)} for row in connection.execute(query)]


def count(connection: Connection) -> int:
    """How many entries there are."""
    return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())


def _wrong(row: Any, expected_seq: int, previous: str) -> str | None:
    if row.seq != expected_seq:
        return f"entry {expected_seq} is missing"
    if row.previous != previous:
        return "does not follow the entry before it"
    if row.hash != link(row.seq, row.at_ms, row.actor, row.what, row.subject, row.body, row.previous):
        return "was changed after it was written"
    return None
