"""GETBULK answers straight to columns: what the request knows already (the column's OID) is compared, not decoded.

One binding costs a few slices: names are compared by their encoded prefix, the instance behind it is decoded once for all
columns of a table (they share it), and small integers and strings are read in place. Every other encoding of the same
thing (long length forms, counters, OIDs) takes the general way.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from controller.core.snmp import ber, pdu
from controller.core.snmp.ber import Malformed, Oid
from controller.core.snmp.pdu import Value

SHORT = 0x80  # lengths below stand in one octet


class WalkLoops(ValueError):
    """An agent answers with what it had answered before, or with something in front of it."""


_octets_of = functools.lru_cache(maxsize=1024)(ber.oid_octets)  # every switch is asked for the same


@dataclass(slots=True, eq=False)
class Column:
    """One column that is being walked. `tail` is the encoded instance that was read last."""

    root: Oid
    prefix: bytes = b""
    rows: dict[Oid, Value] = field(default_factory=dict)
    instance: Oid = ()
    tail: bytes = b""
    ended: bool = False
    count: int = 0  # rows read, in `rows` or on their way there

    def __post_init__(self) -> None:
        self.prefix = _octets_of(self.root)

    def question(self) -> bytes:
        """The binding that asks for what follows."""
        size = len(self.prefix) + len(self.tail)
        if size < SHORT - 4:  # the usual case, without a call
            return b"".join((bytes((ber.SEQUENCE, size + 4, ber.OID, size)), self.prefix, self.tail, pdu.NULL_VALUE))
        return ber.element(ber.SEQUENCE, ber.element(ber.OID, self.prefix + self.tail) + pdu.NULL_VALUE)


def read_rows(  # noqa: C901, PLR0912 one loop without calls: it is run once a binding
    data: bytes, at: int, end: int, columns: list[Column], memo: dict[bytes, Oid]
) -> int:
    """Take the bindings `data[at:end]` of a GETBULK answer into the columns that were asked for; gives how many there were.

    They come row by row, one binding a column. `memo` maps encoded instances to decoded ones. Malformed, WalkLoops.
    """
    steps: list[list[Any]] = [[c.prefix, len(c.prefix), c.rows, c.instance, c.tail, False, c.count] for c in columns]
    known, slices = memo.get, data.startswith
    count, open_columns = 0, len(steps)
    try:
        while at < end and open_columns:
            for step in steps:
                if at >= end:
                    break
                count += 1
                name = at + 4
                value = name + data[at + 3]
                after = at + 2 + data[at + 1]
                size = data[value + 1] if value + 1 < end else 0xFF
                short = data[at + 1] < SHORT and size < SHORT
                if not short or value + 2 + size != after or after > end or data[at] != 0x30 or data[at + 2] != 6:
                    name, value, tag, first, after = _general(data, at, end)
                else:
                    tag, first = data[value], value + 2
                at = after
                prefix, length, rows, last, _, ended, _ = step
                if ended:
                    continue
                name += length
                if tag > 0x7F or name >= value or not slices(prefix, name - length):
                    step[5] = True
                    open_columns -= 1
                    continue
                tail = data[name:value]
                instance = known(tail)
                if instance is None:
                    instance = memo[tail] = ber.arcs(tail)
                if instance <= last:
                    raise WalkLoops(f"{instance} comes behind {last}")
                step[3], step[4] = instance, tail
                step[6] += 1  # a row without a value counts too: an agent may have no end of them
                if tag == 2 and after - first == 1:
                    number = data[first]
                    rows[instance] = number if number < 0x80 else number - 256
                elif tag == 4:
                    rows[instance] = data[first:after]
                else:
                    _other(rows, instance, tag, data[first:after])
    except IndexError as error:
        raise Malformed("the bindings are cut off") from error
    for column, step in zip(columns, steps, strict=True):
        column.instance, column.tail, column.ended, column.count = step[3:]
    return count


def _general(data: bytes, at: int, end: int) -> tuple[int, int, int, int, int]:
    """(name, its end, tag, value, what follows) whatever the forms of the lengths are."""
    first, last = ber.expect(data, at, end, ber.SEQUENCE)
    name, name_end = ber.expect(data, first, last, ber.OID)
    tag, value, value_end = ber.header(data, name_end, last)
    if value_end != last or last > end:
        raise Malformed("a binding holds more than a name and a value")
    # The value's end is the binding's end; the name's end is where the prefix comparison stops.
    return name, name_end, tag, value, last


def _other(rows: dict[Oid, Value], instance: Oid, tag: int, octets: bytes) -> None:
    found = pdu.value_of(tag, octets)
    if found is not None:
        rows[instance] = found
