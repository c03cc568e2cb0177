"""Receiving in bulk, on real sockets, compiled and plain: what was sent is what lies in the pile, whatever its size."""

import socket
from collections.abc import Iterator

import pytest

from controller.collector.bulk import CUT, LARGEST, MOST, SLOT, BulkReceiver, Enter, Pile, plain_enter
from controller.collector.datagram import Datagram
from controller.collector.kernels import warm_enter
from controller.collector.piles import Piles

SIZES = (0, 1, 1472, SLOT - 1, SLOT, SLOT + 1, 5000, LARGEST)


@pytest.fixture(params=["plain", "compiled"])
def enter(request: pytest.FixtureRequest) -> Enter:
    """Both twins."""
    return plain_enter if request.param == "plain" else warm_enter()


@pytest.fixture(params=["127.0.0.1", "::1"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A bound socket and one that sends to it."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as bound, socket.socket(family, socket.SOCK_DGRAM) as sender:
        bound.bind((request.param, 0))
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sender.bind((request.param, 0))
        sender.connect(bound.getsockname())
        yield bound, sender


def payload(number: int, size: int) -> bytes:
    """Octets that tell which datagram they are of, and where in it they stand."""
    return bytes((number * 7 + place * 13 + place // 256) % 256 for place in range(size))


def expected(sender: socket.socket, sent: list[bytes], now_ms: int) -> list[Datagram]:
    """As the collector should see it."""
    host, port = sender.getsockname()[:2]
    address = bytes(15) + b"\x01" if ":" in host else b"\0" * 10 + b"\xff\xff" + socket.inet_aton(host)
    return [Datagram(payload, address, port, now_ms) for payload in sent]


def test_every_size_is_whole(pair: tuple[socket.socket, socket.socket], enter: Enter) -> None:
    """Datagrams shorter and longer than a slot, and the longest, lie side by side with their sender and time."""
    bound, sender = pair
    sent = [payload(n, size) for n, size in enumerate(SIZES * 2)]
    for one in sent:
        sender.send(one)
    pile, receiver = Pile(64), BulkReceiver(bound, enter)
    assert (len(sent), False) == receiver.receive(pile, 1234)
    assert expected(sender, sent, 1234) == list(pile.arrivals())


def test_longer_than_the_largest_is_cut_and_counted(pair: tuple[socket.socket, socket.socket], enter: Enter) -> None:
    """Its neighbours are there; it is not."""
    bound, sender = pair
    for size in (100, LARGEST + 1, 2000):
        sender.send(payload(size, size))
    pile, receiver = Pile(8), BulkReceiver(bound, enter)
    receiver.receive(pile, 1)
    assert expected(sender, [payload(100, 100), payload(2000, 2000)], 1) == list(pile.arrivals())
    assert 1 == pile.used[CUT]


def test_a_pile_takes_no_more_than_it_has_room_for(pair: tuple[socket.socket, socket.socket], enter: Enter) -> None:
    """The rest waits in the kernel, and goes to the next pile in order."""
    bound, sender = pair
    sent = [payload(n, 50) for n in range(10)]
    for one in sent:
        sender.send(one)
    first, second, receiver = Pile(6), Pile(6), BulkReceiver(bound, enter)
    assert (6, True) == receiver.receive(first, 1)
    assert 0 == first.room
    assert (4, False) == receiver.receive(second, 2)
    assert sent == [d.payload for pile in (first, second) for d in pile.arrivals()]


def test_large_ones_fill_a_pile_before_its_slots_do(pair: tuple[socket.socket, socket.socket], enter: Enter) -> None:
    """There is always room for as many of the largest as one bulk may hold."""
    bound, sender = pair
    pile, receiver = Pile(4 * MOST), BulkReceiver(bound, enter)
    taken = 0
    while pile.room:
        assert pile.room <= MOST
        sender.send(payload(taken, LARGEST))
        taken += receiver.receive(pile, 1)[0]
    assert MOST // 2 < taken < 4 * MOST
    assert {LARGEST} == {len(d.payload) for d in pile.arrivals()}


def test_what_finds_no_pile_is_dropped_and_counted(pair: tuple[socket.socket, socket.socket], enter: Enter) -> None:
    """Two datagrams may wait: the others are taken from the kernel, counted, and nothing that waits is touched."""
    bound, sender = pair
    sent = [payload(n, 30) for n in range(5)]
    piles, receiver = Piles(2, 2), BulkReceiver(bound, enter)
    for one in sent:
        sender.send(one)
        piles.receive(receiver, 1)
    assert 3 == piles.dropped
    pile = piles.take()
    assert pile is not None
    assert sent[:2] == [d.payload for d in pile.arrivals()]
    assert piles.take() is None
