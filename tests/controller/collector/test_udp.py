"""The collector on real sockets: IPv4 and IPv6, garbage, strangers, a slow sink, and an orderly end."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from controller.collector import Collector, ReferenceDecoder
from controller.collector.config import CollectorConfig
from controller.core.clock import SystemClock
from controller.core.errors import ConfigError
from controller.core.precedence import nobody
from controller.lab.ports import free_ports
from detectors.address import text
from detectors.flow import FlowBatch

from . import datagrams as d

GOOD = d.sflow(d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp())))))
PATIENCE_S = 60.0
Start = Callable[..., tuple[Collector, list[FlowBatch]]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a collector on free ports; it is stopped afterwards."""
    running: list[Collector] = []

    def begin(
        sink: Callable[[FlowBatch], None] | None = None, give_way: Callable[[], None] = nobody, **options: Any
    ) -> tuple[Collector, list[FlowBatch]]:
        seen: list[FlowBatch] = []
        config = CollectorConfig(**{"listen": ("127.0.0.1:0",), "flush_ms": 0, **options})
        collector = Collector(config, ReferenceDecoder(), sink or seen.append, SystemClock(), give_way=give_way)
        collector.start()
        running.append(collector)
        return collector, seen

    yield begin
    for collector in running:
        collector.stop()


def send(collector: Collector, *payloads: bytes, which: int = 0) -> None:
    """Send datagrams to one of its sockets."""
    host, port = collector.addresses[which]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        for payload in payloads:
            sock.sendto(payload, (host, port))


def wait(ready: Callable[[], bool]) -> bool:
    """Until it is so, or patience ends."""
    clock = SystemClock()
    deadline = clock.monotonic_s() + PATIENCE_S
    while not ready() and clock.monotonic_s() < deadline:
        clock.sleep(0.005)
    return ready()


def test_datagrams_become_rows(start: Start) -> None:
    """Every datagram sent to loopback arrives in the sink as rows, in order."""
    collector, seen = start()
    send(collector, *[GOOD] * 50)
    assert wait(lambda: sum(map(len, seen)) == 50)
    assert 50 == collector.counts.datagrams


def test_ipv6(start: Start) -> None:
    """An IPv6 socket beside an IPv4 one; the exporter is the IPv6 source."""
    collector, seen = start(listen=("127.0.0.1:0", "[::1]:0"))
    send(collector, GOOD, which=1)
    assert wait(lambda: len(seen) == 1)
    assert b"\0" * 15 + b"\x01" == seen[0]["exporter"][0].tobytes()


def test_garbage_is_counted_and_never_fatal(start: Start) -> None:
    """Empty, random and truncated datagrams between good ones: the good ones are all there."""
    collector, seen = start()
    send(collector, b"", GOOD, b"\xff" * 1400, GOOD, GOOD[:40], GOOD)
    assert wait(lambda: sum(map(len, seen)) == 3 and sum(collector.counts.trouble.values()) == 3)


def test_a_datagram_longer_than_a_slot_is_counted(start: Start) -> None:
    """Ten thousand octets are no export datagram: dropped, counted, and its neighbours are there."""
    collector, seen = start()
    send(collector, GOOD, GOOD + bytes(10_000), GOOD)
    assert wait(lambda: sum(map(len, seen)) == 2 and collector.counts.oversize == 1)


def test_many_at_once_keep_their_senders(start: Start) -> None:
    """Datagrams of several source ports in one bulk: each row has its own exporter's datagram, in order."""
    collector, seen = start(flush_ms=50)
    flows = [d.sflow(d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp(dport=n)))))) for n in range(1, 301)]
    send(collector, *flows)
    assert wait(lambda: sum(map(len, seen)) == 300)
    assert list(range(1, 301)) == [port for batch in seen for port in batch["dst_port"].tolist()]


def test_it_gives_way_between_batches_that_follow_at_once(start: Start) -> None:
    """More comes while a batch is decoded, again and again: what is urgent meanwhile waits for one batch, not for all."""
    happened: list[str] = []

    def sink(_: FlowBatch) -> None:
        happened.append("batch")
        if happened.count("batch") < 4:
            send(collector, GOOD)
            assert wait(lambda: collector.queued > 0)

    collector, _ = start(sink, lambda: happened.append("gave way"))
    send(collector, GOOD)
    assert wait(lambda: happened.count("batch") == 4)
    assert ["batch", "gave way"] * 3 == happened[:6]


def test_strangers_are_counted_and_dropped(start: Start) -> None:
    """Only exporters of the allow-list are listened to."""
    collector, seen = start(exporters=("192.0.2.0/24",))
    send(collector, GOOD, GOOD)
    assert wait(lambda: collector.counts.not_allowed == 2)
    assert [] == seen


def test_a_failing_sink_never_stops_the_collector(start: Start) -> None:
    """A bus that is away: counted, and the next batch is handed on."""
    calls = []

    def sink(batch: FlowBatch) -> None:
        calls.append(len(batch))
        if len(calls) == 1:
            raise OSError("the bus is away")

    collector, _ = start(sink)
    send(collector, GOOD)
    assert wait(lambda: collector.counts.sink_failures == 1)
    send(collector, GOOD)
    assert wait(lambda: len(calls) == 2)


def test_what_the_queue_cannot_hold_is_counted(start: Start) -> None:
    """A sink that hangs costs what is beyond the queue, counted; the receiver goes on."""
    hold = threading.Event()
    collector, _ = start(lambda _: hold.wait(PATIENCE_S) and None, queue_datagrams=10, batch_datagrams=1)
    send(collector, *[GOOD] * 100)
    assert wait(lambda: collector.counts.queue_drops >= 80)
    hold.set()
    assert wait(lambda: collector.counts.datagrams + collector.counts.queue_drops == 100)


def test_stop_decodes_what_is_queued(start: Start) -> None:
    """Nothing that was received is thrown away at the end."""
    collector, seen = start(flush_ms=2000)
    send(collector, *[GOOD] * 20)
    assert wait(lambda: collector.counts.datagrams == 20)
    collector.stop()
    assert 20 == sum(map(len, seen))


class HeldClock(SystemClock):
    """A clock that makes who asks for the time wait, once told to: the receiver then reads nothing."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()

    def now_ms(self) -> int:
        """The time, when it may be known."""
        self.go.wait(PATIENCE_S)
        return super().now_ms()


def test_kernel_drops_are_read() -> None:
    """What the kernel drops for want of buffer is read from it: received and dropped are together what was sent."""
    clock, sent = HeldClock(), 2000
    config = CollectorConfig(listen=("127.0.0.1:0",), flush_ms=0, receive_buffer_bytes=65536)
    collector = Collector(config, ReferenceDecoder(), lambda _: None, clock)
    collector.start()
    assert 0 == collector.kernel_drops()
    clock.go.clear()
    send(collector, *[GOOD + bytes(1000)] * sent)
    dropped = collector.kernel_drops()
    clock.go.set()
    assert wait(lambda: collector.counts.datagrams + collector.kernel_drops() == sent)
    assert dropped > 0
    collector.stop()


def test_a_taken_port_is_a_clear_error(start: Start) -> None:
    """Which address, and why."""
    collector, _ = start()
    taken = f"127.0.0.1:{collector.addresses[0][1]}"
    with pytest.raises(ConfigError, match=taken):
        Collector(CollectorConfig(listen=(taken,)), ReferenceDecoder(), lambda _: None, SystemClock()).start()


def test_two_processes_on_one_port(start: Start) -> None:
    """share_port: each exporter's socket pair always reaches the same one, and nothing is lost between them."""
    first, seen = start(share_port=True)
    port = first.addresses[0][1]
    second, also = start(share_port=True, listen=(f"127.0.0.1:{port}",))
    for _ in range(40):
        send(first, *[GOOD] * 5)
    assert wait(lambda: sum(map(len, seen)) + sum(map(len, also)) == 200)
    assert [0, 0] == [c.counts.datagrams % 5 for c in (first, second)]


def test_a_port_that_is_not_shared_by_both(start: Start) -> None:
    """One that did not say so keeps it alone."""
    first, _ = start()
    with pytest.raises(ConfigError, match="share_port"):
        start(share_port=True, listen=(f"127.0.0.1:{first.addresses[0][1]}",))


def test_both_families_on_one_port(start: Start) -> None:
    """0.0.0.0 and [::] of the same port; [::] alone hears IPv4 too, with the mapped address as exporter."""
    (port,) = free_ports(1, socket.SOCK_DGRAM)
    both, seen = start(listen=(f"0.0.0.0:{port}", f"[::]:{port}"))
    for where in ("127.0.0.1", "::1"):
        with socket.socket(socket.AF_INET6 if ":" in where else socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(GOOD, (where, port))
    assert wait(lambda: sum(map(len, seen)) == 2)
    both.stop()
    alone, seen = start(listen=("[::]:0",))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(GOOD, ("127.0.0.1", alone.addresses[0][1]))
    assert wait(lambda: len(seen) == 1)
    assert "127.0.0.1" == text(seen[0]["exporter"][0].tobytes())
