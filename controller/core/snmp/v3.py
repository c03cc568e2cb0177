"""SNMPv3 messages with the user-based security model (RFC 3412, RFC 3414)."""

from __future__ import annotations

import functools
from typing import NamedTuple

from . import ber
from .ber import Malformed
from .keys import UserKeys
from .pdu import Pdu, quick_open, read_pdu

V3, USM = 3, 3
AUTH, PRIV, REPORTABLE = 1, 2, 4
LARGEST_MESSAGE = 65507
_HEAD = ber.integer(V3)
_MODEL = ber.integer(USM)
_LARGEST = ber.integer(LARGEST_MESSAGE)
HEAD_OF_FOUR = _HEAD + bytes((ber.SEQUENCE, 6 + len(_LARGEST) + 3 + len(_MODEL), ber.INTEGER, 4))


class Envelope(NamedTuple):
    """What a message says of its security. `boots` and `time_s` are those of the authoritative engine."""

    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes


class Sealed(NamedTuple):
    """A message as it came: whether it is authentic and what it says is not known yet."""

    envelope: Envelope
    data: bytes
    signature_at: int
    signature_size: int
    salt: bytes
    scoped_at: int
    end: int
    most: int  # octets the sender can take in

    def authentic(self, keys: UserKeys) -> bool:
        """Whether it is signed, and by this user."""
        if not self.envelope.flags & AUTH or self.signature_size != keys.auth_octets or not keys.auth_octets:
            return False
        return keys.verifies(self.data, self.signature_at)

    def answer(self, keys: UserKeys | None, head: bytes) -> Pdu:
        """The PDU, decrypted if need be. `head`: engine and context as they were asked, for which it is quick."""
        data, at, end = self._clear(keys)
        return (quick_open(data, head) if head and not at else None) or read_scoped(data, at, end)[1]

    def scoped(self, keys: UserKeys | None) -> tuple[bytes, Pdu]:
        """(context name, PDU), decrypted if need be."""
        return read_scoped(*self._clear(keys))

    def _clear(self, keys: UserKeys | None) -> tuple[bytes, int, int]:
        if not self.envelope.flags & PRIV:
            return self.data, self.scoped_at, self.end
        if keys is None or not keys.encrypts:
            raise Malformed("encrypted for nobody")
        first, last = ber.expect(self.data, self.scoped_at, self.end, ber.OCTETS)
        clear = keys.decrypt(self.data[first:last], self.envelope.boots, self.envelope.time_s, self.salt)
        return clear, 0, len(clear)


def scoped_head(engine_id: bytes, context: bytes) -> bytes:
    """What is in front of a PDU in its context."""
    return ber.octet_string(engine_id) + ber.octet_string(context)


def scoped_pdu(engine_id: bytes, context: bytes, pdu: bytes) -> bytes:
    """A PDU in its context."""
    return ber.element(ber.SEQUENCE, scoped_head(engine_id, context) + pdu)


def seal(envelope: Envelope, scoped: bytes, keys: UserKeys | None) -> bytes:
    """A message; its flags say whether it is encrypted and signed."""
    flags, salt, room = envelope.flags, b"", 0
    if flags & PRIV and keys:
        cipher, salt = keys.encrypt(scoped, envelope.boots, envelope.time_s)
        scoped = ber.octet_string(cipher)
    if flags & AUTH and keys:
        room = keys.auth_octets
    _, _, engine_id, boots, time_s, user = envelope
    security = before_salt(engine_id, boots, time_s, user, room, len(salt))
    message = ber.element(ber.SEQUENCE, b"".join((_head(envelope.message_id, flags), security, salt, scoped)))
    if room and keys:
        return keys.signed(message, len(message) - len(scoped) - len(salt) - 2 - room)  # 2: the header of the salt
    return message


@functools.lru_cache(maxsize=4096)
def before_salt(engine_id: bytes, boots: int, time_s: int, user: bytes, room: int, salt: int) -> bytes:
    """The security parameters up to a salt of that size, with room for a signature: the same in all messages of one second."""
    clock = ber.integer(boots) + ber.integer(time_s)
    who = ber.octet_string(engine_id) + clock + ber.octet_string(user) + ber.octet_string(bytes(room))
    whole = ber.octet_string(ber.element(ber.SEQUENCE, who + ber.octet_string(bytes(salt))))
    return whole[: len(whole) - salt]


def _head(message_id: int, flags: int) -> bytes:
    if 0x800000 <= message_id < 2**31:  # four octets, as almost every number has
        return b"".join((HEAD_OF_FOUR, message_id.to_bytes(4, "big"), behind_id(flags)))
    head = ber.integer(message_id) + behind_id(flags)
    return _HEAD + ber.element(ber.SEQUENCE, head)


def behind_id(flags: int) -> bytes:
    """The rest of the head."""
    return _LARGEST + bytes((ber.OCTETS, 1, flags)) + _MODEL


def open_message(data: bytes) -> Sealed:
    """Take a message apart as far as that goes without keys."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    version, at = ber.read_integer(data, at, end)
    if version != V3:
        raise Malformed(f"SNMP version {version}, not 3")
    head_at, head_end = ber.expect(data, at, end, ber.SEQUENCE)
    message_id, head_at = ber.read_integer(data, head_at, head_end)
    most, head_at = ber.read_integer(data, head_at, head_end)
    flags, head_at = ber.read_octets(data, head_at, head_end)
    model, _ = ber.read_integer(data, head_at, head_end)
    if len(flags) != 1 or model != USM:
        raise Malformed("not the user-based security model")
    at, security_end = ber.expect(data, head_end, end, ber.OCTETS)
    at, inner_end = ber.expect(data, at, security_end, ber.SEQUENCE)
    engine_id, at = ber.read_octets(data, at, inner_end)
    boots, at = ber.read_integer(data, at, inner_end)
    time_s, at = ber.read_integer(data, at, inner_end)
    user, at = ber.read_octets(data, at, inner_end)
    signature_at, at = ber.expect(data, at, inner_end, ber.OCTETS)
    signature_size = at - signature_at
    salt, _ = ber.read_octets(data, at, inner_end)
    if not (0 <= boots < 2**31 and 0 <= time_s < 2**31):
        raise Malformed("boots or time out of range")
    envelope = Envelope(message_id, flags[0], engine_id, boots, time_s, user)
    return Sealed(envelope, data, signature_at, signature_size, salt, security_end, end, most)


def read_scoped(data: bytes, at: int, end: int) -> tuple[bytes, Pdu]:
    """(context name, PDU) of what is in clear."""
    first, last = ber.expect(data, at, end, ber.SEQUENCE)
    _, first = ber.read_octets(data, first, last)
    context, first = ber.read_octets(data, first, last)
    return context, read_pdu(data, first, last)
