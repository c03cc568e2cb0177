"""The sockets of the collector: bound, with the kernel buffer asked for and checked, and what the kernel dropped on them."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

import structlog

from controller.core.errors import ConfigError

from .config import CollectorConfig

log = structlog.get_logger(__name__)
SO_RCVBUFFORCE = 33  # asm-generic/socket.h: beyond net.core.rmem_max, for who has CAP_NET_ADMIN
ANY4, ANY6 = "0.0.0.0", "::"  # noqa: S104 compared with, not bound to


class Sockets:
    """All listen addresses of a configuration, bound. ConfigError if one cannot be; none stays open then."""

    def __init__(self, config: CollectorConfig) -> None:
        self._config = config
        self.sockets: list[socket.socket] = []
        self.granted_bytes = 0  # the smallest kernel buffer of them
        try:
            for host, port in config.addresses():
                self.sockets.append(self._bind(host, port))
        except ConfigError:
            self.close()
            raise
        self.granted_bytes = min(map(_granted, self.sockets), default=0)
        if self.granted_bytes < config.receive_buffer_bytes:
            log.warning(
                "receive buffer is smaller than asked: fast exporters will lose datagrams",
                asked=config.receive_buffer_bytes,
                granted=self.granted_bytes,
                do=f"sysctl -w net.core.rmem_max={config.receive_buffer_bytes}",
            )

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """What they listen on, with the ports the system gave for port 0."""
        return tuple((s.getsockname()[0], s.getsockname()[1]) for s in self.sockets if s.fileno() >= 0)

    def drops(self) -> int:
        """Datagrams the kernel dropped for want of buffer (last column of /proc/net/udp and udp6, found by inode)."""
        inodes = {_inode(sock) for sock in self.sockets if sock.fileno() >= 0}
        return sum(drops for inode, drops in _proc_drops() if inode in inodes)

    def close(self) -> None:
        """Close them all."""
        for sock in self.sockets:
            sock.close()

    def _bind(self, host: str, port: int) -> socket.socket:
        six = ":" in host
        sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
        if self._config.share_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if six:
            # [::] alone hears IPv4 too (mapped addresses); beside 0.0.0.0 of the same port it must leave that alone.
            both = host == ANY6 and (ANY4, port) not in self._config.addresses()
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both))
        _ask_for(sock, self._config.receive_buffer_bytes)
        try:
            sock.bind((host, port))
        except OSError as error:
            sock.close()
            raise ConfigError(
                f"cannot listen on {host}:{port}: {error.strerror}",
                where="collector.listen",
                do="another program has the port, or collector.share_port is not set in both",
            ) from error
        sock.setblocking(False)
        return sock


def _ask_for(sock: socket.socket, wanted: int) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
    if _granted(sock) < wanted:
        try:
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, wanted)
        except OSError:  # not allowed: what was granted is told
            return


def _granted(sock: socket.socket) -> int:
    """The kernel doubles what it grants, for its own book-keeping (socket(7))."""
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2


def _inode(sock: socket.socket) -> str:
    link = Path(f"/proc/self/fd/{sock.fileno()}")
    return str(link.readlink()).removeprefix("socket:[").removesuffix("]")


def _proc_drops() -> Sequence[tuple[str, int]]:
    found = []
    for name in ("udp", "udp6"):
        path = Path("/proc/net") / name
        if path.exists():
            lines = [line.split() for line in path.read_text().splitlines()[1:]]
            found += [(columns[9], int(columns[-1])) for columns in lines if len(columns) > 12]
    return found
