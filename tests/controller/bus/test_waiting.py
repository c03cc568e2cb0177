"""Readers that wait: what they look at while nothing comes, who wakes them, and what they may commit."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.bus.config import BusConfig
from controller.bus.cursor import Cursor
from controller.bus.embedded import LOOK_S, UNFLUSHED_S, EmbeddedBus, EmbeddedConsumer
from controller.bus.group import Place
from controller.bus.news import News
from controller.bus.port import ALERTS, FLOWS
from controller.bus.segments import Partition
from controller.core.clock import ManualClock, SystemClock


def payloads(cursor: Cursor) -> list[bytes]:
    """What it reads now."""
    return [record.payload for record in cursor.read(100)]


def grown_old(folder: Path) -> None:
    """The folder was last changed long ago, so that its time can be relied on."""
    os.utime(folder, (time.time() - 60, time.time() - 60))


@pytest.mark.parametrize("segment_bytes", [4096, 1 << 20])
def test_a_reader_at_rest_misses_nothing(tmp_path: Path, segment_bytes: int) -> None:
    """It looks at sizes and times only, and still finds what another writer appends, be it in a new file."""
    config = BusConfig(segment_bytes=segment_bytes)
    cursor, writer = Cursor(Partition(tmp_path, config), 0), Partition(tmp_path, config)
    for number in range(12):
        grown_old(tmp_path)
        assert [] == payloads(cursor)
        assert [] == payloads(cursor)
        text = b"%d" % number * 600
        writer.append([(text, {})], 1000)
        assert [text] == payloads(cursor)


def test_at_rest_no_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of looks a second must not cost a busy controller anything."""
    partition = Partition(tmp_path, BusConfig())
    partition.append([(b"x", {})], 1000)
    cursor, opened = Cursor(partition, 0), list[object]()
    assert [b"x"] == payloads(cursor)
    grown_old(tmp_path)
    assert [] == payloads(cursor)
    monkeypatch.setattr(os, "open", lambda path, *_: opened.append(path))
    monkeypatch.setattr(Path, "open", lambda self, *_: opened.append(self))
    monkeypatch.setattr(Path, "iterdir", lambda self: opened.append(self))  # noqa: PLW0108 bound to the path
    assert [] == payloads(cursor)
    assert [] == opened


def test_a_tail_that_is_not_whole_is_looked_at_again(tmp_path: Path) -> None:
    """Another one may cut it and write as many octets as there were."""
    partition = Partition(tmp_path, BusConfig())
    partition.append([(b"one", {})], 1000)
    cursor, path = Cursor(partition, 0), partition.segments()[0]
    good = path.read_bytes()
    partition.append([(b"two", {})], 1000)
    whole = path.read_bytes()
    path.write_bytes(good + bytes(len(whole) - len(good)))
    grown_old(tmp_path)
    assert [b"one"] == payloads(cursor)
    assert [] == payloads(cursor)
    path.write_bytes(whole)
    assert [b"two"] == payloads(cursor)


def told(consumer: EmbeddedConsumer) -> set[Place]:
    """Where something came, as far as it was told."""
    return consumer._news.take()


def test_who_waits_for_a_topic_is_woken_by_that_topic(tmp_path: Path) -> None:
    """Flows come hundreds of times a second: who waits for alerts sleeps on. A consumer that left is told nothing."""
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=1), SystemClock())
    flows, alerts = bus.consumer([FLOWS], "a"), bus.consumer([ALERTS], "b")
    bus.arrived((FLOWS, 0))
    assert ({(FLOWS, 0)}, set()) == (told(flows), told(alerts))
    flows.close()
    bus.arrived((FLOWS, 0))
    assert set() == told(flows)
    alerts.close()


def test_a_wait_ends_with_what_is_told() -> None:
    """Be it told before: the wait does not begin then."""
    news = News()
    news.tell((FLOWS, 1))
    assert news._came.is_set()
    news.wait(5.0)
    assert {(FLOWS, 1)} == news.take()
    assert set() == news.take()


def test_what_others_write_has_its_turn_however_much_comes_here(tmp_path: Path) -> None:
    """Where this process wrote is read without a look at the rest, which is looked at as often as ever."""
    config, clock = BusConfig(partitions=2), ManualClock()
    bus, others = EmbeddedBus(tmp_path, config, clock), EmbeddedBus(tmp_path, config, clock).producer("other")
    consumer, producer = bus.consumer([FLOWS], "g"), bus.producer("here")
    assert [] == consumer.poll(0)
    others.send(FLOWS, 1, b"theirs")
    others.flush()
    seen = list[list[bytes]]()
    for _ in range(3):
        producer.send(FLOWS, 0, b"ours")
        producer.flush()
        seen.append(sorted(message.payload for message in consumer.poll(0)))
        clock.advance(LOOK_S * 0.6)
    assert [[b"ours"], [b"ours"], [b"ours", b"theirs"]] == seen
    consumer.close()


def test_readers_are_woken_before_the_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written can be read while the disk is busy with it."""
    order: list[str] = []
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=1), SystemClock())
    consumer, producer = bus.consumer([FLOWS], "g"), bus.producer("p")
    producer.send(FLOWS, 0, b"first of its file, whose name is flushed before anything is in it")
    producer.flush()
    consumer.poll(0)
    monkeypatch.setattr(os, "fsync", lambda _: order.append("flush"))
    monkeypatch.setattr(bus, "arrived", lambda _: order.extend(m.payload.decode() for m in consumer.poll(0)))
    producer.send(FLOWS, 0, b"x")
    producer.flush()
    assert ["x", "flush"] == order
    consumer.close()


def test_what_is_committed_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An offset behind the end of the log after a power cut would pass over what is written then: the log is flushed first,
    whoever wrote it; what its own writer has flushed already is not flushed again."""
    real: Callable[[int], None] = os.fsync
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=1), SystemClock())
    other = EmbeddedBus(tmp_path, BusConfig(partitions=1), SystemClock())
    consumer = bus.consumer([FLOWS], "g")
    flushed: list[str] = []

    def fsync(handle: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink().suffix)
        real(handle)

    for writer, expected in ((other, True), (bus, False)):
        producer = writer.producer("p")
        producer.send(FLOWS, 0, b"x")
        producer.flush()
        assert [b"x"] == [message.payload for message in consumer.poll(1000)]
        flushed.clear()
        monkeypatch.setattr(os, "fsync", fsync)
        consumer.commit()
        monkeypatch.setattr(os, "fsync", real)
        assert expected == (".log" in flushed)
        assert flushed.index(".log") == 0 if expected else True
    consumer.close()


def test_what_is_handed_on_is_flushed_a_moment_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be read at once; the disk's flush comes with one of the next, or when it is asked for, and then not again."""
    flushed: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(Path(f"/proc/self/fd/{handle}").readlink().suffix))
    clock = ManualClock()
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=1), clock)
    producer, consumer = bus.producer("p"), bus.consumer(["x"], "g")
    producer.send("x", 0, b"0")
    producer.hand_on()
    flushed.clear()
    for number in (b"1", b"2"):
        producer.send("x", 0, number)
        producer.hand_on()
    assert [b"0", b"1", b"2"] == [message.payload for message in consumer.poll(0)]
    consumer.close()
    assert [] == flushed
    producer.flush()
    producer.flush()
    assert [".log"] == flushed
    clock.advance(UNFLUSHED_S)
    producer.send("x", 0, b"3")
    producer.hand_on()
    assert [".log", ".log"] == flushed
    producer.close()


def test_a_full_segment_is_flushed_before_the_next_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later flush would not know of it any more."""
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=1, segment_bytes=4096), ManualClock())
    producer = bus.producer("p")
    producer.send("x", 0, b"first")
    producer.hand_on()
    producer.send("x", 0, bytes(4096))
    producer.hand_on()
    flushed: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(Path(f"/proc/self/fd/{handle}").readlink().name))
    producer.send("x", 0, b"next")
    producer.hand_on()
    assert "00000000000000000000.log" in flushed
    producer.close()
