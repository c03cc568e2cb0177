"""Questions of one user to one engine within one second: only message id, salt, signature and what is asked differ."""

from __future__ import annotations

from . import ber
from .keys import UserKeys
from .v3 import AUTH, HEAD_OF_FOUR, PRIV, REPORTABLE, before_salt, behind_id

SMALLEST_ID, LARGEST_ID = 0x800000, 2**31 - 1  # written in four octets
SALT = 8


class Stamp:
    """As `v3.seal`, for what is signed and encrypted."""

    def __init__(self, keys: UserKeys, engine_id: bytes, boots: int, time_s: int, user: bytes) -> None:
        self._keys, self._boots, self.time_s = keys, boots, time_s
        room = self._room = keys.auth_octets
        self._behind_id = behind_id(AUTH | PRIV | REPORTABLE) + before_salt(engine_id, boots, time_s, user, room, SALT)
        self._size = len(HEAD_OF_FOUR) + 4 + len(self._behind_id) + SALT
        self._behind_signature = SALT + 2  # octets: the salt and its header

    def seal(self, message_id: int, scoped: bytes) -> bytes:
        """A message; its id is written in four octets."""
        keys = self._keys
        cipher, salt = keys.encrypt(scoped, self._boots, self.time_s)
        coded = ber.octet_string(cipher)
        before = b"".join((HEAD_OF_FOUR, message_id.to_bytes(4, "big"), self._behind_id, salt))
        message = ber.element(ber.SEQUENCE, before + coded)
        return keys.signed(message, len(message) - len(coded) - self._behind_signature - self._room)
