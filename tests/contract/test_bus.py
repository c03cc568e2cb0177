"""One contract for every bus: the embedded log and a real Apache Kafka broker (markers contract, kafka)."""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from controller.bus.config import BusConfig
from controller.bus.connect import open_bus
from controller.bus.port import ALERTS, FLOWS, Bus, Consumer, Message
from controller.core.clock import SystemClock
from tests.tidy import TidyBus

pytestmark = pytest.mark.contract
PATIENCE_S = 240.0  # a broker on a machine with other work


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def bus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bus]:
    """A bus of either kind with four partitions."""
    address = "embedded" if request.param == "embedded" else request.getfixturevalue("broker").address
    found = TidyBus(open_bus(address, tmp_path, SystemClock(), BusConfig(partitions=4)))
    yield found
    found.close()


@pytest.fixture
def group() -> str:
    """A group nobody used before: a broker outlives one test."""
    return f"group-{uuid.uuid4().hex}"


def drain(consumer: Consumer, enough: Callable[[Sequence[Message]], bool]) -> list[Message]:
    """Poll until there is enough, or patience ends."""
    clock, seen = SystemClock(), list[Message]()
    deadline = clock.monotonic_s() + PATIENCE_S
    while not enough(seen) and clock.monotonic_s() < deadline:
        seen.extend(consumer.poll(200))
    return seen


def fresh(bus: Bus, group: str, topics: Sequence[str] = (FLOWS,)) -> Consumer:
    """A consumer whose group starts at the present end: what other tests left is committed away."""
    consumer = bus.consumer(topics, group)
    mark = uuid.uuid4().hex.encode()
    with_all = bus.producer("mark")
    for topic in topics:
        for partition in range(bus.partitions):
            with_all.send(topic, partition, mark)
    with_all.close()
    wanted = bus.partitions * len(topics)
    drain(consumer, lambda seen: sum(m.payload == mark for m in seen) >= wanted)
    consumer.commit()
    return consumer


def send(bus: Bus, payloads: Sequence[bytes], *, topic: str = FLOWS, partition: int = 0) -> None:
    """Send and flush."""
    producer = bus.producer("test")
    for payload in payloads:
        producer.send(topic, partition, payload, {"schema": "1"})
    producer.close()


def test_order_within_a_partition(bus: Bus, group: str) -> None:
    """What one producer sends to one partition is read in that order, offsets growing."""
    consumer = fresh(bus, group)
    sent = [b"%d" % n for n in range(500)]
    send(bus, sent, partition=2)
    seen = drain(consumer, lambda s: len(s) >= 500)
    assert sent == [m.payload for m in seen]
    offsets = [m.offset for m in seen]
    assert sorted(set(offsets)) == offsets
    consumer.close()


def test_headers_and_bytes_come_as_they_were(bus: Bus, group: str) -> None:
    """Payload octets, headers and the writer's name survive; timestamps are there."""
    consumer = fresh(bus, group)
    payload = bytes(range(256)) * 100
    producer = bus.producer("writer-1")
    producer.send(FLOWS, 1, payload, {"schema": "7", "name": "Zürich 医院"})
    producer.flush()
    (message,) = drain(consumer, lambda s: len(s) >= 1)
    assert payload == message.payload
    assert {"writer": "writer-1", "schema": "7", "name": "Zürich 医院"} == dict(message.headers)
    assert message.timestamp_ms > 1_700_000_000_000
    producer.close()
    consumer.close()


def test_a_large_message(bus: Bus, group: str) -> None:
    """Twelve megabytes in one message."""
    consumer = fresh(bus, group)
    payload = b"x" * 12_000_000
    send(bus, [payload])
    (message,) = drain(consumer, lambda s: len(s) >= 1)
    assert payload == message.payload
    consumer.close()


def test_what_was_committed_is_not_seen_again(bus: Bus, group: str) -> None:
    """The next member of the group goes on behind the commit."""
    first = fresh(bus, group)
    send(bus, [b"a", b"b"])
    drain(first, lambda s: len(s) >= 2)
    first.commit()
    send(bus, [b"c"])
    first.close()
    second = bus.consumer([FLOWS], group)
    assert [b"c"] == [m.payload for m in drain(second, lambda s: len(s) >= 1)]
    second.close()


def test_what_was_not_committed_is_seen_again(bus: Bus, group: str) -> None:
    """A member that leaves without a commit leaves its messages to the next."""
    first = fresh(bus, group)
    send(bus, [b"a", b"b"])
    drain(first, lambda s: len(s) >= 2)
    first.close()
    second = bus.consumer([FLOWS], group)
    assert [b"a", b"b"] == [m.payload for m in drain(second, lambda s: len(s) >= 2)]
    second.close()


def test_two_groups_each_see_everything(bus: Bus, group: str) -> None:
    """Groups do not take messages from each other."""
    one, two = fresh(bus, group), fresh(bus, f"{group}-other")
    one_seen_before = drain(one, lambda s: len(s) >= bus.partitions)  # the other's marks
    send(bus, [b"a"])
    assert bus.partitions == len(one_seen_before)
    assert [b"a"] == [m.payload for m in drain(one, lambda s: len(s) >= 1)]
    assert [b"a"] == [m.payload for m in drain(two, lambda s: len(s) >= 1)]
    one.close()
    two.close()


def test_rewind_by_time(bus: Bus, group: str) -> None:
    """After a rewind the first message is the first at or after that time; beyond the last, only new ones come."""
    consumer = fresh(bus, group)
    clock = SystemClock()
    for name in (b"a", b"b", b"c"):
        send(bus, [name])
        now = clock.now_ms()
        while clock.now_ms() <= now + 5:  # three different milliseconds
            clock.sleep(0.001)
    seen = drain(consumer, lambda s: len(s) >= 3)
    consumer.rewind(FLOWS, 0, seen[1].timestamp_ms)
    assert [b"b", b"c"] == [m.payload for m in drain(consumer, lambda s: len(s) >= 2)]
    consumer.rewind(FLOWS, 0, clock.now_ms() + 60_000)
    send(bus, [b"d"])
    assert [b"d"] == [m.payload for m in drain(consumer, lambda s: len(s) >= 1)]
    consumer.close()


def test_members_share_partitions_and_hand_over(bus: Bus, group: str) -> None:
    """Two members hold all partitions between them, none twice; when one leaves the other gets all."""
    first = fresh(bus, group)
    second = bus.consumer([FLOWS], group)
    everything = {(FLOWS, p) for p in range(bus.partitions)}
    seen: list[Message] = []
    clock = SystemClock()
    deadline = clock.monotonic_s() + PATIENCE_S
    while clock.monotonic_s() < deadline:
        poll_both(first, second, seen)
        shares = first.assignment(), second.assignment()
        if all(shares) and shares[0] | shares[1] == everything and not shares[0] & shares[1]:
            break  # a member that has not polled since the other came may still show what it had
    assert everything == shares[0] | shares[1]
    assert frozenset() == shares[0] & shares[1]
    second.close()
    drain(first, lambda _: first.assignment() == everything)
    assert everything == first.assignment()
    first.close()


def poll_both(first: Consumer, second: Consumer, seen: list[Message]) -> None:
    """Poll two members at the same time, as two processes would."""
    thread = threading.Thread(target=lambda: seen.extend(second.poll(200)))
    thread.start()
    seen.extend(first.poll(200))
    thread.join()


def test_two_topics_are_apart(bus: Bus, group: str) -> None:
    """A consumer of one topic sees nothing of another."""
    consumer = fresh(bus, group, (ALERTS,))
    send(bus, [b"flow"], topic=FLOWS)
    send(bus, [b"alert"], topic=ALERTS)
    assert [b"alert"] == [m.payload for m in drain(consumer, lambda s: len(s) >= 1)]
    consumer.close()


def test_nothing_there_returns_in_time(bus: Bus, group: str) -> None:
    """A poll of an empty bus gives nothing, and does not hang."""
    consumer = fresh(bus, group)
    assert [] == list(consumer.poll(50))
    consumer.close()
