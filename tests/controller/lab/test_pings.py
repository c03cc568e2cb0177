"""What the lab counts as lost: what is never answered, not what this process came late to read."""

import itertools
import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest

from controller.lab import watch
from controller.lab.topology import Host, topology
from controller.lab.watch import Pings

STALL_S, ANSWER_S = 10.0, 15.0  # an answer comes while the reader sleeps, two looks after it was asked for
LOOKS = 60


class Wire:
    """A raw ICMP socket whose other end answers, or does not."""

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers
        self._near, self._far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._near.setblocking(False)
        self._under_way: list[tuple[float, bytes]] = []
        self.now_s = 0.0

    def pass_time(self, now_s: float) -> None:
        """What was sent long enough ago is answered."""
        self.now_s = now_s
        while self._under_way and now_s - self._under_way[0][0] >= ANSWER_S:
            self._far.send(self._under_way.pop(0)[1])

    def fileno(self) -> int:
        """To be waited for."""
        return self._near.fileno()

    def setblocking(self, _: bool) -> None:
        """It never does."""

    def connect(self, _: object) -> None:
        """It is."""

    def send(self, data: bytes) -> None:
        """An echo request; the reply is an IP packet."""
        if self._answers:
            self._under_way.append((self.now_s, struct.pack("!B19x", 0x45) + b"\0" + data[1:]))

    def recv(self, most: int) -> bytes:
        """What has come."""
        return self._near.recv(most)

    def close(self) -> None:
        """Both ends."""
        self._near.close()
        self._far.close()


class Hosts:
    """In the place of namespaces."""

    def __init__(self, *, answers: bool) -> None:
        self.wire = Wire(answers=answers)

    def socket(self, *_: object) -> Any:
        """The one there is."""
        return self.wire


class Late:
    """A machine with so much other work that ten seconds pass between any two looks at the clock."""

    def __init__(self, wire: Wire, stop: Callable[[], None]) -> None:
        self._looks, self._wire, self._stop = itertools.count(), wire, stop

    def monotonic(self) -> float:
        """In seconds; after so many looks it is over."""
        if (look := next(self._looks)) == LOOKS:
            self._stop()
        self._wire.pass_time(STALL_S * look)
        return STALL_S * look


def pair() -> tuple[Host, Host]:
    """Any two."""
    first, second, *_ = topology(1, 4, furniture=False).hosts
    return first, second


@pytest.mark.parametrize("answers", [True, False])
def test_a_machine_with_other_work(answers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer has come when it is looked for at last; without one all are lost."""
    hosts = Hosts(answers=answers)
    pings = Pings(hosts, [pair()], every_s=0.1)  # type: ignore[arg-type]
    monkeypatch.setattr(watch, "time", Late(hosts.wire, pings._stop.set))
    with pings:
        pings._thread.join(20)
    (tally,) = pings.tallies.values()
    assert tally.sent > 5
    assert (tally.sent if answers else 0) == tally.answered
    assert (0 if answers else tally.sent) == tally.lost
