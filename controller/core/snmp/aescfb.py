"""AES in CFB mode (NIST SP 800-38A section 6.3), 128 bits fed back, in two contexts that live as long as the key."""

from __future__ import annotations

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

BLOCK = 16
NOTHING = bytes(BLOCK)


class AesCfb:
    """One key, any number of messages. CFB synchronises itself: after one block of cipher text nothing of what was before it
    counts. So a context is brought to an IV by letting that IV be the block in front of the message.

    To encrypt, that takes the key stream behind the last block of cipher text. It comes with what is decrypted: behind a
    message the decryptor is given that block, and a block of zeros, which becomes the key stream.
    """

    def __init__(self, key: bytes) -> None:
        aes, mode = algorithms.AES(key), CFB(NOTHING)
        self._encryptor, self._decryptor = Cipher(aes, mode).encryptor(), Cipher(aes, mode).decryptor()
        self._last = NOTHING  # the cipher text that the encryptor gave last
        self._stream = b""  # behind it; empty if it is not known

    def encrypt(self, clear: bytes, iv: bytes) -> bytes:
        """As long as the clear text."""
        size = len(clear)
        stream = self._stream or self._decryptor.update(self._last + NOTHING)[BLOCK:]
        before = (int.from_bytes(iv, "big") ^ int.from_bytes(stream, "big")).to_bytes(BLOCK, "big")
        found = self._encryptor.update(b"".join((before, clear, bytes(-size % BLOCK))))
        self._last, self._stream = found[-BLOCK:], b""
        return found[BLOCK : BLOCK + size]

    def decrypt(self, cipher: bytes, iv: bytes) -> bytes:
        """As long as the cipher text."""
        size = len(cipher)
        found = self._decryptor.update(b"".join((iv, cipher, bytes(-size % BLOCK), self._last, NOTHING)))
        self._stream = found[-BLOCK:]
        return found[BLOCK : BLOCK + size]
