"""Keys of SNMPv3 users: the examples of the RFCs, and pysnmp's for every pair of protocols."""

import hmac

import pytest
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.type import univ
from pysnmp.entity import config  # first: pysnmp imports itself in a circle
from pysnmp.proto.secmod.eso.priv import aes192, aes256
from pysnmp.proto.secmod.rfc3414.priv import des
from pysnmp.proto.secmod.rfc3826.priv import aes

from controller.core.snmp.aescfb import AesCfb
from controller.core.snmp.keys import AUTH_OCTETS, PRIV_OCTETS, UserKeys, cipher_key, localised, password_key

ENGINE = bytes.fromhex("000000000000000000000002")
AUTH = {
    "md5": config.USM_AUTH_HMAC96_MD5,
    "sha": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
PRIV = {
    "des": des.Des(),
    "aes": aes.Aes(),
    "aes192": aes192.AesBlumenthal192(),
    "aes256": aes256.AesBlumenthal256(),
    "aes192c": aes192.Aes192(),
    "aes256c": aes256.Aes256(),
}


@pytest.mark.parametrize(
    ("auth", "key"),
    [("md5", "526f5eed9fcce26f8964c2930787d82b"), ("sha", "6695febc9288e36282235fc7151f128497b38f3f")],
)
def test_the_examples_of_rfc_3414(auth: str, key: str) -> None:
    """A.3.1 and A.3.2: password maplesyrup at engine 00..02."""
    assert key == localised(auth, password_key(auth, b"maplesyrup"), ENGINE).hex()


@pytest.mark.parametrize("auth", AUTH)
@pytest.mark.parametrize("priv", PRIV)
def test_cipher_keys_are_pysnmps(auth: str, priv: str) -> None:
    """Both ways of lengthening a key, for every hash."""
    oracle, password = PRIV[priv], univ.OctetString(b"correct horse battery")
    hashed = oracle.hash_passphrase(AUTH[auth], password)
    expected = oracle.localize_key(AUTH[auth], hashed, univ.OctetString(ENGINE))
    assert bytes(expected)[: PRIV_OCTETS[priv]] == cipher_key(auth, priv, bytes(password), ENGINE)


@pytest.mark.parametrize("priv", PRIV)
def test_pysnmp_decrypts_what_is_encrypted(priv: str) -> None:
    """Cipher text and salt as the other side computes them, with boots and time in the vector."""
    keys = UserKeys("sha256", b"authauthauth", priv, b"privprivpriv", ENGINE)
    cipher, salt = keys.encrypt(b"0123456789abcdef!", 7, 4711)
    key = univ.OctetString(cipher_key("sha256", priv, b"privprivpriv", ENGINE))
    clear = PRIV[priv].decrypt_data(
        key, (univ.Integer(7), univ.Integer(4711), univ.OctetString(salt)), univ.OctetString(cipher)
    )
    assert b"0123456789abcdef!" == bytes(clear)[:17]
    assert b"0123456789abcdef!" == keys.decrypt(cipher, 7, 4711, salt)[:17]


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 32, 33, 1399])
@pytest.mark.parametrize("priv", ["aes", "aes192", "aes256"])
def test_every_length_is_decrypted(priv: str, size: int) -> None:
    """Whole blocks and parts of them, by OpenSSL's CFB one way and by ours the other."""
    keys = UserKeys("sha256", b"authauthauth", priv, b"privprivpriv", ENGINE)
    clear = bytes(range(256)) * 6
    cipher, salt = keys.encrypt(clear[:size], 7, 2**31 - 1)
    assert clear[:size] == keys.decrypt(cipher, 7, 2**31 - 1, salt)


@pytest.mark.parametrize("auth", AUTH)
def test_a_signature_is_as_long_as_its_protocol_says(auth: str) -> None:
    """12, 16, 24, 32 or 48 octets; verified with the key, and not with one bit changed."""
    keys = UserKeys(auth, b"authauthauth", None, b"", ENGINE)
    size = AUTH_OCTETS[auth]
    message = keys.signed(b"head" + bytes(size) + b"tail", 4)
    assert size == len(keys.signature(message))
    assert keys.verifies(message, 4)
    assert not keys.verifies(message[:-1] + b"x", 4)
    assert not UserKeys(auth, b"another-one", None, b"", ENGINE).verifies(message, 4)


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=200), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_no_salt_twice(octets: bytes, boots: int, time_s: int) -> None:
    """The same clear text twice gives two cipher texts."""
    keys = UserKeys("sha", b"authauthauth", "aes", b"privprivpriv", ENGINE)
    first, second = keys.encrypt(octets, boots, time_s), keys.encrypt(octets, boots, time_s)
    assert first[1] != second[1]
    assert octets == keys.decrypt(second[0], boots, time_s, second[1])


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=70), st.binary(min_size=16, max_size=16)), max_size=12))
def test_contexts_that_live_on_give_what_new_ones_give(messages: list[tuple[bool, bytes, bytes]]) -> None:
    """CFB by one context for all messages, in any order of encrypting and decrypting, against one context a message."""
    key = bytes(range(16))
    ours = AesCfb(key)
    for encrypts, octets, iv in messages:
        fresh = Cipher(algorithms.AES(key), CFB(iv))
        if encrypts:
            assert fresh.encryptor().update(octets) == ours.encrypt(octets, iv)
        else:
            assert fresh.decryptor().update(octets) == ours.decrypt(octets, iv)


@pytest.mark.parametrize("auth", AUTH)
def test_a_signature_is_the_hmac_of_the_standard_library(auth: str) -> None:
    """In one part or in several, and again with the same keys."""
    keys = UserKeys(auth, b"authauthauth", None, b"", ENGINE)
    key = localised(auth, password_key(auth, b"authauthauth"), ENGINE)
    expected = hmac.digest(key, b"one message", "sha1" if auth == "sha" else auth)[: AUTH_OCTETS[auth]]
    assert [expected] * 3 == [
        keys.signature(b"one message"),
        keys.signature(b"one ", b"", b"message"),
        keys.signature(b"one message"),
    ]
