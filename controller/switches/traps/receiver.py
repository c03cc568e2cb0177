"""Receives notifications and tells what they mean. Everything that is not used is counted."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from controller.core.clock import Clock
from controller.core.errors import ConfigError
from controller.core.secrets import reveal
from controller.core.sites import SnmpAccess
from controller.core.snmp import pdu
from controller.core.tables import MacEvent, PortEvent

from .config import TrapConfig
from .meaning import LinkNews, news_of
from .opening import Malformed, Opener, Refused

MOST_OCTETS = 65_535
MOST_A_TURN = 500
WAIT_S = 0.5
NOTIFICATIONS = (pdu.TRAP, pdu.INFORM)


@dataclass(frozen=True, slots=True)
class Sender:
    """A switch that may send: the addresses it sends from, and how it is read."""

    switch: str
    addresses: tuple[str, ...]
    access: SnmpAccess


@dataclass(slots=True)
class TrapCounts:
    """Notifications that arrived, and what became of them."""

    received: int = 0
    links: int = 0
    macs: int = 0
    other: int = 0  # of things that are not looked at
    unknown_sender: int = 0
    refused: int = 0  # wrong community or user, not authentic, sent before
    malformed: int = 0
    too_many: int = 0


@dataclass(slots=True)
class _Known:
    switch: str
    opener: Opener
    second: int = 0
    in_second: int = field(default=0)


class TrapReceiver:
    """Inert until started; `turn` waits half a second at most, and is called again and again by the runtime."""

    def __init__(
        self,
        config: TrapConfig,
        senders: Iterable[Sender],
        on_port: Callable[[PortEvent], None],
        on_mac: Callable[[MacEvent], None],
        clock: Clock,
    ) -> None:
        self._config, self._clock = config, clock
        self._on_port, self._on_mac = on_port, on_mac
        self._known: dict[str, _Known] = {}
        for sender in senders:
            known = _Known(sender.switch, Opener(sender.switch, sender.access, self._community(sender)))
            self._known |= dict.fromkeys(sender.addresses, known)
        self._sockets: list[socket.socket] = []
        self.counts = TrapCounts()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens."""
        return [s.getsockname()[:2] for s in self._sockets]

    def start(self) -> None:
        """Bind; ConfigError if an address cannot be had."""
        for text in self._config.listen:
            host, _, port = text.rpartition(":")
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listener = socket.socket(family, socket.SOCK_DGRAM)
            try:
                listener.bind((host.strip("[]"), int(port)))
            except (OSError, ValueError) as error:
                listener.close()
                self.stop()
                raise ConfigError(f"cannot listen on {text}: {error}", where="traps.listen") from error
            listener.setblocking(False)
            self._sockets.append(listener)

    def stop(self) -> None:
        """Let go of the sockets."""
        while self._sockets:
            self._sockets.pop().close()

    def turn(self) -> int:
        """Take what has arrived; gives how many."""
        if not self._sockets:
            return 0
        ready, _, _ = select.select(self._sockets, [], [], WAIT_S)
        taken = 0
        for listener in ready:
            while taken < MOST_A_TURN:
                try:
                    data, source = listener.recvfrom(MOST_OCTETS)
                except OSError:  # nothing more
                    break
                taken += 1
                reply = self.take(data, str(source[0]))
                if reply is not None:
                    with contextlib.suppress(OSError):
                        listener.sendto(reply, source)
        return taken

    def take(self, data: bytes, source: str) -> bytes | None:
        """One datagram; gives the answer that an inform wants."""
        self.counts.received += 1
        known = self._known.get(source.removeprefix("::ffff:"))
        if known is None:
            self.counts.unknown_sender += 1
            return None
        if self._is_too_much(known):
            self.counts.too_many += 1
            return None
        try:
            found, reply = known.opener.open(data, self._clock.monotonic_s())
            bindings = [(name, value) for name, _, value in found.bindings()]
        except Malformed:
            self.counts.malformed += 1
            return None
        except Refused:
            self.counts.refused += 1
            return None
        if found.kind not in NOTIFICATIONS:
            self.counts.other += 1
            return None
        self._tell(known.switch, bindings)
        return reply

    def _tell(self, switch: str, bindings: list[tuple[tuple[int, ...], int | bytes | tuple[int, ...] | None]]) -> None:
        at_ms = self._clock.now_ms()
        news = news_of(bindings)
        self.counts.other += not news
        for each in news:
            if isinstance(each, LinkNews):
                self.counts.links += 1
                self._on_port(PortEvent(switch, each.ifindex, each.up, at_ms))
            else:
                self.counts.macs += 1
                self._on_mac(MacEvent(switch, each.mac, each.vlan, each.ifindex, each.learned, at_ms, each.bridge_port))

    def _is_too_much(self, known: _Known) -> bool:
        second = int(self._clock.monotonic_s())
        if second != known.second:
            known.second, known.in_second = second, 0
        known.in_second += 1
        return known.in_second > self._config.most_per_s

    def _community(self, sender: Sender) -> bytes | None:
        ref = self._config.community or sender.access.community
        return reveal(ref, where=f"switch {sender.switch}").encode() if ref and self._config.listen else None
