"""An SNMP session with one device: GET, SET and walks with typed errors, over one socket and one USM state."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from controller.core.clock import Clock, SystemClock
from controller.core.errors import CommandRejected, CordonError, DeviceError, NotAllowed, Unreachable
from controller.core.secrets import reveal
from controller.core.sites import SnmpAccess
from controller.core.snmp import ber, pdu
from controller.core.snmp.ber import Malformed, Oid
from controller.core.snmp.pdu import Binding, Pdu, Value

from .wire.bulk import walk_columns
from .wire.numbers import Numbers
from .wire.pace import Pace
from .wire.security import Again, ByCommunity, Security
from .wire.setting import Setting, check_answer
from .wire.transport import UdpPath, patience_s
from .wire.user import ByUser, UsmUser

MOST_AGAIN = 5  # engine id, time, and both once more if the agent was replaced meanwhile
MOST_NAMES = 24  # of one GET: agents are met that answer more with tooBig
WALK_BURST = 20


class Session(Protocol):
    """What the driver asks of a way to an agent. Unreachable, NotAllowed, CommandRejected, DeviceError."""

    def get(self, *oids: Oid, context: str = "") -> list[Value | None]:
        """Values of instances; None for one that is not there."""
        ...

    def offers(self, oid: Oid) -> bool:
        """Whether the agent has this object at all, be it without this instance."""
        ...

    def columns(self, roots: Sequence[Oid], context: str = "") -> dict[Oid, dict[Oid, Value]]:
        """Every root's (instance -> value)."""
        ...

    def set(self, *settings: Setting) -> list[Value]:
        """All of them or none; CommandRejected unless the answer has no error and holds exactly these values."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True)
class SessionCounts:
    """Requests sent, sent again, and answers passed over: those that were no SNMP, and those to something else."""

    requests: int = 0
    retries: int = 0
    malformed: int = 0
    strays: int = 0


class SnmpSession:
    """Safe from any thread: one request at a time, so a SET gets in between the requests of a walk. Secrets are read at the
    first request."""

    def __init__(self, name: str, address: str, access: SnmpAccess, clock: Clock | None = None) -> None:
        self._name, self._address, self._access = name, address, access
        self._path = UdpPath(name, address, access.port)
        self._pace = Pace(clock or SystemClock(), access.walk_rate, WALK_BURST)
        self._numbers = Numbers()
        self._patience_s = patience_s(access.timeout_s, 0)  # drawn once: each other time-out is a call of the kernel
        self._lock = threading.Lock()
        self._security: Security | None = None
        self._has_left = False  # the question that is being asked, or may have
        self.counts = SessionCounts()

    def get(self, *oids: Oid, context: str = "") -> list[Value | None]:
        """Values of instances; None for one that is not there."""
        found: dict[Oid, Value | None] = {}
        for start in range(0, len(oids), MOST_NAMES):
            part = oids[start : start + MOST_NAMES]
            answer = self._ask(pdu.GET, pdu.nulls(part), context)
            self._checked(answer, "get", part)
            found.update({name: value for name, _, value in self._bindings(answer)})
        return [found.get(oid) for oid in oids]

    def offers(self, oid: Oid) -> bool:
        """Whether the agent has this object at all, be it without this instance."""
        answer = self._ask(pdu.GET, pdu.nulls([oid]), "")
        self._checked(answer, "get", [oid])
        return any(
            name == oid and tag not in (ber.NO_SUCH_OBJECT, ber.END_OF_MIB) for name, tag, _ in self._bindings(answer)
        )

    def columns(self, roots: Sequence[Oid], context: str = "") -> dict[Oid, dict[Oid, Value]]:
        """Every root's (instance -> value); columns advance together."""

        def ask(bindings: bytes, repetitions: int) -> Pdu:
            self._pace.wait()
            return self._ask(pdu.GET_BULK, bindings, context, repetitions)

        with self._lock:
            frame = self._secure().frame
        return walk_columns(ask, roots, self._name, frame)

    def walk(self, roots: Sequence[Oid]) -> dict[Oid, Value]:
        """Everything below each root, by whole name."""
        found = self.columns(roots)
        return {(*root, *instance): value for root, rows in found.items() for instance, value in rows.items()}

    def set(self, *settings: Setting) -> list[Value]:
        """One SET of all; CommandRejected unless the answer has no error and holds exactly these values."""
        answer = self._ask(pdu.SET, b"".join(setting.binding() for setting in settings), "")
        self._checked(answer, "set", [setting.oid for setting in settings])
        return check_answer(settings, self._bindings(answer), self._name)

    def close(self) -> None:
        """Let go of the socket. What is known of the agent's engine is kept."""
        with self._lock:
            self._path.close()

    def _ask(self, kind: int, bindings: bytes, context: str, repetitions: int = 0) -> Pdu:
        with self._lock:
            self._has_left = False
            try:
                return self._asked(kind, bindings, context, repetitions)
            except CordonError as error:
                error.unsent = not self._has_left
                raise

    def _asked(self, kind: int, bindings: bytes, context: str, repetitions: int) -> Pdu:
        security = self._secure()
        request_id = self._numbers.next()
        question = pdu.pdu(kind, request_id, bindings, 0, repetitions)
        try:
            return self._answered(security, question, request_id, context)
        except Malformed as error:  # of what was to be sent: a value no agent could take
            raise CommandRejected(f"cannot be asked: {error}", where=self._name) from error
        finally:
            security.forget()

    def _answered(self, security: Security, question: bytes, request_id: int, context: str) -> Pdu:
        again = 0
        for attempt in range(self._access.retries + 1):
            self.counts.retries += attempt > 0
            left_s = self._patience_s if not attempt else patience_s(self._access.timeout_s, attempt)
            self._send(security, question, context)
            until_s = time.monotonic() + left_s
            while (data := self._receive(left_s)) is not None:
                try:
                    answer = security.open(data)
                    if answer is not None and answer.request_id == request_id and answer.kind == pdu.RESPONSE:
                        return answer
                    self.counts.strays += 1
                except Malformed:
                    self.counts.malformed += 1
                except Again:
                    again += 1
                    if again > MOST_AGAIN:
                        raise NotAllowed(
                            "the agent's engine id or clock does not hold still", where=self._name
                        ) from None
                    self._send(security, question, context)
                left_s = until_s - time.monotonic()
        raise Unreachable(
            "no SNMP answer",
            where=f"{self._name} ({self._address})",
            do="is it up? an unknown community and a wrong privacy key look the same",
        )

    def _send(self, security: Security, question: bytes, context: str) -> None:
        self.counts.requests += 1
        is_question = security.ready
        self._path.send(security.seal(question, context) if is_question else security.discovery())
        self._has_left |= is_question  # the kernel took it; else it had said so

    def _receive(self, left_s: float) -> bytes | None:
        """None when the time is up, or when the device says that no agent is there."""
        try:
            return self._path.receive(left_s)
        except ConnectionRefusedError:
            return None

    def _bindings(self, answer: Pdu) -> list[Binding]:
        try:
            return answer.bindings()
        except Malformed as error:
            raise DeviceError(f"the agent's answer cannot be read: {error}", where=self._name) from error

    def _checked(self, answer: Pdu, verb: str, names: Sequence[Oid]) -> None:
        if not answer.status:
            return
        at = names[answer.index - 1] if 1 <= answer.index <= len(names) else ()
        about = f" for {'.'.join(map(str, at))}" if at else ""
        said = pdu.status_name(answer.status)
        raise CommandRejected(f"the agent answered {said}{about}", where=self._name, command=verb, answer=said)

    def _secure(self) -> Security:
        if self._security is None:
            self._security = self._credentials()
        return self._security

    def _credentials(self) -> Security:
        access, where = self._access, f"switch {self._name}"
        if access.version == "2c":
            if access.community is None:
                raise NotAllowed("has no SNMP community", where=where, do="add snmp.community to the switch file")
            return ByCommunity(reveal(access.community, where=where).encode())
        if not access.user:
            raise NotAllowed("has no SNMPv3 user", where=where, do="add snmp.user to the switch file")
        auth = reveal(access.auth_key, where=where).encode() if access.auth_key else b""
        priv = reveal(access.priv_key, where=where).encode() if access.priv_key else b""
        user = UsmUser(
            access.user.encode(),
            access.auth_protocol if auth else None,
            auth,
            access.priv_protocol if auth and priv else None,
            priv,
        )
        return ByUser(user, self._name)
