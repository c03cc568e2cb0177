"""A bus that closes at its end whom it gave out: a test that fails half-way leaves no sockets and threads to the next."""

from collections.abc import Sequence

from controller.bus.port import Bus, Consumer, Producer


class TidyBus:
    """Any bus; closing a producer or a consumer twice is closing it once."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._given: list[Producer | Consumer] = []

    @property
    def partitions(self) -> int:
        """As the bus has them."""
        return self._bus.partitions

    def producer(self, writer: str) -> Producer:
        """A producer, remembered."""
        found = self._bus.producer(writer)
        self._given.append(found)
        return found

    def consumer(self, topics: Sequence[str], group: str) -> Consumer:
        """A member of a group, remembered."""
        found = self._bus.consumer(topics, group)
        self._given.append(found)
        return found

    def close(self) -> None:
        """Everybody, then the bus."""
        while self._given:
            self._given.pop().close()
        self._bus.close()
