"""A walk: object identifiers and their values, looked up by column."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from typing import cast

Oid = tuple[int, ...]
Value = int | bytes | Oid


def oid(text: str) -> Oid:
    """`1.3.6.1` as a tuple."""
    return tuple(int(part) for part in text.strip(".").split("."))


class Walk:
    """Objects of one device. `column` gives (instance, value) of everything below an identifier."""

    def __init__(self, objects: Mapping[Oid, Value]) -> None:
        self._objects = dict(objects)
        self._sorted: list[Oid] | None = None
        self._columns: dict[Oid, dict[Oid, Value]] = {}

    @classmethod
    def by_column(cls, columns: Mapping[Oid, dict[Oid, Value]]) -> Walk:
        """From columns that are taken apart already: nothing is put together only to be taken apart again."""
        walk = cls({})
        walk._columns.update(columns)
        return walk

    def __len__(self) -> int:
        return len(self._objects) or sum(map(len, self._columns.values()))

    def get(self, identifier: Oid) -> Value | None:
        """One instance."""
        found = self._objects.get(identifier)
        return self._columns.get(identifier[:-1], {}).get(identifier[-1:]) if found is None else found

    def column(self, root: Oid) -> dict[Oid, Value]:
        """Instance (what follows `root`) -> value."""
        if root not in self._columns:
            size, below = len(root), self._below(root)
            self._columns[root] = {o[size:]: self._objects[o] for o in below}
        return self._columns[root]

    def numbers(self, root: Oid) -> Iterator[tuple[Oid, int]]:
        """As `column`, integers only."""
        for instance, value in self.column(root).items():
            if isinstance(value, int):
                yield instance, value

    def integers(self, root: Oid) -> dict[Oid, int]:
        """As `numbers`, all at once; the same dictionary as `column` where it holds nothing else."""
        column = self.column(root)
        if set(map(type, column.values())) <= {int}:
            return cast("dict[Oid, int]", column)
        return dict(self.numbers(root))

    def by_number(self, root: Oid) -> dict[int, int]:
        """As `numbers`, of a table whose index is one number: an index that has more is none of its rows."""
        return {i[0]: value for i, value in self.numbers(root) if len(i) == 1}

    def texts(self, root: Oid) -> Iterator[tuple[Oid, str]]:
        """As `column`, octet strings as text: what follows a NUL, and line ends of odd devices, cut off."""
        for instance, value in self.column(root).items():
            if isinstance(value, bytes):
                yield instance, value.split(b"\0", 1)[0].decode("utf-8", "replace").strip()

    def _below(self, root: Oid) -> list[Oid]:
        if self._sorted is None:
            self._sorted = sorted(self._objects)
        end = (*root[:-1], root[-1] + 1)
        return self._sorted[bisect_right(self._sorted, root) : bisect_left(self._sorted, end)]
