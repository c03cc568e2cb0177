"""Victims, compiled: a part of the compiled watch, which notes them by itself as far as it can."""

from __future__ import annotations

from typing import Any

import numpy as np

from .contact import KINDS, Contact
from .event import Kind, octets, words
from .kernels.state import State
from .kernels.victims import note, reached
from .victims import SourceKey, Touch, any_service, counts, holds

KIND_OF = {name: int(kind) for kind, name in KINDS.items()}


class FastVictims:
    """See victims.py; `state` is that of the watch."""

    def __init__(self, state: State, state_words: Any, memory_ms: int) -> None:
        self._state, self._words, self._memory_ms = state, state_words, memory_ms
        self.any = False  # most of the time nobody acts, and nobody was reached by anybody

    def note(self, attacker: SourceKey, contact: Contact) -> bool:
        """See Victims."""
        if not counts(contact):
            return False
        self.any = True
        who = (*_words(attacker[0]), np.uint64(attacker[1]))
        kind, port, target = contact.key
        return bool(note(self._words, who, _words(target), KIND_OF[kind], port, contact.at_ms))

    def of(self, address: bytes, contact: Contact) -> Touch | None:
        """See Victims."""
        if not self.any:
            return None
        kind = -1 if any_service(contact) else KIND_OF[contact.key[0]]
        slot = int(reached(self._words, _words(address), kind, contact.key[1]))
        if slot < 0:
            return None
        _key, at_ms, high, low, twin, port, found = self._state.victims[slot].tolist()
        touch = Touch((octets(high, low), twin), (KINDS[Kind(found)], port), at_ms)
        return touch if holds(touch, address, contact, self._memory_ms) else None


def _words(address: bytes) -> tuple[np.uint64, np.uint64]:
    high, low = words(address)
    return np.uint64(high), np.uint64(low)
