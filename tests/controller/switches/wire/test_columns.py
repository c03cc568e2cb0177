"""Answers to GETBULK as columns: the same as pysnmp reads, and nothing but typed errors from mutated ones."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.api import v2c

from controller.core.snmp import ber, community, pdu, v3
from controller.core.snmp.ber import Malformed
from controller.core.snmp.keys import UserKeys
from controller.switches.wire.arrays import FIRST_ROWS
from controller.switches.wire.columns import Column, WalkLoops
from controller.switches.wire.gather import QuickReader
from controller.switches.wire.quick import PlainReader, Reader, compiled

PORT = (1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 2)
STATUS = (*PORT[:-1], 3)
ARCS = st.one_of(st.integers(0, 255), st.integers(0, 2**32 - 1))
INSTANCES = st.lists(ARCS, min_size=1, max_size=10).map(tuple)
VALUES = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(rfc1902.Integer32),
    st.integers(0, 2**32 - 1).map(rfc1902.Gauge32),
    st.integers(0, 2**32 - 1).map(rfc1902.TimeTicks),
    st.integers(0, 2**64 - 1).map(rfc1902.Counter64),
    st.binary(max_size=300).map(rfc1902.OctetString),
    st.tuples(*[st.integers(0, 255)] * 4).map(lambda t: rfc1902.IpAddress(".".join(map(str, t)))),
    st.lists(ARCS, max_size=8).map(lambda rest: rfc1902.ObjectIdentifier((1, 3, *rest))),
)


def message(bindings: list[tuple[Any, Any]]) -> bytes:
    """A v2c response as pysnmp makes it."""
    answer = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(answer)
    v2c.apiPDU.set_request_id(answer, 4711)
    v2c.apiPDU.set_varbinds(answer, [(rfc1902.ObjectName(name), value) for name, value in bindings])
    whole = v2c.Message()
    v2c.apiMessage.set_defaults(whole)
    v2c.apiMessage.set_community(whole, b"public")
    v2c.apiMessage.set_pdu(whole, answer)
    return bytes(encoder.encode(whole))


def plain(value: Any) -> Any:
    """As a walk holds it."""
    if isinstance(value, univ.ObjectIdentifier):
        return tuple(value)
    return bytes(value) if isinstance(value, rfc1902.OctetString) else int(value)


Begin = Callable[[list[Column]], Reader]


def by_rows(columns: list[Column]) -> Reader:
    """The plain one."""
    return PlainReader(columns, len(columns))


def by_kernel(columns: list[Column]) -> Reader:
    """The compiled one."""
    return QuickReader(columns, len(columns), compiled())


READERS = pytest.mark.parametrize("begin", [by_rows, by_kernel])


def read(columns: list[Column], begin: Begin, *messages: bytes) -> int:
    """Open and take in; bindings of all."""
    reader, count = begin(columns), 0
    for data in messages:
        answer = community.open_message(data)[1]
        count += reader.take(answer.data, answer.first, answer.last)
    reader.finish()
    return count


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(INSTANCES, st.tuples(VALUES, VALUES), max_size=8))
def test_two_columns_are_read_as_pysnmp_reads_them(rows: dict[tuple[int, ...], Any]) -> None:
    """Every type and any arc, row by row; what follows the columns ends them."""
    bindings = [((*root, *i), v) for i in sorted(rows) for root, v in zip((PORT, STATUS), rows[i], strict=True)]
    data = message([*bindings, ((*STATUS, 2**31), rfc1905.endOfMibView), ((1, 3, 7), rfc1902.Integer32(1))])
    columns, others = [Column(PORT), Column(STATUS)], [Column(PORT), Column(STATUS)]
    assert read(columns, by_rows, data) == read(others, by_kernel, data)
    assert [(c.rows, c.tail, c.instance, c.ended) for c in columns] == [
        (c.rows, c.tail, c.instance, c.ended) for c in others
    ]
    whole, _ = decoder.decode(data, asn1Spec=v2c.Message())
    oracle = {tuple(n): plain(v) for n, v in v2c.apiPDU.get_varbinds(v2c.apiMessage.get_pdu(whole))[: len(bindings)]}
    found = {(*c.root, *i): v for c in columns for i, v in c.rows.items()}
    assert oracle == found
    assert all(column.ended for column in columns)
    named = {name: value for name, _, value in community.open_message(data)[1].bindings()[: len(bindings)]}
    assert oracle == named


@READERS
def test_long_forms_of_lengths_are_read(begin: Begin) -> None:
    """Agents are met that write every length in three octets."""
    short = pdu.binding((*PORT, 5, 1), bytes((2, 1, 9)))
    long = b"\x30\x82\x00" + bytes((len(short) - 2 + 4,)) + b"\x06\x82\x00" + short[3:-3] + b"\x02\x82\x00\x01\x09"
    long = b"\x30\x82\x00" + bytes((len(long) - 4,)) + long[4:]
    column = Column(PORT)
    reader = begin([column])
    assert 1 == reader.take(long, 0, len(long))
    reader.finish()
    assert {(5, 1): 9} == column.rows


@READERS
@pytest.mark.parametrize("size", [0x600 + 94, 0x67E, 0x6FF])
def test_a_long_value_with_odd_octets(begin: Begin, size: int) -> None:
    """Its length's octets may look like an OID's header, and what is in it like a value's: it is one row; the next follows."""
    name = ber.element(ber.OID, ber.oid_octets((*PORT, 1)))
    row = bytearray(ber.element(ber.SEQUENCE, name + ber.element(ber.OCTETS, b"x" * (size - len(name) - 4))))
    row[(size & 0xFF) + 5] = (126 - size) & 0xFF
    data = bytes(row) + pdu.binding((*PORT, 2), ber.integer(7))
    column = Column(PORT)
    reader = begin([column])
    assert 2 == reader.take(data, 0, len(data))
    reader.finish()
    assert {(1,): bytes(row[-(size - len(name) - 4) :]), (2,): 7} == column.rows


@READERS
def test_rows_of_many_answers(begin: Begin) -> None:
    """Columns that end one after the other, over more rows than there is room for at first; values as they were sent."""
    rows = range(FIRST_ROWS + 500)
    numbers, texts = Column(PORT), Column(STATUS)
    messages = [
        message(
            [
                pair
                for n in rows[start : start + 50]
                for pair in (((*PORT, n), rfc1902.Integer32(-n)), ((*STATUS, n), rfc1902.OctetString(f"row {n}")))
            ]
        )
        for start in rows[::50]
    ]
    end = message([((*STATUS, 0), rfc1902.Integer32(1)), ((1, 3, 7), rfc1902.Integer32(1))])
    assert 2 * len(rows) + 2 == read([numbers, texts], begin, *messages, end)
    assert {(n,): -n for n in rows} == numbers.rows
    assert {(n,): f"row {n}".encode() for n in rows} == texts.rows
    assert (True, len(rows)) == (texts.ended, texts.count)


@READERS
def test_what_is_left_of_the_columns(begin: Begin) -> None:
    """A column that has ended is asked for no more: the next answer is about the others alone."""
    first, second = Column(PORT), Column(STATUS)
    one = message([((*STATUS, 1), rfc1902.Integer32(7)), ((*STATUS, 1), rfc1902.Integer32(1))])
    two = message([((*STATUS, 2), rfc1902.Integer32(2)), ((1, 3, 7), rfc1902.Integer32(1))])
    read([first, second], begin, one, two)
    assert ({}, {(1,): 1, (2,): 2}) == (first.rows, second.rows)


@READERS
def test_a_walk_that_goes_back_in_its_next_answer(begin: Begin) -> None:
    """What was read in the answer before counts too."""
    messages = [message([((*PORT, n), rfc1902.Integer32(1))]) for n in (5, 4)]
    with pytest.raises(WalkLoops):
        read([Column(PORT)], begin, *messages)


@pytest.mark.parametrize("instances", [[(1, 2), (1, 2)], [(1, 2), (1, 1)]])
@READERS
def test_a_walk_that_does_not_advance(instances: list[tuple[int, ...]], begin: Begin) -> None:
    """The same object again, or one before it, is told: no endless walk."""
    data = message([((*PORT, *i), rfc1902.Integer32(1)) for i in instances])
    with pytest.raises(WalkLoops):
        read([Column(PORT)], begin, data)


def _corpus() -> list[tuple[bytes, UserKeys | None]]:
    rows = [((*PORT, 500, *(n,) * 6), rfc1902.Integer32(n)) for n in (1, 90, 200)]
    plain_message = message(rows)
    keys = UserKeys("sha", b"authauthauth", "aes", b"privprivpriv", b"12345678")
    answer = pdu.pdu(pdu.RESPONSE, 7, pdu.binding((*PORT, 1, 2, 3), bytes((2, 1, 5))))
    sealed = v3.seal(v3.Envelope(9, 3, b"12345678", 1, 2, b"u"), v3.scoped_pdu(b"12345678", b"", answer), keys)
    clear = v3.seal(v3.Envelope(9, 0, b"12345678", 1, 2, b"u"), v3.scoped_pdu(b"12345678", b"", answer), None)
    return [(plain_message, None), (sealed, keys), (clear, None)]


def _mutated(data: bytes, dice: random.Random) -> bytes:
    octets = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(octets))
        kind = dice.randrange(4)
        if kind == 0:
            octets[place] = dice.choice((0, 1, 0x30, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF, dice.randrange(256)))
        elif kind == 1:
            del octets[place : place + dice.randint(1, 9)]
        elif kind == 2:
            octets[place:place] = bytes(dice.randrange(256) for _ in range(dice.randint(1, 9)))
        else:
            octets[place] ^= 1 << dice.randrange(8)
        if not octets:
            return b"\x30"
    return bytes(octets)


def _compare(answer: pdu.Pdu) -> None:
    """Both readers refuse it, or both read the same."""
    found = []
    for begin in (by_rows, by_kernel):
        columns = [Column(PORT), Column(STATUS)]
        reader = begin(columns)
        try:
            count = reader.take(answer.data, answer.first, answer.last)
            reader.finish()
        except (Malformed, WalkLoops):
            found.append(None)
        else:
            found.append((count, [(c.rows, c.tail, c.ended) for c in columns]))
    assert found[0] == found[1]


def _survives(rounds: int, seed: int) -> int:
    dice, refused, corpus = random.Random(seed), 0, _corpus()
    for number in range(rounds):
        data, keys = corpus[number % len(corpus)]
        data = _mutated(data, dice)
        try:
            if number % len(corpus) == 0:
                answer = community.open_message(data)[1]
            else:
                opened = v3.open_message(data)
                answer = opened.scoped(keys)[1]
            _compare(answer)
            answer.bindings()
        except Malformed:
            refused += 1
    return refused


def test_mutated_answers_are_refused_or_read() -> None:
    """Nothing but Malformed and WalkLoops comes out of 6,000 mutated messages of v2c and v3."""
    assert 1000 < _survives(6000, 1)


@pytest.mark.fuzz
def test_many_mutated_answers() -> None:
    """As above, 100,000 of them (CORDON_FUZZ: more)."""
    rounds = int(os.environ.get("CORDON_FUZZ", "100000"))
    assert rounds // 10 < _survives(rounds, 2)
