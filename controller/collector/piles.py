"""Between the receiving and the decoding thread: datagrams gather in a pile until the decoder takes it, or it is full."""

from __future__ import annotations

import threading
from collections import deque

from .bulk import BulkReceiver, Pile

SPARE = 3  # piles kept for use again


class Piles:
    """One pile is being filled, full ones wait. At most `most` datagrams wait; what comes then is dropped and counted."""

    def __init__(self, datagrams: int, most: int) -> None:
        self._size, self._most = datagrams, max(most, datagrams)
        self._lock = threading.Lock()
        self._filling, self._full, self._spare = Pile(datagrams), deque[Pile](), list[Pile]()
        self._waiting = 0  # datagrams in full piles
        self.filled = threading.Event()  # a pile is full: no use in waiting for more
        self.dropped = self.oversize = 0

    def __len__(self) -> int:
        return self._waiting + len(self._filling)

    def fill(self, receiver: BulkReceiver, now_ms: int) -> None:
        """Everything a receiver has taken."""
        with self._lock:
            while True:
                receiver.move(self._filling, now_ms)
                if not receiver.left:
                    return
                if self._waiting + len(self._filling) + self._size > self._most:
                    self.dropped += receiver.left
                    return
                self._put_aside()

    def take(self) -> Pile | None:
        """The oldest full pile, else the one that is being filled; None if there is nothing."""
        with self._lock:
            if not self._full:
                if not len(self._filling):
                    self.oversize += self._take_oversize(self._filling)
                    return None
                self._put_aside()
            pile = self._full.popleft()
            self._waiting -= len(pile)
            if not self._full:
                self.filled.clear()
            self.oversize += self._take_oversize(pile)
            return pile

    def give_back(self, pile: Pile) -> None:
        """A pile whose datagrams nobody looks at any more."""
        pile.used[:] = 0
        with self._lock:
            if len(self._spare) < SPARE:
                self._spare.append(pile)

    def _put_aside(self) -> None:
        self._full.append(self._filling)
        self._waiting += len(self._filling)
        self._filling = self._spare.pop() if self._spare else Pile(self._size)
        self.filled.set()

    @staticmethod
    def _take_oversize(pile: Pile) -> int:
        found = int(pile.used[2])
        pile.used[2] = 0
        return found
