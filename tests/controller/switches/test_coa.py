"""RADIUS CoA on the wire: what is sent, which answers are believed, and what a no means (RFC 5176)."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from controller.core.clock import ManualClock
from controller.core.errors import CoaBusy, CoaRefused, ConfigError, CordonError, Unreachable
from controller.core.sites import CoaAccess
from controller.switches.coa.causes import CAUSES, refusal
from controller.switches.coa.client import CoaClient
from controller.switches.coa.order import Order, order_for, parsed
from playbooks.plan import Action, PortRef, Verb

SECRET = b"xyzzy5461"
MAC = "02:77:00:00:00:01"
PORT = PortRef(switch="sw1", ifindex=4, name="GigabitEthernet1/0/1")
ORDER = Order("Disconnect-Request", (("NAS-IP-Address", "192.0.2.11"), ("Calling-Station-Id", "02-77-00-00-00-01")))


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T_COA", SECRET.decode())


def access(**changes: object) -> CoaAccess:
    """Access data with the secret of this file."""
    return CoaAccess(**{"secret": "env:T_COA", "timeout_s": 2.0, "retries": 2, **changes})  # type: ignore[arg-type]


@dataclass
class Wire:
    """A path that answers as it is told; time passes only while it is silent."""

    clock: ManualClock
    answers: list[object] = field(default_factory=list)  # bytes, a function of what was sent, or None = silence
    sent: list[bytes] = field(default_factory=list)
    opened: int = 0

    def open(self, _: str, __: int) -> "Wire":
        """Count the sockets."""
        self.opened += 1
        return self

    def send(self, data: bytes) -> None:
        """Keep it."""
        self.sent.append(data)

    def receive(self, timeout_s: float) -> bytes | None:
        """The next answer; silence when there is none."""
        answer = self.answers.pop(0) if self.answers else None
        if answer is None:
            self.clock.advance(timeout_s)
            return None
        if isinstance(answer, Exception):
            raise answer
        return answer(self.sent[-1]) if callable(answer) else answer  # type: ignore[return-value]

    def close(self) -> None:
        """Nothing."""


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A silent one."""
    return Wire(ManualClock())


def client(wire: Wire, **changes: object) -> CoaClient:
    """A client whose path is the wire."""
    return CoaClient("sw1", "192.0.2.11", access(**changes), wire.clock, wire.open)


def answer(code: int, attributes: bytes = b"", *, secret: bytes = SECRET, sign: bool = False, identifier: int = -1):  # type: ignore[no-untyped-def]
    """A reply made by hand: MD5(Code+ID+Length+RequestAuth+Attributes+Secret), RFC 2865 section 3."""

    def made(request: bytes) -> bytes:
        number = request[1] if identifier < 0 else identifier
        found = attributes + (b"\x50\x12" + bytes(16) if sign else b"")
        head = bytes([code, number]) + (20 + len(found)).to_bytes(2, "big")
        if sign:
            mac = hmac.new(secret, head + request[4:20] + found, "md5").digest()
            found = attributes + b"\x50\x12" + mac
        return head + hashlib.md5(head + request[4:20] + found + secret).digest() + found

    return made


def cause(value: int) -> bytes:
    """Error-Cause."""
    return b"\x65\x06" + value.to_bytes(4, "big")


def attributes_of(packet: bytes) -> dict[int, bytes]:
    """Type -> value, read octet by octet."""
    found, place = {}, 20
    while place < len(packet):
        found[packet[place]] = packet[place + 2 : place + packet[place + 1]]
        place += packet[place + 1]
    return found


def test_what_is_sent(wire: Wire) -> None:
    """Code 40, both proofs over the whole packet, the time, and the session's name; checked by hand, not by the library."""
    wire.answers = [answer(41)]
    assert "Disconnect-ACK" == client(wire).ask(ORDER)
    (packet,) = wire.sent
    assert (40, len(packet)) == (packet[0], int.from_bytes(packet[2:4], "big"))
    assert hashlib.md5(packet[:4] + bytes(16) + packet[20:] + SECRET).digest() == packet[4:20]
    found = attributes_of(packet)
    zeroed = packet[20:].replace(found[80], bytes(16))
    assert hmac.new(SECRET, packet[:4] + bytes(16) + zeroed, "md5").digest() == found[80]
    assert wire.clock.now_ms() // 1000 == int.from_bytes(found[55], "big")
    assert (bytes([192, 0, 2, 11]), b"02-77-00-00-00-01") == (found[4], found[31])
    assert SECRET not in packet


@pytest.mark.parametrize(
    ("kind", "vendor"),
    [
        ("cisco", b"\x00\x00\x00\x09\x01\x25subscriber:command=bounce-host-port"),
        ("hp", b"\x00\x00\x00\x0b\x17\x06\x00\x00\x00\x07"),
        ("aruba", b"\x00\x00\x39\xe7\x28\x06\x00\x00\x00\x07"),
        ("huawei", b"\x00\x00\x07\xdb\xee\x10user-command=2"),
    ],
)
def test_each_vendor_s_bounce(wire: Wire, kind: str, vendor: bytes) -> None:
    """A CoA-Request with the vendor's attribute: number, type and length octet by octet."""
    wire.answers = [answer(44)]
    order = order_for(access(kind=kind, bounce_s=7), Action(verb=Verb.BOUNCE, port=PORT, mac=MAC), "192.0.2.11")
    assert "CoA-ACK" == client(wire).ask(parsed(str(order)))
    assert (43, vendor) == (wire.sent[0][0], attributes_of(wire.sent[0])[26])


def test_silence_is_asked_again_with_the_same_octets(wire: Wire) -> None:
    """Identifier, authenticator and timestamp stay: the switch can tell that it is one request. The time given doubles."""
    before = wire.clock.monotonic_s()
    with pytest.raises(Unreachable, match="no answer"):
        client(wire).ask(ORDER)
    assert 3 == len(wire.sent)
    assert 1 == len(set(wire.sent))
    assert 2 + 4 + 8 == pytest.approx(wire.clock.monotonic_s() - before)


def test_the_second_attempt_is_answered(wire: Wire) -> None:
    """One lost datagram costs one wait."""
    wire.answers = [None, answer(41)]
    asked = client(wire)
    assert "Disconnect-ACK" == asked.ask(ORDER)
    assert (2, 1) == (asked.counts.requests, asked.counts.retries)


@pytest.mark.parametrize(
    ("bad", "counter"),
    [
        (b"", "malformed"),
        (b"\x29", "malformed"),
        (bytes(19), "malformed"),
        (b"\x29\x00\xff\xff" + bytes(16), "malformed"),
        (b"\x29\x00\x00\x13" + bytes(16), "malformed"),
        (lambda q: bytes([41, q[1]]) + (23).to_bytes(2, "big") + bytes(16) + b"\x65\x09\x00", "malformed"),
        (lambda q: bytes([41, q[1]]) + (22).to_bytes(2, "big") + bytes(16) + b"\x65\x00", "malformed"),
        (lambda q: bytes([41, q[1]]) + (21).to_bytes(2, "big") + bytes(16) + b"\x65", "malformed"),
        (lambda q: bytes([41, q[1] ^ 1]) + (20).to_bytes(2, "big") + bytes(16), "strays"),
        (lambda q: q, "strays"),
        (answer(44), "strays"),
        (answer(2), "strays"),
        (lambda q: bytes([41, q[1]]) + (20).to_bytes(2, "big") + bytes(16), "forged"),
        (answer(41, secret=b"not-the-one"), "forged"),
        (answer(41, secret=b"not-the-one", sign=True), "forged"),
        (answer(41, b"\x50\x12" + b"\x01" * 16), "forged"),
        (answer(41, b"\x50\x04\x01\x02"), "forged"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_proven_is_passed_over(wire: Wire, bad: object, counter: str) -> None:
    """Counted by what is wrong with it; the true answer that follows is still taken."""
    wire.answers = [bad, answer(41, sign=True)]
    asked = client(wire)
    assert "Disconnect-ACK" == asked.ask(ORDER)
    counted = {name: getattr(asked.counts, name) for name in ("malformed", "strays", "forged")}
    assert {**dict.fromkeys(counted, 0), counter: 1} == counted


def test_a_signed_answer_may_be_required(wire: Wire) -> None:
    """With require_message_authenticator an answer without one is none."""
    wire.answers = [answer(41), answer(41, sign=True)]
    asked = client(wire, require_message_authenticator=True)
    assert "Disconnect-ACK" == asked.ask(ORDER)
    assert 1 == asked.counts.forged


def test_a_flood_of_nonsense_ends_with_the_time(wire: Wire) -> None:
    """Whatever arrives, the patience of an attempt is not renewed by it."""

    class Flood(Wire):
        def receive(self, timeout_s: float) -> bytes | None:
            self.clock.advance(0.01)
            return b"nonsense"

    flood = Flood(wire.clock)
    before = flood.clock.monotonic_s()
    with pytest.raises(Unreachable):
        client(flood).ask(ORDER)
    assert 14 <= flood.clock.monotonic_s() - before <= 14.1


def test_nobody_listens(wire: Wire) -> None:
    """An ICMP port unreachable is told at once, and as what it is."""
    wire.answers = [ConnectionRefusedError("refused")]
    with pytest.raises(Unreachable, match="nobody listens"):
        client(wire).ask(ORDER)
    assert 1 == len(wire.sent)


@pytest.mark.parametrize("value", sorted(CAUSES))
def test_each_error_cause_has_a_meaning(wire: Wire, value: int) -> None:
    """NAK: the cause by number and by name; only what may pass by itself may be tried again."""
    wire.answers = [answer(42, cause(value))]
    with pytest.raises(CordonError, match=f"Error-Cause {value}") as caught:
        client(wire).ask(ORDER)
    assert (CoaBusy if value in (505, 506) else CoaRefused) is type(caught.value)
    assert (value in (505, 506), value) == (caught.value.retriable, caught.value.details["error_cause"])
    assert 1 == len(wire.sent)


@pytest.mark.parametrize("odd", [b"", b"\x65\x03\x01", b"\x65\x06\x00\x00\x03\xe7"])
def test_a_no_without_a_known_reason(wire: Wire, odd: bytes) -> None:
    """No Error-Cause, one that is no number, one that the RFC does not have: refused, not to be tried again."""
    wire.answers = [answer(42, odd)]
    with pytest.raises(CoaRefused, match="said no"):
        client(wire).ask(ORDER)


def test_the_secret_is_told_nowhere(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in errors nor in what is kept of the client; one that is not there is a configuration error."""
    asked = client(wire, retries=0)
    with pytest.raises(Unreachable) as caught:
        asked.ask(ORDER)
    told = f"{caught.value!r} {caught.value} {vars(asked)} {refusal(503, where='sw1', command=str(ORDER))}"
    assert SECRET.decode() not in told
    monkeypatch.delenv("T_COA")
    with pytest.raises(ConfigError, match=r"coa\.secret"):
        asked.ask(ORDER)


def test_identifiers_are_not_guessed_from_the_last(wire: Wire) -> None:
    """Each request has an identifier by chance and a socket of its own."""
    wire.answers = [answer(41) for _ in range(40)]
    asked = client(wire)
    for _ in range(40):
        asked.ask(ORDER)
    assert 40 == wire.opened
    steps = {(b[1] - a[1]) % 256 for a, b in zip(wire.sent, wire.sent[1:], strict=False)}
    assert len(steps) > 10


def test_no_changed_octet_is_believed(wire: Wire) -> None:
    """Each octet of a true answer changed in turn, and each shortening of it: none is taken for the switch's."""
    asked = client(wire, retries=0)
    true = answer(42, cause(503), sign=True)
    for place in range(44):
        wire.answers = [
            lambda q, at=place: true(q)[:at] + bytes([true(q)[at] ^ 0x41]) + true(q)[at + 1 :],
            lambda q, at=place: true(q)[:at],
        ]
        with pytest.raises(Unreachable):
            asked.ask(ORDER)
    assert 88 == asked.counts.malformed + asked.counts.strays + asked.counts.forged
