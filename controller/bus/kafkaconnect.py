"""Clients of kafka-python that leave nothing behind: neither when they cannot be made, nor by a connection that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

DIRECT = "direct://"  # kafka-python takes its connections from whoever has the scheme of `proxy_url`; this is no proxy
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
    here they end with it."""
    begun: list[Any] = []

    def client(**its: Any) -> Any:
        begun.append(KafkaNetClient(**its))
        return begun[-1]

    try:
        return kind(*words, kafka_client=client, proxy_url=DIRECT, **settings)
    except BaseException:
        for one in begun:
            one.close()
        raise
