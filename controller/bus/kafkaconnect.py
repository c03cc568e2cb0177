"""Clients of kafka-python that leave nothing behind: neither when they cannot be made, nor by a connection that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kafka.errors import AuthorizationError, KafkaError, SaslAuthenticationFailedError, UnsupportedSaslMechanismError
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

LAST_WORDS_S = 0.05  # after them a connection is closed even if the peer leaves its side open
DIRECT = "direct://"  # kafka-python takes its connections from whoever has the scheme of `proxy_url`; this is no proxy
# Trying again at once does not mend it: the broker says no.
REFUSALS = (AuthorizationError, SaslAuthenticationFailedError, UnsupportedSaslMechanismError)
Made = TypeVar("Made")


class ClosedSocket(KafkaNetSocket):  # type: ignore[misc] # kafka-python has no types
    """kafka-python 3.0.12 forgets the socket of a connection that is refused, times out or is given up: it stays open for as
    long as the error is kept by somebody, and Python warns of it whenever it is collected. Here it is closed at once."""

    SCHEMES = ("direct",)

    async def sock_connect(self, net: Any, sock: Any, sockaddr: Any, timeout_at: float | None = None) -> Any:
        """The connected socket; closed, whatever else happens."""
        try:
            return await super().sock_connect(net, sock, sockaddr, timeout_at=timeout_at)
        except BaseException:
            sock.close()
            raise


def made(kind: Callable[..., Made], *words: str, **settings: Any) -> Made:
    """A producer, consumer or admin client. kafka-python keeps thread and sockets of one whose constructor fails for ever:
    here they end with it. Where every broker that is named lets nobody in, that is raised at once; kafka-python would ask them
    again and again."""
    begun: list[tuple[Any, Entrance]] = []

    def client(**its: Any) -> Any:
        found = KafkaNetClient(**its)
        begun.append((found, Entrance(found._manager)))
        return found

    try:
        found = kind(*words, kafka_client=client, proxy_url=DIRECT, **settings)
    except BaseException as error:
        for one, _ in begun:
            one.close()
        for _, entrance in begun:
            if entrance.refused and isinstance(error, KafkaError):
                raise next(iter(entrance.refused.values())) from error
        raise
    for _, entrance in begun:
        entrance.leave()
    return found


class Entrance:
    """What brokers say to a client that wants in, until it is in; and no connection's last words are lost, then or later."""

    def __init__(self, manager: Any) -> None:
        self._manager, self._connect, self._build = manager, manager.get_connection, manager._build_transport
        self.refused: dict[Any, BaseException] = {}  # by node: some may have the new password before others
        manager.get_connection, manager._build_transport = self._connection, self._transport

    def leave(self) -> None:
        """It is in: from now on a broker that says no is the library's business."""
        del self._manager.get_connection

    def _connection(self, node: Any, **more: Any) -> Any:
        if self.refused and all(one.node_id in self.refused for one in self._manager.cluster.bootstrap_brokers()):
            raise next(iter(self.refused.values()))
        found = self._connect(node, **more)
        found.close_future.add_errback(lambda error: self._ended(node, error))
        return found

    def _ended(self, node: Any, error: BaseException) -> None:
        if isinstance(error, REFUSALS):
            self.refused[node] = error

    async def _transport(self, *its: Any, **more: Any) -> Any:
        return heard_out(self._manager._net, await self._build(*its, **more))


def heard_out(loop: Any, transport: Any) -> Any:
    """The transport, whose peer's last words count. kafka-python 3.0.12 throws away what is read together with the end: a
    broker that says why it lets nobody in, and hangs up, is then one that only hangs up."""
    receive = transport._sock_recv

    def received() -> tuple[bytes, Any]:
        said, end = receive()
        if not (said and end):
            return said, end
        # The end is met again by the next reading, unless TLS has ended and TCP has not: then by this.
        loop.call_later(LAST_WORDS_S, lambda: transport.abort(end))
        return said, None

    transport._sock_recv = received
    return transport
