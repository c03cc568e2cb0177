"""A walk: several columns advance together, as many rows at a time as fit into one datagram."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from controller.core.errors import CommandRejected, DeviceError, Unreachable
from controller.core.snmp.ber import Malformed, Oid
from controller.core.snmp.pdu import TOO_BIG, Pdu, Value, status_name

from .arrays import MOST_TOGETHER
from .columns import Column, WalkLoops
from .quick import reader_of

MOST_ROWS = 500_000  # of one column: an agent that goes round in circles must not fill the memory
MOST_COLUMNS = 12  # of one request: agents are met that answer more with genErr
FIRST_BINDINGS = 40  # before it is known how large they are
FRAME_OCTETS = 1280  # of bindings that fit into one Ethernet frame beside the headers of v3: fragments get lost
MOST_REPETITIONS = 60
CAUTIOUS_REPETITIONS = 10  # net-snmp's own: what every agent can do
Ask = Callable[[bytes, int], Pdu]  # (bindings, repetitions) -> answer


def walk_columns(ask: Ask, roots: Sequence[Oid], where: str, octets: int = FRAME_OCTETS) -> dict[Oid, dict[Oid, Value]]:
    """Every column's (instance -> value); empty for one the agent does not have. `octets`: of bindings that an
    answer is to have.
    """
    columns = [Column(root) for root in dict.fromkeys(roots)]
    for start in range(0, len(columns), MOST_TOGETHER):
        _Walk(ask, columns[start : start + MOST_TOGETHER], where, octets).run()
    return {column.root: column.rows for column in columns}


class _Walk:
    """Columns that advance together, at most MOST_COLUMNS in one request: where one ends, the next takes its place.
    Repetitions follow the size of the answers, and are halved where an agent cannot."""

    def __init__(self, ask: Ask, columns: list[Column], where: str, octets: int) -> None:
        self._ask, self._where, self._octets = ask, where, octets
        width = min(len(columns), MOST_COLUMNS)
        self._reader = reader_of(columns, width)
        # Few rows at first: some of the columns may be empty, and each row of those is a foreign object.
        self._repetitions = FIRST_BINDINGS if len(columns) == 1 else max(1, FIRST_BINDINGS // 3 // width)
        self._most = MOST_REPETITIONS

    def run(self) -> None:
        """Until every column has ended."""
        try:
            while self._reader.asked:
                answer = self._answer()
                if answer is not None:
                    self._take(answer)
            self._reader.finish()
        except Malformed as error:
            raise DeviceError(f"the agent's answer cannot be read: {error}", where=self._where) from error

    def _answer(self) -> Pdu | None:
        """None: ask again, with less."""
        try:
            answer = self._ask(self._reader.question(), self._repetitions)
        except Unreachable:
            if self._repetitions <= CAUTIOUS_REPETITIONS:
                raise
            # An agent, or a firewall between, that loses large answers: a smaller one tells it from a dead device.
            self._repetitions = self._most = CAUTIOUS_REPETITIONS
            return None
        if answer.status == TOO_BIG and self._smaller():
            return None
        if answer.status:
            raise CommandRejected(f"the agent answered {status_name(answer.status)}", where=self._where, command="walk")
        return answer

    def _smaller(self) -> bool:
        width = self._reader.asked
        if self._repetitions > 1:
            self._repetitions = self._most = self._repetitions // 2
        elif width > 1:
            self._reader.narrow(width // 2)
        else:
            return False
        return True

    def _take(self, answer: Pdu) -> None:
        reader, size = self._reader, answer.last - answer.first
        try:
            count = reader.take(answer.data, answer.first, answer.last)
        except WalkLoops as error:
            raise DeviceError(f"the agent's walk goes backwards: {error}", where=self._where) from error
        if not count:
            raise DeviceError("the agent answered a walk with nothing", where=self._where)
        if reader.rows > MOST_ROWS:
            raise DeviceError(f"a column has more than {MOST_ROWS} rows", where=self._where)
        each = size // count or 1
        self._repetitions = max(1, min(self._octets // (each * (reader.asked or 1)), self._most))
