"""Answers to a v3 user: what is prepared from one to the next changes how long they take, never what they are taken for."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.errors import CordonError
from controller.core.snmp import pdu, v3
from controller.core.snmp.ber import Malformed
from controller.core.snmp.keys import UserKeys
from controller.switches.wire.security import Again
from controller.switches.wire.user import WINDOW_S, ByUser, UsmUser

ENGINE, OTHER = b"\x80\0\x1f\x88\x80engine", b"\x80\0\x1f\x88\x80another"
USER = UsmUser(b"cordon", "sha", b"authpassword", "aes", b"privpassword")
KEYS = UserKeys("sha", b"authpassword", "aes", b"privpassword", ENGINE)
WRONG = UserKeys("sha", b"authpassword", "aes", b"otherpassword", ENGINE)
FORGED = UserKeys("sha", b"otherpassword", "aes", b"privpassword", ENGINE)
BOOTS, TIME_S, ASKED, ROW = 3, 70_000, 0x1234567, pdu.binding((1, 3, 6, 1, 2, 1, 5), b"\x04\x09some text")
REPORT_ROW = pdu.binding((1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0), b"\x41\x01\x07")
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=3)
Said = tuple[str, Any]


def answer(
    keys: UserKeys = KEYS, kind: int = pdu.RESPONSE, message_id: int = ASKED, boots: int = BOOTS, time_s: int = TIME_S,
    engine: bytes = ENGINE, rows: bytes = ROW * 20,
) -> bytes:  # fmt: skip
    """A message of an engine."""
    envelope = v3.Envelope(message_id, v3.AUTH | v3.PRIV, engine, boots, time_s, USER.name)
    return v3.seal(envelope, v3.scoped_pdu(engine, b"", pdu.pdu(kind, 0x2345678, rows)), keys)


def user(*, prepared: bool) -> ByUser:
    """It has had answers, and waits for one more."""
    one = ByUser(USER, "access-1")
    one._keys, one._engine_id = KEYS, ENGINE
    one.seal(pdu.pdu(pdu.GET_BULK, 0x2345678, ROW), "")
    one._asked.add(ASKED)
    assert one.open(answer()) is not None
    assert one._mould is not None
    if not prepared:
        one._mould = None
    return one


def said(one: ByUser, message: bytes) -> Said:
    """What it takes a message for, and what it knows of the engine then."""
    try:
        found = one.open(message)
        told: Any = found and (found.kind, found.request_id, found.data[found.first : found.last])
    except (Malformed, Again, CordonError) as error:
        told = type(error)
    return str(told), (one._boots, one._time_s, one._engine_id, one._proven)


@pytest.mark.parametrize(
    "message",
    [
        answer(),
        answer(rows=b""),
        answer(rows=ROW * 60),
        answer(message_id=ASKED + 1),
        answer(time_s=TIME_S + 500),
        answer(time_s=TIME_S - WINDOW_S - 10),
        answer(boots=BOOTS - 1),
        answer(boots=BOOTS + 1, time_s=1),
        answer(engine=OTHER),
        answer(FORGED),
        answer(WRONG),
        answer(kind=pdu.REPORT, rows=REPORT_ROW * 12),
        answer(kind=pdu.GET, rows=ROW * 20),
    ],
    ids=["good", "short", "long", "not-asked", "later", "too-old", "rebooted-back", "rebooted", "other-engine", "forged",
         "wrong-key", "report", "no-answer"],
)  # fmt: skip
def test_what_is_prepared_changes_no_verdict(message: bytes) -> None:
    """Of good answers, old ones, forged ones, and those that tell something of the engine."""
    assert said(user(prepared=False), message) == said(user(prepared=True), message)


@given(CHANGES, st.integers(0, 3), st.binary(max_size=3))
def test_damaged_answers(changes: list[tuple[float, int]], cut: int, more: bytes) -> None:
    """Wherever the damage is, it is found as before."""
    octets = bytearray(answer())
    for place, value in changes:
        octets[int(place * (len(octets) - 1))] = value
    message = bytes(octets[: len(octets) - cut]) + more
    assert said(user(prepared=False), message) == said(user(prepared=True), message)


def test_a_forged_answer_is_none() -> None:
    """Signed with another key: passed over, and the engine's clock stays as it was."""
    one = user(prepared=True)
    before = one._boots, one._time_s
    assert one.open(answer(FORGED, time_s=TIME_S + 99)) is None
    assert before == (one._boots, one._time_s)


def test_every_question_says_the_time_it_is_sent_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's clock, as far as it has come since it was heard."""
    now_s = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    one = user(prepared=True)
    for passed_s in (0, 0.5, 1, 61, 61.2):
        now_s[0] = 1000.0 + passed_s
        found = v3.open_message(one.seal(pdu.pdu(pdu.GET, 0x2345678, ROW), ""))
        assert (BOOTS, TIME_S + int(passed_s)) == (found.envelope.boots, found.envelope.time_s)
        assert found.authentic(KEYS)
        assert (b"", pdu.GET) == (found.scoped(KEYS)[0], found.scoped(KEYS)[1].kind)
