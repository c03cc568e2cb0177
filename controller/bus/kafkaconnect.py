"""Clients of kafka-python that leave nothing behind: neither when they cannot be made, nor by a connection that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kafka.errors import AuthorizationError, KafkaError, SaslAuthenticationFailedError, UnsupportedSaslMechanismError
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

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
    here they end with it. Where a broker let nobody in, that is raised, which kafka-python only logs."""
    begun: list[Any] = []
    refused: list[BaseException] = []

    def client(**its: Any) -> Any:
        begun.append(KafkaNetClient(**its))
        _watch(begun[-1], refused)
        return begun[-1]

    try:
        return kind(*words, kafka_client=client, proxy_url=DIRECT, **settings)
    except BaseException as error:
        for one in begun:
            one.close()
        if refused and isinstance(error, KafkaError):
            raise refused[-1] from error
        raise


def _watch(client: Any, refused: list[BaseException]) -> None:
    """Keep why connections of a client end, as far as it is a refusal."""
    manager = client._manager
    connect = manager.get_connection

    def watched(*its: Any, **more: Any) -> Any:
        connection = connect(*its, **more)
        connection.close_future.add_errback(ended)
        return connection

    def ended(error: BaseException) -> None:
        if isinstance(error, REFUSALS):
            refused.append(error)

    manager.get_connection = watched
