"""Templates and the records they describe (RFC 3954 section 5, RFC 7011 sections 3.4 and 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from controller.collector.datagram import Malformed

VARIABLE = 0xFFFF  # RFC 7011 section 7: the length stands in the record
V9_SCOPE = -1  # scope types of v9 are numbered apart: 1 is "system" there, not octetDeltaCount
MOST_FIELDS = 1024
_2u16 = Struct("!HH").unpack_from
_u32 = Struct("!I").unpack_from

Values = dict[tuple[int, int], list[bytes]]  # (enterprise, element) -> octets, in the order of the record


@dataclass(frozen=True, slots=True)
class Field:
    """One field: enterprise number (0 = IANA), element, length in octets or VARIABLE."""

    enterprise: int
    element: int
    length: int


@dataclass(frozen=True, slots=True)
class Template:
    """One template. `scopes` > 0: an options template. `shortest`: octets of the shortest record it can describe."""

    id: int
    fields: tuple[Field, ...]
    scopes: int = 0

    @property
    def shortest(self) -> int:
        """A variable field takes one octet at least."""
        return sum(1 if field.length == VARIABLE else field.length for field in self.fields)

    def record(self, data: bytes, at: int) -> tuple[Values, int] | None:
        """Values of the record at `at` and where the next one starts; None if it does not fit into `data`."""
        values: Values = {}
        for field in self.fields:
            size = field.length
            if size == VARIABLE:
                if at >= len(data):
                    return None
                size, at = data[at], at + 1
                if size == 255:
                    if at + 2 > len(data):
                        return None
                    size, at = int.from_bytes(data[at : at + 2], "big"), at + 2
            if at + size > len(data):
                return None
            if size:
                values.setdefault((field.enterprise, field.element), []).append(data[at : at + size])
            at += size
        return values, at


def v9_templates(body: bytes) -> Iterator[Template]:
    """Templates of a template FlowSet (RFC 3954 section 5.2). As all of these: Malformed after the good ones, for a bad one that
    says how long it is is stepped over."""
    return _good(_v9_templates(body))


def v9_options(body: bytes) -> Iterator[Template]:
    """Options templates: scope and option lengths are in octets (RFC 3954 section 6.1)."""
    return _good(_v9_options(body))


def ipfix_templates(body: bytes, *, options: bool) -> Iterator[Template]:
    """(Options) templates of a set (RFC 7011 sections 3.4.1 and 3.4.2). A field count of 0 is a withdrawal: not used over UDP
    (section 8.4); that of one template is obeyed if it is sent, that of all is not."""
    return _good(_ipfix_templates(body, options=options), withdrawals=True)


def _good(found: Iterator[Template], *, withdrawals: bool = False) -> Iterator[Template]:
    """Templates whose number a set may have, and whose records are more than nothing: those would never end."""
    bad = False
    for template in found:
        if template.id >= 256 and (template.shortest or (withdrawals and not template.fields)):
            yield template
        else:
            bad = True
    if bad:
        raise Malformed("bad-template")


def _v9_templates(body: bytes) -> Iterator[Template]:
    at, end = 0, _without_padding(body)
    while at < end and at + 4 <= len(body):
        number, count = _2u16(body, at)
        fields, at = _fields(body, at + 4, count, enterprises=False)
        yield Template(number, fields)


def _v9_options(body: bytes) -> Iterator[Template]:
    at, end = 0, _without_padding(body)
    while at < end and at + 6 <= len(body):
        number, scope_size = _2u16(body, at)
        (option_size,) = Struct("!H").unpack_from(body, at + 4)
        scopes, at = _fields(body, at + 6, scope_size // 4, enterprises=False)
        options, at = _fields(body, at, option_size // 4, enterprises=False)
        named = tuple(Field(V9_SCOPE, field.element, field.length) for field in scopes)
        yield Template(number, named + options, max(len(scopes), 1))


def _ipfix_templates(body: bytes, *, options: bool) -> Iterator[Template]:
    at, end, head = 0, _without_padding(body), 6 if options else 4
    while at < end and at + 4 <= len(body):
        number, count = _2u16(body, at)
        if count == 0:
            at += 4
            if number != (3 if options else 2):  # all of them
                yield Template(number, ())
            continue
        if at + head > len(body):
            raise Malformed("bad-template")
        scopes = int.from_bytes(body[at + 4 : at + 6], "big") if options else 0
        fields, at = _fields(body, at + head, count, enterprises=True)
        yield Template(number, fields, max(scopes, 1) if options else 0)


def _without_padding(body: bytes) -> int:
    return len(body.rstrip(b"\0"))


def _fields(body: bytes, at: int, count: int, *, enterprises: bool) -> tuple[tuple[Field, ...], int]:
    if count > MOST_FIELDS:
        raise Malformed("bad-template")
    found = []
    for _ in range(count):
        if at + 4 > len(body):
            raise Malformed("bad-template")
        element, length = _2u16(body, at)
        at, enterprise = at + 4, 0
        if enterprises and element & 0x8000:
            if at + 4 > len(body):
                raise Malformed("bad-template")
            (enterprise,) = _u32(body, at)
            element, at = element & 0x7FFF, at + 4
        found.append(Field(enterprise, element, length))
    return tuple(found), at
