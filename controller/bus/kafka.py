"""Apache Kafka as the bus (kafka-python): idempotent, acks=all, no compression of its own (Arrow has compressed already)."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import InvalidReplicationFactorError, TopicAlreadyExistsError

from controller.core.clock import Clock
from controller.core.errors import Unreachable

from .config import BusConfig
from .kafkaclients import KafkaReader, KafkaWriter, typed
from .kafkaconnect import made
from .kafkasecurity import context, security
from .port import TOPICS

LARGEST_MESSAGE = 32 * 1024 * 1024
SESSION_TIMEOUT_MS = 10_000
# Whoever does not poll for so long is left behind; until then all others of the group wait for it.
LONGEST_TURN_MS = 60_000
BOOTSTRAP_TIMEOUT_MS = 30_000  # of a broker that takes a connection: it may be busy coming up
# A broker that has only just come up may show a topic without partitions; the client would believe it for five minutes.
LOOK_AGAIN_MS = 10_000
CONNECT_TIMEOUT_S = 5.0
CREATE_TIMEOUT_S = 30.0


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
        with typed(self._where, "cannot connect"):
            client: Any = made(
                KafkaProducer,
                **self._reached(),
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
        with typed(self._where, "cannot connect"):
            client: Any = made(
                KafkaConsumer,
                *topics,
                **self._reached(),
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

    def greet(self) -> None:
        """A broker lets us in. Unreachable, NotAllowed or ConfigError if none does; nothing is made there."""
        self._look()
        with typed(self._where, "cannot connect"):
            client: Any = made(KafkaAdminClient, **self._reached())
            client.close()

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

    def _reached(self) -> dict[str, Any]:
        """What all clients are made with. The password and the certificates are read anew: they may have been replaced."""
        where = {"bootstrap_servers": self._servers, "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS}
        return where | security(self._config)

    def _look(self) -> None:
        """One broker at least must take a connection: where nobody is, or nobody whose certificate is good, that is known at
        once and without a client's thread."""
        reasons = []
        tls = context(self._config.tls) if self._config.tls else None
        for server in self._servers:
            host, _, port = server.rpartition(":")
            try:
                with socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT_S) as line:
                    if tls is not None:
                        tls.wrap_socket(line, server_hostname=host.strip("[]")).close()
            except OSError as error:
                reasons.append(f"{server}: {error.strerror or error}")
            else:
                return
        do = "is the broker up, and does bus_options.tls fit it?" if tls is not None else "is the broker up?"
        raise Unreachable(f"cannot connect: {'; '.join(reasons)}", where=self._where, do=do)

    def _prepare(self) -> int:
        with typed(self._where, "cannot connect"):
            admin: Any = made(KafkaAdminClient, **self._reached())
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
        deadline = self._clock.monotonic_s() + CREATE_TIMEOUT_S
        while True:
            try:
                admin.create_topics([new])
            except TopicAlreadyExistsError:
                return  # another process was faster
            except InvalidReplicationFactorError:  # brokers that have only just come up do not count yet
                if self._clock.monotonic_s() > deadline:
                    raise
                self._clock.sleep(0.1)
            else:
                return
