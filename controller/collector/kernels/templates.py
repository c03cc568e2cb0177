"""Template sets that are sent again and again: recognised by their octets, so that most of them cost a look-up."""

from __future__ import annotations

from dataclasses import dataclass

from controller.collector.datagram import Malformed, Row
from controller.collector.flowset import FlowsetReader
from controller.collector.flowset.reader import IPFIX, V9
from controller.collector.flowset.store import Origin, Session
from controller.collector.flowset.template import ipfix_templates, v9_options, v9_templates


@dataclass(frozen=True, slots=True)
class Taken:
    """A set that need not be taken again for a while: ids of the templates in it, and what is wrong with it ("" = nothing)."""

    templates: tuple[int, ...]
    trouble: str = ""


Told = tuple[Session, int, int, bytes]  # session, source port, set id, body
MOST_OCTETS = 16 * 1024 * 1024
OF_A_SET = ("bad-template", "unknown-set")  # what can be wrong with its octets
OF_ONE = 96  # what an entry takes besides its octets, about


class KnownTemplates:
    """Bounded by octets: when it is full it is emptied, and everything is read once more."""

    def __init__(self, reader: FlowsetReader) -> None:
        self._reader = reader
        self._known: dict[Told, tuple[tuple[int, ...], str]] = {}  # ids that a set defines, and what is wrong with it
        self._newest: dict[tuple[Session, int, int], Told] = {}  # which set defined an id of a source port last
        self._octets = 0

    def take(self, origin: Origin, number: int, body: bytes, rows: list[Row]) -> Taken:
        """A set of templates, as `FlowsetReader.take`; but what is wrong with it is given, not raised. Malformed: something was
        wrong with data that waited for it, and will not be the next time."""
        key = (origin.session, origin.port, number, body)
        numbers, trouble = self._known.get(key, (None, ""))
        if numbers is not None and self._unchanged(origin, key, numbers) and self._reader.store.again(origin, numbers):
            return Taken(numbers, trouble)
        numbers, trouble = named(origin.session[1], number, body), ""
        try:
            self._reader.take(origin, number, body, rows)
        except Malformed as error:
            trouble = error.kind
            if trouble not in OF_A_SET:
                for known in numbers:
                    self._newest.pop((origin.session, origin.port, known), None)
                raise
        self._keep(key, numbers, trouble)
        return Taken(numbers, trouble)

    def _unchanged(self, origin: Origin, key: Told, numbers: tuple[int, ...]) -> bool:
        return all(self._newest.get((origin.session, origin.port, number)) == key for number in numbers)

    def _keep(self, key: Told, numbers: tuple[int, ...], trouble: str) -> None:
        self._octets += len(key[3]) + OF_ONE
        if self._octets > MOST_OCTETS:
            self._known.clear()
            self._newest.clear()
            self._octets = 0
        self._known[key] = numbers, trouble
        self._newest |= {(key[0], key[1], number): key for number in numbers}


def named(version: int, number: int, body: bytes) -> tuple[int, ...]:
    """Ids of the templates in a set, as far as it can be read."""
    found = list[int]()
    try:
        if version == V9 and number in (0, 1):
            templates = v9_templates(body) if number == 0 else v9_options(body)
        elif version == IPFIX and number in (2, 3):
            templates = ipfix_templates(body, options=number == 3)
        else:  # what is a set of templates to one protocol is nothing to the other
            return ()
        for template in templates:
            found.append(template.id)
    except Malformed:
        pass
    return tuple(found)
