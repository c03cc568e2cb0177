"""Keys of USM users: from password to localised key, to signature and cipher (RFC 3414, 3826, 7860).

AES-192 and AES-256 need more octets than MD5 and SHA-1 give; two drafts lengthen the key, and both are in use:
`aes256` as draft-blumenthal-aes-usm-04 (net-snmp, most), `aes256c` as draft-reeder-snmpv3-usm-3desede-00 (Cisco).
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .ber import Malformed

AUTH_OCTETS = {"md5": 12, "sha": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}
PRIV_OCTETS = {"des": 16, "aes": 16, "aes192": 24, "aes256": 32, "aes192c": 24, "aes256c": 32}
MEGABYTE = 1 << 20
AES_BLOCK = 16


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
    """What one user signs and encrypts with at one engine. No password is kept."""

    def __init__(
        self, auth: str | None, auth_password: bytes, priv: str | None, priv_password: bytes, engine_id: bytes
    ) -> None:
        self.auth_octets = AUTH_OCTETS[auth] if auth else 0
        self.encrypts = bool(auth and priv)
        self._hash = _hash(auth) if auth else ""
        self._auth_key = localised(auth, password_key(auth, auth_password), engine_id) if auth else b""
        self._des = priv == "des"
        key = cipher_key(auth, priv, priv_password, engine_id) if auth and priv else b""
        self._key, self._pre_iv = (key[:8] * 3, key[8:16]) if self._des else (key, b"")
        self._aes = algorithms.AES(key) if key and not self._des else None
        # One context for every message: decrypting CFB is encrypting the cipher text as it came, and a new context a message
        # costs more than all the rest of a message does.
        self._blocks = Cipher(self._aes, modes.ECB()).encryptor() if self._aes else None  # noqa: S305 CFB is made of it
        self._salt = secrets.randbits(64)

    def signature(self, message: bytes) -> bytes:
        """HMAC of a message whose signature field is zero, cut as the protocol says."""
        return hmac.digest(self._auth_key, message, self._hash)[: self.auth_octets]

    def signed(self, message: bytes, at: int) -> bytes:
        """The message with its signature at `at`."""
        return message[:at] + self.signature(message) + message[at + self.auth_octets :]

    def verifies(self, message: bytes, at: int) -> bool:
        """Whether the signature at `at` is this user's."""
        size = self.auth_octets
        bare = message[:at] + bytes(size) + message[at + size :]
        return hmac.compare_digest(self.signature(bare), message[at : at + size])

    def encrypt(self, octets: bytes, boots: int, time_s: int) -> tuple[bytes, bytes]:
        """(cipher text, salt); no salt is used twice."""
        self._salt = (self._salt + 1) & (2**64 - 1)
        if self._des:
            salt = (boots & 0xFFFFFFFF).to_bytes(4, "big") + (self._salt & 0xFFFFFFFF).to_bytes(4, "big")
            padded = octets + bytes(-len(octets) % 8)
        else:
            salt, padded = self._salt.to_bytes(8, "big"), octets
        encryptor = self._cipher(boots, time_s, salt).encryptor()
        return encryptor.update(padded) + encryptor.finalize(), salt

    def decrypt(self, octets: bytes, boots: int, time_s: int, salt: bytes) -> bytes:
        """Clear text; behind DES it may have padding. Another key gives nonsense, not an error."""
        if len(salt) != 8 or (self._des and len(octets) % 8):
            raise Malformed("a salt or cipher text of a wrong size")
        if self._blocks is None:
            decryptor = self._cipher(boots, time_s, salt).decryptor()
            return decryptor.update(octets) + decryptor.finalize()
        size = len(octets)
        fed = boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt + octets
        mask = self._blocks.update(fed[: size + -size % AES_BLOCK])[:size]
        return (int.from_bytes(octets, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")

    def _cipher(self, boots: int, time_s: int, salt: bytes) -> Cipher[CFB] | Cipher[modes.CBC]:
        if self._aes is None:
            iv = bytes(a ^ b for a, b in zip(self._pre_iv, salt, strict=True))
            return Cipher(TripleDES(self._key), modes.CBC(iv))  # DES is 3DES with one key
        return Cipher(self._aes, CFB(boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt))
