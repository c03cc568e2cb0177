"""The embedded log on a disk that was treated badly: kill -9, torn tails, flipped bits, old segments."""

import errno
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.bus.config import BusConfig
from controller.bus.cursor import Cursor
from controller.bus.embedded import EmbeddedBus
from controller.bus.port import FLOWS
from controller.bus.record import pack
from controller.bus.segments import LogCounts, Partition
from controller.core.clock import ManualClock, SystemClock
from controller.core.errors import StoreError

ROOT = Path(__file__).parents[3]
SHARED = HealthCheck.function_scoped_fixture, HealthCheck.too_slow  # examples may share a folder, and take their time
WRITER = """
import sys
from pathlib import Path
from controller.bus.config import BusConfig
from controller.bus.embedded import EmbeddedBus
from controller.core.clock import SystemClock
producer = EmbeddedBus(Path(sys.argv[1]), BusConfig(partitions=1), SystemClock()).producer("child")
for number in range(100000):
    producer.send("cordon.flows", 0, b"%d" % number + b"." * 300)
    producer.flush()
    print(number, flush=True)
"""


def written(folder: Path, count: int, **options: int) -> tuple[Partition, list[bytes]]:
    """A partition with `count` messages, and what they were."""
    partition = Partition(folder, BusConfig(**options))
    payloads = [b"message %d " % n * (n % 7 + 1) for n in range(count)]
    for n, payload in enumerate(payloads):
        partition.append([(payload, {"n": str(n)})], 1000 + n)
    return partition, payloads


def read_all(folder: Path) -> tuple[list[tuple[int, bytes]], Partition]:
    """What a fresh reader makes of a folder."""
    partition = Partition(folder, BusConfig())
    return [(r.offset, r.payload) for r in Cursor(partition, 0).read(10_000)], partition


@pytest.mark.crash
def test_kill_9_of_a_writer_loses_nothing_that_was_flushed(tmp_path: Path) -> None:
    """A process is killed in the middle of writing: everything it said was flushed is there, in order, whole."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    said = -1
    while said < 200:
        said = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    rest = process.communicate(timeout=10)[0].split()
    said = int(rest[-1]) if rest and len(rest[-1]) >= len(str(said)) else said
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=1), SystemClock())
    consumer = bus.consumer([FLOWS], "reader")
    numbers = [int(m.payload.split(b".")[0]) for m in consumer.poll(1000, most=1_000_000)]
    assert list(range(len(numbers))) == numbers
    assert len(numbers) > said
    bus.producer("next").send(FLOWS, 0, b"more")
    consumer.close()


@pytest.mark.crash
def test_kill_9_of_a_consumer_resumes_behind_its_commit(tmp_path: Path) -> None:
    """A consumer that committed 5 and read 10 dies: the next one goes on at the sixth, at once."""
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=1), SystemClock())
    producer = bus.producer("p")
    for n in range(10):
        producer.send(FLOWS, 0, b"%d" % n)
    producer.flush()
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from controller.bus.config import BusConfig; from controller.bus.embedded import EmbeddedBus\n"
        "from controller.core.clock import SystemClock\n"
        "c = EmbeddedBus(Path(sys.argv[1]), BusConfig(partitions=1), SystemClock()).consumer(['cordon.flows'], 'g')\n"
        "assert len(c.poll(1000, most=5)) == 5; c.commit(); assert len(c.poll(1000, most=5)) == 5\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False, timeout=120)
    assert -signal.SIGKILL == done.returncode
    consumer = bus.consumer([FLOWS], "g")
    assert [b"5", b"6", b"7", b"8", b"9"] == [m.payload for m in consumer.poll(1000)]
    consumer.close()


@settings(max_examples=150, deadline=None, suppress_health_check=SHARED)
@given(data=st.data())
def test_a_torn_tail_is_cut_and_never_misread(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Cut the file anywhere: a prefix of what was written is read; the next append goes behind it."""
    folder = tmp_path_factory.mktemp("torn")
    _, payloads = written(folder, 12)
    (path,) = folder.glob("*.log")
    size = data.draw(st.integers(0, path.stat().st_size - 1))
    os.truncate(path, size)
    found, _ = read_all(folder)
    whole = len(found)
    assert payloads[:whole] == [payload for _, payload in found]
    again = Partition(folder, BusConfig())
    assert whole == again.append([(b"next", {})], 5000)
    assert [*payloads[:whole], b"next"] == [payload for _, payload in read_all(folder)[0]]


@settings(max_examples=300, deadline=None, suppress_health_check=SHARED)
@given(data=st.data())
def test_flipped_bits_are_counted_and_never_misread(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Flip any bit: every message that is read is one that was written, under its own offset; a loss is counted."""
    folder = tmp_path_factory.mktemp("flip")
    _, payloads = written(folder, 12)
    (path,) = folder.glob("*.log")
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    found, partition = read_all(folder)
    assert all(payloads[offset] == payload for offset, payload in found)
    assert len(found) == 11
    lost = ({*range(12)} - {offset for offset, _ in found}).pop()
    assert lost == 11 or partition.counts.damaged_places == 1


def test_old_segments_are_deleted_and_counted(tmp_path: Path) -> None:
    """Beyond the size that is kept whole segments go, the oldest first; a reader that comes late counts what it missed."""
    partition, payloads = written(tmp_path, 4000, segment_bytes=4096, retention_bytes=65536)
    assert partition.counts.deleted_segments > 0
    found, reader = read_all(tmp_path)
    assert reader.counts.deleted_unread == found[0][0]
    assert payloads[found[0][0] :] == [payload for _, payload in found]


def test_appending_does_not_read_what_was_written_before(tmp_path: Path) -> None:
    """A file of megabytes costs no more than an empty one, also for a process that did not write it."""
    other = Partition(tmp_path, BusConfig())
    other.append([(bytes(8_000_000), {})], 1)
    partition = Partition(tmp_path, BusConfig())
    partition.append([(b"first", {})], 2)  # reads it once, to find its end
    other.append([(b"of the other one", {})], 3)
    before = octets_read()
    for n in range(20):
        partition.append([(b"next", {})], 4 + n)
    assert octets_read() - before < 100_000
    assert [0, 1, 2, *range(3, 23)] == [offset for offset, _ in read_all(tmp_path)[0]]


def octets_read() -> int:
    """By this process, from files, so far."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(lines[0].removeprefix("rchar: "))


def test_time_never_goes_backwards(tmp_path: Path) -> None:
    """A clock that was set back does not break the search by time."""
    partition = Partition(tmp_path, BusConfig())
    partition.append([(b"a", {})], 5000)
    partition.append([(b"b", {})], 1000)
    assert [5000, 5000] == [r.timestamp_ms for r in Cursor(partition, 0).read(10)]


def test_a_partition_that_is_none(tmp_path: Path) -> None:
    """Sending to a partition that the topic has not is the caller's error."""
    producer = EmbeddedBus(tmp_path, BusConfig(partitions=2), ManualClock()).producer("p")
    with pytest.raises(ValueError, match="no partition 2"):
        producer.send(FLOWS, 2, b"x")


@settings(max_examples=60, deadline=None, suppress_health_check=SHARED)
@given(
    turns=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([1, 900, 3000]), st.sampled_from(["", "", "torn", "empty"])),
        min_size=1,
        max_size=30,
    )
)
def test_writers_that_take_turns(tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[int, int, str]]) -> None:
    """Each sees what the others appended, be it in a file that they began, and what those left that were killed: offsets go on,
    and nothing is written over."""
    folder, config = tmp_path_factory.mktemp("turns"), BusConfig(segment_bytes=4096)
    writers = [Partition(folder, config) for _ in range(3)]
    offsets, payloads = list[int](), [b"%d " % number * size for number, (_, size, _) in enumerate(turns)]
    for number, (which, _, left) in enumerate(turns):
        newest = writers[0].end()[0]
        if left == "torn" and newest is not None:
            newest.write_bytes(newest.read_bytes() + pack(number, 0, {}, b"never finished")[:-3])
        if left == "empty":
            writers[0].named(number).touch()
        offsets.append(writers[which].append([(payloads[number], {})], number))
    assert list(enumerate(payloads)) == read_all(folder)[0]
    assert list(range(len(turns))) == offsets


def fails(monkeypatch: pytest.MonkeyPatch, what: str, at: int, error: int, meanwhile: Callable[[], None]) -> None:
    """The kernel's call ends in an error once, after so many that go well; before it something else happens."""
    call, calls = getattr(os, what), itertools.count()

    def failing(*words: Any) -> Any:
        if next(calls) == at:
            meanwhile()
            raise OSError(error, os.strerror(error))
        if what == "pwrite" and at:
            return call(words[0], words[1][: len(words[1]) // 2 + 20], words[2])
        return call(*words)

    monkeypatch.setattr(os, what, failing)


@pytest.mark.parametrize(
    ("what", "at", "error"),
    [("pwrite", 0, errno.ENOSPC), ("pwrite", 1, errno.ENOSPC), ("fsync", 0, errno.EIO)],
    ids=["nothing", "half of it", "not flushed"],
)
def test_a_write_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, at: int, error: int) -> None:
    """Somebody may have read what came through, and have committed: it stays as it is, what another one writes next has a place
    of its own, and what failed is written once more."""
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=1), ManualClock())
    first, second, consumer = bus.producer("a"), bus.producer("b"), bus.consumer([FLOWS], "g")
    first.send(FLOWS, 0, b"before")
    first.flush()
    seen = dict[int, bytes]()

    def read() -> None:
        for message in consumer.poll(0):
            assert message.offset not in seen
            seen[message.offset] = message.payload

    for payload in (b"a1" * 50, b"a2" * 50):
        first.send(FLOWS, 0, payload)
    with monkeypatch.context() as broken:
        fails(broken, what, at, error, read)
        with pytest.raises(StoreError, match="cannot write"):
            first.flush()
    assert consumer.commit()
    second.send(FLOWS, 0, b"b1")
    second.flush()
    read()
    first.flush()
    read()
    assert {b"before", b"a1" * 50, b"a2" * 50, b"b1"} == set(seen.values())
    assert seen == {r.offset: r.payload for r in Cursor(bus.log(FLOWS, 0), 0).read(100)}
    consumer.close()


def test_a_kernel_that_gives_less_than_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk or a network file system may: nothing is taken for the end that is not."""
    _, payloads = written(tmp_path, 20)
    call = os.pread
    monkeypatch.setattr(os, "pread", lambda file, size, at: call(file, min(size, 100), at))
    found, partition = read_all(tmp_path)
    assert payloads == [payload for _, payload in found]
    assert 0 == partition.counts.damaged_places


def test_what_is_deleted_under_a_reader_is_counted(tmp_path: Path) -> None:
    """It stood in the middle of it, and goes on behind."""
    partition, _ = written(tmp_path, 12, segment_bytes=4096)
    cursor, oldest = Cursor(partition, 0), partition.segments()[0]
    assert [0, 1] == [record.offset for record in cursor.read(2)]
    for number in range(12, 200):
        partition.append([(b"." * 300, {})], 1000 + number)
    second = int(partition.segments()[1].stem)
    oldest.unlink()
    assert second == cursor.read(1)[0].offset
    assert second - 2 == partition.counts.deleted_unread


def test_the_log_tells_what_happened_to_it(tmp_path: Path) -> None:
    """All partitions together."""
    bus = EmbeddedBus(tmp_path, BusConfig(partitions=3), ManualClock())
    assert LogCounts() == bus.counts()
    for number in range(3):
        bus.log(FLOWS, number).counts.damaged_places += number
    bus.log(FLOWS, 2).counts.deleted_unread = 7
    assert LogCounts(damaged_places=3, deleted_unread=7) == bus.counts()
