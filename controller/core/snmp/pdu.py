"""PDUs and variable bindings (RFC 3416)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from struct import Struct

from . import ber
from .ber import Malformed, Oid

GET, GET_NEXT, RESPONSE, SET, GET_BULK, INFORM, TRAP, REPORT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA6, 0xA7, 0xA8
KINDS = frozenset({GET, GET_NEXT, RESPONSE, SET, GET_BULK, INFORM, TRAP, REPORT})
TOO_BIG = 1
STATUS = (
    "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength",
    "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed", "undoFailed",
    "authorizationError", "notWritable", "inconsistentName",
)  # fmt: skip
NULL_VALUE = bytes((ber.NULL, 0))
NUMBERS = frozenset({ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS, ber.COUNTER64})
STRINGS = frozenset({ber.OCTETS, ber.IP_ADDRESS, ber.OPAQUE})
Value = int | bytes | Oid
Binding = tuple[Oid, int, Value | None]  # name, tag, value; None for NULL and for what is absent


# Request-id of four octets, status and index of one each: as almost every PDU has them.
_NUMBERS = Struct(">HIHBHB")
_LARGEST_ID = 2**31 - 1
_FOUR, _ONE = 0x0204, 0x0201  # an INTEGER's tag and length
# As an answer without error begins whose lengths stand in two octets; status and index are zero.
_ANSWER = Struct(">HHHI6sHH")
_LONG = bytes((ber.SEQUENCE, 0x82))
_PDU_ANSWER, _LONG_BINDINGS, _NO_ERROR = RESPONSE << 8 | 0x82, ber.SEQUENCE << 8 | 0x82, bytes((2, 1, 0) * 2)


@dataclass(slots=True)  # not frozen: that would make each three times as dear
class Pdu:
    """A PDU; its bindings are `data[first:last]`. `status` and `index` are non-repeaters and repetitions of a GETBULK."""

    kind: int
    request_id: int
    status: int
    index: int
    data: bytes
    first: int
    last: int

    def bindings(self) -> list[Binding]:
        """(name, tag, value); None for NULL and for what is absent."""
        return list(bindings(self.data, self.first, self.last))


def status_name(status: int) -> str:
    """error-status in the words of the RFC."""
    return STATUS[status] if 0 <= status < len(STATUS) else f"error-status {status}"


def read_pdu(data: bytes, at: int, end: int) -> Pdu:
    """The PDU at `at`. A v1 trap is none of these."""
    kind, at, last = ber.header(data, at, end)
    if kind not in KINDS:
        raise Malformed(f"{kind:#x} is no PDU of SNMPv2")
    request_id, at = ber.read_integer(data, at, last)
    status, at = ber.read_integer(data, at, last)
    index, at = ber.read_integer(data, at, last)
    first, bindings_end = ber.expect(data, at, last, ber.SEQUENCE)
    return Pdu(kind, request_id, status, index, data, first, bindings_end)


def quick_answer(data: bytes, at: int, end: int) -> Pdu | None:
    """As `read_pdu`, of an answer without error that is as most are and fills `data[at:end]`; None for any other, good or bad."""
    if end - at < _ANSWER.size:
        return None
    kind, size, four, request_id, numbers, inner, inner_size = _ANSWER.unpack_from(data, at)
    first = at + _ANSWER.size
    if (
        kind != _PDU_ANSWER
        or at + 4 + size != end
        or four != _FOUR
        or request_id > _LARGEST_ID
        or numbers != _NO_ERROR
        or inner != _LONG_BINDINGS
        or first + inner_size != end
    ):
        return None
    return Pdu(RESPONSE, request_id, 0, 0, data, first, end)


def quick_open(data: bytes, head: bytes) -> Pdu | None:
    """The answer in a SEQUENCE that begins with these elements and has nothing else; None as `quick_answer` has it."""
    if data.startswith(_LONG) and data.startswith(head, 4) and data[2] << 8 | data[3] == len(data) - 4:
        return quick_answer(data, 4 + len(head), len(data))
    return None


def pdu(kind: int, request_id: int, bindings_: bytes, status: int = 0, index: int = 0) -> bytes:
    """A PDU around bindings that are encoded already."""
    if 0x800000 <= request_id <= _LARGEST_ID and 0 <= status < 0x80 and 0 <= index < 0x80:
        head = _NUMBERS.pack(_FOUR, request_id, _ONE, status, _ONE, index)
    else:
        head = ber.integer(request_id) + ber.integer(status) + ber.integer(index)
    return ber.element(kind, head + ber.element(ber.SEQUENCE, bindings_))


def bindings(data: bytes, at: int, end: int) -> Iterator[Binding]:
    """Every variable binding, one after the other."""
    while at < end:
        first, last = ber.expect(data, at, end, ber.SEQUENCE)
        name_at, name_end = ber.expect(data, first, last, ber.OID)
        tag, value_at, value_end = ber.header(data, name_end, last)
        yield ber.oid_of(data[name_at:name_end]), tag, value_of(tag, data[value_at:value_end])
        at = last


def value_of(tag: int, octets: bytes) -> Value | None:
    """A value of any SMIv2 type; None for NULL and for what is absent."""
    if tag == ber.INTEGER:
        return ber.signed(octets)
    if tag in STRINGS:
        return octets
    if tag in NUMBERS:
        return ber.unsigned(octets)
    if tag == ber.OID:
        return ber.oid_of(octets)
    if tag == ber.NULL or tag in ber.ABSENT:
        return None
    raise Malformed(f"{tag:#x} is no type of SMIv2")


def binding(name: Oid, value: bytes = NULL_VALUE) -> bytes:
    """One binding of an encoded value."""
    return ber.element(ber.SEQUENCE, ber.oid(name) + value)


def nulls(names: Iterable[Oid]) -> bytes:
    """Bindings without values, as a question has them."""
    return b"".join(binding(name) for name in names)
