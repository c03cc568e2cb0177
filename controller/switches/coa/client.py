"""Asking a switch: one packet, sent again unchanged until an answer that is proven to be its own, or silence (RFC 5176)."""

from __future__ import annotations

import contextlib
import secrets
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from controller.core.clock import Clock
from controller.core.errors import CordonError, Unreachable
from controller.core.secrets import reveal
from controller.core.sites import CoaAccess

from .causes import refusal
from .order import CODES, Order
from .vocabulary import dictionary

ACKS = {40: 41, 43: 44}
NAKS = {40: 42, 43: 45}
HEADER = 20
LONGEST = 4096
MESSAGE_AUTHENTICATOR, ERROR_CAUSE = 80, 101


@dataclass(slots=True)
class CoaCounts:
    """Packets sent, sent again, and answers passed over: no RADIUS, to another request, not proven to be the switch's."""

    requests: int = 0
    retries: int = 0
    malformed: int = 0
    strays: int = 0
    forged: int = 0


class Path(Protocol):
    """Datagrams to and from one switch."""

    def send(self, data: bytes) -> None: ...

    def receive(self, timeout_s: float) -> bytes | None:
        """The next one; None when the time is up. ConnectionRefusedError if the switch says that nobody listens."""
        ...

    def close(self) -> None: ...


class UdpSocket:
    """A connected socket of its own for each request: what another address sends never arrives."""

    def __init__(self, address: str, port: int) -> None:
        kind, _, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(kind, socket.SOCK_DGRAM)
        self._socket.connect(place)

    def send(self, data: bytes) -> None:
        """One datagram."""
        self._socket.send(data)

    def receive(self, timeout_s: float) -> bytes | None:
        """The next one; None when the time is up."""
        self._socket.settimeout(max(timeout_s, 0.001))
        try:
            return self._socket.recv(LONGEST)
        except TimeoutError:
            return None

    def close(self) -> None:
        """Close it."""
        self._socket.close()


class CoaClient:
    """One switch. The secret is read when a request is sent, and appears nowhere."""

    def __init__(
        self,
        name: str,
        address: str,
        access: CoaAccess,
        clock: Clock,
        open_path: Callable[[str, int], Path] = UdpSocket,
    ) -> None:
        self._name, self._address, self._access, self._clock = name, address, access, clock
        self._open_path = open_path
        self.counts = CoaCounts()

    def ask(self, order: Order) -> str:
        """`CoA-ACK` or `Disconnect-ACK`: the switch says that it did it, which is no proof.

        CoaRefused or CoaBusy with the Error-Cause for a NAK; Unreachable if no proven answer came: a wrong secret looks
        the same as silence. `unsent` is set where there was no secret or no way to the switch.
        """
        request, path = self._opened(order)
        sent = request.RequestPacket()
        with contextlib.closing(path):
            reply = self._exchanged(path, request, sent)
        if reply.code == ACKS[request.code]:
            return "CoA-ACK" if reply.code == 44 else "Disconnect-ACK"
        raise refusal(_cause(reply), where=self._name, command=str(order))

    def _opened(self, order: Order) -> tuple[Any, Path]:
        try:
            return self._request(order), self._open_path(self._address, self._access.port)
        except OSError as error:
            found: CordonError = self._silence(str(error))
            found.unsent = True
            raise found from error
        except CordonError as error:
            error.unsent = True
            raise

    def _request(self, order: Order) -> Any:
        from pyrad.packet import CoAPacket  # noqa: PLC0415 only where CoA is used

        where = f"switch {self._name} coa.secret"
        secret = reveal(self._access.secret, where=where).encode()
        request = CoAPacket(CODES[order.kind], id=secrets.randbelow(256), secret=secret, dict=dictionary())
        request.add_message_authenticator()
        for name, value in order.attributes:
            number = dictionary()[name].type == "integer"
            request.AddAttribute(name, int(value) if number else value)
        request.AddAttribute("Event-Timestamp", self._clock.now_ms() // 1000)
        return request

    def _exchanged(self, path: Path, request: Any, sent: bytes) -> Any:
        """Every attempt sends the same octets, identifier and timestamp included: the switch can tell it is one request."""
        for attempt in range(self._access.retries + 1):
            self.counts.requests += 1
            self.counts.retries += attempt > 0
            try:
                path.send(sent)
                reply = self._answer(path, request, self._access.timeout_s * 2**attempt)
            except OSError as error:
                raise self._silence(
                    "nobody listens there" if isinstance(error, ConnectionRefusedError) else str(error)
                ) from error
            if reply is not None:
                return reply
        raise self._silence("no answer that is proven to be the switch's")

    def _answer(self, path: Path, request: Any, patience_s: float) -> Any | None:
        until_s = self._clock.monotonic_s() + patience_s
        while (left_s := until_s - self._clock.monotonic_s()) > 0:
            data = path.receive(left_s)
            if data is None:
                break
            reply = self._proven(request, data)
            if reply is not None:
                return reply
        return None

    def _proven(self, request: Any, data: bytes) -> Any | None:
        """The reply if it answers this request and carries the secret's proof; else counted and passed over."""
        from pyrad.packet import PacketError  # noqa: PLC0415

        if not _well_formed(data):
            self.counts.malformed += 1
            return None
        if data[1] != request.id or data[0] not in (ACKS[request.code], NAKS[request.code]):
            self.counts.strays += 1
            return None
        try:
            reply = request.CreateReply(packet=data)
            proven = request.VerifyReply(reply, data)
        except (PacketError, ValueError, IndexError, struct.error):
            self.counts.malformed += 1
            return None
        if not proven or (
            self._access.require_message_authenticator and not dict.__contains__(reply, MESSAGE_AUTHENTICATOR)
        ):
            self.counts.forged += 1
            return None
        return reply

    def _silence(self, why: str) -> Unreachable:
        do = "is CoA enabled for this machine's address? is coa.secret the switch's? a wrong one looks like silence"
        return Unreachable(f"RADIUS CoA: {why}", where=f"{self._name} ({self._address}:{self._access.port})", do=do)


def _well_formed(data: bytes) -> bool:
    """RFC 2865 section 3: a length that fits, and attributes that fill it exactly."""
    if len(data) < HEADER:
        return False
    length = int.from_bytes(data[2:4], "big")
    if not HEADER <= length <= min(len(data), LONGEST):
        return False
    place = HEADER
    while place < length:
        if place + 2 > length or data[place + 1] < 2 or place + data[place + 1] > length:
            return False
        place += data[place + 1]
    return True


def _cause(reply: Any) -> int | None:
    """Error-Cause; None where there is none, or none of four octets."""
    values = dict.get(reply, ERROR_CAUSE) or []
    return int.from_bytes(values[0], "big") if values and len(values[0]) == 4 else None
