"""Keys of USM users: from password to localised key, to signature and cipher (RFC 3414, 3826, 7860).

AES-192 and AES-256 need more octets than MD5 and SHA-1 give; two drafts lengthen the key, and both are in use:
`aes256` as draft-blumenthal-aes-usm-04 (net-snmp, most), `aes256c` as draft-reeder-snmpv3-usm-3desede-00 (Cisco).
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
from struct import Struct
from typing import Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from .aescfb import AesCfb
from .ber import Malformed

AUTH_OCTETS = {"md5": 12, "sha": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}
PRIV_OCTETS = {"des": 16, "aes": 16, "aes192": 24, "aes256": 32, "aes192c": 24, "aes256c": 32}
MEGABYTE = 1 << 20
_PADS = [bytes(octet ^ mask for octet in range(256)) for mask in (0x36, 0x5C)]  # RFC 2104 section 2
_IV = Struct(">II8s")  # boots, time, salt (RFC 3826 section 3.1.2.1)


class Hash(Protocol):
    """As hashlib has it."""

    def update(self, octets: bytes, /) -> None: ...

    def digest(self) -> bytes: ...

    def copy(self) -> Hash: ...


def _hash(name: str) -> str:
    return "sha1" if name == "sha" else name


@functools.lru_cache(maxsize=256)
def password_key(auth: str, password: bytes) -> bytes:
    """A password hashed over a megabyte (RFC 3414 A.2): slow on purpose, so each is done once."""
    if not password:
        raise ValueError("an empty SNMPv3 password")
    repeated = (password * (MEGABYTE // len(password) + 1))[:MEGABYTE]
    return hashlib.new(_hash(auth), repeated, usedforsecurity=False).digest()


def localised(auth: str, key: bytes, engine_id: bytes) -> bytes:
    """The key of one engine (RFC 3414 section 2.6)."""
    return hashlib.new(_hash(auth), key + engine_id + key, usedforsecurity=False).digest()


def cipher_key(auth: str, priv: str, password: bytes, engine_id: bytes) -> bytes:
    """The localised privacy key, lengthened where the hash is too short for the cipher."""
    wanted = PRIV_OCTETS[priv]
    key = localised(auth, password_key(auth, password), engine_id)
    while len(key) < wanted:
        if priv.endswith("c"):
            key += localised(auth, password_key(auth, key), engine_id)
        else:
            key += hashlib.new(_hash(auth), key, usedforsecurity=False).digest()
    return key[:wanted]


class UserKeys:
    """What one user signs and encrypts with at one engine. No password is kept. One thread at a time: the ciphers have a state.

    Whatever is the same for every message is made once: the two hashes of HMAC that have taken in the key (RFC 2104), and two
    CFB contexts. A new context costs more than all the rest of a message does.
    """

    def __init__(
        self, auth: str | None, auth_password: bytes, priv: str | None, priv_password: bytes, engine_id: bytes
    ) -> None:
        self.auth_octets = AUTH_OCTETS[auth] if auth else 0
        self._unsigned = bytes(self.auth_octets)
        self.encrypts = bool(auth and priv)
        key = localised(auth, password_key(auth, auth_password), engine_id) if auth else b""
        self._hashes = _hashes(_hash(auth), key) if auth else None
        self._des = priv == "des"
        key = cipher_key(auth, priv, priv_password, engine_id) if auth and priv else b""
        self._key, self._pre_iv = (key[:8] * 3, key[8:16]) if self._des else (key, b"")
        self._aes = AesCfb(key) if key and not self._des else None
        self._salt = secrets.randbits(64)

    def signature(self, *parts: bytes) -> bytes:
        """HMAC of a message (in parts, its signature field zero), cut as the protocol says."""
        if self._hashes is None:
            return b""
        inner, outer = self._hashes[0].copy(), self._hashes[1].copy()
        for part in parts:
            inner.update(part)
        outer.update(inner.digest())
        return outer.digest()[: self.auth_octets]

    def signed(self, message: bytes, at: int) -> bytes:
        """The message with its signature at `at`."""
        return message[:at] + self.signature(message) + message[at + self.auth_octets :]

    def verifies(self, message: bytes, at: int) -> bool:
        """Whether the signature at `at` is this user's."""
        behind = at + self.auth_octets
        signature = self.signature(message[:at], self._unsigned, message[behind:])
        return hmac.compare_digest(signature, message[at:behind])

    def encrypt(self, octets: bytes, boots: int, time_s: int) -> tuple[bytes, bytes]:
        """(cipher text, salt); no salt is used twice."""
        self._salt = (self._salt + 1) & (2**64 - 1)
        if self._aes is not None:
            iv = _IV.pack(boots, time_s, self._salt.to_bytes(8, "big"))
            return self._aes.encrypt(octets, iv), iv[8:]
        salt = (boots & 0xFFFFFFFF).to_bytes(4, "big") + (self._salt & 0xFFFFFFFF).to_bytes(4, "big")
        encryptor = self._cbc(salt).encryptor()
        return encryptor.update(octets + bytes(-len(octets) % 8)) + encryptor.finalize(), salt

    def decrypt(self, octets: bytes, boots: int, time_s: int, salt: bytes) -> bytes:
        """Clear text; behind DES it may have padding. Another key gives nonsense, not an error."""
        if len(salt) != 8 or (self._des and len(octets) % 8):
            raise Malformed("a salt or cipher text of a wrong size")
        if self._aes is not None:
            return self._aes.decrypt(octets, _IV.pack(boots, time_s, salt))
        decryptor = self._cbc(salt).decryptor()
        return decryptor.update(octets) + decryptor.finalize()

    def _cbc(self, salt: bytes) -> Cipher[modes.CBC]:
        iv = bytes(a ^ b for a, b in zip(self._pre_iv, salt, strict=True))
        return Cipher(TripleDES(self._key), modes.CBC(iv))  # DES is 3DES with one key


def _hashes(name: str, key: bytes) -> tuple[Hash, Hash]:
    """The inner and the outer hash of HMAC, with the key taken in."""
    block = hashlib.new(name, usedforsecurity=False).block_size
    padded = key.ljust(block, b"\0")  # a localised key is never longer than a block
    inner, outer = [hashlib.new(name, padded.translate(pad), usedforsecurity=False) for pad in _PADS]
    return inner, outer
