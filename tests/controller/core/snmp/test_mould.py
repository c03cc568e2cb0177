"""v3 messages by a mould: read as the general way reads them, or left to it; the signature is nobody's business here."""

from hypothesis import given
from hypothesis import strategies as st

from controller.core.snmp import ber, pdu, v3
from controller.core.snmp.ber import Malformed
from controller.core.snmp.keys import UserKeys
from controller.core.snmp.mould import Mould, likeness
from controller.core.snmp.v3 import Envelope, Sealed

ENGINE = b"\x80\0\x1f\x88\x80engine"
KEYS = {
    auth: UserKeys(auth, b"authpassword", priv, b"privpassword", ENGINE)
    for auth, priv in (("md5", "des"), ("sha", "aes"), ("sha512", "aes256"))
}
ENVELOPES = st.builds(
    Envelope,
    st.integers(0, 2**31 - 1),
    st.just(v3.AUTH | v3.PRIV),
    st.just(ENGINE),
    st.one_of(st.integers(0, 300), st.integers(0, 2**31 - 1)),
    st.one_of(st.integers(0, 300), st.integers(0, 2**31 - 1)),
    st.binary(max_size=32),
)
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=3)
AUTHS = st.sampled_from(sorted(KEYS))


def sealed(envelope: Envelope, auth: str, body: bytes) -> bytes:
    """An answer."""
    answer = v3.scoped_pdu(envelope.engine_id, b"", pdu.pdu(pdu.RESPONSE, 2**30, body))
    return v3.seal(envelope, answer, KEYS[auth])


def mould_of(message: bytes) -> Mould:
    """Of an encrypted message."""
    like = likeness(v3.open_message(message))
    assert like is not None
    return Mould(like)


def general(message: bytes) -> Sealed | None:
    """What the general way makes of it; None if it is no message."""
    try:
        return v3.open_message(message)
    except Malformed:
        return None


@given(ENVELOPES, ENVELOPES, AUTHS, st.binary(max_size=400), CHANGES, st.integers(0, 2), st.binary(max_size=2))
def test_a_mould_reads_the_same_or_nothing(
    first: Envelope,
    second: Envelope,
    auth: str,
    body: bytes,
    changes: list[tuple[float, int]],
    cut: int,
    more: bytes,
) -> None:
    """Of messages of other users and times, and of damaged ones of its own kind."""
    mould = mould_of(sealed(first, auth, body))
    for envelope in (second, first):
        octets = bytearray(sealed(envelope, auth, body))
        for place, value in changes:
            octets[int(place * min(150, len(octets) - 1))] = value
        message = bytes(octets[: len(octets) - cut]) + more
        found = mould.open(message)
        assert found is None or general(message) == found


@given(ENVELOPES, st.integers(2**23, 2**31 - 1), st.integers(0, 127), AUTHS, st.binary(min_size=256, max_size=400))
def test_the_next_answer_fits_the_mould(first: Envelope, message_id: int, later_s: int, auth: str, body: bytes) -> None:
    """It is not only never wrong: it is used, while the time takes as many octets as before."""
    mould = mould_of(sealed(first, auth, b""))
    first_size = len(ber.integer(first.time_s))
    time_s = first.time_s + later_s if len(ber.integer(first.time_s + later_s)) == first_size else first.time_s
    message = sealed(first._replace(message_id=message_id, time_s=min(time_s, 2**31 - 1)), auth, body)
    found = mould.open(message)
    assert found is not None
    assert v3.open_message(message) == found
    assert found.authentic(KEYS[auth])


@given(ENVELOPES, AUTHS, st.binary(min_size=256, max_size=400), st.binary(max_size=12))
def test_what_is_inside_is_read_the_same(envelope: Envelope, auth: str, body: bytes, other: bytes) -> None:
    """Whether engine and context are as they were asked or not."""
    found = v3.open_message(sealed(envelope, auth, body))
    expected = found.scoped(KEYS[auth])[1]
    for head in (v3.scoped_head(ENGINE, b""), v3.scoped_head(other, b""), v3.scoped_head(ENGINE, other), b""):
        assert expected == found.answer(KEYS[auth], head)


def test_what_is_not_encrypted_has_no_mould() -> None:
    """It is as quick without."""
    envelope = Envelope(1, v3.AUTH, ENGINE, 1, 1, b"user")
    message = v3.seal(envelope, v3.scoped_pdu(ENGINE, b"", pdu.pdu(pdu.RESPONSE, 1, b"")), KEYS["sha"])
    assert likeness(v3.open_message(message)) is None


@given(st.integers(0, 2**31 - 1))
def test_a_message_id_is_written_the_same_whatever_its_size(message_id: int) -> None:
    """In the shortest form, and read back."""
    message = v3.seal(Envelope(message_id, 4, b"", 0, 0, b""), v3.scoped_pdu(b"", b"", pdu.pdu(pdu.GET, 0, b"")), None)
    head = ber.integer(message_id) + ber.integer(v3.LARGEST_MESSAGE) + ber.octet_string(b"\x04") + ber.integer(v3.USM)
    assert ber.integer(v3.V3) + ber.element(ber.SEQUENCE, head) in message
    assert message_id == v3.open_message(message).envelope.message_id


@given(ENVELOPES, st.sampled_from([0, v3.REPORTABLE, v3.AUTH, v3.AUTH | v3.PRIV]), AUTHS, st.binary(max_size=200))
def test_a_message_is_written_element_by_element(envelope: Envelope, flags: int, auth: str, body: bytes) -> None:
    """Whatever is prepared for many messages: each element is where X.690 and RFC 3414 have it, and the signature is right."""
    envelope = envelope._replace(flags=flags)
    scoped = v3.scoped_pdu(ENGINE, b"", pdu.pdu(pdu.GET_BULK, 2**30, body, 0, 9))
    message = v3.seal(envelope, scoped, KEYS[auth])
    found = v3.open_message(message)
    signature = message[found.signature_at : found.signature_at + found.signature_size]
    _, _, engine_id, boots, time_s, user = envelope
    said = [ber.octet_string(engine_id), ber.integer(boots), ber.integer(time_s)]
    said += [ber.octet_string(octets) for octets in (user, signature, found.salt)]
    head = ber.integer(envelope.message_id) + ber.integer(v3.LARGEST_MESSAGE) + ber.octet_string(bytes((flags,)))
    parts = [ber.integer(v3.V3), ber.element(ber.SEQUENCE, head + ber.integer(v3.USM))]
    parts += [ber.octet_string(ber.element(ber.SEQUENCE, b"".join(said))), message[found.scoped_at :]]
    assert ber.element(ber.SEQUENCE, b"".join(parts)) == message
    sizes = (KEYS[auth].auth_octets if flags & v3.AUTH else 0, 8 if flags & v3.PRIV else 0)
    assert (envelope, *sizes) == (found.envelope, found.signature_size, len(found.salt))
    assert bool(flags & v3.AUTH) == found.authentic(KEYS[auth])
    assert pdu.GET_BULK == found.scoped(KEYS[auth])[1].kind
