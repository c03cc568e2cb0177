"""The benchmark of receiving: what a collector did not get is known although it does not say."""

import socket

from controller.bench.collect.figures import Run
from controller.bench.collect.process import udp_drops


def test_what_the_kernel_dropped_at_a_port() -> None:
    """Every datagram is either there to be read, or counted as dropped."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source,
    ):
        sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        sink.bind(("127.0.0.1", 0))
        port = int(sink.getsockname()[1])
        assert 0 == udp_drops(port)
        for _ in range(100):
            source.sendto(bytes(1000), ("127.0.0.1", port))
        sink.setblocking(False)
        read = 0
        while read < 100:
            try:
                sink.recv(2000)
            except BlockingIOError:
                break
            read += 1
        assert 100 == read + udp_drops(port)
        assert 0 < read < 100


def test_cost_is_of_what_came_in() -> None:
    """A collector that lost half took twice as much for each."""
    assert 2.0 == Run(sent=1_000_000, received=500_000, cpu_s=1.0).per_million
