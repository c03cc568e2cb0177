"""Tables with a limit: the entry longest unused makes room, and each eviction is counted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedTable(Generic[K, V]):
    """A mapping of at most `most` entries, least recently used out first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[K, V] = OrderedDict()
        self.evictions = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def items(self) -> Iterator[tuple[K, V]]:
        """All entries, the one longest unused first."""
        return iter(self._entries.items())

    def get(self, key: K) -> V | None:
        """The entry, which counts as used now; None."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def peek(self, key: K) -> V | None:
        """The entry, without counting as use."""
        return self._entries.get(key)

    def ensure(self, key: K, make: Callable[[], V]) -> V:
        """The entry, made if it is not there."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
            return value
        value = make()
        self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Set an entry."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)
            self.evictions += 1

    def pop(self, key: K) -> V | None:
        """Take an entry out."""
        return self._entries.pop(key, None)
