"""Between the receiving and the decoding thread: datagrams gather in a pile until the decoder takes it, or it is full."""

from __future__ import annotations

import threading
from collections import deque

from .bulk import CUT, MOST, BulkReceiver, Pile

SPARE = 3  # piles kept for use again


class Piles:
    """One pile is being filled, full ones wait. At most `most` datagrams wait; what comes then is dropped and counted."""

    def __init__(self, datagrams: int, most: int) -> None:
        self._size, self._most = datagrams, max(most, datagrams)
        self._lock = threading.Lock()
        self._filling, self._full, self._spare = Pile(datagrams), deque[Pile](), list[Pile]()
        self._scrap = Pile(min(datagrams, MOST))  # for what has to be dropped
        self._waiting = 0  # datagrams in full piles
        self.filled = threading.Event()  # a pile is full: no use in waiting for more
        self.dropped = self.oversize = 0

    def __len__(self) -> int:
        return self._waiting + len(self._filling)

    def receive(self, receiver: BulkReceiver, now_ms: int) -> tuple[int, bool]:
        """One bulk of what waits at a socket: how many, and whether there may be more. OSError for a broken socket."""
        with self._lock:
            if self._filling.room:
                return receiver.receive(self._filling, now_ms)
            if self._waiting + len(self._filling) + self._size > self._most:
                return self._drop(receiver, now_ms)
            self._put_aside()
            return receiver.receive(self._filling, now_ms)

    def take(self, *, only_full: bool = False) -> Pile | None:
        """The oldest full pile, else the one that is being filled unless only full ones are wanted; None if there is nothing."""
        with self._lock:
            if not self._full:
                if only_full:
                    return None
                if not len(self._filling):
                    self._count_cut(self._filling)
                    return None
                self._put_aside()
            pile = self._full.popleft()
            self._waiting -= len(pile)
            if not self._full:
                self.filled.clear()
            self._count_cut(pile)
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

    def _drop(self, receiver: BulkReceiver, now_ms: int) -> tuple[int, bool]:
        """Take a bulk and let it go, counted: the kernel would drop what came last, and tell nobody whose it was."""
        found = receiver.receive(self._scrap, now_ms)
        self.dropped += len(self._scrap)
        self._count_cut(self._scrap)
        self._scrap.used[:] = 0
        return found

    def _count_cut(self, pile: Pile) -> None:
        self.oversize += int(pile.used[CUT])
        pile.used[CUT] = 0
