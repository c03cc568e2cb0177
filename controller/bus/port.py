"""The bus protocol. Two implementations, one contract suite that both pass.

A message has a topic, a partition and an offset that grows by one per message of that partition in append order.
Producers choose the partition explicitly: `partition_of(agent)` keeps the rows of one agent in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

FLOWS = "cordon.flows"
ALERTS = "cordon.alerts"
REQUESTS = "cordon.requests"
EVENTS = "cordon.events"
TOPICS = (FLOWS, ALERTS, REQUESTS, EVENTS)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a consumer gets it. `headers` carry `schema` (version) and `writer` (id of the producer)."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    payload: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Producer(Protocol):
    """Writes. `send` may buffer; after `flush` returns, everything sent is durable."""

    def send(self, topic: str, partition: int, payload: bytes, headers: Mapping[str, str] | None = None) -> None: ...

    def flush(self) -> None:
        """Block until everything sent is durable; Unreachable if it cannot be made so."""
        ...

    def hand_on(self) -> None:
        """Block until everything sent can be read. It survives the death of this process, and is flushed a moment later: for what
        comes without being acknowledged anyway, and should not wait for a disk."""
        ...

    def close(self) -> None: ...


class Consumer(Protocol):
    """Reads as a member of a group. What was committed is not seen again; what was not, is."""

    def poll(self, timeout_ms: int, most: int = 500) -> Sequence[Message]: ...

    def commit(self) -> bool:
        """Remember, durably, everything that poll has returned so far as done. False: the group is being shared out anew;
        poll, and try again. Unreachable if it cannot be remembered."""
        ...

    def rewind(self, topic: str, partition: int, to_ms: int) -> None:
        """Next poll starts at the first message with timestamp_ms >= `to_ms`, or at the end if there is none."""
        ...

    def assignment(self) -> frozenset[tuple[str, int]]:
        """(topic, partition) pairs this consumer reads now."""
        ...

    def close(self) -> None: ...


class Bus(Protocol):
    """Topics with a fixed number of partitions."""

    @property
    def partitions(self) -> int: ...

    def producer(self, writer: str) -> Producer: ...

    def consumer(self, topics: Sequence[str], group: str) -> Consumer: ...

    def close(self) -> None: ...


def partition_of(agent: bytes, partitions: int) -> int:
    """Partition of an agent address (16 octets): the same on every machine, in every process, for ever."""
    digest = hashlib.blake2b(agent, digest_size=8).digest()
    return int.from_bytes(digest, "big") % partitions
