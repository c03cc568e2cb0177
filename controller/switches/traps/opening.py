"""Who sent a notification, and whether it is really theirs: the community, or USM with the sender's own engine."""

from __future__ import annotations

from dataclasses import dataclass, field

from controller.core.secrets import reveal
from controller.core.sites import SnmpAccess
from controller.core.snmp import community, pdu, v3
from controller.core.snmp.ber import Malformed
from controller.core.snmp.keys import UserKeys
from controller.core.snmp.pdu import Pdu

WINDOW_S = 150  # RFC 3414 section 3.2
MOST_ENGINES = 4  # of one switch: a stack's new master has another one
PAUSE_S = 1.0  # between two engines that are not known: making keys costs milliseconds


class Refused(Exception):
    """Not theirs, too old, or not readable; the message says which."""


@dataclass(slots=True)
class Opener:
    """Of one switch. For v3 the sender is the authoritative engine (RFC 3414 section 1.5.1)."""

    where: str
    access: SnmpAccess
    community: bytes | None
    engines: dict[bytes, UserKeys] = field(default_factory=dict)
    newest: dict[bytes, tuple[int, int]] = field(default_factory=dict)  # engine -> boots, time
    next_try_s: float = 0.0

    def open(self, data: bytes, now_s: float) -> tuple[Pdu, bytes | None]:
        """The PDU, and the answer that an inform wants. Malformed or Refused."""
        if community.version_of(data) == v3.V3:
            return self._open_v3(data, now_s), None
        name, found = community.open_message(data)
        if self.community is None or name != self.community:
            raise Refused("another community")
        reply = None
        if found.kind == pdu.INFORM:
            same = data[found.first : found.last]
            reply = community.seal(name, pdu.pdu(pdu.RESPONSE, found.request_id, same))
        return found, reply

    def _open_v3(self, data: bytes, now_s: float) -> Pdu:
        sealed = v3.open_message(data)
        envelope = sealed.envelope
        if not self.access.user or envelope.user != self.access.user.encode():
            raise Refused("another user")
        if self.access.auth_key is not None:
            keys = self._keys(envelope.engine_id, now_s)
            if not sealed.authentic(keys) or (self.access.priv_key is not None and not envelope.flags & v3.PRIV):
                raise Refused("not as secure as it has to be")
            self._is_new(envelope)
            self.engines.setdefault(envelope.engine_id, keys)
            return sealed.scoped(keys)[1]
        return sealed.scoped(None)[1]

    def _is_new(self, envelope: v3.Envelope) -> None:
        """A recorded notification that is sent again later is refused."""
        boots, time_s = self.newest.get(envelope.engine_id, (0, 0))
        at = (envelope.boots, envelope.time_s)
        if at[0] < boots or (at[0] == boots and at[1] < time_s - WINDOW_S):
            raise Refused("sent before")
        self.newest[envelope.engine_id] = max(at, (boots, time_s))

    def _keys(self, engine_id: bytes, now_s: float) -> UserKeys:
        if engine_id in self.engines:
            return self.engines[engine_id]
        if len(self.engines) >= MOST_ENGINES or now_s < self.next_try_s or not engine_id:
            raise Refused("an engine that is not known")
        self.next_try_s = now_s + PAUSE_S
        access, where = self.access, f"switch {self.where}"
        auth = reveal(access.auth_key, where=where).encode() if access.auth_key else b""
        priv = reveal(access.priv_key, where=where).encode() if access.priv_key else b""
        return UserKeys(access.auth_protocol, auth, access.priv_protocol if priv else None, priv, engine_id)


__all__ = ["Malformed", "Opener", "Refused"]
