"""Many columns in one walk: whatever their lengths, whatever the agent can answer at once."""

import bisect
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.errors import CommandRejected, DeviceError
from controller.core.snmp import ber, pdu
from controller.core.snmp.ber import Oid
from controller.core.snmp.pdu import Pdu
from controller.switches.wire import bulk
from controller.switches.wire.bulk import walk_columns
from controller.switches.wire.gather import QuickReader
from controller.switches.wire.quick import PlainReader, compiled

TABLE: Oid = (1, 3, 6, 1, 4, 1, 9)
LENGTHS = st.lists(st.integers(0, 40), min_size=1, max_size=40)
BEHIND: Oid = (1, 3, 6, 1, 5)


class Agent:
    """A table with columns of these lengths; a request of more than `widest` columns is too big for it."""

    def __init__(self, lengths: list[int], widest: int = 100) -> None:
        self.objects = {(*TABLE, c, 1, r): c * 1000 + r for c, rows in enumerate(lengths) for r in range(rows)}
        self._sorted = sorted(self.objects)
        self._widest = widest
        self.widths: list[int] = []

    def ask(self, bindings: bytes, repetitions: int) -> Pdu:
        """As RFC 3416 section 4.2.3 has it, row by row; what lies behind the table is BEHIND, and then the end."""
        asked = [name for name, _, _ in pdu.bindings(bindings, 0, len(bindings))]
        self.widths.append(len(asked))
        if len(asked) > self._widest:
            return Pdu(pdu.RESPONSE, 1, pdu.TOO_BIG, 0, b"", 0, 0)
        found = b""
        for _ in range(repetitions):
            for place, name in enumerate(asked):
                at = bisect.bisect_right(self._sorted, name)
                asked[place] = self._sorted[at] if at < len(self._sorted) else BEHIND
                found += pdu.binding(asked[place], ber.integer(self.objects.get(asked[place], 0)))
        return Pdu(pdu.RESPONSE, 1, 0, 0, found, 0, len(found))


@pytest.fixture(params=["plain", "compiled"])
def _reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    make: dict[str, Callable[..., object]] = {
        "plain": PlainReader,
        "compiled": lambda columns, width: QuickReader(columns, width, compiled()),
    }
    monkeypatch.setattr(bulk, "reader_of", make[request.param])


def walked(agent: Agent, columns: int) -> dict[Oid, object]:
    """Every object that a walk of so many columns finds."""
    found = walk_columns(agent.ask, [(*TABLE, c) for c in range(columns)], "access-1")
    return {(*root, *instance): value for root, rows in found.items() for instance, value in rows.items()}


@pytest.mark.usefixtures("_reader")
def test_a_column_that_ends_gives_its_place_to_the_next() -> None:
    """No request is wider than twelve columns, and most are as wide as there are columns to be asked for."""
    lengths = [3, 200, 200, 0, 0, 0, 0, 26, 0, 1, 0, 0, 0, 26, 26, 26, 0]
    agent = Agent(lengths)
    assert agent.objects == walked(agent, len(lengths))
    assert (bulk.MOST_COLUMNS, 2) == (max(agent.widths), agent.widths[-1])
    narrow = Agent(lengths)
    for first in range(0, len(lengths), bulk.MOST_COLUMNS):  # one walk behind the other
        walk_columns(narrow.ask, [(*TABLE, c) for c in range(first, min(first + 12, len(lengths)))], "access-1")
    assert len(agent.widths) < len(narrow.widths)


@given(LENGTHS, st.integers(1, 12))
def test_all_columns_are_read_whole(lengths: list[int], widest: int) -> None:
    """By both readers, from agents that answer wide requests and from those that do not."""
    agent = Agent(lengths, widest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "reader_of", lambda columns, width: QuickReader(columns, width, compiled()))
        assert agent.objects == walked(agent, len(lengths))
        patch.setattr(bulk, "reader_of", PlainReader)
        again = Agent(lengths, widest)
        assert again.objects == walked(again, len(lengths))
    assert agent.widths == again.widths


@pytest.mark.usefixtures("_reader")
def test_an_agent_that_can_answer_nothing() -> None:
    """Not even one column and one row: an error that says so, no endless walk."""
    with pytest.raises(CommandRejected, match="tooBig"):
        walked(Agent([5, 5], widest=0), 2)


@pytest.mark.usefixtures("_reader")
def test_a_column_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row after row, none with a value: they count like any other, and the walk ends with an error."""
    monkeypatch.setattr(bulk, "MOST_ROWS", 1000)
    last = iter(range(1, 100_000))

    def ask(_: bytes, repetitions: int) -> Pdu:
        found = b"".join(pdu.binding((*TABLE, 1, next(last)), pdu.NULL_VALUE) for _ in range(repetitions))
        return Pdu(pdu.RESPONSE, 1, 0, 0, found, 0, len(found))

    with pytest.raises(DeviceError, match="more than 1000 rows"):
        walk_columns(ask, [(*TABLE, 1)], "access-1")
    assert next(last) < 1000 + 2 * bulk.MOST_REPETITIONS


@pytest.mark.usefixtures("_reader")
def test_names_that_leave_no_room_in_a_frame() -> None:
    """A community or user name as long as a frame: one row at a time, once the first answer has told how long rows are."""
    agent = Agent([bulk.FIRST_BINDINGS + 5])
    found = walk_columns(agent.ask, [(*TABLE, 0)], "access-1", octets=-5)
    assert agent.objects == {
        (*root, *instance): value for root, rows in found.items() for instance, value in rows.items()
    }
