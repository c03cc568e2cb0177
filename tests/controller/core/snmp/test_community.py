"""v2c messages: the quick way reads what the general one reads, or leaves it to that."""

from hypothesis import example, given
from hypothesis import strategies as st

from controller.core.snmp import ber, community, pdu
from controller.core.snmp.ber import Malformed
from controller.core.snmp.pdu import Pdu

NAMES = st.binary(max_size=140)
IDS = st.integers(0, 2**31 - 1)
BODIES = st.one_of(st.binary(max_size=40), st.binary(min_size=250, max_size=700))
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=3)


def damaged(message: bytes, changes: list[tuple[float, int]], cut: int, more: bytes) -> bytes:
    """Octets of the head replaced (it is there that the two ways differ), the end cut off, something behind it."""
    octets = bytearray(message)
    for place, value in changes:
        octets[int(place * min(60, len(octets) - 1))] = value
    return bytes(octets[: len(octets) - cut]) + more


def general(message: bytes) -> Pdu | None:
    """What the general way makes of it; None if it is no message."""
    try:
        return community.open_message(message)[1]
    except Malformed:
        return None


@given(NAMES, IDS, BODIES, CHANGES, st.integers(0, 3), st.binary(max_size=3))
@example(b"public", 2**30, bytes(300), [], 0, b"")
def test_the_quick_way_reads_the_same_or_nothing(
    name: bytes, request_id: int, body: bytes, changes: list[tuple[float, int]], cut: int, more: bytes
) -> None:
    """Whatever was done to the message."""
    message = damaged(community.seal(name, pdu.pdu(pdu.RESPONSE, request_id, body)), changes, cut, more)
    found = pdu.quick_open(message, community.head_of(name))
    assert found is None or general(message) == found


@given(NAMES, st.integers(0x800000, 2**31 - 1), st.binary(min_size=256, max_size=700))
def test_a_usual_answer_goes_the_quick_way(name: bytes, request_id: int, body: bytes) -> None:
    """It is not only never wrong: it is used."""
    message = community.seal(name, pdu.pdu(pdu.RESPONSE, request_id, body))
    at = len(message) - len(body)
    found = pdu.quick_open(message, community.head_of(name))
    assert Pdu(pdu.RESPONSE, request_id, 0, 0, message, at, len(message)) == found


@given(st.integers(-(2**31), 2**31 - 1), st.integers(-200, 200), st.integers(-200, 200), st.binary(max_size=300))
def test_a_pdu_is_written_the_same_whatever_its_numbers(request_id: int, status: int, index: int, body: bytes) -> None:
    """Element by element, as X.690 has them: the shortest form of every integer."""
    head = ber.integer(request_id) + ber.integer(status) + ber.integer(index)
    expected = ber.element(pdu.GET_BULK, head + ber.element(ber.SEQUENCE, body))
    assert expected == pdu.pdu(pdu.GET_BULK, request_id, body, status, index)
