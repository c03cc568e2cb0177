"""AES in CFB mode (NIST SP 800-38A section 6.3), 128 bits fed back, in two contexts that live as long as the key."""

from __future__ import annotations

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16


class AesCfb:
    """One key, any number of messages. CFB synchronises itself: after one block of cipher text nothing of what was before it
    counts. So a context is brought to an IV by letting that IV be the block in front of the message."""

    def __init__(self, key: bytes) -> None:
        aes = algorithms.AES(key)
        self._last = bytes(BLOCK)  # the cipher text that the encryptor gave last
        self._encryptor = Cipher(aes, CFB(self._last)).encryptor()
        self._decryptor = Cipher(aes, CFB(self._last)).decryptor()
        self._block = Cipher(aes, modes.ECB()).encryptor()  # noqa: S305 CFB is made of it

    def encrypt(self, clear: bytes, iv: bytes) -> bytes:
        """As long as the clear text."""
        size = len(clear)
        # What becomes the IV when it is encrypted behind the last block.
        before = int.from_bytes(iv, "big") ^ int.from_bytes(self._block.update(self._last), "big")
        found = self._encryptor.update(before.to_bytes(BLOCK, "big") + clear + bytes(-size % BLOCK))
        self._last = found[-BLOCK:]
        return found[BLOCK : BLOCK + size]

    def decrypt(self, cipher: bytes, iv: bytes) -> bytes:
        """As long as the cipher text."""
        size = len(cipher)
        return self._decryptor.update(iv + cipher + bytes(-size % BLOCK))[BLOCK : BLOCK + size]
