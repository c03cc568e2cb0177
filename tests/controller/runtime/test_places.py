"""Each flow is fed once: whatever is read again after a group was shared out anew, or in another member's place."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from controller.bus.port import FLOWS, Message
from controller.runtime.places import Places

PLACE = (FLOWS, 0)


def message(offset: int, at_ms: int | None = None, partition: int = 0) -> Message:
    """One of a log that takes a message each second."""
    return Message(FLOWS, partition, offset, offset * 1000 if at_ms is None else at_ms, b"")


class Log:
    """One partition with a message at each second, and its only reader, which is `Consumer`."""

    def __init__(self, length: int) -> None:
        self.first, self.length, self.next, self.committed = 0, length, 0, 0
        self.held = frozenset({PLACE})
        self.rewound: list[int] = []

    def poll(self, timeout_ms: int, most: int = 500) -> Sequence[Message]:
        """The next messages."""
        if not self.held:
            return []
        start = max(self.next, self.first)
        self.next = max(start, min(start + most, self.length))
        return [message(offset) for offset in range(start, self.next)]

    def commit(self) -> bool:
        """All that was read."""
        self.committed = self.next
        return True

    def rewind(self, topic: str, partition: int, to_ms: int) -> None:
        """Back, or forth, to a time."""
        assert (topic, partition) in self.held
        self.rewound.append(to_ms)
        self.next = max(-(-to_ms // 1000), 0)

    def assignment(self) -> frozenset[tuple[str, int]]:
        """The partition, or nothing."""
        return self.held

    def close(self) -> None:
        """Nothing to close."""


def offsets(places: Places, log: Log, most: int = 500) -> list[int]:
    """What is fed until a poll brings nothing."""
    fed: list[int] = []
    while polled := log.poll(0, most):
        fed += [m.offset for m in places.fresh(polled)]
    return fed


def test_a_new_partition_is_read_from_its_look_back() -> None:
    """The first message that was not committed is the tenth; with three seconds to look back, the seventh is fed first."""
    log = Log(12)
    log.next = 10
    places = Places(log, 3_000)
    assert [7, 8, 9, 10, 11] == offsets(places, log)
    assert [7_000] == log.rewound


def test_what_is_read_again_is_not_fed_again() -> None:
    """The group was shared out anew and the partition came back to the same member, at what was committed last."""
    log = Log(10)
    places = Places(log, 0)
    offsets(places, log)
    log.next, log.length = 4, 12
    assert [10, 11] == offsets(places, log)
    assert (1, 6) == (places.counts.rewinds, places.counts.repeated)


def test_what_another_member_had_in_between_is_fed() -> None:
    """Gone at 5 and back at 20, seen or unseen: 5 to 19 are fed once, as far as the look-back goes."""
    for seen in (True, False):
        log = Log(5)
        places = Places(log, 60_000)
        offsets(places, log)
        if seen:
            log.held = frozenset()
            places.fresh([])
            log.held = frozenset({PLACE})
        log.next, log.length = 20, 22
        assert list(range(5, 22)) == offsets(places, log)


def test_what_was_deleted_is_looked_for_once() -> None:
    """Retention took 5 to 19: the reader looks, finds nothing, and goes on."""
    log = Log(5)
    places = Places(log, 60_000)
    offsets(places, log)
    log.first, log.next, log.length = 20, 20, 25
    assert [20, 21, 22, 23, 24] == offsets(places, log)
    assert 2 == places.counts.rewinds


def test_a_log_that_was_begun_anew_is_read() -> None:
    """The topic was made again: its offsets begin at 0, its messages are later than all that was fed."""
    log = Log(10)
    places = Places(log, 0)
    offsets(places, log)
    assert [0, 1] == [m.offset for m in places.fresh([message(0, 60_000), message(1, 61_000)])]


def test_partitions_are_apart() -> None:
    """One partition's place says nothing of another's."""
    log = Log(10)
    log.held = frozenset({PLACE, (FLOWS, 1)})
    places = Places(log, 0)
    offsets(places, log)
    places.fresh([message(0, 0, 1)])  # rewound
    assert [0, 1] == [m.offset for m in places.fresh([message(0, 0, 1), message(1, 1000, 1)])]


EVENTS = st.lists(st.sampled_from(["poll", "commit", "again", "lose", "grow"]), max_size=40)


@given(EVENTS, st.integers(1, 4))
def test_once_and_in_order_whatever_happens(events: list[str], most: int) -> None:
    """Polls, commits, a group shared out anew, a partition taken away and given back at what was committed: every message
    is fed once, in order."""
    log, fed = Log(6), list[int]()
    places = Places(log, 0)
    for event in [*events, "poll"]:
        match event:
            case "poll":
                fed += [m.offset for m in places.fresh(log.poll(0, most))]
            case "commit":
                log.commit()
            case "again":
                log.next = log.committed
            case "lose":
                log.held = frozenset()
                places.fresh([])
                log.held, log.next = frozenset({PLACE}), log.committed
            case "grow":
                log.length += 3
    fed += offsets(places, log, most)
    assert list(range(log.length)) == fed
