"""A producer, and a member of a group, over kafka-python's clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import TopicPartition
from kafka.coordinator.base import MemberState
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError

from controller.core.errors import NotAllowed, Unreachable

from .kafkaconnect import REFUSALS
from .port import Message

ACK_TIMEOUT_S = 30.0


@contextmanager
def typed(where: str, what: str) -> Iterator[None]:
    """The client's errors as ours: NotAllowed, or Unreachable, which may be tried again."""
    try:
        yield
    except REFUSALS as error:
        do = "bus_options.sasl, and the rights to topics cordon.* and groups cordon-*"
        raise NotAllowed(f"{what}: {error}", where=where, do=do) from error
    except KafkaError as error:
        raise Unreachable(f"{what}: {type(error).__name__}", where=where, do="is the broker up?") from error


class KafkaWriter:
    """A producer. `flush` waits for every acknowledgement."""

    def __init__(self, client: Any, writer: str, where: str) -> None:
        self._client, self._writer, self._where = client, writer, where
        self._waiting: list[Any] = []

    def send(self, topic: str, partition: int, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Hand over to the client's own thread."""
        pairs = [(k, v.encode()) for k, v in {"writer": self._writer, **(headers or {})}.items()]
        with typed(self._where, "cannot send"):
            self._waiting.append(self._client.send(topic, value=payload, partition=partition, headers=pairs))

    def flush(self) -> None:
        """Block until all is acknowledged; Unreachable if something was not."""
        waiting, self._waiting = self._waiting, []
        with typed(self._where, "not acknowledged"):
            for future in waiting:
                future.get(timeout=ACK_TIMEOUT_S)

    hand_on = flush  # the broker's disk is not waited for by an acknowledgement either

    def close(self) -> None:
        """Flush and disconnect."""
        try:
            self.flush()
        finally:
            self._client.close(timeout=5)


class KafkaReader:
    """A consumer of a group."""

    def __init__(self, client: Any, where: str) -> None:
        self._client, self._where = client, where

    def poll(self, timeout_ms: int, most: int = 500) -> Sequence[Message]:
        """What has come, waiting up to `timeout_ms`."""
        with typed(self._where, "cannot read"):
            batches = self._client.poll(timeout_ms=timeout_ms, max_records=most)
        self._join_on()
        return [_message(record) for records in batches.values() for record in records]

    def commit(self) -> bool:
        """The group goes on behind everything that poll has returned, unless it is being shared out anew."""
        with typed(self._where, "cannot commit"):
            try:
                self._client.commit()
            except (RebalanceInProgressError, CommitFailedError):
                return False
        return True

    def _join_on(self) -> None:
        """kafka-python 3.0.12 forgets a join that outlasts the poll it began in when new partitions were its reason: the
        member reads on, without heartbeats, and can never commit again. Reminded, its next poll goes on with the join."""
        if self._client.group_metadata().state is MemberState.REBALANCING:
            self._client._coordinator.request_rejoin()

    def rewind(self, topic: str, partition: int, to_ms: int) -> None:
        """Go to the first message at or after `to_ms`, or to the end."""
        place = TopicPartition(topic, partition)
        with typed(self._where, "cannot rewind"):
            found = self._client.offsets_for_times({place: max(to_ms, 0)}).get(place)
            if found is None:
                self._client.seek_to_end(place)
                self._client.position(place)  # seek_to_end is lazy: without this the next message would be missed
            else:
                self._client.seek(place, found.offset)

    def assignment(self) -> frozenset[tuple[str, int]]:
        """Partitions this consumer reads now."""
        return frozenset((p.topic, p.partition) for p in self._client.assignment())

    def close(self) -> None:
        """Leave the group; what was not committed is read again by somebody."""
        with typed(self._where, "cannot leave the group"):
            self._client.close(autocommit=False)


def _message(record: Any) -> Message:
    headers = {key: value.decode("utf-8", "replace") for key, value in record.headers}
    return Message(record.topic, record.partition, record.offset, record.timestamp, record.value, headers)
