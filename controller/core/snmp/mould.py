"""Answers of one engine to one user: from one to the next only message id, time, signature, salt and lengths differ."""

from __future__ import annotations

from struct import Struct

from . import ber
from .v3 import PRIV, USM, V3, Envelope, Sealed

_LONG = bytes((ber.SEQUENCE, 0x82))  # as a message begins whose length stands in two octets
_SALT, _CIPHER = bytes((ber.OCTETS, 8)), bytes((ber.OCTETS, 0x82))
LARGEST = 2**31 - 1


class Mould:
    """Compares at fixed places what `v3.open_message` would read element by element. It says nothing about who wrote a
    message: that is for `Sealed.authentic`, as ever. An engine that writes lengths in other forms has none that fits."""

    def __init__(self, like: Sealed) -> None:
        said, self._signature_size, self._most = like.envelope, like.signature_size, like.most
        self._flags, self._engine_id, self.boots, self._user = said.flags, said.engine_id, said.boots, said.user
        time_size = len(ber.integer(said.time_s)) - 2
        clock = ber.octet_string(said.engine_id) + ber.integer(said.boots) + bytes((ber.INTEGER, time_size))
        behind = ber.octet_string(said.user) + ber.octet_string(bytes(like.signature_size))
        signed = behind[: len(behind) - like.signature_size]  # up to the signature
        inside = len(clock) + time_size + len(behind) + len(_SALT) + 8
        head = ber.integer(like.most) + bytes((ber.OCTETS, 1, said.flags)) + ber.integer(USM)
        self._before_id = ber.integer(V3) + _header(ber.SEQUENCE, 6 + len(head)) + bytes((ber.INTEGER, 4))
        outside = len(_header(ber.SEQUENCE, inside)) + inside
        self._before_time = head + _header(ber.OCTETS, outside) + _header(ber.SEQUENCE, inside) + clock
        self._before_signature = signed
        parts = f"{len(self._before_id)}sI{len(self._before_time)}s{time_size}s{len(signed)}s"
        self.signature_at = Struct(f">2sH{parts}").size
        self._layout = Struct(f">2sH{parts}{like.signature_size}x2s8s2sH")
        self.cipher_at = self._layout.size  # all behind it is cipher text

    def fields(self, data: bytes) -> tuple[int, int, bytes] | None:
        """(message id, time of the engine, salt); None for a message that looks otherwise, good or bad."""
        layout, size = self._layout, len(data)
        if size < layout.size:
            return None
        form, most, before_id, number, before_time, time, before_signature, salted, salt, coded, cipher = (
            layout.unpack_from(data)
        )
        if (
            before_time != self._before_time
            or before_id != self._before_id
            or before_signature != self._before_signature
            or form != _LONG
            or most + 4 != size
            or number > LARGEST
            or time[0] >= 0x80
            or salted != _SALT
            or coded != _CIPHER
            or layout.size + cipher != size
        ):
            return None
        return number, int.from_bytes(time, "big"), salt

    def open(self, data: bytes) -> Sealed | None:
        """As `v3.open_message`; None as `fields`."""
        fields = self.fields(data)
        if fields is None:
            return None
        number, time_s, salt = fields
        envelope = Envelope(number, self._flags, self._engine_id, self.boots, time_s, self._user)
        at, room = self.signature_at, self._signature_size
        return Sealed(envelope, data, at, room, salt, self.cipher_at - 4, len(data), self._most)


def likeness(sealed: Sealed) -> Sealed | None:
    """The same for all messages that one mould opens, until the time takes an octet more. None for what is not encrypted:
    moulds are not for that."""
    said = sealed.envelope
    if not said.flags & PRIV or len(sealed.salt) != 8:
        return None
    time_s = (1 << 8 * (len(ber.integer(said.time_s)) - 2) - 1) - 1
    return sealed._replace(envelope=said._replace(message_id=0, time_s=time_s), data=b"", salt=b"", end=0)


def _header(tag: int, size: int) -> bytes:
    return ber.element(tag, bytes(size))[:-size]
