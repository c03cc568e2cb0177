"""Clients of kafka-python that leave nothing behind: neither when they cannot be made, nor by a connection that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kafka.errors import AuthorizationError, SaslAuthenticationFailedError, UnsupportedSaslMechanismError
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

LAST_WORDS_S = 0.05  # that what was said before the end is acted on
DIRECT = "direct://"  # kafka-python takes its connections from whoever has the scheme of `proxy_url`; this is no proxy
# What no later attempt mends: the broker says no.
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
    here they end with it. Where a broker lets nobody in, that is raised at once, which kafka-python tries again and again."""
    begun: list[Any] = []

    def client(**its: Any) -> Any:
        begun.append(KafkaNetClient(**its))
        _watch(begun[-1]._manager)
        return begun[-1]

    try:
        found = kind(*words, kafka_client=client, proxy_url=DIRECT, **settings)
    except BaseException:
        for one in begun:
            one.close()
        raise
    for one in begun:
        del one._manager.get_connection  # from now on the library's own: a broker that says no later is asked again
    return found


def _watch(manager: Any) -> None:
    """A refusal ends the attempt to connect, and no connection's last words are lost."""
    refused: list[BaseException] = []
    connect, build = manager.get_connection, manager._build_transport

    def connection(*its: Any, **more: Any) -> Any:
        if refused:
            raise refused[0]
        found = connect(*its, **more)
        found.close_future.add_errback(ended)
        return found

    def ended(error: BaseException) -> None:
        if isinstance(error, REFUSALS):
            refused.append(error)

    async def transport(*its: Any, **more: Any) -> Any:
        return heard_out(manager._net, await build(*its, **more))

    manager.get_connection, manager._build_transport = connection, transport


def heard_out(loop: Any, transport: Any) -> Any:
    """The transport, whose peer's last words count. kafka-python 3.0.12 throws away what is read together with the end: a
    broker that says why it lets nobody in, and hangs up, is then one that only hangs up."""
    receive = transport._sock_recv

    def received() -> tuple[bytes, Any]:
        said, end = receive()
        if not (said and end):
            return said, end
        loop.call_later(LAST_WORDS_S, lambda: transport.abort(end))
        return said, None

    transport._sock_recv = received
    return transport
