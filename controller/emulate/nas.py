"""The NAS side of RADIUS dynamic authorization (RFC 5176) in front of an emulated switch: checks what it is sent as the RFC
says, answers a repeated request with the same answer, and does it once."""

from __future__ import annotations

import io
import socket
import threading
from typing import Any

from pyrad.dictionary import Dictionary
from pyrad.packet import CoAACK, CoANAK, CoAPacket, CoARequest, DisconnectACK, DisconnectNAK, PacketError

from .faults import Dropped, Refused
from .state import EmulatedPort, SwitchState

TIMESTAMP_WINDOW_S = 300  # RFC 5176 section 6.3
MESSAGE_AUTHENTICATOR, EVENT_TIMESTAMP, CALLING_STATION, NAS_PORT, NAS_PORT_ID = 80, 55, 31, 5, 87
NAS_IP, ERROR_CAUSE, CISCO_AVPAIR = 4, 101, (9, 1)
MISSING, NAS_MISMATCH, UNSUPPORTED, NO_SESSION, NO_RESOURCES = 402, 403, 401, 503, 506
MOST_REMEMBERED = 64


class EmulatedNas:
    """Sessions are the MACs that the switch has on its ports. `ended` = those that were ended, until `come_back`."""

    def __init__(
        self, state: SwitchState, secret: bytes, *, nas_ip: str = "127.0.0.1", host: str = "127.0.0.1"
    ) -> None:
        self._state, self._secret, self._nas_ip = state, secret, nas_ip
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.settimeout(0.1)
        self.port: int = self._socket.getsockname()[1]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"nas-{state.name}", daemon=True)
        self._answered: dict[tuple[Any, int, bytes], bytes] = {}
        self.ended: list[tuple[EmulatedPort, str]] = []
        self.received: list[bytes] = []
        self.silent = 0  # so many datagrams are lost before they are looked at
        self.discarded = 0  # not proven to be from somebody who knows the secret, too old, or no RADIUS

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopping.set()
        self._thread.join(60)
        self._socket.close()

    def come_back(self) -> None:
        """The machines authenticate again, as they do."""
        for port, mac in self.ended:
            port.macs.add(mac)
        self.ended.clear()
        self._state.version += 1

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                data, sender = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            self.received.append(data)
            if self.silent > 0:
                self.silent -= 1
                continue
            answer = self._answer(data, sender)
            if answer is not None:
                self._socket.sendto(answer, sender)

    def _answer(self, data: bytes, sender: object) -> bytes | None:
        try:
            request = CoAPacket(packet=data, secret=self._secret, dict=Dictionary(io.StringIO("")))
        except (PacketError, ValueError, IndexError):
            self.discarded += 1
            return None
        if not self._is_proven(request):
            self.discarded += 1
            return None
        key = (sender, request.id, data[4:20])
        if key not in self._answered:
            reply = self._replied(request)
            if reply is None:
                return None
            if len(self._answered) >= MOST_REMEMBERED:
                self._answered.pop(next(iter(self._answered)))
            self._answered[key] = reply
        return self._answered[key]

    def _is_proven(self, request: Any) -> bool:
        """Request Authenticator, Message-Authenticator (wanted here) and a timestamp of now."""
        if not request.VerifyCoARequest() or not dict.__contains__(request, MESSAGE_AUTHENTICATOR):
            return False
        if not request.verify_message_authenticator():
            return False
        stamps = dict.get(request, EVENT_TIMESTAMP) or [b""]
        return abs(int.from_bytes(stamps[0], "big") - self._state.clock.now_ms() // 1000) <= TIMESTAMP_WINDOW_S

    def _replied(self, request: Any) -> bytes | None:
        try:
            cause = self._done(request)
        except Refused:
            cause = NO_RESOURCES
        except Dropped:
            return None
        reply = request.CreateReply()
        is_coa = request.code == CoARequest
        reply.code = (CoANAK if cause else CoAACK) if is_coa else (DisconnectNAK if cause else DisconnectACK)
        if cause:
            reply[ERROR_CAUSE] = [cause.to_bytes(4, "big")]
        reply.add_message_authenticator()
        return bytes(reply.ReplyPacket())

    def _done(self, request: Any) -> int:
        """Error-Cause, or 0 when it is done."""
        if _text(request, NAS_IP, b"").hex() not in ("", socket.inet_aton(self._nas_ip).hex()):
            return NAS_MISMATCH
        station = _text(request, CALLING_STATION, b"").decode("ascii", "replace")
        if not station:
            return MISSING
        mac = ":".join("".join(ch for ch in station.lower() if ch.isalnum())[i : i + 2] for i in range(0, 12, 2))
        port = next((p for p in self._state.ports.values() if mac in p.macs and not p.trunk), None)
        if port is None or not self._is_named(request, port):
            return NO_SESSION
        if request.code == CoARequest and _text(request, CISCO_AVPAIR, b"") != b"subscriber:command=bounce-host-port":
            return UNSUPPORTED

        def effect() -> None:
            port.macs.discard(mac)
            self.ended.append((port, mac))

        self._state.write(
            "coa", f"{'bounce' if request.code == CoARequest else 'disconnect'} {mac} {port.name}", effect
        )
        return 0

    @staticmethod
    def _is_named(request: Any, port: EmulatedPort) -> bool:
        """Every attribute that identifies a session must match (RFC 5176 section 3)."""
        number, name = _text(request, NAS_PORT, b""), _text(request, NAS_PORT_ID, b"")
        return (not number or int.from_bytes(number, "big") == port.ifindex) and (
            not name or name.decode() == port.name
        )


def _text(request: Any, key: object, otherwise: bytes) -> bytes:
    values = dict.get(request, key)
    return bytes(values[0]) if values else otherwise
