"""Apache Kafka as the bus (kafka-python): idempotent, acks=all, no compression of its own (Arrow has compressed already)."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.coordinator.base import MemberState
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError, TopicAlreadyExistsError

from controller.core.clock import Clock
from controller.core.errors import Unreachable

from .config import BusConfig
from .port import TOPICS, Message

LARGEST_MESSAGE = 32 * 1024 * 1024
ACK_TIMEOUT_S = 30.0
SESSION_TIMEOUT_MS = 10_000
# Whoever does not poll for so long is left behind; until then all others of the group wait for it.
LONGEST_TURN_MS = 60_000
BOOTSTRAP_TIMEOUT_MS = 10_000
# A broker that has only just come up may show a topic without partitions; the client would believe it for five minutes.
LOOK_AGAIN_MS = 10_000
CONNECT_TIMEOUT_S = 5.0
CREATE_TIMEOUT_S = 15.0


@contextmanager
def _typed(where: str, what: str) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise Unreachable(f"{what}: {type(error).__name__}", where=where, do="is the broker up?") from error


class KafkaBus:
    """Topics are created at the first use, with the configured number of partitions."""

    def __init__(self, servers: Sequence[str], config: BusConfig, clock: Clock) -> None:
        self._servers, self._config, self._clock = list(servers), config, clock
        self._where = f"kafka://{','.join(servers)}"
        self._partitions: int | None = None

    @property
    def partitions(self) -> int:
        """Partitions of each topic: what the broker says, for topics that were there before."""
        if self._partitions is None:
            self._look()
            self._partitions = self._prepare()
        return self._partitions

    def producer(self, writer: str) -> KafkaWriter:
        """A producer."""
        self.partitions  # noqa: B018 topics must be there before the first send
        self._look()
        with _typed(self._where, "cannot connect"):
            client = KafkaProducer(
                bootstrap_servers=self._servers,
                acks="all",
                enable_idempotence=True,
                max_request_size=LARGEST_MESSAGE,
                compression_type=None,
                linger_ms=0,
            )
        return KafkaWriter(client, writer, self._where)

    def consumer(self, topics: Sequence[str], group: str) -> KafkaReader:
        """A member of a group."""
        self.partitions  # noqa: B018
        self._look()
        with _typed(self._where, "cannot connect"):
            client = KafkaConsumer(
                *topics,
                bootstrap_servers=self._servers,
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                session_timeout_ms=SESSION_TIMEOUT_MS,
                heartbeat_interval_ms=SESSION_TIMEOUT_MS // 4,
                max_poll_interval_ms=LONGEST_TURN_MS,
                metadata_max_age_ms=LOOK_AGAIN_MS,
                max_partition_fetch_bytes=LARGEST_MESSAGE,
                fetch_max_bytes=LARGEST_MESSAGE,
                fetch_max_wait_ms=100,
            )
            self._know(client, topics)
        return KafkaReader(client, self._where)

    def close(self) -> None:
        """Producers and consumers close by themselves."""

    def _know(self, client: Any, topics: Sequence[str]) -> None:
        """Partitions are known before the group is joined: a member that leads it and knows none would share out nothing."""
        deadline = self._clock.monotonic_s() + CREATE_TIMEOUT_S
        while not all(client.partitions_for_topic(topic) for topic in topics):
            if self._clock.monotonic_s() > deadline:
                client.close(autocommit=False)
                raise Unreachable("topics have no partitions", where=self._where, do="look at the broker's log")
            self._clock.sleep(0.05)

    def _look(self) -> None:
        """One broker at least must take a connection. kafka-python's clients keep a thread and sockets for ever when their
        constructor fails, so none is made in vain."""
        reasons = []
        for server in self._servers:
            host, _, port = server.rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT_S).close()
            except OSError as error:
                reasons.append(f"{server}: {error.strerror or error}")
            else:
                return
        raise Unreachable(f"cannot connect: {'; '.join(reasons)}", where=self._where, do="is the broker up?")

    def _prepare(self) -> int:
        with _typed(self._where, "cannot connect"):
            admin = KafkaAdminClient(bootstrap_servers=self._servers, bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS)
            try:
                there = set(admin.list_topics())
                missing = [t for t in TOPICS if t not in there]
                for topic in missing:
                    self._create(admin, topic)
                return self._fewest_partitions(admin)
            finally:
                admin.close()

    def _fewest_partitions(self, admin: Any) -> int:
        """A topic that was only just created may have no partitions yet in what the broker answers."""
        deadline = self._clock.monotonic_s() + CREATE_TIMEOUT_S
        while True:
            fewest = min(len(topic["partitions"]) for topic in admin.describe_topics(list(TOPICS)))
            if fewest:
                return fewest
            if self._clock.monotonic_s() > deadline:
                raise Unreachable("topics were created and have no partitions", where=self._where)
            self._clock.sleep(0.05)

    def _create(self, admin: Any, topic: str) -> None:
        settings = {"max.message.bytes": str(LARGEST_MESSAGE), "message.timestamp.type": "LogAppendTime"}
        new = NewTopic(topic, self._config.partitions, self._config.replication, topic_configs=settings)
        try:
            admin.create_topics([new])
        except TopicAlreadyExistsError:
            return  # another process was faster


class KafkaWriter:
    """A producer. `flush` waits for every acknowledgement."""

    def __init__(self, client: Any, writer: str, where: str) -> None:
        self._client, self._writer, self._where = client, writer, where
        self._waiting: list[Any] = []

    def send(self, topic: str, partition: int, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Hand over to the client's own thread."""
        pairs = [(k, v.encode()) for k, v in {"writer": self._writer, **(headers or {})}.items()]
        with _typed(self._where, "cannot send"):
            self._waiting.append(self._client.send(topic, value=payload, partition=partition, headers=pairs))

    def flush(self) -> None:
        """Block until all is acknowledged; Unreachable if something was not."""
        waiting, self._waiting = self._waiting, []
        with _typed(self._where, "not acknowledged"):
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
        with _typed(self._where, "cannot read"):
            batches = self._client.poll(timeout_ms=timeout_ms, max_records=most)
        self._join_on()
        return [_message(record) for records in batches.values() for record in records]

    def commit(self) -> bool:
        """The group goes on behind everything that poll has returned, unless it is being shared out anew."""
        with _typed(self._where, "cannot commit"):
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
        with _typed(self._where, "cannot rewind"):
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
        with _typed(self._where, "cannot leave the group"):
            self._client.close(autocommit=False)


def _message(record: Any) -> Message:
    headers = {key: value.decode("utf-8", "replace") for key, value in record.headers}
    return Message(record.topic, record.partition, record.offset, record.timestamp, record.value, headers)
