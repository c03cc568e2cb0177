"""SNMP objects in order, each encoded once: what GET, GETNEXT and GETBULK read."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence

from controller.core.snmp import ber, pdu
from controller.core.snmp.ber import Oid

ABSENT_INSTANCE = ber.element(ber.NO_SUCH_INSTANCE, b"")
ABSENT_OBJECT = ber.element(ber.NO_SUCH_OBJECT, b"")
END = ber.element(ber.END_OF_MIB, b"")


class ObjectTable:
    """Names and encoded values of one view. `objects`: roots of columns that exist even while they have no rows."""

    def __init__(self, values: Mapping[Oid, bytes], objects: Sequence[Oid] = ()) -> None:
        self._values = values
        self._oids = sorted(values)
        self._bindings: list[bytes | None] = [None] * len(self._oids)
        self._objects = tuple(objects)

    def get(self, oid: Oid) -> bytes:
        """The encoded value; noSuchInstance within a column that exists, else noSuchObject (RFC 3416 section 4.2.1)."""
        found = self._values.get(oid)
        if found is not None:
            return found
        at = bisect.bisect_right(self._oids, oid)
        beside = [o for o in self._oids[max(at - 1, 0) : at + 1] if len(o) == len(oid) and o[:-1] == oid[:-1]]
        known = beside or any(oid[: len(root)] == root for root in self._objects)
        return ABSENT_INSTANCE if known else ABSENT_OBJECT

    def next(self, oid: Oid) -> bytes:
        """The binding behind `oid`."""
        return self._binding(bisect.bisect_right(self._oids, oid), oid)

    def bulk(self, names: Sequence[Oid], repetitions: int, most_octets: int) -> bytes:
        """Bindings of GETBULK: row by row, as many as fit."""
        places = [bisect.bisect_right(self._oids, name) for name in names]
        found: list[bytes] = []
        size, last = 0, len(self._oids)
        for row in range(repetitions):
            if all(place + row > last for place in places):
                break
            for name, place in zip(names, places, strict=True):
                binding = self._binding(place + row, name)
                size += len(binding)
                if size > most_octets and found:
                    return b"".join(found)
                found.append(binding)
        return b"".join(found)

    def _binding(self, place: int, name: Oid) -> bytes:
        if place >= len(self._oids):
            return pdu.binding(self._oids[-1] if self._oids else name, END)
        binding = self._bindings[place]
        if binding is None:
            oid = self._oids[place]
            binding = self._bindings[place] = pdu.binding(oid, self._values[oid])
        return binding
