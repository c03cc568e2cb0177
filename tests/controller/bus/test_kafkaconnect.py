"""Connections to a broker that come to nothing, and clients that cannot be made."""

import contextlib
import gc
import socket
import ssl
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import InvalidReplicationFactorError, KafkaConnectionError, KafkaError
from kafka.net.inet import create_connection
from kafka.net.selector import NetworkSelector

from controller.bus import closedtls
from controller.bus.config import BusConfig, BusTls
from controller.bus.kafka import KafkaBus
from controller.bus.kafkaconnect import DIRECT, made
from controller.bus.kafkasecurity import context
from controller.bus.port import FLOWS
from controller.core.clock import ManualClock
from tests.conftest import collect_abandoned_sockets

CLOSED = "127.0.0.1", 1


def unclosed(do: Callable[[], None]) -> list[str]:
    """What Python says of sockets that nobody closed, once all that was done is let go."""
    collect_abandoned_sockets()  # of others
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        do()
        gc.collect()
    return [str(one.message) for one in said if issubclass(one.category, ResourceWarning)]


def refused(way: str | None) -> None:
    """Try to connect where nobody listens."""
    loop = NetworkSelector()
    with pytest.raises(KafkaConnectionError):
        loop.run(create_connection, loop, *CLOSED, (), way)
    loop.close()


def test_a_refused_connection_leaves_no_socket() -> None:
    """The library's own way does: once that is mended there, ours is not needed any more."""
    assert [] == unclosed(lambda: refused(DIRECT))
    assert [] != unclosed(lambda: refused(None))


def test_one_that_is_given_up_leaves_no_socket() -> None:
    """The client is closed while nobody has answered yet."""

    def given_up() -> None:
        loop = NetworkSelector()
        waiting = loop.call_soon_with_future(create_connection, loop, *full.getsockname(), (), DIRECT)
        loop.poll(timeout_ms=50)
        assert not waiting.is_done
        loop.close()

    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for one in (first, second):  # from then on nobody is answered
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        assert [] == unclosed(given_up)


def test_a_connection_is_one() -> None:
    """Connected, and handed on open."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        loop = NetworkSelector()
        found = loop.run(create_connection, loop, *server.getsockname(), (), DIRECT)
        assert server.getsockname() == found.getpeername()
        found.close()
        loop.close()


@pytest.mark.parametrize("kind", [KafkaAdminClient, KafkaConsumer, KafkaProducer])
def test_a_client_that_cannot_be_made_leaves_nothing(kind: Callable[..., object]) -> None:
    """Somebody takes the connection and says nothing: neither threads nor sockets stay behind."""

    def try_it() -> None:
        with pytest.raises(KafkaError):
            made(kind, bootstrap_servers="{}:{}".format(*silent.getsockname()), bootstrap_timeout_ms=100)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        threads, files = set(threading.enumerate()), sockets()
        assert [] == unclosed(try_it)
        assert set() == set(threading.enumerate()) - threads
        assert set() == sockets() - files


def sockets() -> set[str]:
    """Open ones of this process, by their inodes."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(path.readlink()))
        except FileNotFoundError:  # the one that lists them
            continue
    return {name for name in found if name.startswith("socket:")}


def by_tls(where: tuple[str, int]) -> None:
    """A client that wants TLS, and does not get it."""
    address, tls = "{}:{}".format(*where), context(BusTls())
    with pytest.raises(KafkaError):
        made(
            KafkaAdminClient, bootstrap_servers=address, bootstrap_timeout_ms=300, security_protocol="SSL",
            ssl_context=tls,
        )  # fmt: skip


def test_a_handshake_that_fails_leaves_no_socket() -> None:
    """Somebody answers who does not speak TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = server.accept()
                    with peer:
                        peer.sendall(b"not TLS at all, whatever comes")

        answering = threading.Thread(target=answer)
        answering.start()
        left = unclosed(lambda: by_tls(server.getsockname()))
        server.shutdown(socket.SHUT_RDWR)
        answering.join()
    assert [] == left


def test_a_handshake_that_is_given_up_leaves_no_socket() -> None:
    """It waits for an answer, and then nobody holds it any more."""

    def given_up() -> None:
        line = socket.create_connection(silent.getsockname())
        line.setblocking(False)
        waiting = context(BusTls()).wrap_socket(line, server_hostname="broker", do_handshake_on_connect=False)
        with pytest.raises(ssl.SSLWantReadError):
            waiting.do_handshake()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert [] == unclosed(given_up)


class Coming:
    """An admin client of a cluster that has no broker to spare for a while."""

    def __init__(self, refusals: int) -> None:
        self.refusals, self.created = refusals, list[str]()

    def create_topics(self, topics: list[object]) -> None:
        """Refuse so often, then create."""
        if self.refusals:
            self.refusals -= 1
            raise InvalidReplicationFactorError
        self.created += [topic.name for topic in topics]  # type: ignore[attr-defined]


def test_a_broker_that_only_just_came_up() -> None:
    """It takes connections before the cluster counts it: topics are created a moment later, or it is said after a while."""
    clock = ManualClock()
    bus, coming = KafkaBus(["127.0.0.1:1"], BusConfig(), clock), Coming(3)
    bus._create(coming, FLOWS)
    assert [FLOWS] == coming.created
    with pytest.raises(InvalidReplicationFactorError):
        bus._create(Coming(10**6), FLOWS)


def test_a_peer_that_does_not_shake_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and says nothing: the client is given up all the same, and leaves neither threads nor sockets."""
    monkeypatch.setattr(closedtls, "HANDSHAKE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        threads, files = set(threading.enumerate()), sockets()
        assert [] == unclosed(lambda: by_tls(silent.getsockname()))
        for one in set(threading.enumerate()) - threads:
            one.join(20)
        assert set() == set(threading.enumerate()) - threads
        assert set() == sockets() - files
