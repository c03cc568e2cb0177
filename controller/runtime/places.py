"""Which messages a detector has not seen yet. The engine counts: a flow that is fed twice is an attempt that was made twice.

A partition may come back at an earlier place than it left: the group was shared out anew, and what was not committed is read
again. It may come back further on, when another member had it in between; then the look-back is read once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.bus.port import Consumer, Message

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a partition was fed: the offset that is due next, and the last message's time."""

    due: int
    at_ms: int


@dataclass(slots=True)
class PlaceCounts:
    """Partitions rewound, and messages that came again and were not fed again."""

    rewinds: int = 0
    repeated: int = 0


class Places:
    """How far each partition was fed; bounded by the number of partitions. `lookback_ms` is what a detector has to know
    before it judges."""

    def __init__(self, consumer: Consumer, lookback_ms: int) -> None:
        self._consumer, self._lookback_ms = consumer, lookback_ms
        self._rebuilt: set[Place] = set()
        self._reached: dict[Place, Reached] = {}
        self._looked: dict[Place, Reached | None] = {}  # what had been reached when the partition was last rewound
        self.counts = PlaceCounts()

    def fresh(self, messages: Sequence[Message]) -> list[Message]:
        """What is to be fed of a poll, in its order. A partition that is rewound gives nothing until the next one."""
        self._rebuilt &= self._consumer.assignment()
        kept, rewound = list[Message](), set[Place]()
        for message in messages:
            place = (message.topic, message.partition)
            if place in rewound:
                continue
            if place not in self._rebuilt or self._missed(place, message):
                self._rewind(place, message)
                rewound.add(place)
            elif self._fed(place, message):
                self.counts.repeated += 1
            else:
                self._reached[place] = Reached(message.offset + 1, message.timestamp_ms)
                kept.append(message)
        return kept

    def _missed(self, place: Place, message: Message) -> bool:
        """Something lies between what was fed and this, and was not looked for yet: what was deleted is looked for once."""
        reached = self._reached.get(place)
        return reached is not None and message.offset > reached.due and self._looked.get(place) != reached

    def _fed(self, place: Place, message: Message) -> bool:
        """Later messages under old offsets are those of a log that was begun anew: they were not fed."""
        reached = self._reached.get(place)
        return reached is not None and message.offset < reached.due and message.timestamp_ms <= reached.at_ms

    def _rewind(self, place: Place, message: Message) -> None:
        self._consumer.rewind(*place, message.timestamp_ms - self._lookback_ms)
        self.counts.rewinds += 1
        self._rebuilt.add(place)
        self._looked[place] = self._reached.get(place)
