"""Sealing questions and opening answers as a USM user whose engine's clock is followed (RFC 3414)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from controller.core.errors import CommandRejected, NotAllowed
from controller.core.snmp import ber, pdu, v3
from controller.core.snmp.ber import Oid
from controller.core.snmp.keys import AUTH_OCTETS, UserKeys
from controller.core.snmp.mould import Mould, likeness
from controller.core.snmp.pdu import Pdu
from controller.core.snmp.stamp import SMALLEST_ID, Stamp

from .numbers import Numbers
from .security import Again

WINDOW_S = 150  # RFC 3414 section 2.2.3
USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
CONTEXT_STATS: Oid = (1, 3, 6, 1, 6, 3, 12, 1)
NOTHING_ASKED = v3.scoped_pdu(b"", b"", pdu.pdu(pdu.GET, 0, b""))
NOT_IN_TIME_WINDOW, UNKNOWN_ENGINE = (*USM_STATS, 2, 0), (*USM_STATS, 4, 0)
REFUSALS: dict[Oid, tuple[str, str]] = {
    (*USM_STATS, 1, 0): ("has this SNMPv3 user at another security level", "check auth and priv of user and switch"),
    (*USM_STATS, 3, 0): ("unknown SNMPv3 user", "check snmp.user, or make the user on the switch"),
    (*USM_STATS, 5, 0): ("wrong SNMPv3 digest", "check snmp.auth_key and snmp.auth_protocol"),
    (*USM_STATS, 6, 0): ("cannot decrypt what it is sent", "check snmp.priv_key and snmp.priv_protocol"),
}


@dataclass(frozen=True, slots=True, repr=False)
class UsmUser:
    """Who asks. Passwords are taken in as octets and never shown."""

    name: bytes
    auth: str | None = None
    auth_password: bytes = b""
    priv: str | None = None
    priv_password: bytes = b""


class ByUser:
    """v3. Learns the engine's id and clock, follows reboots, and believes nothing that is not signed where it could be."""

    def __init__(self, user: UsmUser, where: str) -> None:
        self._user, self._where = user, where
        self._engine_id = b""
        self._keys: UserKeys | None = None
        self._boots, self._time_s, self._at_s = 0, 0, 0.0
        self._proven = False  # the clock came in a signed message
        self._flags = (v3.AUTH if user.auth else 0) | (v3.PRIV if user.auth and user.priv else 0)
        self._numbers = Numbers()
        self._like: v3.Sealed | None = None  # the answer before, and what opens those that are like it
        self._mould: Mould | None = None
        self._stamp: Stamp | None = None  # of questions of this second
        self._context, self._head = "", b""  # of the question that was sealed last
        self._asked: set[int] = set()
        self.frame = 1300 - len(user.name) - AUTH_OCTETS.get(user.auth or "", 0)

    @property
    def ready(self) -> bool:
        """Whether the engine's id is known."""
        return self._keys is not None

    def discovery(self) -> bytes:
        """An empty question to an unnamed engine: the answer is a report that names it (RFC 3414 section 4)."""
        envelope = v3.Envelope(self._next_id(), v3.REPORTABLE, b"", 0, 0, b"")
        return v3.seal(envelope, NOTHING_ASKED, None)

    def seal(self, question: bytes, context: str) -> bytes:
        """A message, at the engine's time."""
        if context != self._context or not self._head:
            self._context, self._head = context, v3.scoped_head(self._engine_id, context.encode())
        scoped = ber.element(ber.SEQUENCE, self._head + question)
        number, now_s = self._next_id(), self._now_s()
        if number < SMALLEST_ID or self._keys is None or not self._flags & v3.PRIV:
            flags = self._flags | v3.REPORTABLE
            envelope = v3.Envelope(number, flags, self._engine_id, self._boots, now_s, self._user.name)
            return v3.seal(envelope, scoped, self._keys)
        if self._stamp is None or self._stamp.time_s != now_s:
            self._stamp = Stamp(self._keys, self._engine_id, self._boots, now_s, self._user.name)
        return self._stamp.seal(number, scoped)

    def open(self, data: bytes) -> Pdu | None:
        """The PDU of an answer that is as secure as the question was. Again, NotAllowed, CommandRejected for reports."""
        return (self._mould and self._quickly(self._mould, data)) or self._read(data)

    def forget(self) -> None:
        """Later answers are strays."""
        self._asked.clear()

    def _quickly(self, mould: Mould, data: bytes) -> Pdu | None:
        """As `_read`, of an answer that is like the last good one; None for any other, good or bad."""
        fields, keys = mould.fields(data), self._keys
        if fields is None or keys is None:
            return None
        number, time_s, salt = fields
        if number not in self._asked or not keys.verifies(data, mould.signature_at):
            return None
        clear = keys.decrypt(data[mould.cipher_at :], mould.boots, time_s, salt)
        found = pdu.quick_open(clear, self._head) or v3.read_scoped(clear, 0, len(clear))[1]
        return found if found.kind != pdu.REPORT and self._follow(mould.boots, time_s) else None

    def _read(self, data: bytes) -> Pdu | None:
        sealed = v3.open_message(data)
        envelope = sealed.envelope
        if envelope.message_id not in self._asked:
            return None
        if self._keys is None or envelope.engine_id != self._engine_id:
            self._other_engine(sealed)
            return None
        signed = sealed.authentic(self._keys)
        if envelope.flags & v3.AUTH and not signed:
            return None
        found = sealed.answer(self._keys, self._head)
        if found.kind == pdu.REPORT:
            self._report(sealed, found, signed=signed)
        as_asked = envelope.flags & (v3.AUTH | v3.PRIV) == self._flags and envelope.user == self._user.name
        if not as_asked or (signed and not self._follow(envelope.boots, envelope.time_s)):
            return None
        self._learn(sealed)
        return found

    def _learn(self, sealed: v3.Sealed) -> None:
        """How answers look that were found good."""
        like = likeness(sealed)
        if like != self._like:
            self._like, self._mould = like, Mould(like) if like else None

    def _next_id(self) -> int:
        number = self._numbers.next()
        self._asked.add(number)
        return number

    def _now_s(self) -> int:
        if not self._proven and not self._at_s:
            return 0
        return self._time_s + int(time.monotonic() - self._at_s)

    def _set_clock(self, boots: int, time_s: int, *, proven: bool) -> None:
        self._boots, self._time_s, self._at_s = boots, time_s, time.monotonic()
        self._proven, self._stamp = proven, None

    def _other_engine(self, sealed: v3.Sealed) -> None:
        """Only the answer to a discovery may name an engine; any other unknown id means that the old one is gone."""
        envelope = sealed.envelope
        if envelope.flags & (v3.AUTH | v3.PRIV) or not 5 <= len(envelope.engine_id) <= 32:
            return
        report = sealed.scoped(None)[1]
        if report.kind != pdu.REPORT:
            return
        if self._keys is not None:
            self._report(sealed, report, signed=False)
            return
        user = self._user
        self._keys = UserKeys(user.auth, user.auth_password, user.priv, user.priv_password, envelope.engine_id)
        self._engine_id, self._head, self._mould = envelope.engine_id, b"", None
        self._set_clock(envelope.boots, envelope.time_s, proven=False)
        raise Again

    def _follow(self, boots: int, time_s: int) -> bool:
        """Keep step with the engine's clock; False for an answer from the past (RFC 3414 section 3.2, 7 b)."""
        now_s = self._now_s()
        if self._proven and (boots < self._boots or (boots == self._boots and time_s < now_s - WINDOW_S)):
            return False
        if not self._proven or boots > self._boots or time_s > now_s:
            self._set_clock(boots, time_s, proven=True)
        return True

    def _report(self, sealed: v3.Sealed, report: Pdu, *, signed: bool) -> None:
        for name, _, _ in report.bindings():
            if name == NOT_IN_TIME_WINDOW and (signed or not self._flags & v3.AUTH):
                if not self._proven or sealed.envelope.boots >= self._boots:
                    self._set_clock(sealed.envelope.boots, sealed.envelope.time_s, proven=signed)
                    raise Again
            elif name == UNKNOWN_ENGINE:
                self._keys, self._engine_id, self._stamp, self._mould = None, b"", None, None
                raise Again
            elif name in REFUSALS:
                what, do = REFUSALS[name]
                raise NotAllowed(what, where=self._where, do=do)
            elif name[: len(CONTEXT_STATS)] == CONTEXT_STATS:
                raise CommandRejected("the agent has no such context", where=self._where)
