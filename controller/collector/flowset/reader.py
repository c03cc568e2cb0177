"""Messages to rows: the walk over the sets of NetFlow v9 and IPFIX, with templates and options taken in on the way."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from controller.collector.datagram import Datagram, Malformed, Notice, Row

from . import normal, options
from .store import Origin, TemplateStore
from .template import Template, ipfix_templates, v9_options, v9_templates

V9, IPFIX = 9, 10
MOST_SETS = 4096
_v9 = Struct("!HHIIII").unpack_from  # version, count, uptime, seconds, sequence, source id
_ipfix = Struct("!HHIII").unpack_from  # version, length, seconds, sequence, domain
_2u16 = Struct("!HH").unpack_from


class FlowsetReader:
    """Reads both protocols with one store. Not safe for several threads."""

    def __init__(self, store: TemplateStore | None = None) -> None:
        self.store = TemplateStore() if store is None else store  # an empty one is false
        self.silent = self.unread = 0  # options records: no rows; sets that were not read when, or as, they came

    def read(self, datagram: Datagram, rows: list[Row], notices: list[Notice], index: int) -> None:  # noqa: ARG002
        """Append what one message holds, and what had waited for its templates; Malformed after all that could be read."""
        data = datagram.payload
        if len(data) < (20 if data[1] == V9 else 16):
            raise Malformed("truncated")
        origin, start, end = head(datagram)
        trouble: Malformed | None = None
        for number, body in _sets(data, start, end):
            try:
                self.take(origin, number, body, rows)
            except Malformed as error:
                trouble = error
        if trouble or end > len(data):
            raise trouble or Malformed("truncated")

    def take(self, origin: Origin, number: int, body: bytes, rows: list[Row]) -> None:
        """One set: templates are learned, records appended; Malformed after what could be read."""
        if number >= 256:
            self._data(origin, number, body, rows)
            return
        version = origin.session[1]
        if version == V9 and number in (0, 1):
            found = v9_templates(body) if number == 0 else v9_options(body)
        elif version == IPFIX and number in (2, 3):
            found = ipfix_templates(body, options=number == 3)
        else:
            raise Malformed("unknown-set")
        trouble: Malformed | None = None
        for template in found:
            for waited, data in self.store.learn(origin, template):
                self.unread += 1
                try:
                    self._records(waited, template, data, rows)
                except Malformed as error:  # of what waited: the templates behind are none the worse
                    trouble = error
        if trouble:
            raise trouble

    def _data(self, origin: Origin, number: int, body: bytes, rows: list[Row]) -> None:
        template = self.store.find(origin, number)
        if template is None:
            self.unread += 1
            self.store.wait(origin, number, body)
            return
        self._records(origin, template, body, rows)

    def _records(self, origin: Origin, template: Template, body: bytes, rows: list[Row]) -> None:
        at, shortest = 0, template.shortest
        about = self.store.known_of(origin.session)
        while len(body) - at >= shortest:
            found = template.record(body, at)
            if found is None:
                raise Malformed("bad-record")
            values, at = found
            if not template.scopes:
                rows.append(normal.row(origin, values, about))
                continue
            self.silent += 1
            options.take(self.store, origin, values)
            if origin.session[1] == V9 and len(body) - at < 4 and not any(body[at:]):
                return  # zeros that fill up to four octets (RFC 3954 section 6.2), where records are shorter than that


def head(datagram: Datagram) -> tuple[Origin, int, int]:
    """What the header says: (origin, where the sets start, where they are said to end)."""
    return _v9_head(datagram) if datagram.payload[1] == V9 else _ipfix_head(datagram)


def _v9_head(datagram: Datagram) -> tuple[Origin, int, int]:
    _, _, uptime_ms, seconds, _, source = _v9(datagram.payload)
    session = (datagram.exporter, V9, source)
    return Origin(session, datagram.port, datagram.received_ms, seconds * 1000, uptime_ms), 20, len(datagram.payload)


def _ipfix_head(datagram: Datagram) -> tuple[Origin, int, int]:
    """What lies behind the declared length is not part of the message (RFC 7011 section 3.1)."""
    _, length, seconds, _, domain = _ipfix(datagram.payload)
    if length < 16:
        raise Malformed("bad-length")
    session = (datagram.exporter, IPFIX, domain)
    return Origin(session, datagram.port, datagram.received_ms, seconds * 1000, 0), 16, length


def _sets(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """(set id, body) of every set, of one that is cut off what there is of it: Malformed comes after that. Lengths decide, never
    a count; trailing zeros end the message."""
    end = min(end, len(data))
    for _ in range(MOST_SETS):
        if at + 4 > end:
            return
        number, length = _2u16(data, at)
        if length < 4:
            if any(data[at:end]):
                raise Malformed("bad-length")
            return
        yield number, data[at + 4 : min(at + length, end)]
        at += length
        if at > end:
            raise Malformed("bad-length")
