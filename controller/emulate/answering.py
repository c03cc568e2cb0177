"""Questions in, answers out: the agent's protocol machine, over any view of objects. No socket, no thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from controller.core.snmp import community, pdu, v3
from controller.core.snmp.ber import Malformed, Oid
from controller.core.snmp.pdu import Binding, Pdu

from .engine import Question, Reported, UsmEngine
from .faults import Dropped
from .objects import ABSENT_INSTANCE, ObjectTable
from .snmpfaults import SnmpFaults

AUTHORIZATION_ERROR, NO_ACCESS, NO_CREATION = 16, 6, 11


class Face(Protocol):
    """What an agent answers from. A write is all or nothing and gives (error-status, error-index)."""

    def view(self, context: str) -> ObjectTable | None: ...

    def write(self, bindings: Sequence[Binding]) -> tuple[int, int]: ...


class Answering:
    """One agent. Communities: reading, writing; v3 users in the engine. None = no answer."""

    def __init__(
        self, face: Face, *, reading: str, writing: str, engine: UsmEngine | None, faults: SnmpFaults | None = None
    ) -> None:
        self._face, self._engine = face, engine
        self._reading, self._writing = reading.encode(), writing.encode()
        self.faults = faults or SnmpFaults()

    def answer(self, data: bytes) -> bytes | None:
        """The message to send back."""
        try:
            if community.version_of(data) == v3.V3:
                return self._user(data) if self._engine else None
            return self._community(data)
        except (Malformed, Dropped):
            return None
        except Reported as report:
            return report.message

    def _community(self, data: bytes) -> bytes | None:
        whole, question = community.open_message(data)
        name, _, context = whole.partition(b"@")
        view = self._face.view(context.decode("utf-8", "replace"))
        if name not in (self._reading, self._writing) or view is None:
            return None
        answer = self._answer(question, view, writes=name == self._writing)
        return community.seal(whole, answer) if answer else None

    def _user(self, data: bytes) -> bytes | None:
        engine = self._engine
        if engine is None:
            return None
        question = engine.open(data)
        view = self._face.view(question.context)
        if view is None:
            raise engine.unknown_context(question)
        answer = self._for_user(engine, question, view)
        return engine.seal(question, answer) if answer else None

    def _for_user(self, engine: UsmEngine, question: Question, view: ObjectTable) -> bytes | None:
        if not engine.level_fits(question):
            return _response(question.pdu, _same(question.pdu), AUTHORIZATION_ERROR)
        return self._answer(question.pdu, view, writes=question.user.writes)

    def _answer(self, question: Pdu, view: ObjectTable, *, writes: bool) -> bytes | None:
        if self.faults.remember:
            self.faults.heard.append(question.kind)
        if self.faults.wrong_request_id:
            question = Pdu(
                question.kind, question.request_id ^ 1, question.status, question.index, question.data, question.first,
                question.last,
            )  # fmt: skip
        if question.kind == pdu.SET:
            return self._set(question, writes=writes)
        if self.faults.read_status:
            return _response(question, _same(question), self.faults.read_status, 1)
        names = [name for name, _, _ in question.bindings()]
        if question.kind == pdu.GET:
            return _response(question, b"".join(pdu.binding(name, view.get(name)) for name in names))
        if question.kind == pdu.GET_NEXT:
            return _response(question, b"".join(view.next(name) for name in names))
        return self._bulk(question, view, names) if question.kind == pdu.GET_BULK else None

    def _bulk(self, question: Pdu, view: ObjectTable, names: list[Oid]) -> bytes | None:
        alone, repetitions = max(question.status, 0), max(question.index, 0)
        if 0 < self.faults.silent_over < repetitions:
            return None
        if 0 < self.faults.too_big_over < repetitions:
            return _response(question, b"", pdu.TOO_BIG)
        if self.faults.backwards:
            names = [name[:-1] if len(name) > 12 else name for name in names]
        once = b"".join(view.next(name) for name in names[:alone])
        return _response(question, once + view.bulk(names[alone:], repetitions, self.faults.most_octets))

    def _set(self, question: Pdu, *, writes: bool) -> bytes:
        if not writes:
            return _response(question, _same(question), NO_ACCESS, 1)
        if self.faults.status:
            return _response(question, _same(question), self.faults.status, 1)
        status, index = self._face.write(question.bindings())
        if self.faults.accepts_absent and status == NO_CREATION:
            return _response(question, b"".join(pdu.binding(n, ABSENT_INSTANCE) for n, _, _ in question.bindings()))
        return _response(question, _same(question), status, index)

    def messages(self, data: bytes) -> list[bytes]:
        """What leaves the socket: the answer, as the faults leave it."""
        answer = self.answer(data)
        faults = self.faults
        if answer is None:
            return []
        if faults.delay_s:
            time.sleep(faults.delay_s)
        if faults.drop > 0:
            faults.drop -= 1
            return []
        sent = [answer, answer] if faults.twice else [answer]
        return [answer[: len(answer) // 2], *sent] if faults.garbage else sent


def _same(question: Pdu) -> bytes:
    return question.data[question.first : question.last]


def _response(question: Pdu, bindings: bytes, status: int = 0, index: int = 0) -> bytes:
    return pdu.pdu(pdu.RESPONSE, question.request_id, bindings, status, index)
