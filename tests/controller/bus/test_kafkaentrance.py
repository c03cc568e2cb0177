"""What a broker says to a client that wants in, and is heard to the end."""

import contextlib
import socket
from collections.abc import Iterator

import pytest
from kafka.errors import KafkaConnectionError, KafkaError, NodeNotReadyError, SaslAuthenticationFailedError
from kafka.future import Future
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector
from kafka.net.transport import KafkaTCPTransport

from controller.bus.kafkaconnect import Entrance, heard_out
from controller.core.clock import SystemClock


class Listening:
    """The user of a transport: what it is told, in order."""

    _sensors = None

    def __init__(self) -> None:
        self.told: list[object] = []

    def data_received(self, said: bytes) -> None:
        """Words of the peer."""
        self.told.append(said)

    def connection_lost(self, error: object) -> None:
        """The end."""
        self.told.append(type(error))


Heard = tuple[NetworkSelector, KafkaTCPTransport, Listening, socket.socket]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """A loop, a transport whose user is told what comes, and the peer's end of it."""
    near, far = socket.socketpair()
    near.setblocking(False)
    loop, user = NetworkSelector(), Listening()
    transport = KafkaTCPTransport(loop, near)
    transport.set_protocol(user)
    with far:
        yield loop, transport, user, far
    transport.abort()
    loop.close()


@pytest.mark.parametrize(
    ("ours", "told"), [(True, [b"not you", KafkaConnectionError]), (False, [KafkaConnectionError])]
)
def test_the_last_words_of_a_peer_count(heard: Heard, ours: bool, told: list[object]) -> None:
    """It says no and hangs up before anybody has listened. The library's own way loses the no: once that is mended there, ours
    is not needed any more."""
    loop, transport, user, far = heard
    if ours:
        heard_out(loop, transport)
    far.sendall(b"not you")
    far.close()
    transport.resume_reading()
    for _ in range(20):
        loop.poll(timeout_ms=10)
    assert told == user.told


def test_a_peer_that_ended_and_does_not_hang_up(heard: Heard) -> None:
    """TLS has come to its end and TCP has not: nothing more can be read, and the connection is closed all the same."""
    loop, transport, user, far = heard
    receive, clock = transport._sock_recv, SystemClock()
    transport._sock_recv = lambda: (receive()[0], KafkaConnectionError("ended"))
    heard_out(loop, transport)
    far.sendall(b"bye")
    transport.resume_reading()
    deadline = clock.monotonic_s() + 20
    while len(user.told) < 2 and clock.monotonic_s() < deadline:
        loop.poll(timeout_ms=10)
    assert [b"bye", KafkaConnectionError] == user.told


class Answered:
    """A connection to a broker that has let somebody in, or has not."""

    def __init__(self, refusal: KafkaError | None) -> None:
        self.close_future, self._made = Future(), Future()
        if refusal is None:
            self._made.success(True)
        else:
            self._made.failure(refusal)
            self.close_future.failure(refusal)

    def __await__(self) -> Iterator[object]:
        yield from self._made.__await__()

    def close(self, error: object = None) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(("refusing", "let_in"), [((), True), ((0,), True), ((0, 2), True), ((0, 1, 2), False)])
def test_one_broker_that_says_no(monkeypatch: pytest.MonkeyPatch, refusing: tuple[int, ...], let_in: bool) -> None:
    """It may not have the new password yet: who is let in by another is in, and only where all say no that is told, at once."""
    nodes = {f"bootstrap-{number}" for number in refusing}

    def connect(self: KafkaConnectionManager, node: str, **_: object) -> Answered:
        if self.connection_delay(node) > 0:
            raise NodeNotReadyError(node)
        self._conns[node] = found = Answered(SaslAuthenticationFailedError("no") if node in nodes else None)
        return found

    async def known(_: object = None) -> None:
        """Metadata."""

    monkeypatch.setattr(KafkaConnectionManager, "get_connection", connect)
    client = KafkaNetClient(bootstrap_servers=["a:1", "b:1", "c:1"])
    manager, entrance = client._manager, Entrance(client._manager)
    monkeypatch.setattr(manager.cluster, "refresh_metadata", known)
    monkeypatch.setattr(manager.cluster, "brokers", lambda: {1})
    monkeypatch.setattr(manager.cluster, "start_refresh_loop", lambda: None)
    try:
        with contextlib.nullcontext() if let_in else pytest.raises(SaslAuthenticationFailedError):
            manager.bootstrap(60_000)
    finally:
        client.close()
    assert set(entrance.refused) <= nodes
