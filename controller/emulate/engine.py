"""The authoritative side of SNMPv3 with USM: checks questions as RFC 3414 section 3.2 says, and seals answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.core.snmp import ber, pdu, v3
from controller.core.snmp.ber import Oid
from controller.core.snmp.keys import UserKeys
from controller.core.snmp.pdu import Pdu

WINDOW_S = 150
USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
UNSUPPORTED_LEVEL, NOT_IN_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST = 1, 2, 3, 4, 5
UNKNOWN_CONTEXT: Oid = (1, 3, 6, 1, 6, 3, 12, 1, 5, 0)


@dataclass(frozen=True, slots=True, repr=False)
class V3User:
    """A user of an agent. `writes` = may SET."""

    name: str
    auth: str | None = None
    auth_key: str = ""
    priv: str | None = None
    priv_key: str = ""
    writes: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """A PDU that came in order, and how its answer is sealed."""

    user: V3User
    context: str
    pdu: Pdu
    envelope: v3.Envelope
    keys: UserKeys


class Reported(Exception):
    """The answer is a report."""

    def __init__(self, message: bytes) -> None:
        super().__init__("reported")
        self.message = message


class UsmEngine:
    """`boots` and `uptime_s` are asked for at each message, so that a reboot of the switch is one of its agent."""

    def __init__(self, users: Mapping[str, V3User], boots: Callable[[], int], uptime_s: Callable[[], int]) -> None:
        self.engine_id = b"\x80\x00\x1f\x88\x04" + secrets.token_bytes(8)
        self._users, self._boots, self._uptime_s = users, boots, uptime_s
        self._keys: dict[str, UserKeys] = {}
        self._reports = 0

    def replace(self) -> None:
        """Another engine, as when the device was exchanged."""
        self.engine_id = b"\x80\x00\x1f\x88\x04" + secrets.token_bytes(8)
        self._keys.clear()

    def open(self, data: bytes) -> Question:
        """Reported where the asker is to be told; Malformed where it is not (a wrong privacy key decrypts to nonsense)."""
        sealed = v3.open_message(data)
        asked = sealed.envelope
        if asked.engine_id != self.engine_id:
            raise self._report(asked, (*USM_STATS, UNKNOWN_ENGINE, 0))
        user = self._users.get(asked.user.decode("utf-8", "replace"))
        if user is None:
            raise self._report(asked, (*USM_STATS, UNKNOWN_USER, 0))
        keys = self._keys_of(user)
        if (asked.flags & v3.AUTH and not user.auth) or (asked.flags & v3.PRIV and not user.priv):
            raise self._report(asked, (*USM_STATS, UNSUPPORTED_LEVEL, 0))
        if asked.flags & v3.AUTH:
            if not sealed.authentic(keys):
                raise self._report(asked, (*USM_STATS, WRONG_DIGEST, 0))
            if asked.boots != self._boots() or abs(asked.time_s - self._uptime_s()) > WINDOW_S:
                raise self._report(asked, (*USM_STATS, NOT_IN_WINDOW, 0), keys)
        context, question = sealed.scoped(keys)
        return Question(user, context.decode("utf-8", "replace"), question, asked, keys)

    def level_fits(self, question: Question) -> bool:
        """Whether the question came at the level its user is meant to have."""
        wanted = (v3.AUTH if question.user.auth else 0) | (v3.PRIV if question.user.priv else 0)
        return question.envelope.flags & (v3.AUTH | v3.PRIV) == wanted

    def seal(self, question: Question, answer: bytes) -> bytes:
        """At the level of the question."""
        asked = question.envelope
        flags = asked.flags & (v3.AUTH | v3.PRIV)
        envelope = v3.Envelope(asked.message_id, flags, self.engine_id, self._boots(), self._uptime_s(), asked.user)
        return v3.seal(envelope, v3.scoped_pdu(self.engine_id, question.context.encode(), answer), question.keys)

    def unknown_context(self, question: Question) -> Reported:
        """Told in the question's own level."""
        return self._report(question.envelope, UNKNOWN_CONTEXT, question.keys if question.user.auth else None)

    def _report(self, asked: v3.Envelope, oid: Oid, keys: UserKeys | None = None) -> Reported:
        self._reports += 1
        flags = v3.AUTH if keys else 0
        envelope = v3.Envelope(asked.message_id, flags, self.engine_id, self._boots(), self._uptime_s(), asked.user)
        report = pdu.pdu(pdu.REPORT, 0, pdu.binding(oid, ber.integer(self._reports, ber.COUNTER32)))
        return Reported(v3.seal(envelope, v3.scoped_pdu(self.engine_id, b"", report), keys))

    def _keys_of(self, user: V3User) -> UserKeys:
        if user.name not in self._keys:
            auth, priv = user.auth_key.encode(), user.priv_key.encode()
            self._keys[user.name] = UserKeys(user.auth, auth, user.priv, priv, self.engine_id)
        return self._keys[user.name]
