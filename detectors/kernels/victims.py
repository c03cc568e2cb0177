"""Whom attackers reached, compiled: detectors/victims.py has the rules. Two entries a victim and service: of any service, and of
this one. Open addressing as for contacts (tables.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.compiled import inlined, kernel

from .parts import ZERO, service_of
from .state import LOST_VICTIMS, MEMORY, PROBES, State, state_of
from .tables import mix

ANY = np.uint64(1 << 32)  # in place of a service


@kernel
def note(words: Any, attacker: Any, target: Any, kind: int, port: int, at_ms: int) -> Any:
    """An attacker (two words and its twin) reached a target; True if that was no victim before."""
    return reach(state_of(words), attacker, target, kind, port, at_ms)


@kernel
def reached(words: Any, target: Any, kind: int, port: int) -> Any:
    """Slot of the touch of a target on a service, of any if `kind` is below 0; -1 if there is none."""
    service = ANY if kind < 0 else service_of(kind, port, ZERO)
    slot, key = _slot(state_of(words), target, service)
    return slot if state_of(words).victims[slot].key == key else -1


@inlined
def reach(state: State, attacker: Any, target: Any, kind: int, port: int, at_ms: Any) -> Any:
    """See note."""
    _put(state, target, service_of(kind, port, ZERO), attacker, kind, port, at_ms)
    return _put(state, target, ANY, attacker, kind, port, at_ms)


@inlined
def _put(state: State, target: Any, service: Any, attacker: Any, kind: int, port: int, at_ms: Any) -> Any:
    """Keep a touch where none is remembered; True if so."""
    slot, key = _slot(state, target, service)
    victim, memory = state.victims[slot], state.numbers[MEMORY]
    if victim.key == key:
        if at_ms - victim.at_ms <= memory:
            return False
    elif victim.key != ZERO and at_ms - victim.at_ms <= memory:
        state.numbers[LOST_VICTIMS] += 1
    victim.key, victim.at_ms, victim.kind, victim.port = key, at_ms, kind, port
    victim.hi, victim.lo, victim.twin = attacker
    return True


@inlined
def _slot(state: State, target: Any, service: Any) -> Any:
    """Where a touch is, or may go: its own slot, a free one, or that of the oldest near by; and its key."""
    victims, mask = state.victims, np.uint64(state.victims.size - 1)
    key = mix(target[1] ^ (target[0] * np.uint64(3)), service) | np.uint64(1)
    base = key >> np.uint64(20)
    oldest: Any = -1
    for step in range(PROBES):
        slot = np.int64((base + np.uint64(step)) & mask)
        if victims[slot].key == key or victims[slot].key == ZERO:
            return slot, key
        if oldest < 0 or victims[slot].at_ms < victims[oldest].at_ms:
            oldest = slot
    return oldest, key
