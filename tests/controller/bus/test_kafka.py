"""Kafka dies under the producer and the consumer, and comes back (markers kafka, crash)."""

import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from controller.bus import kafka, kafkaclients
from controller.bus.config import BusConfig
from controller.bus.connect import open_bus
from controller.bus.port import FLOWS, Bus
from controller.core.clock import SystemClock
from controller.core.errors import Unreachable
from controller.lab.kafka.broker import KafkaBroker
from tests.conftest import collect_abandoned_sockets
from tests.controller.bus.test_kafkaconnect import sockets
from tests.tidy import TidyBus

pytestmark = [pytest.mark.kafka, pytest.mark.crash]
ROOT = Path(__file__).parents[3]
PATIENCE_S = 400.0  # longer than a broker may take to start
CONSUMER = """
import os, signal, sys
from pathlib import Path
from controller.bus.config import BusConfig
from controller.bus.connect import open_bus
from controller.core.clock import SystemClock
consumer = open_bus(sys.argv[1], Path("."), SystemClock(), BusConfig()).consumer(["cordon.flows"], sys.argv[2])
seen = []
while len(seen) < 5:
    seen += consumer.poll(500, most=5 - len(seen))
consumer.commit()
while len(seen) < 8:
    seen += consumer.poll(500, most=3)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def own_broker(broker: KafkaBroker, tmp_path: Path) -> Iterator[KafkaBroker]:
    """A broker of this test's own, to be killed; the shared one only says that Kafka is there."""
    found = KafkaBroker(tmp_path / "broker")
    found.start()
    yield found
    found.stop()
    collect_abandoned_sockets()


@pytest.fixture
def bus(own_broker: KafkaBroker, tmp_path: Path) -> Iterator[Bus]:
    """One partition on it."""
    found = TidyBus(open_bus(own_broker.address, tmp_path, SystemClock(), BusConfig(partitions=1)))
    yield found
    found.close()


def numbers(bus: Bus, group: str, count: int) -> list[int]:
    """What a group reads until `count` have come or patience ends."""
    clock, consumer = SystemClock(), bus.consumer([FLOWS], group)
    deadline, seen = clock.monotonic_s() + PATIENCE_S, list[int]()
    while len(seen) < count and clock.monotonic_s() < deadline:
        seen += [int(m.payload) for m in consumer.poll(200)]
    seen += [int(m.payload) for m in consumer.poll(500)]
    consumer.commit()
    consumer.close()
    return seen


def test_broker_killed_under_the_producer(own_broker: KafkaBroker, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL of the broker while messages are on their way: what was acknowledged is there exactly once, in order."""
    monkeypatch.setattr(kafkaclients, "ACK_TIMEOUT_S", PATIENCE_S)  # how long Java takes to start is not what is tested
    producer = bus.producer("p")
    under_way = threading.Event()

    def kill() -> None:
        under_way.wait(PATIENCE_S)
        own_broker.kill()
        own_broker.start()

    killer = threading.Thread(target=kill)
    killer.start()
    for n in range(3000):
        producer.send(FLOWS, 0, b"%d" % n)
        if n == 1000:
            under_way.set()
    producer.flush()  # the client keeps what was not acknowledged, and sends it once the broker is back
    killer.join(PATIENCE_S)
    producer.close()
    assert list(range(3000)) == numbers(bus, "after", 3000)


def test_a_live_consumer_goes_on(own_broker: KafkaBroker, bus: Bus) -> None:
    """A consumer that is there before the broker dies reads on after it came back, each message once."""
    clock, consumer, producer = SystemClock(), bus.consumer([FLOWS], "live"), bus.producer("p")
    seen: list[int] = []
    for first in (0, 10):
        for n in range(first, first + 10):
            producer.send(FLOWS, 0, b"%d" % n)
        producer.flush()
        deadline = clock.monotonic_s() + PATIENCE_S
        while len(seen) < first + 10 and clock.monotonic_s() < deadline:
            seen += [int(m.payload) for m in consumer.poll(200)]
        consumer.commit()
        if first == 0:
            own_broker.kill()
            own_broker.start()
    assert list(range(20)) == seen
    consumer.close()
    producer.close()


def test_broker_killed_under_the_consumer(own_broker: KafkaBroker, bus: Bus) -> None:
    """A consumer goes on after the broker came back, without a message lost or a committed one again."""
    producer = bus.producer("p")
    for n in range(10):
        producer.send(FLOWS, 0, b"%d" % n)
    producer.flush()
    assert list(range(10)) == numbers(bus, "g", 10)
    own_broker.kill()
    own_broker.start()
    producer.send(FLOWS, 0, b"10")
    producer.flush()
    producer.close()
    assert [10] == numbers(bus, "g", 1)


def test_consumer_killed(own_broker: KafkaBroker, bus: Bus) -> None:
    """kill -9 of a consumer that committed 5 of 10: its group goes on with the other five."""
    group = f"g-{uuid.uuid4().hex}"
    producer = bus.producer("p")
    for n in range(10):
        producer.send(FLOWS, 0, b"%d" % n)
    producer.close()
    command = [sys.executable, "-c", CONSUMER, own_broker.address, group]
    done = subprocess.run(command, cwd=ROOT, check=False, timeout=PATIENCE_S)
    assert -signal.SIGKILL == done.returncode
    assert [5, 6, 7, 8, 9] == numbers(bus, group, 5)


def test_a_join_that_outlasts_its_poll(
    own_broker: KafkaBroker, bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partitions are added under a member whose polls are shorter than a join: it comes to have them all, and commits."""
    monkeypatch.setattr(kafka, "LOOK_AGAIN_MS", 100)
    clock, consumer = SystemClock(), bus.consumer([FLOWS], "grows")
    deadline = clock.monotonic_s() + PATIENCE_S
    while not consumer.assignment() and clock.monotonic_s() < deadline:
        consumer.poll(200)
    admin = KafkaAdminClient(bootstrap_servers=own_broker.address.removeprefix("kafka://"))
    admin.create_partitions({FLOWS: 3})
    admin.close()
    more = TidyBus(open_bus(own_broker.address, tmp_path, SystemClock(), BusConfig(partitions=3)))
    producer = more.producer("p")
    for partition in range(3):
        producer.send(FLOWS, partition, b"%d" % partition)
    producer.flush()
    seen: list[int] = []
    while len(seen) < 3 and clock.monotonic_s() < deadline:
        seen += [int(m.payload) for m in consumer.poll(1)]
    assert [0, 1, 2] == sorted(seen)
    while not consumer.commit() and clock.monotonic_s() < deadline:
        consumer.poll(1)
    assert consumer.commit()
    more.close()


def test_no_broker_is_a_typed_error(tmp_path: Path) -> None:
    """Nobody there: Unreachable, which says that a retry can help, and leaves neither threads nor sockets."""
    bus = open_bus("kafka://127.0.0.1:1", tmp_path, SystemClock(), BusConfig())
    threads, files = set(threading.enumerate()), sockets()
    for _ in range(3):
        with pytest.raises(Unreachable) as caught:
            bus.producer("p")
        assert caught.value.retriable
    assert set() == set(threading.enumerate()) - threads
    assert set() == sockets() - files
